package replay

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/judge"
)

// standing counts the checks of a diagram. One that had nothing to check is not counted.
type standing struct {
	good, bad       int // held; held, but with something that nobody wants
	lost, undecided int // of the promised ones
}

// stand adds the checks of a diagram.
func (s *standing) stand(d *scenarios.DiagramResult) {
	for i := range d.Checks {
		switch c := &d.Checks[i]; {
		case c.Idle:
		case c.Verdict == lin.Undecided:
			s.undecided++
		case c.Verdict == lin.Broken && c.Promised:
			s.lost++
		case c.Verdict == lin.Broken, c.Bad:
			s.bad++
		default:
			s.good++
		}
	}
}

// say is the counts in words, with their marks.
func (s *standing) say(p terminal.Paint) string {
	parts := []string{p.Green("✓") + " " + terminal.Plural(s.good, "check", "checks")}
	if s.bad > 0 {
		parts = append(parts, p.Yellow("!")+fmt.Sprintf(" %d allowed but bad", s.bad))
	}
	if s.undecided > 0 {
		parts = append(parts, p.Yellow("?")+fmt.Sprintf(" %d undecided", s.undecided))
	}
	if s.lost > 0 {
		parts = append(parts, p.Red("✗")+fmt.Sprintf(" %d broken", s.lost))
	}
	return strings.Join(parts, ", ")
}

// checked prints the checks of one diagram: how many hold, and each that is not well; all of them
// with -v.
func (p *printer) checked(i int) {
	d := &p.r.Diagrams[i]
	var s standing
	s.stand(d)
	p.line("\n%s  %s%s", p.Bold("Checked"), s.say(p.Paint), p.scope(i))
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

// witnessed is the witness's own name of its check; empty if the check is another judge's.
func witnessed(name string) string {
	short, ok := strings.CutPrefix(name, judge.CheckWitness+"/")
	if !ok {
		return ""
	}
	return short
}

// scope says what the checks of a diagram cover: a diagram that continues another is judged with it.
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
