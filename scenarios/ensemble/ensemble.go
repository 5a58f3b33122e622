package ensemble

import (
	"fmt"
	"strconv"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/audit"
	"github.com/zablab/zablab/scenarios/calm"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
	"github.com/zablab/zablab/zab/safety"
)

// Config describes an ensemble. A field of Stage that is zero gets its default value, if the field
// has a default.
type Config struct {
	engine.Stage

	// Lenient records a fault that cannot be carried out, and continues the run.
	Lenient bool
	// ObserversFirst gives the observers the smallest numbers, S1 and so on, instead of the
	// largest.
	ObserversFirst bool
	// Writeback makes disks order little: see [sim.Disk.LosePower].
	Writeback bool
	// Keep keeps every record of the run in memory, for a trace or a diagram.
	Keep bool
	// Tweak, if set, may change a server's configuration. It must do the same for equal seeds.
	Tweak func(id zab.ID, c *server.Config)
	// Tamper, if set, may wrap the program p of a machine, to plant a fault and see which check
	// notices. Its result has a method Unwrap() sim.Program, or is p itself.
	Tamper func(m *sim.Machine, p sim.Program) sim.Program

	// Numbered, if not empty, is the path of a node that exists from the beginning, below which
	// Creates nodes have been created and deleted. So sequential numbers may be large.
	Numbered string
	Creates  int32

	// Written, if not empty, is the path of a node that exists from the beginning, and whose version
	// is Version. So it may be about to overflow.
	Written string
	Version int32

	// Others is the number of machines in the network that take no part. They have the numbers after
	// those of the servers.
	Others int

	// SnapCount is the number of transactions between the snapshots of a server; 0 is the default of
	// [zab.Config].
	SnapCount int

	// CountStarts: see [sim.Config].
	CountStarts bool

	// Flaw is the bug to inject into servers, recipes and resources; none by default.
	Flaw flaw.Flaw
	// Mute, if set, names the properties whose violation does not end the run.
	Mute func(name string) bool

	// Tally counts what the run reaches: see [Ensemble.Tally].
	Tally bool

	unaudited bool // to measure what the audit costs
}

// wallBase is what wall clocks show at time 0: a moment of 2023, in µs since 1970.
const wallBase = 1_700_000_000 * sim.Second

// Ensemble is one run.
type Ensemble struct {
	World  *sim.World
	config Config
	voters zab.Set
	total  int // servers, observers included

	audit   *audit.Audit
	calm    *calm.Log
	newest  zab.Zxid    // the last transaction that has taken effect
	pending []zab.Entry // proposed and without effect yet: rarely more than a few

	clients   []*Client
	named     map[string]*Client // the clients, by name
	ops       []*engine.Op
	room      []engine.Op // memory for the next ones
	past      int         // how many operations were forgotten
	open      []openOp    // those that have not ended
	unknown   []int       // indices of ops that ended without an answer, and may still take effect
	closings  []engine.Closing
	changes   []engine.Change
	reigns    []engine.Reign
	late      []*sim.Machine // servers that start when the first leader is established
	owners    []owner
	expiring  expiring
	told      []int64 // sessions that a fault ended
	fences    fences
	seen      Seen
	reached   []Reached        // sorted
	booted    []sim.Time       // by server: the start of its process
	servers   []*server.Server // by server, of its last process; if nobody tampers with them
	flawHits  flaw.Hits
	counting  *counting // nil unless [Config].Tally asked for it
	faultFree lin.FaultFree
	slowest   int64           // the lowest rate of a client's clock, in thousandths; 0 is the normal rate
	recipes   []recipe.Recipe // that clients declare
	emptied   bool            // every disk was lost, and an empty ensemble follows
}

