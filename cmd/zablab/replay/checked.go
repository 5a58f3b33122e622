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

// standing counts the verdicts on a diagram. A check with nothing to check does not count.
type standing struct {
	good, bad       int // checks that hold; that broke a property which ZooKeeper does not promise
	lost, undecided int // checks of promised properties that are broken; that are undecided
}

// stand counts the checks of one diagram.
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

// say returns the counts in words, with their marks.
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

// checked prints how many checks of one diagram hold, and each check that does not hold; with -v
// all checks.
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
