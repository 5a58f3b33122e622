package schedules

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/calm"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/suspects"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// Engine is one of the engines that are compared.
type Engine struct {
	Name string // in tables and in JSON: zab, raft
	Says string // what it is, for people
	// Suspect plays the schedules; nil for the simulated ZooKeeper.
	Suspect *suspects.Suspect
	// Restless also disturbs the threads of the suspect's servers: see [suspects.Suspect.Same].
	Restless bool
	// Bug is a bug to inject into the suspect's servers: see [trial.Config].
	Bug string
}

// Schedule returns the schedule that this engine plays for a seed of the fuzzer.
func (e *Engine) Schedule(seed uint64) fuzz.Schedule {
	s := fuzz.Generate(seed)
	suspects.Fair(&s)
	if e.Suspect != nil {
		e.Suspect.Same(&s, e.Restless)
		s.Bug = e.Bug
	}
	return s
}

// Outcome says how a run ended.
type Outcome string

// The outcomes.
const (
	Passed     Outcome = "passed"      // every check that was made holds
	Unsafe     Outcome = "unsafe"      // a check broke that is about what happened
	NoRecovery Outcome = "no recovery" // after all faults were healed, it did not recover
	Late       Outcome = "late"        // it took too long while no fault acted
	Undecided  Outcome = "undecided"   // a judge ran out of time, and nothing else broke
)

// Run is what one engine did with one schedule. Times are in µs; a time of -1 was not measured.
type Run struct {
	Seed     uint64  `json:"seed"`
	Outcome  Outcome `json:"outcome"`
	Property string  `json:"property,omitempty"` // that broke
	Text     string  `json:"text,omitempty"`

	Fingerprint uint64 `json:"fingerprint"`

	// Calls counts the writes and reads of clients while faults happened.
	Calls    int  `json:"calls"`
	Writes   int  `json:"writes"`  // that were acknowledged
	Refused  int  `json:"refused"` // calls that certainly had no effect
	Unknown  int  `json:"unknown"` // calls that may have had an effect
	Lost     int  `json:"lost"`
	Doubled  int  `json:"doubled"`
	Stale    int  `json:"stale"`
	Complete bool `json:"complete"` // the final state of all registers is known, too

	Leaderless sim.Time `json:"leaderless_us"` // without a leader, from the first leader to the healing
	Gap        sim.Time `json:"gap_us"`        // the longest time without an acknowledged write
	Healed     sim.Time `json:"healed_us"`     // from the healing to the first new write
}

// recovery are the properties that say that the ensemble recovers.
var recovery = []string{"LiveAfterHealing", "NoStuckWaiter"}

// Play plays the schedule of a seed, and measures the run.
func (e *Engine) Play(seed uint64) (r Run, checks []string, err error) {
	s := e.Schedule(seed)
	o := fuzz.Playing{Over: func(out *fuzz.Result) { r.measure(&s, out) }}
	if e.Suspect != nil {
		o.Engine = e.Suspect
	}
	out, err := s.Play(o)
	if err != nil {
		return r, nil, fmt.Errorf("%s: seed %#x: %w", e.Name, seed, err)
	}
	r.Seed, r.Fingerprint, r.Property, r.Text = seed, out.Fingerprint, out.Property, out.Text
	switch {
	case slices.Contains(recovery, out.Property):
		r.Outcome = NoRecovery
	case slices.Contains(calm.Names(), out.Property):
		r.Outcome = Late
	case out.Property != "":
		r.Outcome = Unsafe
	case len(out.Undecided) > 0:
		r.Outcome = Undecided
	default:
		r.Outcome = Passed
	}
	for i := range out.Checks {
		if c := &out.Checks[i]; !c.Idle && c.Promised {
			checks = append(checks, c.Name)
		}
	}
	return r, checks, nil
}

