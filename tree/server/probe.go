package server

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// WatchKind says what a watch waits for, in traces.
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

// String is the kind as traces write it.
func (k WatchKind) String() string { return watchKinds[k] }

// Probe observes what a server does, at the moment it does it. Audits, traces and pictures depend
// on it; the server does not. Embed [NopProbe] to observe only some of it.
type Probe interface {
	// Applied: txn has been applied to the tree. replayed is true if it was read back from the
	// server's own log, where it may be uncommitted. Both pointers are lent.
	Applied(z zab.Zxid, txn *tree.Txn, result *tree.Result, replayed bool)
	// Restored: the tree is now a snapshot's, or an empty one. Applied follows for every later
	// transaction.
	Restored()
	// SessionOpened and SessionClosed: a createSession or closeSession was applied here, and
	// not replayed. Every server reports it. expired is false if the client asked for it.
	SessionOpened(id int64, timeoutMs int32)
	SessionClosed(id int64, expired bool)
	// SessionMoved: this leader has learnt that the session's client moved to another server.
	SessionMoved(id int64)
	// Expiring: this leader ends a session that has been silent for so long.
	Expiring(id int64, silentFor sim.Time)
	// WatchSet: a connection of the session watches path. WatchFired: the event is sent.
	WatchSet(session int64, path string, kind WatchKind)
	WatchFired(session int64, e tree.WatchEvent)
	// Replied: an answer is sent, to anything but a ping.
	Replied(session int64, r *tree.Reply)
	// Refused: a connection or a request was turned away, and why.
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
