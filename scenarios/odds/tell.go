package odds

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Told is a curve together with the events, in their order, of the run for which the curve was
// measured.
type Told struct {
	*Curve
	Events []trace.Event
}

// unchecked returns the events of a trace with their indices in the run, which is how a
// [sim.Resample] counts steps: without those of kind "check".
func unchecked(events []trace.Event) (list []trace.Event) {
	for _, e := range events {
		if e.K != "check" {
			e.I, e.Cause = trace.Index(e.I), trace.Index(e.Cause)
			list = append(list, e)
		}
	}
	return list
}

// Sentences returns sentences that describe the curve.
func (t *Told) Sentences() (list []string) {
	if len(t.Points) == 0 {
		return nil
	}
	start := t.Points[0]
	if t.Miss == nil {
		return []string{fmt.Sprintf("As far as %d runs show, the random choices do not matter: all of "+
			"them, with other random choices from the start, have this outcome.", start.Runs)}
	}
	list = append(list, fmt.Sprintf("With other random choices from the start, %s runs have this "+
		"outcome.", start))
	if t.Turn > 0 {
		list = append(list, t.turning())
	}
	if t.Certain > 0 {
		list = append(list, fmt.Sprintf("From %s on, the outcome is certain, as far as %d runs "+
			"show.", t.step(t.Certain), start.Runs))
	}
	return append(list, fmt.Sprintf("The nearest run without this outcome is equal to this run "+
		"up to %s.",
		t.step(t.Miss.Step)))
}

// turning says which step changed the odds most, if that is more than chance.
func (t *Told) turning() string {
	where := fmt.Sprintf("lies after step %[1]d, and no later than step %[2]d. With other random "+
		"choices after step %[1]d, %[3]s runs have this outcome; with other random choices after "+
		"step %[2]d, %[4]s", t.Before.Step, t.Turn, t.Before, t.After)
	if t.Exact {
		where = fmt.Sprintf("is %s. With other random choices from before this step on, %s runs have "+
			"this outcome; with other random choices only after this step, %s", t.whole(t.Turn),
			t.Before, t.After)
	}
	if t.Chance() {
		return "Which step mattered most is not known, because all changes of the odds may be chance. " +
			"The step with the largest change " + where + ". More runs at each step would tell."
	}
	return "The step that mattered most " + where + "."
}

// String returns the odds as text, such as "9 of 20".
func (p Point) String() string { return fmt.Sprintf("%d of %d", p.Happened, p.Runs) }

// step names a step, with its time and what happened.
func (t *Told) step(n int64) string {
	e := t.event(n)
	if e == nil {
		return fmt.Sprintf("step %d", n)
	}
	return fmt.Sprintf("step %d (%s, %s)", n, sim.Time(e.T).Seconds(), e.Say)
}

// mostParts is how many parts of an event whole tells.
const mostParts = 3

// whole names a step like step, with what else belongs to the same event: its random choices are
// those of the messages that it sends, and of the fsyncs that it begins.
func (t *Told) whole(n int64) string {
	i, ok := t.place(n)
	if !ok {
		return t.step(n)
	}
	says := []string{t.Events[i].Say}
	for _, e := range t.Events[i+1:] {
		if e.T != t.Events[i].T || e.Cause < n || len(says) == mostParts {
			break
		}
		says = append(says, e.Say)
	}
	return fmt.Sprintf("step %d (%s, %s)", n, sim.Time(t.Events[i].T).Seconds(),
		strings.Join(says, "; "))
}

// place returns where the event of a step stands.
func (t *Told) place(step int64) (int, bool) {
	return slices.BinarySearchFunc(t.Events, step, func(e trace.Event, step int64) int {
		return cmp.Compare(e.I, step)
	})
}

func (t *Told) event(step int64) *trace.Event {
	if i, ok := t.place(step); ok {
		return &t.Events[i]
	}
	return nil
}

// At returns the time of a step.
func (t *Told) At(step int64) sim.Time {
	if e := t.event(step); e != nil {
		return sim.Time(e.T)
	}
	return 0
}

// blocks draw the odds, from none to all.
var blocks = []rune(" ▁▂▃▄▅▆▇█")

// Draw draws the odds over time as a line of blocks, width columns wide. A block is empty only if
// no run from that step has the outcome, and full only if all runs from that step have it.
func (t *Told) Draw(width int) string {
	if len(t.Points) == 0 {
		return ""
	}
	first, last := t.span()
	var b strings.Builder
	k := 0
	for x := range width {
		at := first + (last-first)*sim.Time(x)/sim.Time(max(width-1, 1))
		for k+1 < len(t.Points) && t.At(t.Points[k+1].Step) <= at {
			k++
		}
		p, full := t.Points[k], len(blocks)-1
		level := (p.Happened*full + p.Runs - 1) / p.Runs
		if level == full && p.Happened < p.Runs {
			level--
		}
		b.WriteRune(blocks[level])
	}
	return b.String()
}

// Axis returns the line below [Told.Draw], with the times at its ends.
func (t *Told) Axis(width int) string {
	first, last := t.span()
	from, to := first.Seconds(), last.Seconds()
	return from + strings.Repeat(" ", max(1, width-len(from)-len(to))) + to
}

func (t *Told) span() (first, last sim.Time) {
	if len(t.Points) == 0 {
		return 0, 0
	}
	return t.At(t.Points[0].Step), t.At(t.Points[len(t.Points)-1].Step)
}

// Note says what the runs have in common, and what the curve may miss.
const Note = "Each run repeats the original run up to a point of the curve. After this point, " +
	"the run keeps the faults and the clients' calls, but has other random latencies and fsync " +
	"durations. If the odds rise between two points and fall again by the same amount, the curve " +
	"does not show it."
