package narration

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// The bodies of records: what a server or a client did, each with the kind of its record.
type (
	// Role is the state of a server from now on (role).
	Role struct {
		State        zab.State
		Phase        zab.Phase
		Leader       zab.ID
		Epoch        uint32
		Round        uint64
		LastZxid     zab.Zxid
		AcceptedZero bool // it has lost its disk, and may not vote
	}
	// Voted is a server's vote in an election (role).
	Voted struct {
		Vote  zab.Vote
		Round uint64
	}
	// Elected is a leader to whom a quorum has promised its epoch (note).
	Elected struct{ Epoch uint32 }
	// Established is a leader whose whole history a quorum holds (note).
	Established struct {
		Epoch uint32
		Zxid  zab.Zxid // the end of its history
	}
	// Promised has the epochs that are on disk (persist).
	Promised struct{ Accepted, Current uint32 }
	// Logged is a record at the end of a log, not durable yet (log).
	Logged struct {
		Zxid zab.Zxid
		Txn  *tree.Txn
	}
	// Durable is a log that is on disk up to a zxid (persist).
	Durable struct{ Zxid zab.Zxid }
	// Acked is an acknowledgement that everything up to a zxid is on disk (note).
	Acked struct{ Zxid zab.Zxid }
	// Committed is a leader that has counted a quorum of acks (commit).
	Committed struct{ Zxid zab.Zxid }
	// Applied is a transaction that a server has applied to its tree (commit).
	Applied struct {
		Zxid     zab.Zxid
		Txn      *tree.Txn
		Code     tree.Code
		Path     string // that a create made
		Replayed bool
		Changes  []NodeState // the nodes that it has changed
	}
	// Restored is a tree that was replaced by a snapshot (snap).
	Restored struct {
		Nodes    []NodeState
		Sessions []tree.Session
	}
	// Truncated is a log that was cut off after a zxid (trunc).
	Truncated struct{ Zxid zab.Zxid }
	// Installed is a received snapshot that has replaced a server's history. Snapped is a
	// snapshot that a server has taken itself and that is on disk (snap).
	Installed struct{ Zxid zab.Zxid }
	Snapped   struct{ Zxid zab.Zxid }
	// CatchUp is the start of a learner's catching up with its leader (note).
	CatchUp struct {
		To   zab.ID
		Kind string // DIFF, TRUNC or SNAP
	}
	// Recovered is what a server has read back from its disk (note).
	Recovered struct {
		Accepted, Current uint32
		Base, Last        zab.Zxid
		Log               []Logged // after Base
	}
	// Refused is a message, a connection or a request that was refused, and why (note).
	Refused struct{ Why string }
	// Expired is a session that the leader is about to end because its client has been silent for
	// too long (session.expire).
	Expired struct {
		Session int64
		Silent  sim.Time
	}
	// SessionOpened and SessionClosed are a session that a server has added to its tree, or removed
	// from it (session.open, session.expire).
	SessionOpened struct {
		Session   int64
		TimeoutMs int32
	}
	SessionClosed struct {
		Session int64
		Expired bool
	}
	// SessionMoved is a session that has moved to another server, seen by the leader
	// (session.move).
	SessionMoved struct{ Session int64 }
	// WatchSet is a new watch on a server (watch.set).
	WatchSet struct {
		Session int64
		Path    string
		Kind    server.WatchKind
	}
	// WatchFired is a watch event that a server sends, or that has reached a client (watch.fire).
	WatchFired struct {
		Session int64
		Event   tree.WatchEvent
	}
	// OpCalled and OpReturned are the call and the answer of a client's operation (op.call,
	// op.ret). Op is its index in [Recording].Ops.
	OpCalled struct {
		Op   int
		What tree.Op
	}
	OpReturned struct {
		Op      int
		Outcome client.Outcome
		Code    tree.Code
		Result  tree.OpResult
		Zxid    zab.Zxid
	}
	// ClientState is the state of a client's session (role).
	ClientState struct {
		State   client.State
		Session int64
		Server  sim.NodeID
	}
	// Belief is a client that believes that it leads, or no longer does (note).
	Belief struct{ Leads bool }
)

// NodeState is one node of a tree, as a record keeps it. If it was deleted, only Path is set.
type NodeState struct {
	Path         string
	Deleted      bool
	Data         string
	Owner        int64
	Version      int32
	Czxid, Mzxid int64
}

// NewApplied is the body of a transaction that was just applied to t. It does not change txn or
// result.
func NewApplied(
	t *tree.Tree, z zab.Zxid, txn *tree.Txn, result *tree.Result, replayed bool,
) Applied {
	kept := *txn
	return Applied{z, &kept, result.Code, result.Path, replayed, changesOf(t, nil, txn.Body)}
}

// NewRestored is the body of a tree that was just restored.
func NewRestored(t *tree.Tree) Restored {
	return Restored{appendNodes(nil, t.Root()), t.AppendSessions(nil)}
}

func appendNodes(list []NodeState, n *tree.Node) []NodeState {
	if !tree.IsSpecialPath(n.Path()) {
		list = append(list, stateOf(n))
	}
	for i := range n.NumChildren() {
		list = appendNodes(list, n.Child(i))
	}
	return list
}

func stateOf(n *tree.Node) NodeState {
	return NodeState{
		Path: n.Path(), Data: string(n.Data()), Owner: n.EphemeralOwner(), Version: n.Version(),
		Czxid: n.Czxid(), Mzxid: n.Mzxid(),
	}
}

// changesOf lists the nodes that a transaction has changed, as they are in t now.
func changesOf(t *tree.Tree, list []NodeState, body tree.Body) []NodeState {
	add := func(path string) {
		if n := t.Node(path); n != nil {
			list = append(list, stateOf(n))
		} else {
			list = append(list, NodeState{Path: path, Deleted: true})
		}
	}
	switch b := body.(type) {
	case *tree.CreateTxn:
		add(b.Path)
	case *tree.DeleteTxn:
		add(b.Path)
	case *tree.SetDataTxn:
		add(b.Path)
	case *tree.CloseSessionTxn:
		for _, path := range b.Paths {
			add(path)
		}
	case *tree.MultiTxn:
		for i := range b.Txns {
			list = changesOf(t, list, b.Txns[i].Body)
		}
	}
	return list
}