// measure takes the figures of a run that has ended.
func (r *Run) measure(s *fuzz.Schedule, out *fuzz.Result) {
	if r.Healed = -1; out.Healed > 0 {
		r.Healed = out.Healed
	}
	end := min(s.Length, out.Virtual)
	var ops []compare.Op
	var reigns []span
	var final map[string]uint64
	if e := out.Ensemble; e != nil {
		final = finalOfZab(e, out)
		ops = compare.OpsOfZab(e.Ops())
		for _, x := range e.Reigns() {
			reigns = append(reigns, span{x.From, x.To})
		}
	} else if t, ok := out.Run.(*trial.Trial); ok {
		for _, x := range t.Reigns() {
			reigns = append(reigns, span{x.From, x.To})
		}
		final = finalOfRaft(t, out)
		ops = compare.OpsOfRaft(t)
	}
	r.Complete = final != nil
	a := compare.AccountFor(ops, final)
	r.Lost, r.Doubled, r.Stale = a.Lost, a.Doubled, a.Stale
	r.count(ops, end)
	r.Leaderless, r.Gap = -1, -1
	if out.During != fuzz.DuringFaults { // the run was not cut short
		r.Leaderless = leaderless(reigns, end)
		r.Gap = gap(ops, reigns, end)
	}
}

// count counts the calls that clients made before end. The test client that writes after the
// healing begins later.
func (r *Run) count(ops []compare.Op, end sim.Time) {
	for i := range ops {
		o := &ops[i]
		if o.Call >= end {
			continue
		}
		r.Calls++
		switch {
		case o.Outcome == compare.Failed:
			r.Refused++
		case o.Outcome == compare.Unknown:
			r.Unknown++
		case !o.Read:
			r.Writes++
		}
	}
}

// finalOfZab returns how many writes each register has in the leader's tree, if all is at rest.
func finalOfZab(e *ensemble.Ensemble, out *fuzz.Result) map[string]uint64 {
	l := e.Leader()
	if out.Rested <= 0 || e.Err() != nil || l == nil {
		return nil
	}
	final := map[string]uint64{}
	for _, name := range registers.Names() {
		final[name] = 0
		if n := l.Tree().Node("/" + name); n != nil {
			final[name] = uint64(n.Stat().Version)
		}
	}
	return final
}

// answerWithin is how long a server at rest may take to answer a read.
const answerWithin = 2 * sim.Second

// finalOfRaft asks the leader for each register, if all is at rest.
func finalOfRaft(t *trial.Trial, out *fuzz.Result) map[string]uint64 {
	leader := t.Leader()
	if out.Rested <= 0 || t.Err() != nil || leader == "" {
		return nil
	}
	before := len(t.Ops())
	for _, name := range registers.Names() {
		t.Ask(leader, contract.Request{Do: contract.Read, Key: name})
	}
	t.Run(t.World.Now()+answerWithin, nil)
	final := map[string]uint64{}
	for _, o := range t.Ops()[before:] {
		if o.Do == contract.Read && o.Status == contract.OK {
			final[o.Key] = o.Version
		}
	}
	if len(final) < len(registers.Names()) {
		return nil
	}
	return final
}

// span is a span of time; To is -1 if it has no end.
type span struct{ From, To sim.Time }

// leaderless returns how long no server led, from the first leader to end. Without any leader it is
// the whole time.
func leaderless(reigns []span, end sim.Time) (total sim.Time) {
	if len(reigns) == 0 || reigns[0].From >= end {
		return end
	}
	led := reigns[0].From // up to here everything is counted
	for _, x := range reigns {
		to := end
		if x.To >= 0 {
			to = min(end, x.To)
		}
		if from := min(end, x.From); from > led {
			total += from - led
		}
		led = max(led, to)
	}
	return total + max(0, end-led)
}

// gap returns the longest time without an acknowledged write, from the first leader to end. Without
// a leader it is the whole time.
func gap(ops []compare.Op, reigns []span, end sim.Time) (longest sim.Time) {
	last := sim.Time(0)
	if len(reigns) > 0 && reigns[0].From < end {
		last = reigns[0].From
	}
	var at []sim.Time
	for i := range ops {
		if o := &ops[i]; !o.Read && o.Outcome == compare.OK && last < o.Return && o.Return < end {
			at = append(at, o.Return)
		}
	}
	slices.Sort(at)
	for _, t := range append(at, end) {
		longest = max(longest, t-last)
		last = t
	}
	return longest
}
