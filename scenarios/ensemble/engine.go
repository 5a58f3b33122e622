package ensemble

import (
	"fmt"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Engine is what a document is played on: an [*Ensemble], or another one whose clients ask and are
// told in the same words.
type Engine interface {
	// Now is the time of the engine, from its beginning.
	Now() sim.Time
	// Run lets time go on until limit, or until stop is true. It is false when the run has failed,
	// and Err says why.
	Run(limit sim.Time, stop func() bool) bool
	Err() error
	// GiveUp is how long somebody who waits for it should wait.
	GiveUp() sim.Time
	// Index is the number of the next thing that happens.
	Index() int64
	// Act notes that whoever plays does something, and gives it a number. key is a hash of what.
	Act(key uint64, body fmt.Stringer) int64
	// Chance is a stream of its own for every name.
	Chance(name string) *sim.Rand

	// Serves is true if a quorum serves, and every server that runs.
	Serves() bool
	ServerNames() []string
	Up(server string) bool
	// LeaderName and FollowerName are those of a server, or empty if there is none now.
	LeaderName() string
	FollowerName() string
	// Stands says whether a server stands so with the others just now.
	Stands(server string, as zab.State) bool

	// AddActor puts a client into the world, which Start starts. home is the number of the server that
	// it tries first, 0 for the next one round robin.
	AddActor(name string, home int) (Actor, error)
	// Actor finds a client by name, or gives nil.
	Actor(name string) Actor
	Actors() []Actor
	// Owned are the ephemeral nodes of a client's session.
	Owned(client string) []string

	// CheckFault is an error about a fault that names nobody who is there.
	CheckFault(f sim.Fault) error
	// Apply carries out a fault now. A *NotHere says that this engine has no counterpart to it.
	Apply(f sim.Fault) error
	// Heal undoes every fault that lasts, and AtRest is true when all serve the same.
	Heal() error
	AtRest() bool

	Ops() []*Op
	Changes() []Change
	Closings() []Closing
	Reigns() []Reign
	ClientOf(session int64) string
	History() lin.History
	Record() lin.Record
	Close()
}

// Actor is a client of an engine, over all lives of its process.
type Actor interface {
	Who() string
	Start()
	Up() bool
	Paused() bool
	Lives() int // of its process
	Connected() bool
	// Idle is true if it waits for no answer.
	Idle() bool
	Session() int64
	Do(op tree.Op, tag int64)
	Events() []Notice
	States() []StateChange
}

// Watcher is an engine whose servers' messages can be seen, though not with all that happens.
type Watcher interface {
	// Packets are the messages so far, in the order in which they were sent; ok is false if they cannot be
	// seen.
	Packets() (list []*Packet, ok bool)
}

// Packet is a message between two servers.
type Packet struct {
	From, To zab.ID
	Message  zab.Message
	SentAt   sim.Time
	Send     int64 // the numbers of its sending and its arrival among all that happens; -1 if it has not arrived
	Recv     int64
}

// NotHere is the error of a fault, or of something to be seen, to which an engine has no
// counterpart.
type NotHere struct{ Why string }

func (e *NotHere) Error() string { return e.Why }

var (
	_ Engine = (*Ensemble)(nil)
	_ Actor  = (*Client)(nil)
)

// Now is the world's time.
func (e *Ensemble) Now() sim.Time { return e.World.Now() }

// Index is the number of the world's next record.
func (e *Ensemble) Index() int64 { return e.World.Index() }

// Act writes a note into the trace.
func (e *Ensemble) Act(key uint64, body fmt.Stringer) int64 {
	index := e.World.Index()
	if r := e.World.Emit(sim.KindNote, 0, key); r != nil {
		r.Body = body
	}
	return index
}

// Chance is the world's stream of that name.
func (e *Ensemble) Chance(name string) *sim.Rand { return e.World.Rand(name) }

// Serves is true if every server that runs serves, and a quorum of them.
func (e *Ensemble) Serves() bool {
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil && !s.Serving() {
			return false
		}
	}
	return e.Working()
}

// ServerName is how a server is called, whatever the engine.
func ServerName(id zab.ID) string { return fmt.Sprintf("S%d", id) }

// ServerNames are S1 and so on.
func (e *Ensemble) ServerNames() (names []string) {
	for _, m := range e.Servers() {
		names = append(names, m.Name)
	}
	return names
}

// Up is true while a server's process exists.
func (e *Ensemble) Up(server string) bool {
	m := e.World.Find(server)
	return m != nil && m.Up()
}

// LeaderName is the established leader of the highest epoch.
func (e *Ensemble) LeaderName() string {
	if l := e.Leader(); l != nil {
		return e.World.Machine(l.Peer().ID()).Name
	}
	return ""
}

// FollowerName is the first server that serves and does not lead.
func (e *Ensemble) FollowerName() string {
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil && s.Serving() && !s.Leads() {
			return m.Name
		}
	}
	return ""
}

// Stands is true if a server looks, or follows and serves.
func (e *Ensemble) Stands(server string, as zab.State) bool {
	m := e.World.Find(server)
	if m == nil {
		return false
	}
	s := e.Server(m.ID)
	return s != nil && s.Peer().State() == as && (as == zab.Looking || s.Peer().Serving())
}

// AddActor is [Ensemble.AddClient].
func (e *Ensemble) AddActor(name string, home int) (Actor, error) { return e.AddClient(name, home) }

// Actor is [Ensemble.Client].
func (e *Ensemble) Actor(name string) Actor {
	if c := e.Client(name); c != nil {
		return c
	}
	return nil
}

// Actors are all clients, in the order of their coming.
func (e *Ensemble) Actors() []Actor {
	list := make([]Actor, len(e.clients))
	for i, c := range e.clients {
		list[i] = c
	}
	return list
}

// Owned are the ephemeral nodes of a client's session, as the leader has them.
func (e *Ensemble) Owned(name string) []string {
	l, c := e.Leader(), e.Client(name)
	if l == nil || c == nil || !c.machine.Up() || c.Session() == 0 {
		return nil
	}
	return slices.Clone(l.Tree().AppendEphemerals(nil, c.Session()))
}

// CheckFault says whom a fault names that is not there.
func (e *Ensemble) CheckFault(f sim.Fault) error { return e.World.Check(f) }

// Apply carries out a fault now.
func (e *Ensemble) Apply(f sim.Fault) error { return e.World.Apply(f) }

// Who is the client's name.
func (c *Client) Who() string { return c.Name }

// Up is true while the client's process exists.
func (c *Client) Up() bool { return c.machine.Up() }

// Paused is true while it stands still.
func (c *Client) Paused() bool { return c.machine.Paused() }

// Lives is how often its process has started.
func (c *Client) Lives() int { return int(c.machine.Incarnation()) }

// Idle is true if its program waits for no answer.
func (c *Client) Idle() bool {
	p := c.Program()
	return p == nil || p.Idle()
}