// New makes an ensemble and starts its servers at time 0. It fails if there are too few or too
// many servers.
func New(c Config) (*Ensemble, error) {
	c.SetDefaults()
	if err := c.CheckServers(); err != nil {
		return nil, fmt.Errorf("ensemble: %w", err)
	}
	e := &Ensemble{
		config: c, total: c.Servers + c.Observers,
		World: sim.NewWorld(sim.Config{
			Seed: c.Seed, Latency: c.Latency, Fsync: c.Fsync, Lenient: c.Lenient,
			Writeback: c.Writeback, Bandwidth: c.Bandwidth, DiskBandwidth: c.DiskBandwidth,
			Resample: c.Resample, CountStarts: c.CountStarts,
		}),
		booted:  make([]sim.Time, c.Servers+c.Observers+1),
		servers: make([]*server.Server, c.Servers+c.Observers+1),
	}
	if c.Keep {
		e.World.Keep()
	}
	if c.Tally {
		e.counting = &counting{tally: make(Tally), moved: make(map[[2]standing]int)}
		e.World.Count()
	}
	var observers zab.Set
	for i := 1; i <= e.total; i++ {
		if c.ObserversFirst && i > c.Observers || !c.ObserversFirst && i <= c.Servers {
			e.voters = e.voters.With(zab.ID(i))
		} else {
			observers = observers.With(zab.ID(i))
		}
	}
	e.audit = audit.New(e.World, (*watched)(e), audit.Config{
		Servers: e.total, Voters: e.voters, Tick: c.Tick, ExpireOnDisconnect: c.ExpireOnDisconnect,
		Mute: e.mutes, NoSafety: c.unaudited,
	})
	e.calm = calm.NewLog(calm.Config{
		Voters: e.voters, Observers: observers, Tick: c.Tick, InitLimit: c.InitLimit,
		SyncLimit: c.SyncLimit, Latency: c.Latency, Fsync: c.Fsync,
		SessionTimeout: c.SessionTimeout, QuorumSync: c.QuorumSync,
		ExpireOnDisconnect: c.ExpireOnDisconnect,
		Sized:              e.World.Config().Sized(),
	})
	for i := 1; i <= e.total; i++ {
		m := e.World.Add("S"+strconv.Itoa(i), "server", func(m *sim.Machine) sim.Program {
			return e.newServer(m, observers)
		})
		server.FormatWith(c.initial(), m.Disk().Preload)
		if c.Leader > 0 && i > c.Leader && e.voters.Has(zab.ID(i)) {
			e.late = append(e.late, m)
			continue
		}
		e.World.Start(m)
	}
	for i := range c.Others {
		e.World.Add("M"+strconv.Itoa(1+i), "other", func(*sim.Machine) sim.Program { return bystander{} })
	}
	e.World.OnCrash = e.onCrash
	e.World.OnFault = e.onFault
	e.World.OnForeign = e.onForeign
	return e, nil
}

// bystander is a program that does nothing.
type bystander struct{}

func (bystander) Step(_ sim.Time, _ sim.Event, out []sim.Effect) []sim.Effect { return out }
func (bystander) Deadline() sim.Time                                          { return sim.Never }

// startLate starts the servers that have waited for the first leader.
func (e *Ensemble) startLate() {
	for _, m := range e.late {
		if !m.Up() {
			e.World.Start(m)
		}
	}
	e.late = nil
}

// initial is the tree with which the history begins. No transaction made it: its zxids are 0.
func (c *Config) initial() *tree.Tree {
	t := tree.New()
	if c.Written != "" {
		for _, txn := range []tree.Txn{
			{TxnHeader: tree.TxnHeader{Type: tree.OpCreate}, Body: &tree.CreateTxn{Path: c.Written,
				ACL: tree.OpenACL}},
			{TxnHeader: tree.TxnHeader{Type: tree.OpSetData}, Body: &tree.SetDataTxn{
				Path: c.Written, Version: c.Version}},
		} {
			t.Apply(&txn)
		}
	}
	if c.Numbered == "" {
		return t
	}
	child := c.Numbered + "/0"
	for _, txn := range []tree.Txn{
		{TxnHeader: tree.TxnHeader{Type: tree.OpCreate}, Body: &tree.CreateTxn{Path: c.Numbered,
			ACL: tree.OpenACL}},
		{TxnHeader: tree.TxnHeader{Type: tree.OpCreate}, Body: &tree.CreateTxn{Path: child,
			ACL: tree.OpenACL, ParentCVersion: c.Creates}},
		{TxnHeader: tree.TxnHeader{Type: tree.OpDelete}, Body: &tree.DeleteTxn{Path: child}},
	} {
		t.Apply(&txn)
	}
	return t
}

// mutes reports whether a violation of a property does not end the run.
func (e *Ensemble) mutes(property string) bool {
	return e.emptied || e.config.Mute != nil && e.config.Mute(property)
}

// Empty formats the disk of a server that is down and has lost its disk. If this happens to all
// servers, they form an empty ensemble, as Apache ZooKeeper's servers do by default. After a call
// of Empty, no violation ends the run, because committed transactions may be lost.
func (e *Ensemble) Empty(server string) {
	if m := e.World.Find(server); m != nil && !m.Up() {
		format(m)
		e.emptied = true
	}
}

func format(m *sim.Machine) { server.Format(m.Disk().Preload) }

// NoMoreFaults tells the checks of recipes that no fault acts from now on, and how soon a program
// must then get a free lock, take an item of a queue, or pass a barrier.
func (e *Ensemble) NoMoreFaults(within sim.Time) {
	e.faultFree = lin.FaultFree{From: int64(e.World.Now()), Within: int64(within)}
}

// FlawHits returns how often the code of the injected flaw was reached.
func (e *Ensemble) FlawHits() flaw.Hits { return e.flawHits }

