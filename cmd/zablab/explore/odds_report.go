package explore

import (
	"bytes"
	"fmt"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/odds"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// report is what zablab odds prints.
type report struct {
	odds.Told
	title   string
	outcome string
	seed    uint64
	trace   []byte
	says    []string               // what the curve shows
	again   string                 // how to play the run without the outcome
	other   func() ([]byte, error) // its trace
}

// moment is the step at which the page begins, or 0: the one that mattered most, or else the first
// from which the outcome is certain.
func (r *report) moment() int64 {
	if r.Turn > 0 && !r.Chance() {
		return r.Turn
	}
	return r.Certain
}

// writePage writes the page of the run, beside the one without the outcome.
func (r *report) writePage(name string) error {
	p := web.Page{Title: r.title + ": when was the outcome decided?", Trace: r.trace}
	p.WhyNot = "To change a run, use the page of zablab replay --html."
	if at := r.moment(); at > 0 {
		step := trace.Place(at)
		p.Step = &step
	}
	p.Odds = r.Triples()
	if r.other != nil {
		other, err := r.other()
		if err != nil {
			return err
		}
		p.Beside = &web.Beside{Trace: other, Names: [2]string{"with the outcome", "without"}}
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		return err
	}
	return command.WriteFile(name, b.Bytes())
}

// jsonPoint is one point of the curve in the output of --json.
type jsonPoint struct {
	Step     int64    `json:"step"`
	At       sim.Time `json:"at_us"`
	Happened int      `json:"happened"`
	Runs     int      `json:"runs"`
}

func (r *report) json() any {
	c := r.Curve
	points := []jsonPoint{}
	for _, p := range c.Points {
		points = append(points, jsonPoint{p.Step, r.At(p.Step), p.Happened, p.Runs})
	}
	out := map[string]any{"title": r.title, "outcome": r.outcome, "seed": fmt.Sprintf("%#x", r.seed),
		"runs": c.Runs, "points": points, "interrupted": c.Cut}
	if c.Certain > 0 {
		out["certain"] = c.Certain
	}
	if c.Turn > 0 {
		out["turn"] = map[string]any{"step": c.Turn, "exact": c.Exact, "before": c.Before.Happened,
			"after": c.After.Happened, "chance": c.Chance()}
	}
	if c.Miss != nil {
		out["nearest"] = map[string]any{"step": c.Miss.Step, "seed": c.Miss.Seed, "play": r.again}
	}
	return out
}
