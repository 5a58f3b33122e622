package narration

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// The bodies of records: what a server or a client did. The kind of the record stands behind each.
// Whose a session is, [Ensemble.ClientOf] knows.
type (
	// Role is a server's state as it is now (role).
	Role struct {
		State        zab.State
		Phase        zab.Phase
		Leader       zab.ID
		Epoch        uint32
		Round        uint64
		LastZxid     zab.Zxid
		AcceptedZero bool // it has lost its disk and may not vote
	}
	// Voted is a server's proposal in a running election (role).
	Voted struct {
		Vote  zab.Vote
		Round uint64
	}
	// Elected is a leader whom a quorum has promised its epoch (note).
	Elected struct{ Epoch uint32 }
	// Established is a leader whose history a quorum holds (note).
	Established struct {
		Epoch uint32
		Zxid  zab.Zxid // the end of its history
	}
	// Promised is an epoch file on disk (persist).
	Promised struct{ Accepted, Current uint32 }
	// Logged is a record at the end of a log, not durable yet (log).
	Logged struct {
		Zxid zab.Zxid
		Txn  *tree.Txn
	}
	// Durable is a log that is on disk up to a zxid (persist).
	Durable struct{ Zxid zab.Zxid }
	// Acked is a promise to hold everything up to a zxid (note).
	Acked struct{ Zxid zab.Zxid }
	// Committed is a leader's count of a quorum (commit).
	Committed struct{ Zxid zab.Zxid }
	// Applied is a transaction that a server's tree has taken in (commit).
	Applied struct {
		Zxid     zab.Zxid
		Txn      *tree.Txn
		Code     tree.Code
		Path     string // that a create made
		Replayed bool
		Changes  []NodeState // what it has made of the tree
	}
	// Restored is a server's tree that is a snapshot's now (snap).
	Restored struct {
		Nodes    []NodeState
		Sessions []tree.Session
	}
	// Truncated is a log that ends at a zxid now (trunc).
	Truncated struct{ Zxid zab.Zxid }
	// Installed is a received snapshot that is the history now; Snapped one of a server's own that
	// is on disk (snap).
	Installed struct{ Zxid zab.Zxid }
	Snapped   struct{ Zxid zab.Zxid }
	// Synced is a leader that brings a learner to its history (note).
	Synced struct {
		To   zab.ID
		Kind string // DIFF, TRUNC or SNAP
	}
	// Recovered is what a server has read back from its disk (note).
	Recovered struct {
		Accepted, Current uint32
		Base, Last        zab.Zxid
		Log               []Logged // behind Base
	}
	// Refused is something that was turned away, and why (note).
	Refused struct{ Why string }
	// Expired is a session that the leader has not heard of for too long (session.expire).
	Expired struct {
		Session int64
		Silent  sim.Time
	}
	// SessionOpened and SessionClosed are a session that the tree of a server has, or has no more
	// (session.open, session.expire).
	SessionOpened struct {
		Session   int64
		TimeoutMs int32
	}
	SessionClosed struct {
		Session int64
		Expired bool
	}
	// SessionMoved is a session that the leader knows at another server now (session.move).
	SessionMoved struct{ Session int64 }
	// WatchSet is a watch at a server (watch.set).
	WatchSet struct {
		Session int64
		Path    string
		Kind    server.WatchKind
	}
	// WatchFired is an event that leaves a server, or has reached a client (watch.fire).
	WatchFired struct {
		Session int64
		Event   tree.WatchEvent
	}
	// OpCalled and OpReturned are a client's operation (op.call, op.ret). Op counts the
	// operations of the run from 0.
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
	// ClientState is where a client stands with its session (role).
	ClientState struct {
		State   client.State
		Session int64
		Server  sim.NodeID
	}
	// Belief is a client that thinks it leads, or no longer does (note).
	Belief struct{ Leads bool }
)

// NodeState is one node of a tree as a record keeps it; Deleted if there is none any more.
type NodeState struct {
	Path         string
	Deleted      bool
	Data         string
	Owner        int64
	Version      int32
	Czxid, Mzxid int64
}

// NewApplied is the body of a transaction that was just applied to t. txn and result are only read.
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

// changesOf is what a transaction has made of a tree.
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
