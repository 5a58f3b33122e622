package learn

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// event is a description of an event in a trace: words that each event of the kind has, and its
// number among those.
//
//	kind=commit who=S3 says=1/4 nth=1
type event struct {
	kind, who, says string
	nth             int
}

// parseEvent reads the description of an event.
func parseEvent(text string) (*event, error) {
	e := &event{nth: 1}
	for _, word := range strings.Fields(text) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "kind":
			e.kind = value
		case "who":
			e.who = value
		case "says":
			e.says = strings.ReplaceAll(value, "_", " ")
		case "nth":
			n, err := number(key, value)
			if err != nil {
				return nil, err
			}
			e.nth = n
		default:
			return nil, fmt.Errorf("%s: this word does not describe an event: write kind=, who=, "+
				"says= or nth=", word)
		}
	}
	if e.kind == "" {
		return nil, fmt.Errorf("%s: the event has no kind: add kind=KIND", text)
	}
	return e, nil
}

// in finds the event in a run.
func (e *event) in(events []trace.Event) (*trace.Event, error) {
	left := e.nth
	for i := range events {
		v := &events[i]
		if v.K == e.kind && (e.who == "" || v.N == e.who) && strings.Contains(v.Say, e.says) {
			if left--; left == 0 {
				return v, nil
			}
		}
	}
	return nil, fmt.Errorf("the run has no such event, or fewer than nth= asks for: kind=%s "+
		"who=%s says=%s", e.kind,
		e.who, e.says)
}

// Trace plays the run of an exercise of kind [Read], and returns its trace.
func (x *Exercise) Trace() ([]byte, error) {
	p, err := x.run(x.plan)
	if err != nil {
		return nil, err
	}
	defer p.close()
	var b bytes.Buffer
	if err := p.res.Worlds[0].WriteTrace(&b); err != nil {
		return nil, fmt.Errorf("%s: %w", x.ID(), err)
	}
	return b.Bytes(), nil
}

// checkRead checks the number of a fault, by playing the run without it, or the step of an event.
func (x *Exercise) checkRead(text []byte) (Verdict, error) {
	answer, err := answerIn(text)
	if err != nil {
		return unread(err), nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(answer), "step "))
	if err != nil || n < 0 {
		return unread(fmt.Errorf("%q is not a valid answer: write a number", answer)), nil
	}
	if x.event != nil {
		return x.checkStep(n)
	}
	if n < 1 || n > len(x.plan) {
		return unread(fmt.Errorf("there is no fault %d: write a number from 1 to %d", n,
			len(x.plan))), nil
	}
	p, err := x.run(x.plan)
	if err != nil {
		return Verdict{}, err
	}
	right := x.happens(p)
	p.close()
	if !right {
		return Verdict{}, fmt.Errorf("%s: the run does not show what the exercise asks about: "+
			"change the run, or the conditions after \"shows\"", x.ID())
	}
	p, err = x.run(slices.Delete(slices.Clone(x.plan), n-1, n))
	if err != nil {
		return Verdict{}, err
	}
	defer p.close()
	v := Verdict{Status: Passed, Details: p.table()}
	if x.happens(p) {
		v.Status, v.Drawing = Failed, p.picture()
		v.Why = fmt.Sprintf("the run has the same outcome without %q", x.faults[n-1])
		return v, nil
	}
	v.Details = append([]string{fmt.Sprintf("Without %q the run is another:", x.faults[n-1]), ""},
		v.Details...)
	return v, nil
}

// run plays the document of the exercise with these faults.
func (x *Exercise) run(plan sim.Plan) (*played, error) {
	p, err := playDocument(x.ID()+".md", []byte(x.Text), plan, 1)
	if err != nil {
		return nil, fmt.Errorf("%s: play the run: %w", x.ID(), err)
	}
	return p, nil
}

// happens reports whether a run has the outcome to explain.
func (x *Exercise) happens(p *played) bool {
	return !slices.ContainsFunc(x.shows, func(w *when) bool { return !w.holds(p) })
}

// near is how many events before and after the learner's are shown.
const near = 2

// checkStep checks the step of an event.
func (x *Exercise) checkStep(n int) (Verdict, error) {
	p, err := x.run(x.plan)
	if err != nil {
		return Verdict{}, err
	}
	defer p.close()
	events, err := p.res.Worlds[0].Events()
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", x.ID(), err)
	}
	right, err := x.event.in(events)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", x.ID(), err)
	}
	if n >= len(events) {
		return unread(fmt.Errorf("the run has no step %d: its last step is %d", n,
			len(events)-1)), nil
	}
	var v Verdict
	for i := max(0, n-near); i <= min(len(events)-1, n+near); i++ {
		e := &events[i]
		v.Details = append(v.Details, fmt.Sprintf("step %d  %s  %s", e.I,
			seconds(sim.Time(e.T)), e.Say))
	}
	if int64(n) == right.I || handledIn(right, &events[n]) {
		v.Status = Passed
		return v, nil
	}
	v.Status = Failed
	order := "later"
	if int64(n) > right.I {
		order = "earlier"
	}
	v.Why = fmt.Sprintf("step %d is not the event that the exercise asks for: at this step, %s. "+
		"The right event comes %s", n, events[n].Say, order)
	v.Again = fmt.Sprintf("zablab trace show %s --causes %d", x.TraceFile(), n)
	return v, nil
}

// handledIn reports whether an event is a part of what a node did when another event reached it:
// then both are the same moment, and either may be named.
func handledIn(e, reached *trace.Event) bool {
	return e.Cause == reached.I && e.N == reached.N && e.T == reached.T
}

// TraceFile is the name, in the learner's folder, of the trace that belongs to an exercise of kind
// [Read].
func (x *Exercise) TraceFile() string { return x.ID() + ".ndjson" }
