package ensemble

import (
	"fmt"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

var (
	_ engine.Engine = (*Ensemble)(nil)
	_ engine.Actor  = (*Client)(nil)
)

// Now returns the world's time.
func (e *Ensemble) Now() sim.Time { return e.World.Now() }

// Index returns the number of the world's next record.
func (e *Ensemble) Index() int64 { return e.World.Index() }

// Act records a note.
func (e *Ensemble) Act(key uint64, body fmt.Stringer) int64 {
	index := e.World.Index()
	if r := e.World.Emit(sim.KindNote, 0, key); r != nil {
		r.Body = body
	}
	return index
}

// Chance returns the world's stream of random numbers with this name. Each name has its own stream,
// which depends only on the name and on the seed.
func (e *Ensemble) Chance(name string) *sim.Rand { return e.World.Rand(name) }

// Serves reports whether every running server serves, and the running servers are a quorum.
func (e *Ensemble) Serves() bool {
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil && !s.Serving() {
			return false
		}
	}
	return e.Working()
}

// ServerNames returns the names of the servers: S1, S2 and so on.
func (e *Ensemble) ServerNames() (names []string) {
	for _, m := range e.Servers() {
		names = append(names, m.Name)
	}
	return names
}

// Up reports whether a server's process exists.
func (e *Ensemble) Up(server string) bool {
	m := e.World.Find(server)
	return m != nil && m.Up()
}

// LeaderName returns the name of the established leader of the highest epoch, or "".
func (e *Ensemble) LeaderName() string {
	if l := e.Leader(); l != nil {
		return e.World.Machine(l.Peer().ID()).Name
	}
	return ""
}

// FollowerName returns the name of the first server that serves and does not lead, or "".
func (e *Ensemble) FollowerName() string {
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil && s.Serving() && !s.Leads() {
			return m.Name
		}
	}
	return ""
}

// Stands reports whether a server is in the given state. For every state but Looking, it returns
// true only if the server also serves.
func (e *Ensemble) Stands(server string, as zab.State) bool {
	m := e.World.Find(server)
	if m == nil {
		return false
	}
	s := e.Server(m.ID)
	return s != nil && s.Peer().State() == as && (as == zab.Looking || s.Peer().Serving())
}

// AddActor is [Ensemble.AddClient], with a session timeout.
func (e *Ensemble) AddActor(name string, home int, timeout sim.Time) (engine.Actor, error) {
	return e.AddClientWith(name, home, client.Config{SessionTimeout: timeout})
}

// Actor is [Ensemble.Client].
func (e *Ensemble) Actor(name string) engine.Actor {
	if c := e.Client(name); c != nil {
		return c
	}
	return nil
}

// Actors returns all clients, in the order in which they were added.
func (e *Ensemble) Actors() []engine.Actor {
	list := make([]engine.Actor, len(e.clients))
	for i, c := range e.clients {
		list[i] = c
	}
	return list
}

// Owned returns the paths of the ephemeral nodes of a client's session in the leader's tree.
func (e *Ensemble) Owned(name string) []string {
	l, c := e.Leader(), e.Client(name)
	if l == nil || c == nil || !c.machine.Up() || c.Session() == 0 {
		return nil
	}
	return slices.Clone(l.Tree().AppendEphemerals(nil, c.Session()))
}

// CheckFault returns an error if a fault names a machine that does not exist.
func (e *Ensemble) CheckFault(f sim.Fault) error { return e.World.Check(f) }

// Apply carries out a fault now.
func (e *Ensemble) Apply(f sim.Fault) error { return e.World.Inject(f) }

// Who returns the client's name.
func (c *Client) Who() string { return c.Name }

// Up reports whether the client's process exists.
func (c *Client) Up() bool { return c.machine.Up() }

// Paused reports whether the client's process is paused.
func (c *Client) Paused() bool { return c.machine.Paused() }

// Lives returns the number of times that the client's process has started.
func (c *Client) Lives() int { return int(c.machine.Incarnation()) }

// Idle reports whether every operation of the client has its answer.
func (c *Client) Idle() bool {
	idle, _ := c.standing()
	return idle
}

// addressOf returns a client's address, as servers see it: see [server.Config.Address].
func (e *Ensemble) addressOf(name string) string {
	c := e.Client(name)
	if c.remote != nil {
		return c.remote.address
	}
	return server.Address(c.machine.ID)
}

// addressAt returns the address of the client on a machine.
func (e *Ensemble) addressAt(id sim.NodeID) string {
	if c := e.named[e.World.Machine(id).Name]; c != nil && c.remote != nil {
		return c.remote.address
	}
	return server.Address(id)
}

// account is what the clients called and received up to now.
func (e *Ensemble) account() *engine.Account {
	e.takeCalls()
	a := &engine.Account{
		Ops: e.ops, Closings: e.closings, Changes: e.changes, FaultFree: e.faultFree,
		Slowest:  e.slowest,
		Accesses: e.fences.accesses, Now: e.World.Now(), Address: e.addressOf,
		SuperDigest: e.config.SuperDigest, Recipes: e.recipes,
	}
	if e.config.Written != "" {
		a.Initial = append(a.Initial,
			lin.Node{Path: lin.Path(e.config.Written), Version: e.config.Version})
	}
	if e.config.Numbered != "" {
		a.Initial = append(a.Initial,
			lin.Node{Path: lin.Path(e.config.Numbered), Creates: e.config.Creates})
	}
	for _, c := range e.clients {
		a.Heard = append(a.Heard, engine.Heard{
			Client: c.Name, Events: c.events, States: c.states, Deaths: c.deaths,
			Beliefs: c.beliefs, Marks: c.marks, Before: c.before,
		})
	}
	return a
}

// History returns the clients' calls and answers up to now: see [engine.Account.History].
func (e *Ensemble) History() lin.History { return e.account().History() }

// HistoryOps maps each operation of the history to its index in Ops: see
// [engine.Account.HistoryOps].
func (e *Ensemble) HistoryOps() []int { return e.account().HistoryOps() }

// Record returns the history, and what clients received in addition to the replies: see
// [engine.Account.Record].
func (e *Ensemble) Record() lin.Record { return e.account().Record() }

// RecordOf returns the same as Record, for a caller that already has the history.
func (e *Ensemble) RecordOf(h lin.History) lin.Record { return e.account().RecordOf(h) }

// Recording returns the run so far, to narrate it or to write it as a trace. The records must have
// been kept ([Config].Keep).
func (e *Ensemble) Recording() *narration.Recording {
	run := &narration.Recording{World: e.World, Ops: e.ops, ClientOf: e.ClientOf}
	for _, m := range e.World.Machines() {
		n := trace.Node{ID: m.Name, Kind: m.Kind}
		switch {
		case m.Kind == "server" && !e.voters.Has(m.ID):
			n.Kind = "observer"
		case m.Kind == "client":
			if c := e.Client(m.Name); c != nil {
				n.Home = engine.ServerName(zab.ID(c.home))
			}
		}
		run.Nodes = append(run.Nodes, n)
	}
	return run
}
