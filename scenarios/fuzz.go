package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// Schedule is one case of a fuzzer: an ensemble, what its clients do, and what happens to them. All of
// it is drawn from its seed ([Draw]), and any part may be taken away ([Shrink]).
type Schedule struct {
	Seed           uint64
	Servers        int
	Observers      int
	Tick           sim.Time
	SessionTimeout sim.Time
	Latency, Fsync sim.Span
	CommittedLog   int // transactions in memory, for DIFF
	SnapCount      int // transactions between snapshots
	Length         sim.Time
	Kinds          []string   // the kinds of faults that were drawn at all
	Clients        [][]string // of each client, its workloads
	Plan           sim.Plan
	Flaw           flaw.Flaw // a bug that every server has; None is none
}

// FuzzLength is how long faults happen, in virtual time.
const FuzzLength = 20 * sim.Second

// faultKinds are what a swarm is drawn from. All of them are what the protocol promises to survive:
// no disk loses what it had synced, and whatever is down comes up again.
var faultKinds = []string{"crash", "power", "pause", "nap", "split", "isolate", "cut", "reset", "hold", "slow-disk",
	"slow-link", "clock", "wall", "expire", "client-crash", "all-power", "at-fsync", "at-send"}

// Draw draws a schedule from a seed. First it draws which kinds of faults and of work there are at
// all, so that some runs see much of one thing (swarm testing).
func Draw(seed uint64) Schedule {
	r := sim.NewRand(seed).Fork("schedule")
	s := Schedule{
		Seed: seed, Servers: []int{3, 5, 5, 5, 7}[r.Intn(5)], Length: FuzzLength,
		Tick:         []sim.Time{200 * sim.Millisecond, 200 * sim.Millisecond, 400 * sim.Millisecond}[r.Intn(3)],
		CommittedLog: []int{2, 10, 500}[r.Intn(3)], SnapCount: []int{5, 30, 100_000}[r.Intn(3)],
	}
	if r.Intn(4) == 0 {
		s.Observers = 1
	}
	s.SessionTimeout = s.Tick * sim.Time(4+r.Intn(8))
	s.Latency = []sim.Span{{Min: sim.Millisecond, Max: 5 * sim.Millisecond}, {Min: 1, Max: 30 * sim.Millisecond}}[r.Intn(2)]
	s.Fsync = []sim.Span{{Min: 500, Max: 3 * sim.Millisecond}, {Min: 100, Max: 20 * sim.Millisecond}}[r.Intn(2)]
	s.Kinds = choose(r, faultKinds, 2)
	var works []string
	for _, w := range workload.All() {
		works = append(works, w.Name)
	}
	works = choose(r, works, 1)
	for range 3 + r.Intn(2) {
		s.Clients = append(s.Clients, choose(r, works, 1))
	}
	s.drawPlan(r)
	return s
}

// choose takes about half of a list, and least at least.
func choose(r *sim.Rand, all []string, least int) (some []string) {
	for len(some) < least {
		some = some[:0]
		for _, x := range all {
			if r.Intn(2) == 0 {
				some = append(some, x)
			}
		}
	}
	return some
}

func (s *Schedule) total() int { return s.Servers + s.Observers }

// Names are the clients'.
func (s *Schedule) names() (list []string) {
	for i := range s.Clients {
		list = append(list, string(rune('A'+i)))
	}
	return list
}

