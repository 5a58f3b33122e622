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
// takes the next event of the source with the highest priority. At Depth-1 random steps of a run, the
// source whose turn it is gets the lowest priority so far.
//
// The depth of a bug is the number of pairs of events whose order matters for it. If runs have at
// most n sources and k steps, one run finds a bug of the depth d with a probability of at least
// 1/(n k^(d-1)), whatever the bug is.
type PCT struct {
	Setup Setup
	Depth int // at least 1
	Runs  int // at least 1
	Seed  uint64
	// Played, if set, is called after each run with the number of runs so far. If it returns false,
	// Run stops.
	Played func(runs int) bool
}

// PCTResult is what the runs have shown.
type PCTResult struct {
	Setup   Setup
	Depth   int // 1 if a run that measures how long runs are has broken a check
	Runs    int // that were played
	Sources int // most in a run
	Steps   int // most in a run
	Beyond  int // runs that ended at the bound of epochs or rounds
	Stopped bool
	Broken  *Violation
	Story   []Step // to the violation
	Seed    uint64 // of the run with the violation: a PCT of Depth with this seed plays it first
}

// calibration is how many runs of depth 1 measure how long runs are, before all others.
const calibration = 20

// longestRun bounds the steps of a run, in case the servers never come to rest.
const longestRun = 20_000

// Run plays the runs, up to the first that breaks a check.
func (p *PCT) Run() (*PCTResult, error) {
	if err := p.Setup.Check(); err != nil {
		return nil, err
	}
	if p.Depth < 1 || p.Runs < 1 {
		return nil, fmt.Errorf("PCT of depth %d with %d runs: both must be at least 1", p.Depth,
			p.Runs)
	}
	r := &PCTResult{Setup: p.Setup, Depth: 1}
	for i := range calibration {
		r.Seed, r.Runs = sim.Mix(uint64(i)), i+1
		if r.Steps = max(r.Steps, p.play(r, r.Seed, 1, 0)); r.Broken != nil {
			return r, nil
		}
	}
	steps := r.Steps
	*r = PCTResult{Setup: p.Setup, Depth: p.Depth}
	for i := range p.Runs {
		seed := p.Seed
		if i > 0 {
			seed = sim.Mix(p.Seed ^ sim.Mix(uint64(i)))
		}
		r.Steps = max(r.Steps, p.play(r, seed, p.Depth, steps))
		r.Runs++
		if r.Broken != nil {
			r.Seed = seed
			break
		}
		if p.Played != nil && !p.Played(r.Runs) {
			r.Stopped = true
			break
		}
	}
	return r, nil
}

// pctRun is one run.
type pctRun struct {
	world    *world
	chance   *sim.Rand
	priority map[action]uint64 // by source
	changes  []int             // the steps at which a priority falls, in ascending order
	lowest   uint64
}

// play plays one run, and returns the number of its steps. It records a violation in r.
func (p *PCT) play(r *PCTResult, seed uint64, depth, steps int) int {
	x := &pctRun{
		world: newWorld(&p.Setup, newWords()), chance: sim.NewRand(seed),
		priority: map[action]uint64{}, lowest: uint64(depth),
	}
	for range depth - 1 {
		x.changes = append(x.changes, 1+x.chance.Intn(max(1, steps)))
	}
	slices.Sort(x.changes)
	var taken []action
	for len(taken) < longestRun && x.world.broken == nil {
		if x.world.beyond() {
			r.Beyond++
			break
		}
		list := x.world.choices()
		if quiet(list) {
			x.world.mustServe()
			if x.world.broken != nil {
				break
			}
		}
		if len(list) == 0 {
			break
		}
		a := x.next(list, len(taken)+1)
		taken = append(taken, a)
		x.world.take(a)
	}
	r.Sources = max(r.Sources, len(x.priority))
	if r.Broken = x.world.broken; r.Broken != nil {
		r.Story = p.Setup.story(taken)
	}
	return len(taken)
}

// next returns the choice with the highest priority, after the changes of this step.
func (x *pctRun) next(list []action, step int) action {
	best := x.best(list)
	for len(x.changes) > 0 && x.changes[0] <= step {
		x.changes = x.changes[1:]
		x.lowest--
		x.priority[best] = x.lowest
		best = x.best(list)
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

// mustServe breaks a check unless every server serves.
func (x *world) mustServe() {
	for i := 1; i <= x.setup.all() && x.broken == nil; i++ {
		if t := x.scene.sums[i]; !t.up || !t.serving {
			x.broken = unserved(i)
		}
	}
}

// unserved is the violation of a server that never serves.
func unserved(i int) *Violation {
	return &Violation{"LiveAfterHealing", fmt.Sprintf("nothing more can happen, but S%d does not "+
		"serve clients", i)}
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

// story plays actions again on fresh servers, and says each in words.
func (s *Setup) story(list []action) (steps []Step) {
	w := newWorld(s, newWords())
	for _, a := range list {
		step := Step{Says: w.say(a), Fault: a.kind >= doCrash || a.early}
		w.take(a)
		step.Then = slices.Clone(w.said)
		steps = append(steps, step)
	}
	return steps
}

// OneIn is the guarantee of a run: it finds a bug of the depth with a probability of at least 1 in
// the returned number, as long as it has no more sources and steps than Sources and Steps.
// math.MaxUint64 stands for that number and all larger ones.
func (r *PCTResult) OneIn() uint64 {
	n := uint64(max(1, r.Sources))
	for range r.Depth - 1 {
		high, low := bits.Mul64(n, uint64(max(1, r.Steps)))
		if high != 0 {
			return math.MaxUint64
		}
		n = low
	}
	return n
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
		return fmt.Sprintf("%s: %s is broken after %s of random run %s", bounds, r.Broken.Name,
			plural(len(r.Story), "step", "steps"), thousands(r.Runs))
	}
	one := thousands(int(min(r.OneIn(), math.MaxInt64)))
	text := fmt.Sprintf("%s: %s, 0 violations; each finds a bug of depth %d with a probability of "+
		"at least 1 in %s (%d sources, at most %d steps)", bounds,
		thousands(r.Runs)+" random "+word(r.Runs, "run", "runs"), r.Depth, one, r.Sources, r.Steps)
	if r.Beyond > 0 {
		text += fmt.Sprintf("; %s of the runs ended at the bounds", thousands(r.Beyond))
	}
	return text
}
