package server

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// WatchKind says what a watch waits for, for traces.
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

// Probe is told what a server does, at the moment it does it. Audits, traces and pictures hang
// on it; the server does not. Embed [NopProbe] to be told only some of it.
type Probe interface {
	// Applied: the tree has taken txn in. replayed is true for what is read back from the own
	// log, of which nobody may know whether it was committed. Both pointers are lent.
	Applied(z zab.Zxid, txn *tree.Txn, result *tree.Result, replayed bool)
	// Restored: the tree is a snapshot's now, or an empty one. Applied follows for what lies behind.
	Restored()
	// SessionOpened and SessionClosed: a createSession or closeSession was applied here, and
	// not replayed. Every server says so. expired is false if the client asked for it.
	SessionOpened(id int64, timeoutMs int32)
	SessionClosed(id int64, expired bool)
	// SessionMoved: this leader has taken the session from one server to another.
	SessionMoved(id int64)
	// Expiring: this leader ends a session that it has not heard of for so long.
	Expiring(id int64, silentFor sim.Time)
	// WatchSet: a connection of the session watches path. WatchFired: the event is on its way.
	WatchSet(session int64, path string, kind WatchKind)
	WatchFired(session int64, e tree.WatchEvent)
	// Replied: an answer is on its way; pings aside.
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
