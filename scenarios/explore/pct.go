package explore

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/zablab/zablab/sim"
)

// PCT plays random schedules of a small world with priorities: probabilistic concurrency testing
// (Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS 2010). It serves worlds that are too large
// for a [Search].
//
// Each thing that may happen has a source: a direction of a connection, the disk of a server, a
// timer, the crash of a server, and so on. A run gives each source a random priority, and always
// takes the next event of the source with the highest priority. Before it starts, it also chooses
// Depth-1 of its steps at random. At each of these steps, the source that is about to act gets a
// new priority, lower than all random ones: Depth-1 at the first of these steps, and so on down to
// 1 at the last.
//
// The depth of a bug is the number of pairs of events whose order matters for it. If a run has at
// most n sources and k steps, it finds a bug of the depth d with a probability of at least
// 1/(n k^(d-1)), whatever the bug is. The number k is fixed before the runs.
type PCT struct {
	Setup Setup
	Depth int // 1 to [DeepestPCT]
	Runs  int // at least 1
	Seed  uint64
	// Played, if set, is called after each run with the number of runs so far. If it returns false,
	// Run stops.
	Played func(runs int) bool
}

// DeepestPCT is the largest depth that [PCT] accepts: for deeper bugs, the guaranteed probability
// is too small to be of use.
const DeepestPCT = 20

// PCTResult is what the runs have shown.
type PCTResult struct {
	Setup   Setup
	Depth   int // 1 if a run that measured how long runs are has broken a check
	Runs    int // that were played
	Sources int // most in a run
	Steps   int // k: the steps of which a run draws
	Longer  int // runs with more steps, which the guarantee does not cover
	Endless int // runs that were stopped after longestRun steps
	Beyond  int // runs that ended at the bound of epochs or rounds
	Stopped bool
	Broken  *Violation
	Shown   []Step // to the violation
	Story   *Story // the same steps, to be played again
	Seed    uint64 // of the run with the violation: a PCT of Depth with this seed plays it first
}

// calibration is how many runs of depth 1 measure how long runs are, before all others. They are
// the same whatever the seed, so that a seed plays the same run again.
const calibration = 20

// longestRun bounds the steps of a run: some never come to rest, because a source with a high
// priority does the same again and again.
const longestRun = 1000

// Run plays the runs, up to the first that breaks a check.
func (p *PCT) Run() (*PCTResult, error) {
	if err := p.Setup.Check(); err != nil {
		return nil, err
	}
	if p.Depth < 1 || p.Depth > DeepestPCT || p.Runs < 1 {
		return nil, fmt.Errorf("PCT of depth %d with %d runs: the depth must be from 1 to %d, and "+
			"the number of runs at least 1", p.Depth, p.Runs, DeepestPCT)
	}
	r := &PCTResult{Setup: p.Setup, Depth: p.Depth}
	early := p.calibrate(r)
	for i := range p.Runs {
		seed := p.Seed
		if i > 0 {
			seed = sim.Mix(p.Seed ^ sim.Mix(uint64(i)))
		}
		p.play(r, seed)
		if r.Runs++; r.Broken != nil {
			return r, nil
		}
		if p.Played != nil && !p.Played(r.Runs) {
			r.Stopped = true
			break
		}
	}
	if early != nil {
		return early, nil
	}
	return r, nil
}

// calibrate sets the number of steps of which the runs of r draw, a quarter more than it has seen. It
// returns the first of its own runs that breaks a check, or nil.
func (p *PCT) calibrate(r *PCTResult) (early *PCTResult) {
	longest := 0
	for i := range calibration {
		one := &PCTResult{Setup: p.Setup, Depth: 1, Runs: 1, Seed: sim.Mix(uint64(i))}
		steps := p.play(one, one.Seed)
		if one.Endless == 0 {
			longest = max(longest, steps)
		}
		if one.Broken != nil && early == nil {
			early = one
		}
	}
	r.Steps = longest + longest/4 + 1
	if early != nil {
		early.Steps = r.Steps
	}
	return early
}

// pctRun is one run.
type pctRun struct {
	world    *world
	chance   *sim.Rand
	priority map[action]uint64 // by source
	changes  []int             // the steps at which a source gets one of the lowest priorities
}

