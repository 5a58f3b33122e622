package server

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// WatchKind is the kind of a watch that a client has set, as traces show it.
type WatchKind uint8

// The kinds of watches.
const (
	WatchData       WatchKind = iota + 1 // set by getData
	WatchExists                          // set by exists
	WatchChildren                        // set by getChildren
	WatchPersistent                      // set by addWatch
	WatchRecursive                       // set by addWatch
)

var watchKinds = [...]string{"", "data", "exists", "children", "persistent", "recursive"}

// String returns the kind as traces write it.
func (k WatchKind) String() string { return watchKinds[k] }

// Probe observes what a server does: each method is named after an event, and the server calls it
// when that event happens. Checks, traces and pictures use probes; a probe never influences what
// the server does. To observe only some events, embed [NopProbe] and define the methods for those
// events.
type Probe interface {
	// Applied: txn has been applied to the tree. replayed is true if it was read back from the
	// server's own log, where it may be uncommitted. Do not keep the pointers.
	Applied(z zab.Zxid, txn *tree.Txn, result *tree.Result, replayed bool)
	// Restored: the tree is now that of a snapshot, or an empty one. Applied follows for every
	// later transaction.
	Restored()
	// SessionOpened and SessionClosed: a createSession or closeSession was applied here, and not
	// replayed. Every server reports this. expired is false if the client asked to close the
	// session.
	SessionOpened(id int64, timeoutMs int32)
	SessionClosed(id int64, expired bool)
	// SessionMoved: this leader has learnt that the session's client has moved to another server.
	SessionMoved(id int64)
	// Expiring: this leader ends a session whose client has been silent for silentFor.
	Expiring(id int64, silentFor sim.Time)
	// WatchSet: a connection of the session has set a watch on path. WatchFired: an event is sent
	// to the session.
	WatchSet(session int64, path string, kind WatchKind)
	WatchFired(session int64, e tree.WatchEvent)
	// Replied: an answer is sent. Answers to pings are not reported.
	Replied(session int64, r *tree.Reply)
	// Refused: the server turned away a connection or a request; why is the reason.
	Refused(session int64, why string)
}

// NopProbe is a Probe that does nothing.
type NopProbe struct{}

func (NopProbe) Applied(zab.Zxid, *tree.Txn, *tree.Result, bool) {}
func (NopProbe) Restored()                                       {}
func (NopProbe) SessionOpened(int64, int32)                      {}
func (NopProbe) SessionClosed(int64, bool)                       {}
func (NopProbe) SessionMoved(int64)                              {}
func (NopProbe) Expiring(int64, sim.Time)                        {}
func (NopProbe) WatchSet(int64, string, WatchKind)               {}
func (NopProbe) WatchFired(int64, tree.WatchEvent)               {}
func (NopProbe) Replied(int64, *tree.Reply)                      {}
func (NopProbe) Refused(int64, string)                           {}
