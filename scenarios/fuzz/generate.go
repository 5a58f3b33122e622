package fuzz

import (
	"cmp"
	"math"
	"slices"

	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
)

// Mix names a selection of faults, workloads and settings from which schedules are generated.
type Mix string

// The mixes.
const (
	Swarm  Mix = "swarm"  // everything that the protocol promises to survive
	Common Mix = "common" // the same faults; always 5 servers, 3 clients, ticks of 200 ms
	Beyond Mix = "beyond" // and what it does not: disks that are lost, or lie
	// Rare has the faults of Swarm, and clients that do what few applications do. For example, they
	// use other client libraries, containers, and nodes with a time to live (see [Schedule].Rare).
	// Settings and machines are unusual, too: for example, versions overflow, sessions end with
	// their connections, and processes resume the sessions of others.
	Rare Mix = "rare"
	// Clients is the mix for testing your own client programs: most faults are of kinds that a
	// client notices, the ensemble is small, and the servers do not all lose power while they are
	// idle. Only package fuzztest uses this mix.
	Clients Mix = "clients"
)

// Mixes returns the mixes that the option --mix of zablab fuzz accepts.
func Mixes() []Mix { return []Mix{Swarm, Common, Rare, Beyond} }

// Chance makes the choices from which a schedule is generated.
type Chance interface {
	Intn(n int) int // from 0 to n-1; 0 is the simplest choice
	Between(low, high sim.Time) sim.Time
}

// Generate generates a schedule from a seed, with the mix [Swarm].
func Generate(seed uint64) Schedule { return Swarm.Generate(seed) }

// Generate generates a schedule of the mix from a seed.
func (m Mix) Generate(seed uint64) Schedule {
	return m.GenerateBy(sim.NewRand(seed).Fork("schedule"), seed)
}

// GenerateBy generates a schedule from any source of choices, such as a property test, or the bytes
// of a fuzzer. seed is the seed of the run itself. GenerateBy first chooses a few kinds of faults
// and workloads for the whole run, so that these kinds occur often (swarm testing).
func (m Mix) GenerateBy(r Chance, seed uint64) Schedule { return m.GenerateFor(r, seed, Length) }

// GenerateFor is like [Mix.GenerateBy], but sets the length of the run, which must be at least 5 s.
// Shorter runs are faster, but find fewer failures.
func (m Mix) GenerateFor(r Chance, seed uint64, length sim.Time) Schedule {
	d := generator{Chance: r, s: Schedule{Length: length}}
	s := &d.s
	s.Seed = seed
	s.Servers = one(r, 3, 5, 5, 5, 7)
	s.Observers = one(r, 0, 0, 0, 0, 0, 1, 1, 2)
	s.ObserversFirst = s.Observers > 0 && seed%2 == 1
	s.Tick = one(r, 200*sim.Millisecond, 200*sim.Millisecond, 400*sim.Millisecond)
	s.CommittedLog = one(r, 2, 10, 500)
	s.SnapCount = one(r, 5, 30, 100_000)
	s.SnapChunk = one(r, 16, 64, 256, 1024, 4096)
	s.MaxCounter = one(r, 0, 0, 0, 0, 0, 40)
	s.QuorumSync = r.Intn(2) == 0
	s.Writeback, s.Blackouts = r.Intn(2) == 0, one(r, 1, 1, 2)
	clients := 3 + r.Intn(2)
	if m == Common {
		s.Servers, s.Observers, s.Tick, clients = 5, 0, 200*sim.Millisecond, 3
		s.ObserversFirst = false
	}
	if m == Clients {
		s.Servers, s.Observers, s.ObserversFirst, s.Blackouts = 3, 0, false, 0
		s.Tick, s.SnapChunk = 200*sim.Millisecond, 4096
	}
	s.SessionTimeout = s.Tick * sim.Time(4+r.Intn(14))
	s.Latency = one(r, sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		sim.Span{Min: 1, Max: 30 * sim.Millisecond})
	s.Fsync = one(r, sim.Span{Min: 500, Max: 3 * sim.Millisecond},
		sim.Span{Min: 100, Max: 20 * sim.Millisecond})
	if s.SnapChunk < 256 { // every piece is fsynced, and a follower must catch up within initLimit
		s.CommittedLog = one(r, 2, 2, s.CommittedLog)
		s.Fsync = sim.Span{Min: 50, Max: 500}
	}
	s.Kinds = choose(r, kindNames(false), 3)
	if m == Clients {
		s.Kinds = append(choose(r, noticed, 3), one(r, s.Kinds...))
	}
	if m == Beyond {
		s.Kinds = append(s.Kinds, choose(r, kindNames(true), 1)...)
	}
	var works []string
	for _, w := range workload.All() {
		if !slices.Contains(late, w.Name) {
			works = append(works, w.Name)
		}
	}
	works = choose(r, works, 1)
	for range clients {
		s.Clients = append(s.Clients, choose(r, works, 1))
	}
	d.plan()
	d.replace("contenders", careful)
	if d.Intn(8) == 7 {
		s.Calm = s.LeastCalm()
	}
	d.replace("queue", bursts)
	d.replace("ephemerals", keys)
	if m != Clients {
		d.whole()
	}
	if m == Swarm || m == Beyond {
		d.sizes()
	}
	if m == Rare {
		d.rare()
	}
	return d.s
}

