package fuzz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Schedule is one case of the fuzzer: an ensemble, what its clients do, and the faults that happen
// to them. All of it is generated from its seed ([Generate]), and any part may be taken away
// ([Shrink]).
type Schedule struct {
	engine.Stage
	CommittedLog int // transactions kept in memory, for DIFF
	SnapCount    int // transactions between snapshots
	SnapChunk    int // bytes of a snapshot sent at a time
	MaxCounter   int // the largest counter in an epoch; 0 for ZooKeeper's, which no run reaches
	Length       sim.Time
	Kinds        []string   // the kinds of faults that the plan was made of
	Clients      [][]string // by client: its workloads
	Plan         sim.Plan
	Flaw         flaw.Flaw // bug to inject into every server; none by default
}

// Length is how long faults happen, in virtual time.
const Length = 20 * sim.Second

// Mix is what schedules are made of.
type Mix string

// The mixes.
const (
	Swarm  Mix = "swarm"  // everything that the protocol promises to survive
	Common Mix = "common" // the same faults; always 5 servers, 3 clients, ticks of 200 ms
	Beyond Mix = "beyond" // and what it does not: disks that are lost, or lie
)

// Mixes are all mixes.
func Mixes() []Mix { return []Mix{Swarm, Common, Beyond} }

// atlas are the kinds of faults of a swarm. The protocol promises to survive them all: only one
// disk of a schedule loses what it had on disk, and every crashed machine restarts.
var atlas = []string{"crash", "power", "all-power", "rolling", "disk", "wipe", "at-fsync",
	"at-message", "at-becomes",
	"pause", "nap", "split", "isolate", "bridge", "storm", "deposed", "ring", "swizzle", "cut",
	"reset", "hold",
	"slow-disk", "slow-link", "clock", "wall", "expire", "client-crash"}

// outside are the kinds that no such protocol survives.
var outside = []string{"corrupt", "wipes"}

// Chance is the source of choices that a schedule is generated from.
type Chance interface {
	Intn(n int) int // from 0 to n-1; 0 is the simplest choice
	Between(low, high sim.Time) sim.Time
}

// Generate makes a schedule of the whole swarm from a seed.
func Generate(seed uint64) Schedule { return Swarm.Generate(seed) }

// Generate makes a schedule from a seed.
func (m Mix) Generate(seed uint64) Schedule {
	return m.GenerateBy(sim.NewRand(seed).Fork("schedule"), seed)
}

