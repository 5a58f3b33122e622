package ensemble

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
	"github.com/zablab/zablab/zab/safety"
)

// Most servers that an ensemble may have, observers included.
const Most = 9

// Config is what an ensemble is made of. The zero value of a field with a default means the
// default.
type Config struct {
	Seed      uint64
	Servers   int // voters, default 3
	Observers int

	Tick           sim.Time // default 2s
	InitLimit      int      // ticks, default 10
	SyncLimit      int      // ticks, default 5
	SessionTimeout sim.Time // that clients ask for, default 4s
	Latency        sim.Span // one way, default 1ms..5ms
	Fsync          sim.Span // default 500us..3ms

	// ExpireOnDisconnect closes a session when its connection breaks, as some tutorials tell it.
	ExpireOnDisconnect bool
	// QuorumSync makes sync ask a quorum whether the leader still leads, as ZooKeeper's does not.
	QuorumSync bool
	// Lenient turns faults that make no sense now into recorded no-ops.
	Lenient bool
	// Keep keeps every record of the run in memory, for a story, a trace or a picture.
	Keep bool
	// Tweak, if set, may change what a server is told. It must do the same for equal seeds.
	Tweak func(id zab.ID, c *server.Config)
	// Tamper, if set, may put a program of its own around that of a machine, to plant a fault and
	// see who notices. What it returns has a method Unwrap() sim.Program, or is p itself.
	Tamper func(m *sim.Machine, p sim.Program) sim.Program

	// Flaw is a bug that every server, every recipe and every resource has; None is none.
	Flaw flaw.Flaw
	// Mute, if set, says of which truths a breach does not end the run.
	Mute func(name string) bool

	unaudited bool // for measuring what the audit costs
}

func (c *Config) setDefaults() {
	if c.Servers == 0 {
		c.Servers = 3
	}
	for _, d := range []struct {
		t *sim.Time
		d sim.Time
	}{{&c.Tick, 2 * sim.Second}, {&c.SessionTimeout, 4 * sim.Second}} {
		if *d.t == 0 {
			*d.t = d.d
		}
	}
	if c.InitLimit == 0 {
		c.InitLimit = 10
	}
	if c.SyncLimit == 0 {
		c.SyncLimit = 5
	}
}

// wallBase is what wall clocks show at time 0 of a world: a moment of 2023, in µs since 1970.
const wallBase = 1_700_000_000 * sim.Second

// Ensemble is one run.
type Ensemble struct {
	World  *sim.World
	config Config
	voters zab.Set
	total  int // servers, observers included

	audit   *safety.Audit
	noted   zab.Zxid    // the last transaction that has taken effect
	pending []zab.Entry // proposed, and not yet seen to take effect: rarely more than a few
	digests [][]uint64  // of the tree, by epoch and counter, by whoever applied first

	clients  []*Client
	ops      []*engine.Op
	room     []engine.Op // for the next ones
	open     []openOp    // those that have not ended
	unknown  []int       // and of those that ended without an answer, and may take effect yet
	closings []engine.Closing
	changes  []engine.Change
	reigns   []engine.Reign
	owners   []owner
	expiring expiring
	expiry   expiry
	executed map[int64]int32 // of each session, the number of its last write that took effect
	told     []int64         // sessions that a fault ended
	recipes  recipes
	spoilt   zab.Set // servers whose disks a fault has changed behind their backs
	seen     Seen
}

// Seen counts what has happened, for whoever wants to know whether a run was worth its while.
type Seen struct {
	Diffs, Truncs, Snaps int // ways in which a leader brought a learner to its history
	Moved                int // sessions that came to another server
	Lost                 int // disks
	Refused              int // writes that a resource outside did not take, for their token was old
	Between              int // leaders that died between the fsync of their promise and that of their epoch
	Handed               int // transactions that no leader committed, and that came to the next one in a SNAP
}

// Seen is what has been counted so far.
func (e *Ensemble) Seen() Seen {
	n := e.seen
	n.Refused = e.recipes.refused
	return n
}

// Violation is a truth that did not hold, with the place where it broke.
type Violation struct {
	Name string
	Text string
	Step int64
	At   sim.Time
}

func (v *Violation) Error() string {
	return fmt.Sprintf("safety: %s broken at step %d, t=%s: %s", v.Name, v.Step, v.At.Seconds(), v.Text)
}

