package fuzz

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/why"
)

// header returns the header for a trace of the schedule.
func (s *Schedule) header(f *Result) (h trace.Header) {
	if f.Run != nil {
		h = f.Run.Header()
	} else {
		e := f.Ensemble
		h.Config, h.Nodes = stage.Settings(&e.Config().Stage), e.Recording().Nodes
	}
	h.Commit, h.Scenario, h.Seed = stage.Commit(), fmt.Sprintf("fuzz-%#x", s.Seed), s.Seed
	h.Title = s.Title()
	for _, f := range s.Plan {
		h.Actions = append(h.Actions, f.String())
	}
	return h
}

// Title is the title of the schedule's trace and page.
func (s *Schedule) Title() string { return fmt.Sprintf("The schedule of seed %#x", s.Seed) }

// WriteTrace writes a run of the schedule as a trace in the format zablab.trace/1. The run must
// have been played with [Playing].Keep.
func (s *Schedule) WriteTrace(out io.Writer, f *Result) error {
	end := trace.End{Fingerprint: f.Fingerprint, Broken: f.broken()}
	record := f.record()
	for _, line := range record.Lines() {
		end.Record = append(end.Record, line)
	}
	for i := range f.Checks {
		end.Invariants = append(end.Invariants, f.Checks[i].Traced())
	}
	h := s.header(f)
	if f.Run != nil {
		return f.Run.WriteTrace(out, h, end)
	}
	e := f.Ensemble
	return e.Recording().WriteTrace(out, h, len(e.World.Records()), end, &trace.Verdict{})
}

// records is how many records were kept.
func (f *Result) records() int {
	if f.Run != nil {
		return f.Run.Records()
	}
	return len(f.Ensemble.World.Records())
}

// record is what the clients called and received.
func (f *Result) record() lin.Record {
	if f.Run != nil {
		return f.Run.Record()
	}
	return f.Ensemble.Record()
}

// Told is the account of a run: its trace, and why its property broke.
type Told struct {
	Trace   []byte
	Run     *trace.Run // the trace as it is read
	Why     *why.Explanation
	Drawing string // Mermaid, of the events that led to the failure
}

// Tell returns the trace of a run of the schedule and, if a property broke, the reason. In
// f.Checks, Tell adds to each breach the events that led to it. The parameter mute has the names of
// the properties that the run ignored.
func (s *Schedule) Tell(f *Result, mute ...string) (t Told, err error) {
	var b bytes.Buffer
	if err = s.WriteTrace(&b, f); err != nil {
		return t, err
	}
	t.Trace = b.Bytes()
	run, err := trace.Read(s.header(f).Scenario, bytes.NewReader(t.Trace))
	if err != nil {
		return t, err
	}
	t.Run = run
	judge.Explain(f.Checks, run.Events)
	if f.Property != "" {
		t.Why = s.Explain(f, run.Events, mute)
		t.Drawing = t.Why.Draw(fmt.Sprintf("seed %#x: %s at step %d", s.Seed,
			noted(f.Property), t.Why.Step))
	}
	return t, nil
}

// noted returns a property as the text of a note, without characters that Mermaid interprets.
func noted(property string) string {
	if property == "" {
		return "nothing broke"
	}
	return strings.Map(func(r rune) rune {
		if r == ';' || r == '#' || r == '\n' {
			return ' '
		}
		return r
	}, property)
}

// broke returns the event at which the failure shows: the last answer of the first breach, or else
// the last event of the run.
func (f *Result) broke(events []trace.Event) *trace.Event {
	last := int64(len(events) - 1)
	i := slices.IndexFunc(f.Checks, func(c judge.Check) bool {
		return c.Name == f.Property &&
			len(c.Breaches) > 0
	})
	if i < 0 {
		return &events[last]
	}
	if steps := f.Checks[i].Breaches[0].Steps; len(steps) > 0 {
		last = min(last, trace.Place(slices.Max(steps)))
	}
	return &events[last]
}

// broken lists the checks that do not hold, for the trace: first the one that broke first.
func (f *Result) broken() (list []trace.Broken) {
	if f.Property == "" {
		return nil
	}
	last := int64(f.records() - 1)
	first := trace.Broken{Name: f.Property, Text: f.Text, Step: -1}
	for i := range f.Checks {
		c := &f.Checks[i]
		switch {
		case c.Name == f.Property:
			if step := c.Shows(); step >= 0 {
				first.Step = min(step, last)
			}
		case c.Verdict == lin.Broken && !slices.Contains(f.Muted, c.Name):
			list = append(list, trace.Broken{Name: c.Name, Text: c.Text,
				Step: min(c.Shows(), last)})
		}
	}
	return append([]trace.Broken{first}, list...)
}

// Shape returns the kinds of the schedule's faults in their order, such as crash and split, without
// times and machines. Two failures of one property count as the same failure if their schedules
// have the same shape.
func (s *Schedule) Shape() string {
	var b strings.Builder
	for _, f := range s.Plan {
		if f.When.Trigger != 0 {
			b.WriteString("at ")
		}
		b.WriteString(f.Kind.String() + "\n")
	}
	return b.String()
}
