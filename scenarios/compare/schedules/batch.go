package schedules

import (
	"context"
	"maps"
	"slices"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/sim"
)

// Batch is what several engines did with the same schedules.
type Batch struct {
	First   uint64
	Done    int // schedules that all engines have played
	Engines []*Engine
	Runs    [][]Run // by engine, then by seed
	// Checks counts by engine the runs in which a check of a judge had something to check.
	Checks []map[string]int
	// Fingerprint is a hash of the fingerprints of all runs, in their order.
	Fingerprint uint64
}

// Options say how a batch is played.
type Options struct {
	Workers int            // 0 for as many as there are processors
	Tell    func(b *Batch) // called after every seed; may be nil
}

// Compare plays n consecutive seeds on every engine; the argument first is the first of these
// seeds. If ctx is cancelled, Compare returns no error, but a batch with only the seeds that all
// engines have played. The results depend only on the seeds.
func Compare(ctx context.Context, engines []*Engine, first uint64, n int, o Options) (*Batch, error) {
	b := &Batch{First: first, Engines: engines, Runs: make([][]Run, len(engines))}
	for range engines {
		b.Checks = append(b.Checks, map[string]int{})
	}
	type played struct {
		runs   []Run
		checks [][]string
		err    error
	}
	var err error
	seeds.Run(n, o.Workers, func(i int) *played {
		p := &played{}
		for _, e := range engines {
			if p.err = ctx.Err(); p.err != nil {
				return p
			}
			r, checks, err := e.Play(first + uint64(i))
			if p.err = err; err != nil {
				return p
			}
			p.runs, p.checks = append(p.runs, r), append(p.checks, checks)
		}
		return p
	}, func(_ int, p *played) bool {
		if p.err != nil {
			err = p.err
			return false
		}
		b.Done++
		for k := range engines {
			b.Runs[k] = append(b.Runs[k], p.runs[k])
			b.Fingerprint = sim.Mix(b.Fingerprint ^ p.runs[k].Fingerprint)
			for _, name := range p.checks[k] {
				b.Checks[k][name]++
			}
		}
		if o.Tell != nil {
			o.Tell(b)
		}
		return true
	})
	if ctx.Err() != nil {
		err = nil
	}
	return b, err
}

// Ended returns how many runs of an engine had each outcome.
func (b *Batch) Ended(engine int) map[Outcome]int {
	n := map[Outcome]int{}
	for i := range b.Runs[engine] {
		n[b.Runs[engine][i].Outcome]++
	}
	return n
}

// Break is a property that was broken in runs of one engine.
type Break struct {
	Property string  `json:"property"`
	Outcome  Outcome `json:"outcome"`
	Runs     int     `json:"runs"`
	First    uint64  `json:"-"` // the seed of the first of them
	Text     string  `json:"text"`
}

// Breaks returns the properties that were broken in runs of an engine: first the safety properties,
// then the others. Each group is sorted by name.
func (b *Batch) Breaks(engine int) (list []Break) {
	by := map[string]*Break{}
	for i := range b.Runs[engine] {
		r := &b.Runs[engine][i]
		if r.Property == "" {
			continue
		}
		x := by[r.Property]
		if x == nil {
			x = &Break{Property: r.Property, Outcome: r.Outcome, First: r.Seed, Text: r.Text}
			by[r.Property] = x
		}
		x.Runs++
	}
	for _, unsafe := range []bool{true, false} {
		for _, name := range slices.Sorted(maps.Keys(by)) {
			if (by[name].Outcome == Unsafe) == unsafe {
				list = append(list, *by[name])
			}
		}
	}
	return list
}

// Measure is a figure that a run can have, such as the number of stale reads.
type Measure struct {
	Key  string // in JSON
	Says string
	Time bool // in µs; otherwise a count
	// of returns the figure of a run. never is true if what is measured did not happen within the
	// patience of the test; ok is false if the run does not have the figure.
	of func(r *Run) (value int64, never, ok bool)
}

// Measures returns the figures of a comparison, in the order of a report.
func Measures() []Measure {
	count := func(key, says string, of func(*Run) int) Measure {
		return Measure{key, says, false, func(r *Run) (int64, bool, bool) {
			return int64(of(r)), false, true
		}}
	}
	span := func(key, says string, of func(*Run) sim.Time, never func(*Run) bool) Measure {
		return Measure{key, says, true, func(r *Run) (int64, bool, bool) {
			t := of(r)
			return int64(t), t < 0 && never(r), t >= 0 || never(r)
		}}
	}
	cut := func(*Run) bool { return false }
	return []Measure{
		count("lost", "acknowledged writes lost", func(r *Run) int { return r.Lost }),
		count("doubled", "writes that took effect twice", func(r *Run) int { return r.Doubled }),
		count("stale", "stale reads", func(r *Run) int { return r.Stale }),
		count("refused", "calls refused, without effect", func(r *Run) int { return r.Refused }),
		count("unknown", "calls of unknown outcome", func(r *Run) int { return r.Unknown }),
		span("leaderless_us", "total time without a leader",
			func(r *Run) sim.Time { return r.Leaderless }, cut),
		span("gap_us", "longest time without a write",
			func(r *Run) sim.Time { return r.Gap }, cut),
		span("healed_us", "time from the end of all faults to the first write",
			func(r *Run) sim.Time { return r.Healed },
			func(r *Run) bool { return r.Outcome == NoRecovery }),
	}
}

// Distribution summarizes one measurement of one engine over all runs in which it was measured.
type Distribution struct {
	N     int `json:"n"`
	Some  int `json:"above_zero"` // runs with more than nothing
	Never int `json:"never"`      // runs in which it did not happen at all
	// The figures count a run in which it never happened as longer than any other. A pointer is nil
	// if the figure is such a run, or has too few runs.
	Median *int64 `json:"median"`
	Low    *int64 `json:"low"` // of the median's 95 % interval: see [compare.Interval]
	High   *int64 `json:"high"`
	P95    *int64 `json:"p95"`
	Worst  *int64 `json:"worst"`
	Sum    int64  `json:"sum"`
	Seed   uint64 `json:"-"` // the first with the worst figure

	Enough bool `json:"-"` // runs for a 95th percentile
}

const never = int64(sim.Never)

// Of returns the distribution of a figure over the runs of an engine.
func (b *Batch) Of(m *Measure, engine int) (d Distribution) {
	worst, values := int64(-1), make([]int64, 0, len(b.Runs[engine]))
	for i := range b.Runs[engine] {
		r := &b.Runs[engine][i]
		x, not, ok := m.of(r)
		if !ok {
			continue
		}
		if not {
			x = never
			d.Never++
		} else {
			d.Sum += x
		}
		if x > 0 {
			d.Some++
		}
		if x > worst {
			worst, d.Seed = x, r.Seed
		}
		values = append(values, x)
	}
	if d.N = len(values); d.N == 0 {
		return d
	}
	slices.Sort(values)
	low, high := compare.Interval(values)
	d.Median, d.Low, d.High = finite(compare.Middle(values)), finite(low), finite(high)
	d.Worst = finite(worst)
	var p95 int64
	if p95, d.Enough = compare.Percentile(values, 95); d.Enough {
		d.P95 = finite(p95)
	}
	return d
}

func finite(x int64) *int64 {
	if x == never {
		return nil
	}
	return &x
}