// New makes an ensemble and starts its servers at time 0. It fails for a number of servers that
// is none.
func New(c Config) (*Ensemble, error) {
	c.setDefaults()
	if c.Servers < 1 || c.Observers < 0 || c.Servers+c.Observers > Most {
		return nil, fmt.Errorf("ensemble: %d servers and %d observers: have 1 to %d in all, 1 of them a voter",
			c.Servers, c.Observers, Most)
	}
	e := &Ensemble{
		config: c, total: c.Servers + c.Observers, executed: make(map[int64]int32),
		World: sim.NewWorld(sim.Config{
			Seed: c.Seed, Latency: c.Latency, Fsync: c.Fsync, Lenient: c.Lenient,
		}),
	}
	if c.Keep {
		e.World.Keep()
	}
	var observers zab.Set
	for i := 1; i <= e.total; i++ {
		if i <= c.Servers {
			e.voters = e.voters.With(zab.ID(i))
		} else {
			observers = observers.With(zab.ID(i))
		}
	}
	e.audit = safety.New(e.voters, zab.ID(e.total), func(v *safety.Violation) {
		e.broken(v.Name, "%s", v.Text)
	})
	var disks *safety.Disks
	if !c.unaudited {
		disks = safety.WatchDisks(e.World, e.audit)
	}
	for i := 1; i <= e.total; i++ {
		m := e.World.Add("S"+strconv.Itoa(i), "server", func(m *sim.Machine) sim.Program {
			return e.newServer(m, disks, observers)
		})
		server.Format(m.Disk().Preload)
		e.World.Start(m)
	}
	e.World.OnCrash = e.onCrash
	e.World.OnFault = e.onFault
	e.World.OnExpire = e.onExpire
	return e, nil
}

func (e *Ensemble) newServer(m *sim.Machine, disks *safety.Disks, observers zab.Set) sim.Program {
	p := &probe{e: e, m: m, id: m.ID}
	if p.Probe = zab.Probe(zab.NopProbe{}); !e.config.unaudited {
		p.Probe = e.audit.Probe(m.ID, m.Incarnation())
		disks.Rescan(m)
	}
	c := server.Config{
		Peer: zab.Config{
			ID: m.ID, Voters: e.voters, Observers: observers,
			TickTime: e.config.Tick, InitLimit: e.config.InitLimit, SyncLimit: e.config.SyncLimit,
			QuorumSync: e.config.QuorumSync, Rand: e.World.Rand(m.Name), Probe: p, Flaw: e.config.Flaw,
		},
		ExpireOnDisconnect: e.config.ExpireOnDisconnect, WallBase: wallBase,
		Probe: (*serverProbe)(p),
	}
	if e.config.Tweak != nil {
		e.config.Tweak(m.ID, &c)
	}
	p.server = server.New(c, m.Disk())
	return e.tamper(m, p.server)
}

func (e *Ensemble) tamper(m *sim.Machine, p sim.Program) sim.Program {
	if e.config.Tamper == nil {
		return p
	}
	return e.config.Tamper(m, p)
}

// wrapper is what Tamper puts around a program.
type wrapper interface{ Unwrap() sim.Program }

// broken ends the run.
func (e *Ensemble) broken(name, format string, args ...any) {
	if e.config.Mute != nil && e.config.Mute(name) {
		return
	}
	w := e.World
	v := &Violation{Name: name, Text: fmt.Sprintf(format, args...), Step: w.Index(), At: w.Now()}
	if r := w.Emit(KindViolation, 0, sim.HashString(name)); r != nil {
		r.Text = v.Name + ": " + v.Text
	}
	w.Fail(v)
}

// Config is what the ensemble was made with, defaults filled in.
func (e *Ensemble) Config() Config { return e.config }

// Audit is what watches over the servers.
func (e *Ensemble) Audit() *safety.Audit { return e.audit }

// Run lets the world go on until limit, or until stop (if given) is true after an event. It is
// false when the run has failed.
func (e *Ensemble) Run(limit sim.Time, stop func() bool) bool { return e.World.Run(limit, stop) }

// Err is why the run ended before its time: a *Violation, a failed assertion, or a fault that
// made no sense.
func (e *Ensemble) Err() error { return e.World.Err() }

// Close ends the programs of all clients.
func (e *Ensemble) Close() {
	for _, c := range e.clients {
		c.stop()
	}
}

// Servers are the machines of the servers, in order.
func (e *Ensemble) Servers() []*sim.Machine { return e.World.Machines()[:e.total] }

