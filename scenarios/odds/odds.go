package odds

import (
	"cmp"
	"math"
	"slices"

	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Options say how many runs to play, and at how many steps. Each field may have its zero value.
type Options struct {
	Seeds   int // runs at each step; 20 if 0
	Points  int // steps that are played first, at equal distances; 17 if 0
	Most    int // the most runs; 1,200 if 0
	Workers int // runs at a time; 0 for one per processor
	// Played, if set, is called after each run with how many are done. If it returns false,
	// Measure stops.
	Played func(done int) bool
}

func (o *Options) setDefaults() {
	o.Seeds = cmp.Or(o.Seeds, 20)
	o.Points = cmp.Or(o.Points, 17)
	o.Most = cmp.Or(o.Most, 1200)
}

// Point has the odds at one step. Runs is the number of runs that were the same up to this step;
// Happened is how many of them have the outcome.
type Point struct {
	Step     int64
	Happened int
	Runs     int
}

// Curve has the odds of an outcome along a run.
type Curve struct {
	Points []Point // by step, ascending
	Runs   int     // in all
	// Certain is the first step after which every run has the outcome, as far as the runs show. It
	// is 0 if there is none.
	Certain int64
	// Turn is the step that changed the odds most, from those of Before to those of After. If
	// Exact is false, it is a stretch of steps: the change is somewhere after Before.Step, and no
	// later than Turn.
	Turn          int64
	Before, After Point
	Exact         bool
	// Miss is a run without the outcome that is the same for as long as possible; nil if every run
	// has the outcome. Its Step is the last step that it shares.
	Miss *sim.Resample
	Cut  bool // stopped by Options.Played
}

// Triples returns each point as three numbers, for a web page: the step as an index in the trace,
// the number of runs with the outcome, and the number of all runs at that step.
func (c *Curve) Triples() (list [][3]int64) {
	for _, p := range c.Points {
		list = append(list, [3]int64{trace.Place(p.Step), int64(p.Happened), int64(p.Runs)})
	}
	return list
}

// run is the outcome of one run.
type run struct {
	happened bool
	err      error
}

// measuring is a measurement that goes on.
type measuring struct {
	*Curve
	o    Options
	play func(sim.Resample) (bool, error)
	err  error
}

// Measure measures the odds of an outcome at steps from first to last of a run that has the
// outcome. The function play plays the run with other random choices after a given step, and
// reports whether that run has the outcome; it is called from several goroutines. Measure first
// plays steps at equal distances. Then it narrows down two steps by halving intervals: the step
// that changes the odds most, and the step from which the outcome is certain. It stops when it has
// found both steps or may play no more runs.
func Measure(first, last int64, o Options, play func(sim.Resample) (bool, error)) (*Curve, error) {
	o.setDefaults()
	m := &measuring{Curve: &Curve{}, o: o, play: play}
	gaps := max(0, min(int64(o.Points-1), last-first, int64(o.Most/o.Seeds-1)))
	for i := range gaps + 1 {
		m.at(first + (last-first)*i/max(gaps, 1))
	}
	for m.err == nil && !m.Cut && m.Runs+o.Seeds <= o.Most {
		next := m.widest()
		if next < 0 {
			break
		}
		a, b := m.Points[next].Step, m.Points[next+1].Step
		m.at(a + (b-a)/2)
	}
	m.conclude()
	return m.Curve, m.err
}

// at plays the runs of one step.
func (m *measuring) at(step int64) {
	if m.err != nil || m.Cut {
		return
	}
	p := Point{Step: step, Runs: m.o.Seeds}
	seeds.Run(m.o.Seeds, m.o.Workers, func(i int) *run {
		happened, err := m.play(sim.Resample{Step: step, Seed: uint64(i) + 1})
		return &run{happened, err}
	}, func(i int, r *run) bool {
		m.Runs++
		switch {
		case r.err != nil:
			m.err = r.err
		case r.happened:
			p.Happened++
		case m.Miss == nil || step > m.Miss.Step:
			m.Miss = &sim.Resample{Step: step, Seed: uint64(i) + 1}
		}
		m.Cut = m.o.Played != nil && !m.o.Played(m.Runs)
		return m.err == nil && !m.Cut
	})
	if m.err != nil || m.Cut {
		return
	}
	i, _ := slices.BinarySearchFunc(m.Points, step, func(p Point, step int64) int {
		return cmp.Compare(p.Step, step)
	})
	m.Points = slices.Insert(m.Points, i, p)
}

// change returns by how much the odds change from point i to the next.
func (c *Curve) change(i int) int {
	d := c.Points[i+1].Happened - c.Points[i].Happened
	return max(d, -d)
}

// turn returns the stretch in which the odds change most: of equal ones the latest.
func (c *Curve) turn() (at int) {
	at = -1
	for i := range len(c.Points) - 1 {
		if c.change(i) > 0 && (at < 0 || c.change(i) >= c.change(at)) {
			at = i
		}
	}
	return at
}

// Chance reports whether the change of the odds at Turn may be chance alone. The change is the
// largest of those between all neighbouring points, so it counts as more than chance only if
// Fisher's exact test gives it a probability below 5 %, divided by the number of these pairs of
// points.
func (c *Curve) Chance() bool {
	return c.Turn > 0 && fisher(c.Before, c.After)*float64(len(c.Points)-1) >= 0.05
}

// fisher returns the probability that two points with the same true odds differ at least as much
// as these two do: Fisher's exact test, two-sided.
func fisher(a, b Point) (p float64) {
	all := a.Happened + b.Happened
	log := func(first int) float64 { // of the probability of this many runs at the first point
		return choose(a.Runs, first) + choose(b.Runs, all-first) - choose(a.Runs+b.Runs, all)
	}
	seen := log(a.Happened)
	for first := max(0, all-b.Runs); first <= min(all, a.Runs); first++ {
		if l := log(first); l <= seen+1e-9 {
			p += math.Exp(l)
		}
	}
	return p
}

// choose returns the logarithm of the binomial coefficient n over k.
func choose(n, k int) float64 {
	log := func(n int) float64 { l, _ := math.Lgamma(float64(n) + 1); return l }
	return log(n) - log(k) - log(n-k)
}

// open returns the last stretch that begins without certainty.
func (c *Curve) open() (at int) {
	at = -1
	for i := range len(c.Points) - 1 {
		if c.Points[i].Happened < c.Points[i].Runs {
			at = i
		}
	}
	return at
}

// widest returns the stretch to halve next, or -1 if there is nothing to find.
func (m *measuring) widest() int {
	for _, at := range []int{m.turn(), m.open()} {
		if at >= 0 && m.Points[at+1].Step-m.Points[at].Step > 1 {
			return at
		}
	}
	return -1
}

// conclude names the steps that the points show.
func (m *measuring) conclude() {
	c := m.Curve
	if n := len(c.Points); n > 0 && c.Points[n-1].Happened == c.Points[n-1].Runs {
		c.Certain = c.Points[0].Step
		if at := c.open(); at >= 0 {
			c.Certain = c.Points[at+1].Step
		}
	}
	if at := c.turn(); at >= 0 {
		c.Before, c.After = c.Points[at], c.Points[at+1]
		c.Turn, c.Exact = c.After.Step, c.After.Step-c.Before.Step == 1
	}
}
