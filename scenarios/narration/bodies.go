package narration

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// These types are the contents (bodies) of a run's records. Each type says what a server or a
// client did. The kind of the record that has such a body is in parentheses.
type (
	// Role is a server's new state in the protocol (record of kind "role").
	Role struct {
		State        zab.State
		Phase        zab.Phase
		Leader       zab.ID
		Epoch        uint32
		Round        uint64
		LastZxid     zab.Zxid
		AcceptedZero bool // the server has lost its disk and must not vote
	}
	// Voted is a server's vote in an election (record of kind "role").
	Voted struct {
		Vote  zab.Vote
		Round uint64
	}
	// Elected records that a quorum has promised an epoch to the leader (record of kind "note").
	Elected struct{ Epoch uint32 }
	// Established records that a quorum has the leader's whole history on disk (record of kind
	// "note").
	Established struct {
		Epoch uint32
		Zxid  zab.Zxid // the end of the history
	}
	// Promised has the accepted and the current epoch that a server has on disk (record of kind
	// "persist").
	Promised struct{ Accepted, Current uint32 }
	// Logged records that a server has appended a transaction to its log. The transaction is not
	// durable yet (record of kind "log").
	Logged struct {
		Zxid zab.Zxid
		Txn  *tree.Txn
	}
	// Durable records that a server's log is durable up to a zxid (record of kind "persist").
	Durable struct{ Zxid zab.Zxid }
	// Acked records that a server has sent an ACK for its log up to a zxid (record of kind "note").
	Acked struct{ Zxid zab.Zxid }
	// Committed records that the leader has ACKs of a transaction from a quorum (record of kind
	// "commit").
	Committed struct{ Zxid zab.Zxid }
	// Applied records that a server has applied a transaction to its tree (record of kind
	// "commit").
	Applied struct {
		Zxid     zab.Zxid
		Txn      *tree.Txn
		Code     tree.Code
		Path     string      // of the node that a create made
		Replayed bool        // read back from the log
		Changes  []NodeState // the nodes that the transaction changed
	}
	// Restored records that a server has replaced its tree by the tree of a snapshot (record of
	// kind "snap").
	Restored struct {
		Nodes    []NodeState
		Sessions []tree.Session
	}
	// Truncated is the record (kind "trunc") of a server that has removed everything after a zxid
	// from its log.
	Truncated struct{ Zxid zab.Zxid }
	// Installed records that a received snapshot has replaced a server's history. Snapped records
	// that a server has written a snapshot of its own tree to its disk. Both are records of kind
	// "snap".
	Installed struct{ Zxid zab.Zxid }
	Snapped   struct{ Zxid zab.Zxid }
	// CatchUp records that the leader begins to make the history of a learner equal to its own
	// (record of kind "note").
	CatchUp struct {
		To   zab.ID
		Kind string // DIFF, TRUNC or SNAP
	}
	// Recovered records what a server has read from its disk at its start (record of kind "note").
	Recovered struct {
		Accepted, Current uint32
		Base, Last        zab.Zxid
		Log               []Logged // after Base
	}
	// Refused records that a server has refused a message, a connection or a request (record of
	// kind "note").
	Refused struct{ Why string }
	// Expired records that the leader is about to expire a session, because the session's client
	// has been silent for too long (record of kind "session.expire").
	Expired struct {
		Session int64
		Silent  sim.Time
	}
	// SessionOpened records that a server has added a session to its tree (record of kind
	// "session.open"). SessionClosed records that a server has removed a session from its tree
	// (record of kind "session.expire").
	SessionOpened struct {
		Session   int64
		TimeoutMs int32
	}
	SessionClosed struct {
		Session int64
		Expired bool
	}
	// SessionMoved records that the leader has learned of a session's move to another server
	// (record of kind "session.move").
	SessionMoved struct{ Session int64 }
	// WatchSet records that a server has set a watch (record of kind "watch.set").
	WatchSet struct {
		Session int64
		Path    string
		Kind    server.WatchKind
	}
	// WatchFired records that a server sends a watch event, or that a client has received it
	// (record of kind "watch.fire").
	WatchFired struct {
		Session int64
		Event   tree.WatchEvent
	}
	// OpCalled records that a client calls an operation (record of kind "op.call"). OpReturned
	// records that the operation has ended (record of kind "op.ret"). Op is the operation's index
	// in [Recording].Ops.
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
	// ClientState is the new state of a client's session (record of kind "role").
	ClientState struct {
		State   client.State
		Session int64
		Server  sim.NodeID
	}
	// Belief records that a client begins or ceases to believe that it leads (record of kind
	// "note").
	Belief struct{ Leads bool }
)

// NodeState is the state of one node of a tree. Of a deleted node, only Path and Deleted are set.
type NodeState struct {
	Path         string
	Deleted      bool
	Data         string
	Owner        int64
	Version      int32
	Czxid, Mzxid int64
}

// NewApplied returns the body for a transaction that was just applied to t. It copies txn.
func NewApplied(
	t *tree.Tree, z zab.Zxid, txn *tree.Txn, result *tree.Result, replayed bool,
) Applied {
	kept := txn.Clone() // the server uses txn's memory again
	return Applied{z, kept, result.Code, result.Path, replayed, changesOf(t, nil, txn.Body)}
}

// NewRestored returns the body for the tree t, which was just restored from a snapshot.
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

// changesOf appends to list the nodes that a transaction has changed, with their state in t.
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
