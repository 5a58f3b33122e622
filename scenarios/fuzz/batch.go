package fuzz

import (
	"slices"
	"time"

	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/rates"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// GCPercent is a good value for runtime/debug's SetGCPercent in a program that plays many seeds.
// Compared with Go's default of 100, on two processors, 300 seeds of the common mix take two thirds
// of the processor time, and 94 MB of memory instead of 28 MB.
const GCPercent = 1000

// Failure is a generated schedule that breaks a property, and the shrunk schedule, which still
// breaks the property.
type Failure struct {
	Seed      uint64
	Property  string
	Text      string
	During    string // the part of the run in which the generated schedule breaks it
	Varied    bool   // the seed alone does not give the schedule: see [Options]
	Generated Schedule
	Least     Schedule
	Runs      int      // of the shrinking
	Cut       bool     // the shrinking was stopped early: Least may have more than it needs
	Also      []uint64 // seeds with the same property and the same shape, or not shrunk any more
}

// mostShrunk is how many failures of one property a batch shrinks.
const mostShrunk = 3

// Batch is the combined outcome of the runs of many seeds.
type Batch struct {
	Mix        Mix
	Engine     string   // and [Engine].From after an @; "" for the simulated ZooKeeper
	Works      []string // workloads of every client, instead of those picked
	Flaw       flaw.Flaw
	First      uint64
	Done       int
	Events     uint64
	Virtual    sim.Time
	Operations int
	Succeeded  int
	Median     int      // operations that succeeded in a run
	Tens       []int    // runs, by tens of operations that succeeded
	Undecided  []uint64 // seeds for which a check ran out of time
	Sometimes  Sometimes
	Promises   promise.Figures
	Unlike     string             // why its rates cannot be compared with a baseline, if they cannot
	Rates      rates.Rates        // of the runs in which nothing broke
	Muted      map[string]int     // by muted property, the runs in which it broke
	Shrinking  time.Duration      // time that shrinking took
	FlawHits   flaw.Hits          // how often the places of the injected flaw were reached
	Failures   []Failure          // one for each property and shape
	Broken     int                // runs in which a property broke
	Differing  []Difference       // seeds that, played twice, gave different runs
	Reached    []ensemble.Reached // where faults fell, sorted
	Reach      Reach              // what the runs reached, if Options.Reach asked for it

	// Fingerprint is a hash of the fingerprints of all runs, in their order.
	Fingerprint uint64
}

// Options say how a batch is played.
type Options struct {
	Mix     Mix       // default Swarm
	Workers int       // 0 for as many as there are processors
	Verify  int       // play every Nth seed twice; 0 for none
	Tamper  Tamper    // see [ensemble.Config]
	Flaw    flaw.Flaw // of every server
	Works   []string  // workloads of every client, instead of those picked
	// ClientsOnly: see [Playing].
	ClientsOnly bool
	// Engine, if set, plays the schedules, adapted to it.
	Engine Engine
	// Bug is the bug to inject into its servers.
	Bug   string
	Whole bool     // do not shrink failures
	Mute  []string // properties that do not count
	// Feedback varies schedules whose faults fell where no earlier fault had fallen, and generates
	// only a third of the schedules from their seeds alone. The schedule of a seed then depends on
	// all seeds before it, from the first one of the batch on.
	Feedback bool
	// Found, if set, is called with every failure before it is shrunk.
	Found func(f *Failure)
	// Reach counts what every run reaches.
	Reach bool
	Stop  func() bool    // asked after every seed
	Tell  func(b *Batch) // called after every seed
}

func (o *Options) playing() Playing {
	return Playing{Tamper: o.Tamper, ClientsOnly: o.ClientsOnly, Mute: o.Mute, Workers: o.Workers,
		Stop: o.Stop, Engine: o.Engine, Reach: o.Reach}
}

// unlike returns why the rates of a batch with these options cannot be compared with the recorded
// ones, or "".
func (o *Options) unlike() string {
	switch {
	case o.Tamper != nil:
		return "a test has replaced the clients' programs"
	case o.Engine != nil:
		return "no baseline was recorded for this engine"
	case o.Feedback:
		return "with --feedback, most schedules are variations of earlier schedules, not " +
			"generated from seeds"
	case len(o.Works) > 0:
		return "with --workload, the clients' workloads are not generated from the seeds"
	}
	return ""
}

// muted returns a count of 0 for each muted property, or nil if there is none.
func (o *Options) muted() map[string]int {
	if len(o.Mute) == 0 {
		return nil
	}
	counts := make(map[string]int, len(o.Mute))
	for _, name := range o.Mute {
		counts[name] = 0
	}
	return counts
}

// ran is a schedule that was played.
type ran struct {
	schedule Schedule
	out      Result
	differ   *Difference // if it was played twice, and the runs differ
	err      error
}

// play plays a generated schedule, as the options say; twice to verify that the runs are equal.
func (o *Options) play(s Schedule, verify bool) *ran {
	r := &ran{schedule: s}
	r.schedule.Flaw = o.Flaw
	if o.Engine != nil {
		o.Engine.Adapt(&r.schedule)
		r.schedule.Bug = o.Bug
	}
	if r.err = r.schedule.Only(o.Works...); r.err != nil {
		return r
	}
	r.out, r.err = r.schedule.Play(o.playing())
	if verify && r.err == nil {
		if again, _ := r.schedule.Play(o.playing()); again.Fingerprint != r.out.Fingerprint {
			d := r.schedule.part(o.playing())
			r.differ = &d
		}
	}
	return r
}

// Run plays the n seeds from first to first+n-1 on all processors, and shrinks the schedules that
// fail. The batch depends only on the seeds and options, not on the number of processors.
func Run(first uint64, n int, o Options) (b Batch, err error) {
	b.Works = o.Works
	if b.Mix, b.Flaw, b.First = o.Mix, o.Flaw, first; b.Mix == "" {
		b.Mix = Swarm
	}
	b.Unlike, b.Muted = o.unlike(), o.muted()
	if o.Engine != nil {
		b.Engine = o.Engine.Name()
		if from := o.Engine.From(); from != "" {
			b.Engine += "@" + from
		}
	}
	var succeeded []int
	generate, step := b.Mix.Generate, n
	var kept pool
	if o.Feedback {
		step = round
		generate = func(seed uint64) Schedule { return kept.next(b.Mix, seed) }
	}
	garbage := newCollector(o.Workers)
	play := func(i int) *ran {
		defer garbage.afterRun()
		return o.play(generate(first+uint64(i)), o.Verify > 0 && i%o.Verify == 0)
	}
	take := func(i int, r *ran) bool {
		if err = r.err; err != nil {
			return false
		}
		if o.Feedback {
			kept.add(r.schedule, r.out.Reached)
		}
		b.add(&r.out, first+uint64(i), r.differ)
		succeeded = append(succeeded, r.out.Succeeded)
		if p := r.out.Property; p != "" {
			b.fail(Failure{Seed: r.schedule.Seed, Property: p, Text: r.out.Text,
				During: r.out.During, Generated: r.schedule, Varied: o.Feedback,
				Least: r.schedule}, &o)
		}
		if o.Tell != nil {
			o.Tell(&b)
		}
		return o.Stop == nil || !o.Stop()
	}
	for from, more := 0, true; from < n && more; from += step {
		seeds.Run(min(step, n-from), o.Workers, func(i int) *ran { return play(from + i) },
			func(i int, r *ran) bool {
				more = take(from+i, r)
				return more
			})
		kept.turn()
	}
	if len(succeeded) > 0 {
		slices.Sort(succeeded)
		b.Median = succeeded[len(succeeded)/2]
	}
	return b, err
}

// fail adds a failure, unless a failure like it is known.
func (b *Batch) fail(f Failure, o *Options) {
	b.Broken++
	var like []*Failure
	shrunk := 0
	for i := range b.Failures {
		if g := &b.Failures[i]; g.Property == f.Property {
			like = append(like, g)
			shrunk += 1 + len(g.Also)
		}
	}
	if shrunk >= mostShrunk {
		like[0].Also = append(like[0].Also, f.Seed)
		return
	}
	if o.Found != nil {
		o.Found(&f)
	}
	if o.Whole {
		b.Failures = append(b.Failures, f)
		return
	}
	began := time.Now()
	defer func() { b.Shrinking += time.Since(began) }()
	f.Least, f.Runs = Shrink(f.Generated, f.Property, o.playing())
	f.Cut = o.Stop != nil && o.Stop()
	if out, err := f.Least.Play(o.playing()); err == nil && out.Property == f.Property {
		f.Text = out.Text // with the nodes and moments of the least
	}
	for _, g := range like {
		if g.Least.Shape() == f.Least.Shape() {
			g.Also = append(g.Also, f.Seed)
			return
		}
	}
	b.Failures = append(b.Failures, f)
}

// add adds the result of one seed.
func (b *Batch) add(f *Result, seed uint64, differ *Difference) {
	b.Done++
	b.Fingerprint = sim.Mix(b.Fingerprint ^ f.Fingerprint)
	b.Events += f.Events
	b.Virtual += f.Virtual
	b.Operations += f.Operations
	b.Succeeded += f.Succeeded
	b.Sometimes.Add(&f.Sometimes)
	b.Promises.Add(&f.Promises)
	b.FlawHits += f.FlawHits
	if f.Property == "" {
		b.Rates.Add(f.quantities())
	}
	for _, name := range f.Muted {
		b.Muted[name]++
	}
	b.Reached = ensemble.Merge(b.Reached, f.Reached...)
	if f.Tally != nil {
		if b.Reach.Tally == nil {
			b.Reach = Reach{make(ensemble.Tally), b.Mix}
		}
		b.Reach.Merge(f.Tally)
	}
	for len(b.Tens) <= f.Succeeded/10 {
		b.Tens = append(b.Tens, 0)
	}
	b.Tens[f.Succeeded/10]++
	if len(f.Undecided) > 0 {
		b.Undecided = append(b.Undecided, seed)
	}
	if differ != nil {
		b.Differing = append(b.Differing, *differ)
	}
}

// dullAfter is the number of seeds after which a batch should have seen everything.
const dullAfter = 500

// Dull reports whether a long batch without failures proves little, because an event that it should
// have seen never happened, or because few operations succeeded.
func (b *Batch) Dull() bool {
	if b.Engine != "" || b.Done < dullAfter || len(b.Failures) > 0 {
		return false
	}
	if len(b.Works) > 0 { // few workloads cannot show everything, and some of them call seldom
		return b.Succeeded == 0
	}
	return len(b.Sometimes.Never()) > 0 || b.Median < leastMedian
}

// leastMedian is how many operations should succeed in half of the runs.
const leastMedian = 100

// Names of rare events: each happens once in some hundred runs, so a batch without them is not
// dull.
const (
	handed  = "a SNAP held what was uncommitted"
	refused = "an old token was refused"

	blackout = "all power lost at rest" // only if the schedule says so
)

// Never returns the names of the events that a batch should have seen and has not seen.
func (s *Sometimes) Never() (names []string) {
	for _, c := range s.List() {
		if c.N == 0 && c.What != handed && c.What != refused && c.What != blackout {
			names = append(names, c.What)
		}
	}
	return names
}
