package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/sim"
)

// story prints the run of a diagram with one seed: times, participants, what was drawn, and what
// happened.
func (p *printer) story(d *scenarios.DiagramResult, diagram int) {
	heads := []string{"Time", "Who", "Drawn", "What happened"}
	if p.simulated != nil {
		heads = append(heads, "Simulated run")
	}
	t := terminal.NewTable(p.Out, heads...)
	for _, a := range p.rows(d) {
		cells := []string{moment(a.At), who(a), terminal.Clip(a.Text, 46), p.happened(a)}
		if p.simulated != nil {
			cells = append(cells, p.agreed(a, &p.r.Diagrams[diagram],
				&p.simulated.Diagrams[diagram]))
		}
		t.Row(cells...)
	}
	t.Render()
	switch {
	case d.Cut && p.o.Until == (scenarios.Until{}):
		p.line("%s", p.Yellow("  interrupted here"))
	case d.Cut:
		p.line("%s", p.Yellow("  stopped here because of --until"))
	}
}

// rows returns the arrows of a diagram as drawn or, with --by time, by the time at which they
// happened. An arrow without a time stays after the arrow above it.
func (p *printer) rows(d *scenarios.DiagramResult) []*scenarios.Arrow {
	list := make([]*scenarios.Arrow, len(d.Arrows))
	at := make(map[*scenarios.Arrow]sim.Time)
	last := sim.Time(-1)
	for i := range d.Arrows {
		a := &d.Arrows[i]
		if a.At >= 0 {
			last = a.At
		}
		list[i], at[a] = a, last
	}
	if p.f.by == byTime {
		slices.SortStableFunc(list, func(a, b *scenarios.Arrow) int {
			return cmp.Compare(at[a], at[b])
		})
	}
	return list
}

// moment formats the time of an arrow to the millisecond, and returns "" if the arrow never
// happened.
func moment(t sim.Time) string {
	if t < 0 {
		return ""
	}
	at := t.Seconds()
	if dot := strings.IndexByte(at, '.'); len(at) > dot+4 {
		at = at[:dot+4] + "s"
	}
	return at
}

func who(a *scenarios.Arrow) string {
	if a.To == "" {
		return a.From
	}
	return a.From + " → " + a.To
}

// mostSaid is the maximum length of a sentence about an arrow in a table. The JSON output is not
// cut.
const mostSaid = 300

// happened returns what happened to an arrow, for its row.
func (p *printer) happened(a *scenarios.Arrow) string {
	s := ""
	switch a.Verdict {
	case scenarios.Remark:
		return p.Faint("·")
	case scenarios.Applied:
		s = p.Faint("done")
		if a.Whom != "" {
			s += p.Faint(": " + a.Whom)
		}
	case scenarios.AsDrawn:
		s = p.Green("✓ as drawn")
		if a.Bad {
			s = p.Yellow("! as drawn")
		}
		if a.Answer != "" && a.Answer != "ok" {
			s += p.Faint(": " + terminal.Clip(a.Answer, 60))
		}
	case scenarios.Later:
		s = p.Yellow("◷ later")
		s += delays(a)
	case scenarios.Different:
		s = p.Red("✗ different") + ": " + terminal.Clip(a.Instead, mostSaid)
	case scenarios.Unplayed:
		s = p.Yellow("– not here") + ": " + terminal.Clip(a.Instead, mostSaid)
	case scenarios.Unread:
		s = p.Yellow("? unread") + ": " + terminal.Clip(a.Instead, 60)
	case scenarios.Never:
		s = p.Red("✗ never") + ": " + terminal.Clip(a.Instead, mostSaid)
	}
	return s + p.expected(a)
}

// agreed says whether an arrow of a real run has the same verdict in the simulated run.
func (p *printer) agreed(a *scenarios.Arrow, real, simulated *scenarios.DiagramResult) string {
	if a.Verdict == scenarios.Remark || a.Verdict == scenarios.Unread {
		return p.Faint("·")
	}
	g := p.real.agree(a, real, simulated)
	switch {
	case g.Agrees:
		return p.Green("agrees")
	case a.Verdict == scenarios.Unplayed, g.Simulated == "":
		return p.Faint(g.Why)
	}
	return p.Yellow("differs") + ": " + g.Why
}

func (p *printer) expected(a *scenarios.Arrow) string {
	switch {
	case a.Expect == "":
		return ""
	case string(a.Expect) == string(a.Verdict):
		return p.Faint(" (expected)")
	}
	return p.Yellow(fmt.Sprintf(" (expected: %s)", a.Expect))
}

// delays lists what delayed a late arrow: ": session timeout 5.67s, election 0.2s".
func delays(a *scenarios.Arrow) (s string) {
	sep := ": "
	for _, o := range a.Omitted {
		s += sep + o.What.Words() + " " + o.Us.Brief()
		sep = ", "
	}
	return s
}

// counts prints the runs of a diagram with many seeds: how often each arrow had which verdict.
func (p *printer) counts(d *scenarios.DiagramResult) {
	t := terminal.NewTable(p.Out, "Who", "Arrow", "As drawn", "Later", "Different", "Never")
	n := func(a *scenarios.Arrow, v scenarios.Verdict, colour func(string) string) string {
		if a.Counts[v] == 0 {
			return p.Faint("·")
		}
		return colour(fmt.Sprint(a.Counts[v]))
	}
	for i := range d.Arrows {
		a := &d.Arrows[i]
		if a.Verdict == scenarios.Remark {
			continue
		}
		drawn := n(a, scenarios.AsDrawn, p.Green)
		if a.Counts[scenarios.Unread] > 0 {
			drawn = p.Yellow("? unread")
		} else if k := a.Counts[scenarios.Applied]; k > 0 {
			drawn = p.Faint(fmt.Sprintf("done %d", k))
		}
		t.Row(who(a), terminal.Clip(a.Text, 46), drawn, n(a, scenarios.Later, p.Yellow),
			n(a, scenarios.Different, p.Red), n(a, scenarios.Never, p.Red))
	}
	t.Render()
}

// shares prints how often each branch was taken, or each client won.
func (p *printer) shares(what string, list []scenarios.Count, seeds int) {
	if len(list) == 0 {
		return
	}
	if seeds == 1 {
		for _, c := range list {
			p.line("  %s: %s", what, c.What)
		}
		return
	}
	t := terminal.NewTable(p.Out, what, "Runs", "Share", "")
	for _, c := range list {
		share := 1000 * c.N / seeds
		percent := fmt.Sprintf("%d.%d %%", share/10, share%10)
		t.Row(c.What, fmt.Sprint(c.N), percent, strings.Repeat("█", (share+20)/40))
	}
	t.Render()
}