// noticed are the kinds of faults that a client notices most: those of clients, of their sessions
// and connections, and of leaders.
var noticed = []string{"client-crash", "nap", "expire", "reset", "cut", "split", "isolate", "crash",
	"pause", "deposed"}

// LeastCalm returns how long a run must go on without faults before the check Progress can fail:
// 1.25 times the longest time for which the check lets a client wait.
func (s *Schedule) LeastCalm() sim.Time { return s.progress() * 5 / 4 }

// progress is the bound of Progress.
func (s *Schedule) progress() sim.Time { return s.SessionTimeout + 10*s.Tick }

// These workloads take the place of others in some clients. They and the calm are chosen last, so
// that all choices before them are what they were without them.
const (
	careful = "careful"
	bursts  = "bursts"
	keys    = "keys"
)

// The workloads that use requests that no recipe makes. Some clients have one besides their others.
const (
	bulk    = "bulk"
	crowds  = "crowds"
	numbers = "numbers"
)

var whole = []string{"closers", "owners", "subscribers", "verifiers", "closers", "owners",
	"subscribers", "verifiers", numbers, bulk, crowds}

var late = slices.Concat([]string{careful, bursts, keys}, whole)

// whole gives some clients one more workload. They too are chosen last.
func (d *generator) whole() {
	s := &d.s
	for i := range s.Clients {
		if d.Intn(3) != 2 {
			continue
		}
		name := one(d, whole...)
		switch name {
		case bulk: // a snapshot of a megabyte must reach a follower within initLimit
			if s.SnapChunk < 4096 || s.Fsync.Max > 3*sim.Millisecond {
				continue
			}
		case crowds:
			if s.SnapChunk < 1024 {
				continue
			}
		case numbers:
			s.Numbers = math.MaxInt32 - d.Intn(12)
		}
		s.Clients[i] = append(s.Clients[i], name)
	}
}

// sizes lets the size of what is sent or written matter in one of eight schedules: all links or all
// disks have a bandwidth, or one link is narrow for a while. It chooses last, as whole does. The
// judge of lost time has no bounds for such a run, so it is a few runs, and none of [Common].
func (d *generator) sizes() {
	s := &d.s
	if d.Intn(8) != 7 {
		return
	}
	var least sim.Bandwidth
	if s.does(bulk) {
		least = 100 * sim.Mbit // a snapshot of a megabyte must reach a follower within initLimit
	}
	switch b := max(least, one(d, 100*sim.Mbit, 10*sim.Mbit, 2*sim.Mbit)); d.Intn(3) {
	case 0:
		s.Bandwidth = b
	case 1:
		s.DiskBandwidth = b
	case 2:
		m := d.moment()
		from, to := m.server, one(d, m.other, m.client)
		if from == to {
			to = m.client
		}
		limit := max(least, one(d, sim.Mbit, 256*sim.Kbit, 64*sim.Kbit))
		d.at(m.at, sim.LimitBandwidth(from, to, limit))
		d.at(m.until, sim.LimitBandwidth(from, to, 0))
		sortPlan(s.Plan)
	}
}

// replace replaces one workload by another in about a quarter of the clients that have it.
func (d *generator) replace(name, by string) {
	for _, works := range d.s.Clients {
		if i := slices.Index(works, name); i >= 0 && d.Intn(4) == 3 {
			works[i] = by
		}
	}
}

// one picks one element of a list.
func one[T any](r Chance, list ...T) T { return list[r.Intn(len(list))] }

// choose picks about half of a list, but no fewer elements than the number least.
func choose(r Chance, all []string, least int) (some []string) {
	for tries := 0; len(some) < least; tries++ {
		some = some[:0]
		for _, x := range all {
			if r.Intn(2) == 0 || tries > 20 { // the source may always say 1
				some = append(some, x)
			}
		}
	}
	return some
}

// generator is a schedule that is being generated.
type generator struct {
	Chance
	s     Schedule
	wiped bool // one disk is wiped already
}

// plan adds the faults, and sorts them by moment.
func (d *generator) plan() {
	s := &d.s
	for range 4 + d.Intn(8) {
		name := one(d, s.Kinds...)
		for _, k := range kinds {
			if k.name == name {
				k.pick(d, d.moment())
			}
		}
	}
	sortPlan(s.Plan)
}

// sortPlan sorts a plan by moment; faults that wait for an event come first.
func sortPlan(p sim.Plan) {
	slices.SortStableFunc(p, func(a, b sim.Fault) int {
		return cmp.Compare(a.When.At, b.When.At)
	})
}