func (s *Schedule) drawPlan(r *sim.Rand) {
	for range 4 + r.Intn(8) {
		at := r.Between(sim.Second, s.Length-3*sim.Second)
		for _, line := range s.fault(r, s.Kinds[r.Intn(len(s.Kinds))], at) {
			f, err := sim.ParseFault(line)
			if err != nil {
				panic(err) // the lines are written below
			}
			s.Plan = append(s.Plan, f)
		}
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

// fault is one fault of a kind, with what ends it again.
func (s *Schedule) fault(r *sim.Rand, kind string, at sim.Time) []string {
	one := func() string { return fmt.Sprintf("S%d", 1+r.Intn(s.total())) }
	names := s.names()
	who := names[r.Intn(len(names))]
	when := func(t sim.Time, format string, args ...any) string {
		return t.Seconds() + " " + fmt.Sprintf(format, args...)
	}
	until := at + r.Between(100*sim.Millisecond, 4*sim.Second)
	span := r.Between(10*sim.Millisecond, 3*sim.Second)
	switch a, b := one(), one(); kind {
	case "crash", "power":
		return []string{when(at, "%s %s", kind, a), when(until, "restart %s", a)}
	case "all-power":
		var lines []string
		for i := range s.total() {
			lines = append(lines, when(at, "power S%d", i+1), when(until+sim.Time(i)*10*sim.Millisecond, "restart S%d", i+1))
		}
		return lines
	case "at-fsync":
		return []string{fmt.Sprintf("at %s fsync %d %s %s", a, 1+r.Intn(120), []string{"crash", "power"}[r.Intn(2)], a),
			when(until, "restart %s", a), when(until+4*sim.Second, "restart %s", a)}
	case "at-send":
		kinds := []string{"NEWLEADER", "ACKEPOCH", "UPTODATE", "LEADERINFO", "PROPOSAL", "COMMIT", "ACK", "DIFF", "SNAP", "TRUNC"}
		return []string{fmt.Sprintf("at %s sends %s %d %s %s", a, kinds[r.Intn(len(kinds))], 1+r.Intn(5),
			[]string{"crash", "power"}[r.Intn(2)], a), when(until, "restart %s", a), when(until+4*sim.Second, "restart %s", a)}
	case "client-crash":
		return []string{when(at, "crash %s", who), when(until, "restart %s", who)}
	case "pause":
		return []string{when(at, "pause %s %s", a, span)}
	case "nap":
		return []string{when(at, "pause %s %s", who, span)}
	case "split", "isolate":
		return []string{when(at, "split %s", s.halves(r, kind == "isolate")), when(until, "heal")}
	case "cut":
		if a == b {
			b = who
		}
		return []string{when(at, "cut %s > %s", a, b), when(until, "heal")}
	case "reset":
		return []string{when(at, "reset %s %s", who, a)}
	case "hold":
		if a == b {
			return nil
		}
		kinds := []string{"PROPOSAL", "COMMIT", "ACK", "NEWLEADER", "UPTODATE", "NOTIFICATION"}
		return []string{when(at, "hold %s > %s %s", a, b, kinds[r.Intn(len(kinds))]), when(until, "release")}
	case "slow-disk":
		return []string{when(at, "fsync %s %s", a, span/4), when(until, "fsync %s 1ms", a)}
	case "slow-link":
		if a == b {
			return nil
		}
		return []string{when(at, "delay %s %s %s", a, b, span/20)}
	case "clock":
		return []string{when(at, "clock %s x%s", a, []string{"0.9", "1.1", "1.05"}[r.Intn(3)])}
	case "wall":
		return []string{when(at, "wall %s %s", a, []string{"+1h", "-1h"}[r.Intn(2)])}
	}
	return []string{when(at, "expire %s", who)}
}

// halves parts all machines in two, or one server from all others.
func (s *Schedule) halves(r *sim.Rand, alone bool) string {
	all := s.names()
	for i := range s.total() {
		all = append(all, fmt.Sprintf("S%d", i+1))
	}
	apart := all[len(all)-1-r.Intn(s.total())]
	var left, right []string
	for _, n := range all {
		if alone && n == apart || !alone && r.Intn(2) == 0 {
			left = append(left, n)
		} else {
			right = append(right, n)
		}
	}
	if len(left) == 0 || len(right) == 0 {
		return s.halves(r, true)
	}
	return strings.Join(left, " ") + " | " + strings.Join(right, " ")
}

// Fuzzed is what came of a schedule.
type Fuzzed struct {
	Property    string // the one that broke first; empty if none did
	Text        string
	Undecided   []string // checks that ran out of time
	Events      uint64
	Virtual     sim.Time
	Operations  int
	Succeeded   int
	Fingerprint uint64
	Sometimes   Sometimes

	Ensemble *ensemble.Ensemble // kept if asked for: whoever has it calls Close
	Checks   []Check
}

// Sometimes counts what a batch of runs should have seen, lest it prove nothing.
type Sometimes struct {
	Elections, Diffs, Truncs, Snaps, Moved, Handed, Expired, Unknown, TwoBelieved, Faults int
}

// Add takes another run's counts in.
func (s *Sometimes) Add(o *Sometimes) {
	s.Elections += o.Elections
	s.Diffs += o.Diffs
	s.Truncs += o.Truncs
	s.Snaps += o.Snaps
	s.Moved += o.Moved
	s.Handed += o.Handed
	s.Expired += o.Expired
	s.Unknown += o.Unknown
	s.TwoBelieved += o.TwoBelieved
	s.Faults += o.Faults
}

// Tamper, in options of a fuzzer, plants a fault in what runs: see [ensemble.Config].
type Tamper = func(m *sim.Machine, p sim.Program) sim.Program

// Play runs a schedule: its faults and its work, then, with everything healed, until all is at rest;
// and puts what happened to the judges. keep leaves the ensemble, with its records, to the caller.
func (s *Schedule) Play(tamper Tamper, keep bool) (out Fuzzed, err error) {
	e, err := ensemble.New(ensemble.Config{
		Seed: s.Seed, Servers: s.Servers, Observers: s.Observers, Tick: s.Tick, SessionTimeout: s.SessionTimeout,
		Latency: s.Latency, Fsync: s.Fsync, Lenient: true, Keep: keep, Tamper: tamper,
		Tweak: func(_ zab.ID, c *server.Config) {
			c.Peer.CommittedLog, c.Peer.SnapCount, c.Peer.Flaw = s.CommittedLog, s.SnapCount, s.Flaw
		},
	})
	if err != nil {
		return out, err
	}
	if keep {
		out.Ensemble = e
	} else {
		defer e.Close()
	}
	for i, works := range s.Clients {
		var programs []func(*client.Proc)
		for _, name := range works {
			if w, ok := workload.Find(name); ok {
				programs = append(programs, w.Run)
			}
		}
		c, err := e.AddClientWith(string(rune('A'+i)), 0, client.Config{Renew: true, Programs: programs})
		if err != nil {
			return out, err
		}
		c.Start()
	}
	plan := slices.DeleteFunc(slices.Clone(s.Plan), func(f sim.Fault) bool {
		return f.When.Who == "" && f.When.At >= s.Length // all is healed by then
	})
	if err := e.World.Schedule(plan); err != nil {
		return out, err
	}
	e.Run(s.Length, nil)
	if e.Err() == nil {
		s.rest(e, &out)
	}
	out.take(e)
	out.judge(e)
	return out, nil
}

// rest heals everything, wants one more write done, and then, when its clients are gone, a quiet
// ensemble: a leader, equal trees, no session left.
func (s *Schedule) rest(e *ensemble.Ensemble, out *Fuzzed) {
	fail := func(property, format string, args ...any) {
		if out.Property == "" && e.Err() == nil {
			out.Property, out.Text = property, fmt.Sprintf(format, args...)
		}
	}
	e.World.Disarm()
	if err := e.Heal(); err != nil {
		return // e.Err has it
	}
	for _, f := range s.Plan { // what lasts, and no heal ends
		switch f.Verb {
		case "delay":
			_ = e.World.Apply(sim.Fault{Verb: "delay", Who: f.Who})
		case "clock":
			_ = e.World.Apply(sim.Fault{Verb: "clock", Who: f.Who, Rate: 1000})
		}
	}
	done := false
	z, err := e.AddClientWith("Z", 0, client.Config{Renew: true, Programs: []func(*client.Proc){func(p *client.Proc) {
		for !done && p.WaitConnected() {
			_, err := p.Create("/healed", nil, tree.Persistent)
			done = err == nil || errors.Is(err, tree.NodeExists)
		}
	}}})
	if err != nil {
		fail("LiveAfterHealing", "%v", err)
		return
	}
	z.Start()
	began, bound := e.World.Now(), healBound(e.Config())
	if e.Run(began+bound, func() bool { return done }); !done {
		fail("LiveAfterHealing", "%s after everything was healed no write has been accepted", bound)
		return
	}
	for _, c := range e.Clients() {
		if c.Machine().Up() {
			_ = e.World.Apply(sim.Fault{Verb: "crash", Who: []string{c.Name}})
		}
	}
	began = e.World.Now()
	if e.Run(began+bound, e.AtRest); !e.AtRest() {
		fail("LiveAfterHealing", "%s after everything was healed the servers are not at rest", bound)
	}
}

// take reads off what can be counted.
func (out *Fuzzed) take(e *ensemble.Ensemble) {
	out.Events, out.Virtual, out.Fingerprint = e.World.Stats().Events, e.World.Now(), e.World.Fingerprint()
	for _, o := range e.Ops() {
		out.Operations++
		switch o.Outcome {
		case client.OK:
			out.Succeeded++
		case client.Unknown:
			out.Sometimes.Unknown++
		}
	}
	n := e.Seen()
	out.Sometimes.Elections = len(e.Reigns())
	out.Sometimes.Diffs, out.Sometimes.Truncs, out.Sometimes.Snaps = n.Diffs, n.Truncs, n.Snaps
	out.Sometimes.Handed = n.Handed
	out.Sometimes.Moved, out.Sometimes.Expired, out.Sometimes.Faults = n.Moved, len(e.Closings()), int(e.World.Stats().Faults)
	var v *ensemble.Violation
	switch err := e.Err(); {
	case errors.As(err, &v):
		out.Property, out.Text = v.Name, v.Error()
	case err != nil:
		out.Property, out.Text = "Assertion", err.Error()
	}
}

// fuzzLimit is how long porcupine may take for one schedule, and fuzzPatience how long before the
// order of the zxids is tried.
const (
	fuzzLimit    = DefaultLimit / 4
	fuzzPatience = 5 * time.Millisecond
)

func (out *Fuzzed) judge(e *ensemble.Ensemble) {
	j, err := Judge(e.History(), e.Record(), JudgeOptions{Models: []lin.Model{lin.ZNode}, Limit: fuzzLimit, Patience: fuzzPatience})
	if err != nil {
		if out.Property == "" {
			out.Property, out.Text = CheckWrites, err.Error()
		}
		return
	}
	out.Checks = j.Checks
	if j.Figures.Overlap > 0 {
		out.Sometimes.TwoBelieved++
	}
	for i := range j.Checks {
		c := &j.Checks[i]
		switch {
		case c.Verdict == lin.Undecided:
			out.Undecided = append(out.Undecided, c.Name)
		case c.Verdict == lin.Broken && c.Promised && out.Property == "":
			out.Property, out.Text = c.Name, c.Text
		}
	}
}