// GenerateBy makes a schedule from any source of choices: a property test's, or the bytes of a
// fuzzer. seed is the seed of the run itself. The kinds of faults and work are chosen first, so
// that some runs see much of one thing (swarm testing).
func (m Mix) GenerateBy(r Chance, seed uint64) Schedule {
	d := generator{Chance: r, s: Schedule{Length: Length}}
	s := &d.s
	s.Seed = seed
	s.Servers = []int{3, 5, 5, 5, 7}[r.Intn(5)]
	s.Observers = []int{0, 0, 0, 0, 0, 1, 1, 2}[r.Intn(8)]
	s.Tick = []sim.Time{200 * sim.Millisecond, 200 * sim.Millisecond, 400 * sim.Millisecond}[r.Intn(3)]
	s.CommittedLog = []int{2, 10, 500}[r.Intn(3)]
	s.SnapCount = []int{5, 30, 100_000}[r.Intn(3)]
	s.SnapChunk = []int{256, 4096}[r.Intn(2)]
	s.MaxCounter = []int{0, 0, 0, 0, 0, 40}[r.Intn(6)]
	s.QuorumSync = r.Intn(2) == 0
	clients := 3 + r.Intn(2)
	if m == Common {
		s.Servers, s.Observers, s.Tick, clients = 5, 0, 200*sim.Millisecond, 3
	}
	s.SessionTimeout = s.Tick * sim.Time(4+r.Intn(14))
	s.Latency = []sim.Span{{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		{Min: 1, Max: 30 * sim.Millisecond}}[r.Intn(2)]
	s.Fsync = []sim.Span{{Min: 500, Max: 3 * sim.Millisecond},
		{Min: 100, Max: 20 * sim.Millisecond}}[r.Intn(2)]
	s.Kinds = choose(r, atlas, 3)
	if m == Beyond {
		s.Kinds = append(s.Kinds, choose(r, outside, 1)...)
	}
	var works []string
	for _, w := range workload.All() {
		works = append(works, w.Name)
	}
	works = choose(r, works, 1)
	for range clients {
		s.Clients = append(s.Clients, choose(r, works, 1))
	}
	d.plan()
	return d.s
}

// choose picks about half of a list, and at least least of it.
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

func (s *Schedule) total() int { return s.Servers + s.Observers }

// names are the names of the clients.
func (s *Schedule) names() (list []string) {
	for i := range s.Clients {
		list = append(list, string(rune('A'+i)))
	}
	return list
}

// servers are the names of the servers, observers last.
func (s *Schedule) servers() (list []string) {
	for i := range s.total() {
		list = append(list, fmt.Sprintf("S%d", i+1))
	}
	return list
}

// generator is a schedule in the making.
type generator struct {
	Chance
	s     Schedule
	lines []string // of the plan
	wiped bool
}

// plan adds the faults, and sorts them by moment.
func (d *generator) plan() {
	s := &d.s
	for range 4 + d.Intn(8) {
		d.fault(s.Kinds[d.Intn(len(s.Kinds))], d.Between(sim.Second, s.Length-3*sim.Second))
	}
	for _, line := range d.lines {
		f, err := sim.ParseFault(line)
		if err != nil {
			panic(err) // the lines are written below
		}
		s.Plan = append(s.Plan, f)
	}
	slices.SortStableFunc(s.Plan, func(a, b sim.Fault) int {
		switch {
		case a.When.At < b.When.At:
			return -1
		case a.When.At > b.When.At:
			return 1
		}
		return 0
	})
}

// at adds a line with a moment, on one that waits for an event.
func (d *generator) at(t sim.Time, format string, args ...any) {
	d.lines = append(d.lines, t.Seconds()+" "+fmt.Sprintf(format, args...))
}

func (d *generator) on(format string, args ...any) {
	d.lines = append(d.lines, "at "+fmt.Sprintf(format, args...))
}

func one[T any](d *generator, list ...T) T { return list[d.Intn(len(list))] }

// messages are the messages between servers that a fault may hold back or wait for.
var messages = []string{"FOLLOWERINFO", "LEADERINFO", "ACKEPOCH", "DIFF", "TRUNC", "SNAP",
	"NEWLEADER", "UPTODATE", "PROPOSAL",
	"ACK", "COMMIT", "NOTIFICATION"}

// fault adds a fault of a kind, with what ends it.
func (d *generator) fault(kind string, at sim.Time) {
	s := &d.s
	servers, clients := s.servers(), s.names()
	a, b, who := one(d, servers...), one(d, servers...), one(d, clients...)
	until := at + d.Between(100*sim.Millisecond, 4*sim.Second)
	span := d.Between(10*sim.Millisecond, 3*sim.Second)
	switch kind {
	case "crash", "power":
		d.at(at, "%s %s", kind, a)
		d.at(until, "restart %s", a)
	case "all-power":
		for _, name := range servers {
			d.at(at, "power %s", name)
		}
		d.restart(servers, until)
	case "rolling":
		for i, name := range servers {
			from := at + sim.Time(i)*(span/4+200*sim.Millisecond)
			d.at(from, "crash %s", name)
			d.at(from+span/4+d.Between(0, 400*sim.Millisecond), "restart %s", name)
		}
	case "disk":
		switch d.Intn(3) {
		case 0:
			d.at(at, "tear %s", a)
			d.at(at+1, "power %s", a)
		case 1:
			d.at(at, "fail-fsync %s", a)
		case 2:
			d.at(at, "full %s", a)
			d.at(until-1, "crash %s", a)
		}
		d.at(until, "restart %s", a)
	case "wipe":
		if !d.wiped { // one disk only: two may be a quorum's
			d.wiped = true
			d.wipe(at, until)
		}
	case "wipes":
		d.wipe(at, until)
		d.wipe(at, until)
	case "corrupt":
		d.at(at, "corrupt %s", a)
		d.at(at+1, "crash %s", a)
		d.at(until, "restart %s", a)
	case "at-fsync":
		d.event(a, fmt.Sprintf("fsync %d", 1+d.Intn(120)), until)
	case "at-message":
		d.event(a, fmt.Sprintf("%s %s %d", one(d, "sends", "receives"), one(d, one(d, messages...),
			one(d, messages[:8]...), one(d, messages[:8]...)), 1+d.Intn(4)), until)
	case "at-becomes":
		d.event(a, fmt.Sprintf("becomes %s %d", one(d, "leading", "leading", "following",
			"looking"), 1+d.Intn(2)), until)
	case "client-crash":
		d.at(at, "crash %s", who)
		d.at(until, "restart %s", who)
	case "pause":
		d.at(at, "pause %s %s", a, span)
		if d.Intn(2) == 0 { // and another with it: perhaps a leader and a follower
			d.at(at, "pause %s %s", b, span)
		}
	case "nap": // half of them longer than a session lasts
		d.at(at, "pause %s %s", who, span+sim.Time(d.Intn(2))*s.SessionTimeout)
	case "split":
		d.at(at, "split %s", d.parts(append(clients, servers...), ""))
		d.at(until, "heal")
	case "bridge": // between servers only: clients reach both sides
		d.at(at, "split %s", d.parts(servers, ""))
		d.at(until, "heal")
	case "isolate":
		d.at(at, "split %s", d.parts(append(clients, servers...), a))
		d.at(until, "heal")
	case "storm": // every new leader is alone with one client
		for _, name := range servers[:s.Servers] {
			d.on("%s becomes leading split %s %s | %s", name, name, who,
				strings.Join(without(append(clients, servers...), name, who), " "))
		}
		for range 4 {
			d.at(d.Between(at, s.Length), "heal")
		}
	case "deposed": // a leader stands still, cut off from the servers only, until another leads
		when := one(d, "becomes leading", "sends COMMIT 20", "sends COMMIT 40", "sends UPTODATE 4")
		for _, name := range servers[:s.Servers] {
			d.on("%s %s split %s | %s", name, when, name, strings.Join(without(servers, name), " "))
			d.on("%s %s pause %s %s", name, when, name, 500*sim.Millisecond+span/2)
		}
		for range 3 {
			d.at(d.Between(at, s.Length), "heal")
		}
	case "ring":
		d.ring(servers, at)
		d.at(until, "heal")
	case "swizzle":
		d.swizzle(servers, at, until)
	case "cut":
		if a == b {
			b = who
		}
		d.at(at, "cut %s > %s", a, b)
		d.at(until, "heal")
	case "reset":
		d.at(at, "reset %s %s", who, a)
	case "hold":
		if a != b {
			d.at(at, "hold %s > %s %s", a, b, one(d, messages...))
			d.at(until, "release")
		}
	case "slow-disk":
		d.at(at, "fsync %s %s", a, span/4)
		d.at(until, "fsync %s 1ms", a)
	case "slow-link":
		if a != b {
			d.at(at, "delay %s %s %s", a, b, span/20)
		}
	case "clock":
		d.at(at, "clock %s x%s", a, one(d, "0.5", "0.9", "1.1", "2"))
	case "wall":
		d.at(at, "wall %s %s", a, one(d, "+1h", "-1h"))
	case "expire":
		d.at(at, "expire %s", who)
	}
}

// wipe loses a voter's disk; or all servers lose power, and one its disk too: a server of the
// majority, while a minority is cut off. The minority and the empty server restart first.
func (d *generator) wipe(at, until sim.Time) {
	servers := d.s.servers()
	a := servers[d.Intn(d.s.Servers)]
	if d.Intn(2) == 0 {
		d.at(at, "wipe %s", a)
		d.at(until, "restart %s", a)
		return
	}
	voters := without(servers[:d.s.Servers], a)
	var few []string
	for range (d.s.Servers - 1) / 2 {
		few = append(few, one(d, without(voters, few...)...))
	}
	d.at(at, "split %s | %s", strings.Join(few, " "), strings.Join(without(servers, few...), " "))
	down := d.Between(at, until)
	for _, name := range servers {
		d.at(down, "%s %s", map[bool]string{true: "wipe", false: "power"}[name == a], name)
	}
	d.at(down, "heal")
	d.restart(append(few, a), until)
	d.restart(without(servers, append(few, a)...), until+d.Between(0, 2*sim.Second))
}

// restart restarts servers in any order.
func (d *generator) restart(servers []string, at sim.Time) {
	gap := d.Between(0, 400*sim.Millisecond)
	for n := sim.Time(0); len(servers) > 0; n++ {
		i := d.Intn(len(servers))
		d.at(at+n*gap, "restart %s", servers[i])
		servers = slices.Delete(slices.Clone(servers), i, i+1)
	}
}

// event adds a fault of a server at one of its own events.
func (d *generator) event(a, event string, until sim.Time) {
	switch verb := one(d, "crash", "power", "pause", "isolate", "isolate"); verb {
	case "pause":
		d.on("%s %s pause %s %s", a, event, a, d.Between(10*sim.Millisecond, 3*sim.Second))
	case "isolate":
		d.on("%s %s split %s", a, event, d.parts(append(d.s.names(), d.s.servers()...), a))
		d.at(until, "heal")
	default:
		d.on("%s %s %s %s", a, event, verb, a)
		if d.Intn(3) == 0 {
			d.on("%s crashes restart %s", a, a)
			return
		}
		d.at(until, "restart %s", a)
		d.at(until+4*sim.Second, "restart %s", a)
	}
}

// ring leaves each server only its two neighbours.
func (d *generator) ring(servers []string, at sim.Time) {
	n := len(servers)
	for i := range n {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 && n > 3 { // neighbours too; of three servers, a line is left
				continue
			}
			d.at(at, "cut %s > %s", servers[i], servers[j])
			d.at(at, "cut %s > %s", servers[j], servers[i])
		}
	}
}

// swizzle cuts links one by one and mends them in another order.
func (d *generator) swizzle(servers []string, at, until sim.Time) {
	var links []string
	for range 3 + d.Intn(4) {
		if a, b := one(d, servers...), one(d, servers...); a != b {
			links = append(links, a+" > "+b)
		}
	}
	step := (until - at) / 8
	for i, l := range links {
		d.at(at+sim.Time(i)*step, "cut %s", l)
	}
	for n := range links {
		i := d.Intn(len(links))
		d.at(until+sim.Time(n)*step, "mend %s", links[i])
		links = slices.Delete(links, i, i+1)
	}
}

// without are the names but those.
func without(all []string, those ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(n string) bool {
		return slices.Contains(those, n)
	})
}

// parts splits machines in two; with alone, that one from all others.
func (d *generator) parts(all []string, alone string) string {
	if alone != "" {
		return alone + " | " + strings.Join(without(all, alone), " ")
	}
	var left []string
	for _, n := range all {
		if d.Intn(2) == 0 {
			left = append(left, n)
		}
	}
	if len(left) == 0 || len(left) == len(all) {
		return d.parts(all, all[d.Intn(len(all))])
	}
	return strings.Join(left, " ") + " | " + strings.Join(without(all, left...), " ")
}
