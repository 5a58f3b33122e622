package scenarios

import (
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/trace"
)

// Words returns the name of a kind of event that the diagram does not show, such as "election".
func (k OmittedKind) Words() string {
	switch k {
	case OmittedExpiry:
		return "session timeout"
	case OmittedElection:
		return "election"
	case OmittedLag:
		return "catching up"
	}
	return "new connection"
}

// says is what happened to an arrow, in a few words, for the trace.
func (r *arrowRun) says() string {
	switch r.verdict {
	case Applied:
		return r.whom
	case AsDrawn:
		if r.answer != "ok" {
			return r.answer
		}
	case Later:
		var list []string
		for _, o := range r.omitted {
			list = append(list, o.What.Words()+" "+o.Us.Brief())
		}
		return strings.Join(list, ", ")
	case Different, Never, Unread, Unplayed:
		return r.instead
	}
	return ""
}

// drawn lists the diagrams of a world with what happened to each line in one run, for the trace.
// Lines that were not played are left out.
func drawn(scenes []*script.Scene, runs []*sceneRun, records int) (list []trace.Diagram) {
	for i, scene := range scenes {
		if runs[i] == nil {
			continue
		}
		d := trace.Diagram{Title: scene.Diagram.Title, Line: scene.Diagram.Line}
		for _, a := range scene.Arrows {
			run := runs[i].arrows[a.ID]
			if run == nil {
				continue
			}
			from, to := scene.Ends(a)
			row := trace.Row{
				Line: a.Pos.Line, From: from, To: to, Kind: string(a.Kind), Text: a.Text,
				Verdict: string(run.verdict), Expect: string(a.Expect), Says: run.says(),
				Bad: run.bad, At: int64(run.at), Step: run.index,
			}
			if run.at < 0 || run.index >= int64(records) {
				row.At, row.Step = -1, -1
			}
			d.Rows = append(d.Rows, row)
		}
		list = append(list, d)
	}
	return list
}

// broken lists the checks that do not hold, for the trace: those that are promised first.
func broken(checks []judge.Check) (list []trace.Broken) {
	for _, c := range checks {
		if c.Verdict == lin.Broken {
			list = append(list, trace.Broken{Name: c.Name, Text: c.Text, Step: c.Shows()})
		}
	}
	promised := func(name string) bool {
		return slices.ContainsFunc(checks, func(c judge.Check) bool {
			return c.Name == name && c.Promised
		})
	}
	slices.SortStableFunc(list, func(a, b trace.Broken) int {
		switch x, y := promised(a.Name), promised(b.Name); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	return list
}
