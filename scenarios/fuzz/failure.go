package fuzz

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// header says what the schedule was played on.
func (s *Schedule) header(e *ensemble.Ensemble) trace.Header {
	c := e.Config()
	st := stage.Stage{
		Servers: s.Servers, Observers: s.Observers, Tick: s.Tick, InitLimit: c.InitLimit, SyncLimit: c.SyncLimit,
		SessionTimeout: s.SessionTimeout, Latency: s.Latency, Fsync: s.Fsync, Expiry: stage.ExpireSession, QuorumSync: s.QuorumSync,
	}
	h := trace.Header{
		Commit: stage.Commit(), Scenario: fmt.Sprintf("fuzz-%#x", s.Seed), Title: fmt.Sprintf("The schedule of seed %#x", s.Seed),
		Seed: s.Seed, Config: st.Settings(), Nodes: e.Nodes(),
	}
	for _, f := range s.Plan {
		h.Actions = append(h.Actions, f.String())
	}
	return h
}

// WriteTrace writes a run of the schedule as zablab.trace/1. It is one that kept its ensemble: see
// [Schedule.Play].
func (s *Schedule) WriteTrace(out io.Writer, f *Result) error {
	e := f.Ensemble
	end := trace.End{Fingerprint: f.Fingerprint}
	record := e.Record()
	for _, line := range record.Lines() {
		end.Record = append(end.Record, line)
	}
	for _, c := range f.Checks {
		end.Invariants = append(end.Invariants, trace.Check{Name: c.Name, Result: string(c.Verdict)})
	}
	return e.WriteTrace(out, s.header(e), len(e.World.Records()), end, &trace.Verdict{})
}

// Tell writes a run of the schedule as WriteTrace does, has every breach name the events that led to
// it, and draws the part of the run that ended in the first of them.
func (s *Schedule) Tell(f *Result) (text []byte, drawing string, err error) {
	var b bytes.Buffer
	if err = s.WriteTrace(&b, f); err != nil {
		return nil, "", err
	}
	text = b.Bytes()
	run, err := trace.Read(s.header(f.Ensemble).Scenario, bytes.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	judge.Explain(f.Checks, run.Events)
	return text, s.draw(f, run.Events), nil
}

// readable is how many arrows of a failure are drawn at most.
const readable = 60

// draw draws what came before the failure, in half of the time again and again until it can be read:
// with the servers, unless it is a client who was wronged.
func (s *Schedule) draw(f *Result, events []trace.Event) string {
	if len(events) == 0 {
		return ""
	}
	depth := drawing.DepthServer
	if r, _ := utf8.DecodeRuneInString(f.Property); unicode.IsLower(r) {
		depth = drawing.DepthClient
	}
	last := f.broke(events)
	h := s.header(f.Ensemble)
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
			return d.Print(fmt.Sprintf("seed %#x, from %s to %s, step %d: %s", s.Seed, sim.Time(first).Seconds(),
				sim.Time(last.T).Seconds(), last.I, noted(f.Property)))
		}
	}
}

// noted is a property as a note may have it: no sign that Mermaid would read.
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

// broke is the event at which the failure can be seen: that of the last answer which the check
// complains of, or else the end of the run.
func (f *Result) broke(events []trace.Event) *trace.Event {
	last := int64(len(events) - 1)
	i := slices.IndexFunc(f.Checks, func(c judge.Check) bool { return c.Name == f.Property && len(c.Breaches) > 0 })
	if i < 0 {
		return &events[last]
	}
	if steps := f.Checks[i].Breaches[0].Steps; len(steps) > 0 {
		last = min(last, trace.Place(slices.Max(steps)))
	}
	return &events[last]
}

// Shape is a plan without its moments and whom it befalls: failures of one property whose plans are of
// one shape are taken for the same.
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