func (e *Ensemble) newServer(m *sim.Machine, observers zab.Set) sim.Program {
	p := &probe{Probe: e.audit.Probe(m), e: e, m: m, id: m.ID}
	e.booted[m.ID] = e.World.Now()
	c := server.Config{
		Peer: zab.Config{
			ID: m.ID, Voters: e.voters, Observers: observers,
			TickTime: e.config.Tick, InitLimit: e.config.InitLimit, SyncLimit: e.config.SyncLimit,
			SnapCount:  e.config.SnapCount,
			QuorumSync: e.config.QuorumSync, Rand: e.World.Rand(m.Name), Probe: p,
			Flaw: e.config.Flaw, Hits: &e.flawHits, Places: e.places(),
		},
		ExpireOnDisconnect: e.config.ExpireOnDisconnect, WallBase: wallBase, Address: e.addressAt,
		ExtendedTypes: e.config.TTL, SuperDigest: e.config.SuperDigest, Probe: (*serverProbe)(p),
	}
	if e.config.Tweak != nil {
		e.config.Tweak(m.ID, &c)
	}
	p.server = server.New(c, m.Disk())
	e.servers[m.ID] = p.server
	e.calm.SetMaxCounter(c.Peer.MaxCounter)
	e.calm.Up(e.World.Now(), m.ID)
	return e.count("server", e.audit.Follow(m, p.server, e.tamper(m, p.server)))
}

// places is where the places of flaws are counted, or nil.
func (e *Ensemble) places() *flaw.Places {
	if e.counting == nil {
		return nil
	}
	return &e.counting.places
}

func (e *Ensemble) tamper(m *sim.Machine, p sim.Program) sim.Program {
	if e.config.Tamper == nil {
		return p
	}
	return e.config.Tamper(m, p)
}

// wrapper is a program that Tamper has wrapped.
type wrapper interface{ Unwrap() sim.Program }

// Config returns the ensemble's configuration, with the defaults filled in.
func (e *Ensemble) Config() *Config { return &e.config }

// Calm returns the cases in which servers or clients took longer than the protocol needs, although
// no fault acted, and the figures of the run: see package calm.
func (e *Ensemble) Calm() ([]calm.Breach, calm.Figures) {
	return e.calm.Judge(e.account(), e.changes)
}

// Audit returns the audit of the protocol.
func (e *Ensemble) Audit() *safety.Audit { return e.audit.Safety() }

// Run runs the world until limit, or until stop (if not nil) returns true after an event. It
// returns false if the run has failed.
func (e *Ensemble) Run(limit sim.Time, stop func() bool) bool { return e.World.Run(limit, stop) }

// Err returns the reason why the run has failed: an [*audit.Violation], a failed assertion, or a
// fault that could not be carried out.
func (e *Ensemble) Err() error { return e.World.Err() }

// Close ends the programs of all clients.
func (e *Ensemble) Close() {
	for _, c := range e.clients {
		c.stop()
	}
}

// Servers returns the machines of the servers, in order.
func (e *Ensemble) Servers() []*sim.Machine { return e.World.Machines()[:e.total] }

// Server returns the program of server number id, or nil if the server is down or does not exist.
func (e *Ensemble) Server(id zab.ID) *server.Server {
	if id < 1 || int(id) > e.total {
		return nil
	}
	p := e.World.Machine(id).Program()
	if e.config.Tamper == nil { // asked after every event
		if p == nil {
			return nil
		}
		return e.servers[id]
	}
	for w, ok := p.(wrapper); ok; w, ok = p.(wrapper) {
		p = w.Unwrap()
	}
	s, _ := p.(*server.Server)
	return s
}

// Leader returns the established leader of the highest epoch, or nil.
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

// Closings returns the sessions that the ensemble, not the client, has ended, in the order of the
// proposals.
func (e *Ensemble) Closings() []engine.Closing { return e.closings }

// Changes returns all changes of nodes, in the order of their transactions.
func (e *Ensemble) Changes() []engine.Change { return e.changes }

// Reigns returns, for each established leader, the epoch that it led and the time in which it led,
// in the order in which the leaders were established.
func (e *Ensemble) Reigns() []engine.Reign { return e.reigns }

// watched gives the audit access to the ensemble.
type watched Ensemble

func (e *watched) Server(id zab.ID) *server.Server { return (*Ensemble)(e).Server(id) }

func (e *watched) ClientOf(session int64) string { return (*Ensemble)(e).ClientOf(session) }

func (e *watched) Client(name string) (*client.Client, int64) {
	c := (*Ensemble)(e).Client(name)
	if c == nil {
		return nil, 0
	}
	return c.Program(), c.Session()
}
