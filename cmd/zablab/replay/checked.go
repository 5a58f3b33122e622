package replay

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
)

// checked prints how many checks of one diagram hold, and each check that does not hold; with -v
// all checks.
func (p *printer) checked(i int) {
	d := &p.r.Diagrams[i]
	var n verdict.Count
	n.Add(d.Checks)
	p.line("\n%s  %s", p.Bold("Checked"), terminal.Fold(p.Out, n.Say(p.Paint)+p.scope(i), 9))
	p.Begin()
	for k := range d.Checks {
		c := d.Checks[k]
		if c.Verdict == lin.Linearizable && !c.Idle && p.r.Done > 1 {
			c.Text = cmp.Or(d.Figures.Say(witnessed(c.Name)),
				fmt.Sprintf("in all %d runs", p.r.Done))
		}
		switch well := c.Verdict == lin.Linearizable && !c.Bad; {
		case p.f.verbose:
			p.Check(&c)
		case !well:
			p.Row(&c)
		}
	}
}

// witnessed returns the part of a check's name that the witness gave, or "" for a check of another
// judge.
func witnessed(name string) string {
	short, ok := strings.CutPrefix(name, judge.CheckWitness+"/")
	if !ok {
		return ""
	}
	return short
}

// scope says which diagrams the checks cover: a diagram that continues another one is judged
// together with it.
func (p *printer) scope(i int) string {
	first := i
	for first > 0 && !p.r.Diagrams[first-1].Ends {
		first--
	}
	events := uint64(0)
	for k := first; k <= i; k++ {
		events += p.r.Diagrams[k].Facts.Events
	}
	text := ""
	switch {
	case p.r.Done > 1:
		text = fmt.Sprintf(", in all %d runs", p.r.Done)
	case events > 0:
		text = ", " + terminal.Plural(int(events), "event", "events")
	}
	if first < i {
		text += p.Faint(fmt.Sprintf(" since diagram %d began", first+1))
	}
	return text
}
