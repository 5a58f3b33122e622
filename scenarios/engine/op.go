package engine

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// Op is one operation of a client: the call, its time and its outcome.
type Op struct {
	Client  string
	Tag     int64
	Op      tree.Op
	Session int64
	Xid     int32
	Server  string // that it was sent to, on an engine without records

	CalledAt   sim.Time
	CallIndex  int64
	SentAt     sim.Time // -1 if it was not sent
	AppliedAt  sim.Time // when the first server applied its transaction; -1 before
	ApplyIndex int64
	AppliedZ   zab.Zxid
	Refused    bool     // its transaction is an error
	ReturnedAt sim.Time // -1 while it is under way, and for ever if its client died
	RetIndex   int64

	Outcome client.Outcome
	Code    tree.Code
	Result  tree.OpResult
	Zxid    int64 // of the reply
	Lost    bool  // its client died before it was answered
}

// Done reports whether the operation has its final outcome.
func (o *Op) Done() bool { return o.Outcome != client.Pending || o.Lost }

// Created returns the ephemeral nodes that the operation created, in order, and their czxid, which
// is the zxid of its transaction. A multi may create several. Before a successful answer, Created
// returns no node.
func (o *Op) Created() (nodes []Node, at zab.Zxid) {
	if o.Outcome != client.OK {
		return nil, 0
	}
	add := func(op *tree.Op, r *tree.OpResult) {
		switch op.Type {
		case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
			if op.Flags.IsEphemeral() {
				nodes = append(nodes, Node{Path: r.Path, Sequential: op.Flags.IsSequential()})
				at = max(at, zab.Zxid(r.Stat.Czxid)) // 0 in a real server's answer to a multi
			}
		}
	}
	add(&o.Op, &o.Result)
	if o.Op.Type == tree.OpMulti {
		for i := range o.Result.Results {
			add(&o.Op.Ops[i], &o.Result.Results[i])
		}
	}
	if len(nodes) > 0 && at == 0 {
		at = zab.Zxid(o.Zxid)
	}
	return nodes, at
}

// Node is a node that an operation created.
type Node struct {
	Path       string
	Sequential bool
}

// Notice is a watch event that reached a client.
type Notice struct {
	Client     string
	Session    int64
	Event      tree.WatchEvent
	Persistent bool // its watch is persistent (there may be a one-time watch, too)
	At         sim.Time
	Index      int64
	Server     string // that sent it, on an engine without records
}

// StateChange is a change of a client's connection to the ensemble.
type StateChange struct {
	State   client.State
	Session int64
	At      sim.Time
	Index   int64
	Moved   bool // the client itself has left its server, for another

	// Unwatched says of a new connection that the client has not set its watches again on it.
	Unwatched bool
	// Watching says of a new connection that the client's watches stayed set, and have missed no
	// change.
	Watching bool
}

// Belief is the statement of a client program that it leads, or that it no longer leads.
type Belief struct {
	Leads bool
	At    sim.Time
	Index int64
}

// Mark is what a client's program reported about its recipe at one moment, such as that it waits
// for a lock, holds the lock, or has released it.
type Mark struct {
	client.Mark
	Program int // of the client, by number
	Session int64
	At      sim.Time
	Index   int64
}

// Change is one change of a node by a transaction, at the moment at which the first server applied
// it.
type Change struct {
	Path  string
	Event tree.EventType // created, deleted or its data changed
	Zxid  zab.Zxid
	At    sim.Time
	Index int64

	Session   int64 // that asked for it, or whose end it is; 0 on an engine that does not know
	Ephemeral bool  // of a node that was created: it belongs to Session
	Closing   bool  // of a node that was deleted: it ended with Session
	Idle      bool  // of a node that was deleted: the leader did it (a container, or its TTL)
}

// Closing is the end of a session that the ensemble, not the client, has ended.
type Closing struct {
	Session    int64
	Zxid       zab.Zxid
	ProposedAt sim.Time
	AppliedAt  sim.Time // by the first server; -1 before
	Index      int64    // of that event
	Silent     sim.Time // for how long the leader had not heard of it
	Why        Why
	Paths      []string // its ephemeral nodes, deleted with it
}

// Why says why the ensemble ended a session.
type Why uint8

// The reasons.
const (
	Dropped  Why = iota // its connection broke, and this ensemble ends sessions for that
	TimedOut            // the leader had not heard of it for its timeout
	Told                // a fault asked for it: expire A
)

// Reign is the time in which one server was the established leader of an epoch.
type Reign struct {
	Leader zab.ID
	Epoch  uint32
	From   sim.Time // when the epoch was established
	To     sim.Time // when the server stopped leading, or died; -1 while it leads
	Index  int64    // of the event that established it
}
