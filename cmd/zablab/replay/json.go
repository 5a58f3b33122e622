package replay

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/lint"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
)

// These types describe the output of zablab replay --json. The keys of the output are stable: keys
// may be added, but never renamed.
type (
	// JSON is the output of zablab replay --json.
	JSON struct {
		Documents []jsonDocument `json:"documents"`
	}
	jsonDocument struct {
		Name     string        `json:"name"`
		Notices  []string      `json:"notices"`
		Read     script.Tally  `json:"read"`
		Diagrams []jsonDiagram `json:"diagrams"`
	}
	jsonDiagram struct {
		Title       string            `json:"title"`
		Line        int               `json:"line"`
		Seed        string            `json:"seed"`
		Seeds       int               `json:"seeds"`
		Fingerprint string            `json:"fingerprint"`
		Verdict     scenarios.Verdict `json:"verdict"`
		Arrows      []jsonArrow       `json:"arrows"`
		Branches    map[string]int    `json:"branches"`
		Winners     map[string]int    `json:"winners"`
		Reigns      []jsonReign       `json:"reigns"`
		Checks      []judge.Check     `json:"checks"`
		Figures     verdict.Figures   `json:"figures"`
		Again       *string           `json:"failing_seed"`
		Readings    []lint.Reading    `json:"readings,omitempty"` // with --explain
		NotHere     []string          `json:"not_here,omitempty"` // timed faults
	}
	jsonArrow struct {
		Line    int                       `json:"line"`
		Text    string                    `json:"text"`
		Kind    script.Kind               `json:"kind"`
		From    string                    `json:"from"`
		To      string                    `json:"to"`
		Verdict scenarios.Verdict         `json:"verdict"`
		Expect  string                    `json:"expect"`
		At      *int64                    `json:"at_us"`
		Omitted []scenarios.Omitted       `json:"omitted"`
		Instead *string                   `json:"instead"`
		Counts  map[scenarios.Verdict]int `json:"counts"`
		Bad     bool                      `json:"bad,omitempty"`     // as drawn, but nobody wants it
		Says    string                    `json:"says,omitempty"`    // how the line is read
		Nearest string                    `json:"nearest,omitempty"` // of an unread line
		// Supplied lists what the lab supplied to read or to play the line.
		Supplied []string `json:"supplied,omitempty"`

		Simulated *agreement `json:"simulated_run,omitempty"` // if this is a run on another engine
	}
	jsonReign struct {
		Server string `json:"server"`
		Epoch  uint32 `json:"epoch"`
		From   int64  `json:"from_us"`
		To     *int64 `json:"to_us"`
	}
)

func jsonOf(
	all, simulated []*scenarios.Result, real *realEngine, scripts []*script.Script, explain bool,
) JSON {
	out := JSON{Documents: []jsonDocument{}}
	for n, r := range all {
		doc := jsonDocument{
			Name: r.Name, Notices: append([]string{}, r.Notices...), Read: r.Read,
			Diagrams: []jsonDiagram{},
		}
		for i := range r.Diagrams {
			d := jsonOfDiagram(&r.Diagrams[i])
			if explain {
				d.Readings = lint.Readings(scripts[n].Diagrams[i])
			}
			for k := range d.Arrows {
				if simulated != nil {
					g := real.agree(&r.Diagrams[i].Arrows[k], &r.Diagrams[i],
						&simulated[n].Diagrams[i])
					d.Arrows[k].Simulated = &g
				}
			}
			doc.Diagrams = append(doc.Diagrams, d)
		}
		out.Documents = append(out.Documents, doc)
	}
	return out
}

func jsonOfDiagram(d *scenarios.DiagramResult) jsonDiagram {
	out := jsonDiagram{
		Title: d.Title, Line: d.Line, Seed: fmt.Sprintf("%#x", d.Seed), Seeds: d.Seeds,
		Fingerprint: fmt.Sprintf("%016x", d.Fingerprint), Verdict: d.Verdict,
		Arrows: []jsonArrow{}, Branches: mapOf(d.Branches), Winners: mapOf(d.Winners),
		Reigns: []jsonReign{}, Checks: append([]judge.Check{}, d.Checks...),
		Figures: verdict.FiguresOf(&d.Figures),
	}
	if d.FailureSeed != 0 {
		s := fmt.Sprintf("%#x", d.FailureSeed)
		out.Again = &s
	}
	out.NotHere = d.Facts.Refused
	for _, r := range d.Facts.Reigns {
		j := jsonReign{Server: engine.ServerName(r.Leader), Epoch: r.Epoch, From: int64(r.From)}
		if r.To >= 0 {
			to := int64(r.To)
			j.To = &to
		}
		out.Reigns = append(out.Reigns, j)
	}
	for i := range d.Arrows {
		out.Arrows = append(out.Arrows, jsonOfArrow(&d.Arrows[i]))
	}
	return out
}

func jsonOfArrow(a *scenarios.Arrow) jsonArrow {
	j := jsonArrow{
		Line: a.Line, Text: a.Text, Kind: a.Kind, From: a.From, To: a.To, Verdict: a.Verdict,
		Expect: string(a.Expect), Omitted: append([]scenarios.Omitted{},
			a.Omitted...), Counts: a.Counts, Bad: a.Bad, Says: a.Says, Nearest: a.Nearest,
		Supplied: a.Supplied,
	}
	if a.At >= 0 {
		at := int64(a.At)
		j.At = &at
	}
	if a.Instead != "" {
		j.Instead = &a.Instead
	}
	return j
}

func mapOf(list []scenarios.Count) map[string]int {
	m := make(map[string]int)
	for _, c := range list {
		m[c.What] += c.N
	}
	return m
}

// exitCode returns the exit status for all documents: 130 if interrupted, or else the gravest.
func exitCode(all []*scenarios.Result, interrupted bool) int {
	if interrupted {
		return command.Interrupted
	}
	code := command.OK
	gravity := map[int]int{command.OK: 0, command.Surprise: 1, command.Undecided: 2,
		command.Broken: 3}
	set := func(c int) {
		if gravity[c] > gravity[code] {
			code = c
		}
	}
	for _, r := range all {
		if idle(r) {
			set(command.Surprise)
		}
		for i := range r.Diagrams {
			d := &r.Diagrams[i]
			set(verdict.Code(d.Checks))
			for k := range d.Arrows {
				if d.Arrows[k].Surprise() {
					set(command.Surprise)
				}
			}
		}
	}
	return code
}

// unread reports whether a line of a diagram was not understood.
func unread(d scenarios.DiagramResult) bool {
	return slices.ContainsFunc(d.Arrows, func(a scenarios.Arrow) bool {
		return a.Verdict == scenarios.Unread
	})
}

// idle reports whether a run was not stopped, and played no line of its document.
func idle(r *scenarios.Result) bool {
	for i := range r.Diagrams {
		d := &r.Diagrams[i]
		if d.Cut || d.Failure != nil {
			return false
		}
		for k := range d.Arrows {
			if v := d.Arrows[k].Verdict; v != scenarios.Remark && v != scenarios.Unread {
				return false
			}
		}
	}
	return true
}