// Server is the program of server number id, nil while it is down or if there is none.
func (e *Ensemble) Server(id zab.ID) *server.Server {
	if id < 1 || int(id) > e.total {
		return nil
	}
	p := e.World.Machine(id).Program()
	if w, ok := p.(wrapper); ok {
		p = w.Unwrap()
	}
	s, _ := p.(*server.Server)
	return s
}

// Leader is the established leader of the highest epoch, or nil.
func (e *Ensemble) Leader() *server.Server {
	var best *server.Server
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil && s.Leads() {
			if best == nil || s.Peer().Epoch() > best.Peer().Epoch() {
				best = s
			}
		}
	}
	return best
}

// Closings are the sessions that the ensemble has ended by itself, in order of their proposals.
func (e *Ensemble) Closings() []engine.Closing { return e.closings }

// Changes are what happened to nodes, in the order of the history.
func (e *Ensemble) Changes() []engine.Change { return e.changes }

// Reigns are all established leaderships, in order.
func (e *Ensemble) Reigns() []engine.Reign { return e.reigns }

// Working is true if there is an established leader whose quorum is in broadcast with it.
func (e *Ensemble) Working() bool {
	l := e.Leader()
	if l == nil {
		return false
	}
	var with zab.Set
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil && s.Serving() && s.Peer().Leader() == l.Peer().ID() {
			with = with.With(m.ID)
		}
	}
	return with.Majority(e.voters)
}

// AtRest is true if every server serves under one leader, all have applied the same, every client
// that runs is connected, or done with its session, and waits for nothing, and there are no other
// sessions: those of the dead are over.
func (e *Ensemble) AtRest() bool {
	l := e.Leader()
	if l == nil {
		return false
	}
	for _, m := range e.Servers() {
		s := e.Server(m.ID)
		if s == nil || m.Paused() || !s.Serving() || s.Peer().Leader() != l.Peer().ID() ||
			s.Tree().LastProcessed() != l.Tree().LastProcessed() || s.Tree().Digest() != l.Tree().Digest() {
			return false
		}
	}
	sessions := 0
	for _, c := range e.clients {
		p := c.Program()
		switch {
		case p == nil:
		case !p.Idle():
			return false
		case p.State() == client.Connected:
			sessions++
		case !p.State().Final():
			return false
		}
	}
	return l.Tree().NumSessions() == sessions
}

// Heal undoes every fault that lasts: cuts, holds, and machines that are down.
func (e *Ensemble) Heal() error {
	for _, f := range []sim.Fault{sim.Heal(), sim.Release()} {
		if err := e.World.Inject(f); err != nil {
			return err
		}
	}
	for _, m := range e.World.Machines() {
		if !m.Up() {
			if err := e.World.Inject(sim.Restart(m.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// GiveUp is how long somebody who waits for the ensemble should wait: a session timeout, two
// ticks, and an election. An election takes the time until a silent leader is given up (syncLimit)
// and one try at a leader who does not answer (initLimit); and as long again, for by then the
// servers' resending may have backed off so far that they hear of each other only after as much
// time as has passed (FastLeaderElection: notTimeout).
func (e *Ensemble) GiveUp() sim.Time {
	election := 2*sim.Time(e.config.SyncLimit+e.config.InitLimit)*e.config.Tick + 2*sim.Second
	return e.config.SessionTimeout + 2*e.config.Tick + election
}

func (e *Ensemble) onCrash(m *sim.Machine, power bool) {
	if m.Kind == "server" {
		if s := e.Server(m.ID); s != nil {
			if p := s.Peer(); p.State() == zab.Leading && p.Epoch() > p.CurrentEpoch() {
				e.seen.Between++
			}
		}
		e.endReign(m.ID)
		return
	}
	for _, c := range e.clients {
		if c.machine == m {
			c.crashed()
		}
	}
}

// onExpire has the leader end the session of a client.
func (e *Ensemble) onExpire(f sim.Fault) error {
	c := e.Client(f.Who[0])
	l := e.Leader()
	switch {
	case c == nil:
		return fmt.Errorf("%s is not a client: name one", f.Who[0])
	case c.Session() == 0:
		return fmt.Errorf("%s has no session: let it connect first", c.Name)
	case l == nil:
		return errors.New("the ensemble has no leader to expire a session: wait for one")
	}
	if r := e.World.Emit(sim.KindNote, c.machine.ID, sim.HashString("expire")); r != nil {
		r.Text, r.Body = "expire "+c.Name, f
	}
	e.told = append(e.told, c.Session())
	e.World.Tell(e.World.Machine(l.Peer().ID()), &server.Expire{Session: c.Session()})
	return nil
}
