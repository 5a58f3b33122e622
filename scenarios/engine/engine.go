package engine

import (
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Engine is an ensemble of servers and clients on which documents are played.
type Engine interface {
	// Now returns the engine's time, which begins at 0.
	Now() sim.Time
	// Run lets time pass until limit, or until stop returns true. It returns false if the run has
	// failed: Err says why.
	Run(limit sim.Time, stop func() bool) bool
	Err() error
	// GiveUp is how long to wait for the ensemble to recover.
	GiveUp() sim.Time
	// Index is the number of the next event.
	Index() int64
	// Act records an action of the caller, and returns the number of that event. key is a hash of
	// the action.
	Act(key uint64, body fmt.Stringer) int64
	// Chance returns a separate stream of random numbers for each name.
	Chance(name string) *sim.Rand

	// Serves reports whether every running server serves, and the running servers are a quorum.
	Serves() bool
	ServerNames() []string
	Up(server string) bool
	// LeaderName and FollowerName return the name of the leader and of one follower, or "" if there
	// is no such server now.
	LeaderName() string
	FollowerName() string
	// Stands reports whether a server is now in the given state.
	Stands(server string, as zab.State) bool

	// AddActor adds a client; Start starts it. home is the number of the server that the client
	// tries first; 0 picks servers round robin. timeout is the session timeout that the client asks
	// for; 0 is that of the stage.
	AddActor(name string, home int, timeout sim.Time) (Actor, error)
	// Actor returns the client of that name, or nil.
	Actor(name string) Actor
	Actors() []Actor
	// Owned lists the ephemeral nodes of a client's session.
	Owned(client string) []string

	// CheckFault returns an error if a fault names a machine that does not exist, and a *NotHere if
	// this engine can never cause the fault.
	CheckFault(f sim.Fault) error
	// Apply carries out a fault now. The error is a *NotHere if this engine does not support the
	// fault.
	Apply(f sim.Fault) error
	// Heal undoes every lasting fault. AtRest is true once all servers serve the same state.
	Heal() error
	AtRest() bool

	Ops() []*Op
	Changes() []Change
	Closings() []Closing
	Reigns() []Reign
	// ClientOf returns the name of the client that has or had a session, or "" if unknown.
	ClientOf(session int64) string
	History() lin.History
	Record() lin.Record
	Close()
}

// Actor is a client of an engine. It stays the same when its process crashes and restarts.
type Actor interface {
	Who() string
	Start()
	Up() bool
	Paused() bool
	// Lives counts how often the client's process has started.
	Lives() int
	Connected() bool
	// Idle reports whether the client waits for no answer.
	Idle() bool
	Session() int64
	Do(op tree.Op, tag int64)
	Events() []Notice
	States() []StateChange
}

// Renewer is an actor that opens a new session on request.
type Renewer interface{ Renew() }

// Mover is an actor that moves to another server on request.
type Mover interface {
	Server() string // that it is connected to, or tries
	Move(server string)
}

// Watcher is an engine that shows the messages between its servers.
type Watcher interface {
	// Packets returns the messages so far, in the order in which they were sent; ok is false if
	// this run does not show messages.
	Packets() (list []*Packet, ok bool)
}

// Packet is a message between two servers.
type Packet struct {
	From, To zab.ID
	Message  zab.Message
	SentAt   sim.Time
	Send     int64 // the number of the event that sent it
	Recv     int64 // and of the one that delivered it; -1 if it has not arrived
}

// NotHere is the error for a fault or an observation that an engine does not support.
type NotHere struct{ Why string }

func (e *NotHere) Error() string { return e.Why }

// ServerName returns the name of the server with the number id. It is the same on every engine.
func ServerName(id zab.ID) string { return fmt.Sprintf("S%d", id) }
