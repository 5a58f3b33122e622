package fuzz

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
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
	h.Title = fmt.Sprintf("The schedule of seed %#x", s.Seed)
	for _, f := range s.Plan {
		h.Actions = append(h.Actions, f.String())
	}
	return h
}

// WriteTrace writes a run of the schedule as a trace in the format zablab.trace/1. The run must
// have been played with [Playing].Keep.
func (s *Schedule) WriteTrace(out io.Writer, f *Result) error {
	end := trace.End{Fingerprint: f.Fingerprint}
	record := f.record()
	for _, line := range record.Lines() {
		end.Record = append(end.Record, line)
	}
	for _, c := range f.Checks {
		end.Invariants = append(end.Invariants, trace.Check{Name: c.Name,
			Result: string(c.Verdict)})
	}
	h := s.header(f)
	if f.Run != nil {
		return f.Run.WriteTrace(out, h, end)
	}
	e := f.Ensemble
	return e.Recording().WriteTrace(out, h, len(e.World.Records()), end, &trace.Verdict{})
}

// record is what the clients called and received.
func (f *Result) record() lin.Record {
	if f.Run != nil {
		return f.Run.Record()
	}
	return f.Ensemble.Record()
}

// Tell returns the trace of a run of the schedule, and a drawing of the part of the run before the
// first breach. It adds to every breach the events that led to it.
func (s *Schedule) Tell(f *Result) (text []byte, drawing string, err error) {
	var b bytes.Buffer
	if err = s.WriteTrace(&b, f); err != nil {
		return nil, "", err
	}
	text = b.Bytes()
	run, err := trace.Read(s.header(f).Scenario, bytes.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	judge.Explain(f.Checks, run.Events)
	return text, s.draw(f, run.Events), nil
}

// readable limits the arrows in a drawing of a failure.
const readable = 60

// draw draws the end of the run up to the failure, halving the span until the drawing is readable:
// at the depth of servers, unless a client saw the failure.
func (s *Schedule) draw(f *Result, events []trace.Event) string {
	if len(events) == 0 {
		return ""
	}
	depth := drawing.DepthServer
	if r, _ := utf8.DecodeRuneInString(f.Property); unicode.IsLower(r) {
		depth = drawing.DepthClient
	}
	last := f.broke(events)
	h := s.header(f)
	for span := last.T; ; span /= 2 {
		d := drawing.New(&h, depth)
		first := last.T
		for i := range events[:last.I+1] {
			if e := &events[i]; e.T < last.T-span {
				d.Pass(e)
			} else {
				first = min(first, e.T)
				d.Add(e)
			}
		}
		if d.Arrows() <= readable || span < int64(sim.Millisecond) {
			return d.Print(fmt.Sprintf("seed %#x, time %s to %s, up to step %d: %s", s.Seed,
				sim.Time(first).Seconds(),
				sim.Time(last.T).Seconds(), last.I, noted(f.Property)))
		}
	}
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

// Shape returns the verbs of the plan's faults, without moments and machines. Two failures of one
// property count as the same failure if their plans have the same shape.
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