// play plays one run with the depth and the steps of r, records in r what it shows, and returns the
// number of its steps.
func (p *PCT) play(r *PCTResult, seed uint64) int {
	x := &pctRun{
		world: newWorld(&p.Setup, newWords()), chance: sim.NewRand(seed),
		priority: map[action]uint64{},
	}
	for range r.Depth - 1 {
		x.changes = append(x.changes, 1+x.chance.Intn(r.Steps))
	}
	var taken []action
	for x.world.broken == nil {
		if x.world.beyond() {
			r.Beyond++
			break
		}
		list := x.world.choices()
		if quiet(list) {
			x.world.broken = p.Setup.unserved(&x.world.scene.sums)
		}
		if len(list) == 0 || x.world.broken != nil {
			break
		}
		if len(taken) == longestRun {
			r.Endless++
			break
		}
		a := x.next(list, len(taken)+1)
		taken = append(taken, a)
		x.world.take(a)
	}
	if r.Steps > 0 && len(taken) > r.Steps {
		r.Longer++
	}
	r.Sources = max(r.Sources, len(x.priority))
	if r.Broken = x.world.broken; r.Broken != nil {
		r.Shown, r.Story, _ = newWorld(&p.Setup, newWords()).retell(taken)
		r.Seed = seed
	}
	return len(taken)
}

// next returns the choice with the highest priority, after the changes of this step.
func (x *pctRun) next(list []action, step int) action {
	best := x.best(list)
	for i, at := range x.changes {
		if at == step {
			x.priority[best] = uint64(len(x.changes) - i)
			best = x.best(list)
		}
	}
	return best
}

// best returns the choice with the highest priority. A source that is new gets a random one.
func (x *pctRun) best(list []action) action {
	top := 0
	for i, a := range list {
		if _, known := x.priority[a]; !known {
			x.priority[a] = 1<<32 + x.chance.Uint64n(1<<62)
		}
		if x.priority[a] > x.priority[list[top]] {
			top = i
		}
	}
	return list[top]
}

// quiet reports whether nothing can happen any more but what the bounds still allow.
func quiet(list []action) bool {
	return !slices.ContainsFunc(list, func(a action) bool {
		return a.kind != doWrite && a.kind < doCrash && !a.early
	})
}

// unserved returns the violation of a world at rest in which a server does not serve, or nil.
func (s *Setup) unserved(sums *[MaxServers + 1]*summary) *Violation {
	for i := 1; i <= s.all(); i++ {
		if t := sums[i]; !t.up || !t.serving {
			return &Violation{"LiveAfterHealing", fmt.Sprintf("nothing more can happen, but S%d "+
				"does not serve clients", i)}
		}
	}
	return nil
}

// beyond reports whether the world is beyond the bounds of epochs or rounds.
func (x *world) beyond() bool {
	for i := 1; i <= x.setup.all(); i++ {
		if x.setup.exceeds(&x.sums[i]) {
			return true
		}
	}
	return false
}

// exceeds reports whether a server is beyond the bounds of epochs or rounds.
func (s *Setup) exceeds(t *summary) bool {
	return s.MaxEpoch > 0 && t.epoch > s.MaxEpoch || s.MaxRound > 0 && t.round > s.MaxRound
}

// OneIn returns the guarantee as a number n: a run with at most r.Sources sources and r.Steps steps
// finds a bug of depth r.Depth with a probability of at least 1/n. If n does not fit into 63 bits,
// ok is false, because such a guarantee is of no use.
func (r *PCTResult) OneIn() (n uint64, ok bool) {
	n = uint64(max(1, r.Sources))
	for range r.Depth - 1 {
		high, low := bits.Mul64(n, uint64(max(1, r.Steps)))
		if high != 0 || low > math.MaxInt64 {
			return 0, false
		}
		n = low
	}
	return n, true
}

// word is the form of a word for a number.
func word(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Sentence says what the runs have shown, with the bounds and the guarantee.
func (r *PCTResult) Sentence() string {
	bounds := r.Setup.Bounds()
	if r.Broken != nil {
		return fmt.Sprintf("%s: %s is broken after %s of a random run", bounds, r.Broken.Name,
			plural(len(r.Shown), "step", "steps"))
	}
	runs := func(n int) string { return thousands(n) + " random " + word(n, "run", "runs") }
	text := fmt.Sprintf("%s: %s, 0 violations", bounds, runs(r.Runs))
	if n, ok := r.OneIn(); ok {
		text += fmt.Sprintf("; each run finds a bug of depth %d with a probability of at least 1 "+
			"in %s (%d sources of events, at most %d steps)",
			r.Depth, thousands(int(n)), r.Sources, r.Steps)
	} else {
		text += fmt.Sprintf("; for a bug of depth %d, the guaranteed probability is too small to "+
			"be of use", r.Depth)
	}
	if r.Longer > 0 {
		text += fmt.Sprintf("; %s had more than %d steps, so the guaranteed probability does not "+
			"apply to them", runs(r.Longer), r.Steps)
	}
	if r.Endless > 0 {
		text += fmt.Sprintf("; %s were stopped after %s steps, because events were still "+
			"possible", runs(r.Endless),
			thousands(longestRun))
	}
	if r.Beyond > 0 {
		text += fmt.Sprintf("; %s were stopped because they reached a bound", runs(r.Beyond))
	}
	return text
}
