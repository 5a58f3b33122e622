package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
)

// verdicts prints checks, one a line, and explains the broken ones.
type verdicts struct {
	paint
	out  io.Writer
	last string // the heading under which the last one stands
}

// heads are by whom things are checked.
const (
	headAudit   = "by the audit, at every event"
	headBlack   = "by porcupine, from what clients asked and were told, and when"
	headWitness = "by the witness, which believes the zxids and shares no code with porcupine's models"
	headRest    = "with everything healed"
	headOutside = "outside the ensemble"
)

// head prints who checks, where that changes.
func (p *verdicts) head(name string) {
	head := headBlack
	switch {
	case name == judge.CheckInvariants:
		head = headAudit
	case strings.HasPrefix(name, judge.CheckWitness+"/"),
		name == judge.CheckAgree:
		head = headWitness
	case name == judge.CheckLive:
		head = headRest
	case name == judge.CheckFencing:
		head = headOutside
	}
	if head != p.last {
		p.last = head
		fmt.Fprintf(p.out, "  %s\n", p.faint(head))
	}
}

// nameWidth is how wide the column of the checks' names is.
const nameWidth = 19

func (p *verdicts) check(c *judge.Check) {
	mark := p.green("✓")
	switch {
	case c.Verdict == lin.Linearizable && strings.HasPrefix(c.Text, "nothing to check"):
		mark = p.faint("·")
	case c.Verdict == lin.Undecided:
		mark = p.yellow("?")
	case c.Verdict == lin.Broken && c.Promised:
		mark = p.red("✗")
	case c.Verdict == lin.Broken:
		mark = p.yellow("!")
	}
	p.head(c.Name)
	name := strings.TrimPrefix(c.Name, judge.CheckWitness+"/")
	text := c.Text
	if mark == p.faint("·") {
		text = p.faint(text)
	}
	pad := strings.Repeat(" ", max(0, nameWidth-utf8.RuneCountInString(name)))
	fmt.Fprintf(p.out, "  %s %s%s  %s\n", mark, name, pad, wrap(text, 78, strings.Repeat(" ", nameWidth+6)))
	if c.Note != "" {
		fmt.Fprintf(p.out, "%s%s\n", strings.Repeat(" ", nameWidth+6), p.faint(c.Note))
	}
	if c.Verdict != lin.Broken {
		return
	}
	for i := range c.Breaches {
		p.breach(&c.Breaches[i])
	}
}

// breach explains one place: what was asked and answered, between which others, what the reference
// says, and what led there.
func (p *verdicts) breach(b *judge.Explained) {
	const indent = "      "
	line := func(what, text string) {
		if text != "" {
			fmt.Fprintf(p.out, "%s%s %s\n", indent, p.faint(fmt.Sprintf("%-11s", what)),
				wrap(text, 84, indent+strings.Repeat(" ", 12)))
		}
	}
	if b.Operation != "" {
		span := "called " + b.Called.Seconds()
		if b.Returned >= 0 {
			span += ", answered " + b.Returned.Seconds()
		}
		line("operation", b.Operation)
		line("", p.faint(span))
	}
	line("comes after", b.After)
	line("and before", b.Before)
	line("right is", b.Reference)
	line("was seen", b.Seen)
	for i, m := range b.Led {
		what := ""
		if i == 0 {
			what = "led there"
		}
		line(what, fmt.Sprintf("%s %s", m.At.Seconds(), m.Say)+p.faint(fmt.Sprintf(" · step %d", m.Step)))
	}
}
