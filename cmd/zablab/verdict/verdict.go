package verdict

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/raft/trial"
)

// Printer prints checks, one per line, grouped by judge.
type Printer struct {
	terminal.Paint
	Out  io.Writer
	head string // heading of the last printed check
}

// NewPrinter returns a Printer for out, with colours if out is a terminal.
func NewPrinter(out io.Writer) *Printer {
	return &Printer{Paint: terminal.PaintFor(out), Out: out}
}

// The headings above lists of checks. A heading names the judge of the checks below it.
const (
	headAudit     = "checked by the audit, which inspects the servers after every event"
	headPorcupine = "checked by porcupine, from the times of the clients' calls and answers"
	headWitness   = "checked by the witness, a second judge that checks the order of the zxids " +
		"and shares no code with porcupine"
	headPromises = "checked against the promises of locks, elections, queues and barriers, by " +
		"comparing what the programs reported with the nodes that existed"
	headHealed  = "checked after all faults are healed"
	headOutside = "checked at the resources outside the ensemble, from the fencing tokens that the " +
		"resources accepted"
)

// headOf returns the heading of a check.
func headOf(name string) string {
	switch {
	case name == judge.CheckInvariants:
		return headAudit
	case strings.HasPrefix(name, judge.CheckWitness+"/"), name == judge.CheckAgree:
		return headWitness
	case name == judge.CheckLive:
		return headHealed
	case slices.Contains(trial.Checks(), name):
		return headAudit
	case name == judge.CheckFencing:
		return headOutside
	case slices.Contains(promise.Names(), name):
		return headPromises
	}
	return headPorcupine
}

// nameWidth is the width of the column of the checks' names.
const nameWidth = 19

// Check prints one check. If the previous check was by another judge, it prints a heading first.
func (p *Printer) Check(c *judge.Check) {
	if head := headOf(c.Name); head != p.head {
		p.head = head
		fmt.Fprintf(p.Out, "  %s\n", p.Faint(terminal.Fold(p.Out, head, 2)))
	}
	p.Row(c)
}

// Begin starts a new list of checks, so that the next check has a heading.
func (p *Printer) Begin() { p.head = "" }

// Row prints one check, without a heading.
func (p *Printer) Row(c *judge.Check) {
	name := strings.TrimPrefix(c.Name, judge.CheckWitness+"/")
	indent := strings.Repeat(" ", nameWidth+6)
	pad := strings.Repeat(" ", max(0, nameWidth-utf8.RuneCountInString(name)))
	text := terminal.Wrap(c.Text, p.Room(78, len(indent)), indent)
	if c.Idle {
		text = p.Faint(text)
	}
	fmt.Fprintf(p.Out, "  %s %s%s  %s\n", p.Mark(c), name, pad, text)
	if c.Note != "" {
		fmt.Fprintf(p.Out, "%s%s\n", indent, p.Faint(c.Note))
	}
	if c.Verdict == lin.Broken {
		for i := range c.Breaches {
			p.breach(&c.Breaches[i])
		}
	}
}

// Room returns the maximum width of a text that is indented by the given number of columns: the
// value of usual, or less if the terminal is too narrow for that width.
func (p *Printer) Room(usual, indent int) int {
	if width := terminal.Columns(p.Out); width > 0 {
		return min(usual, max(width-indent, 16))
	}
	return usual
}

// Mark returns the mark of a check's verdict. Two more marks are for behaviour that ZooKeeper
// allows but that is bad for its users (!), and for a check that found nothing to check (·).
func (p *Printer) Mark(c *judge.Check) string {
	switch {
	case c.Idle:
		return p.Faint("·")
	case c.Verdict == lin.Undecided:
		return p.Yellow("?")
	case c.Verdict == lin.Broken && c.Promised:
		return p.Red("✗")
	case c.Verdict == lin.Broken, c.Bad:
		return p.Yellow("!")
	}
	return p.Green("✓")
}

// breach explains one breach: the call and its answer, the operations around it, what the reference
// says, and the events that led there.
func (p *Printer) breach(b *judge.Explained) {
	const indent = "      "
	line := func(what, text string) {
		if text != "" {
			fmt.Fprintf(p.Out, "%s%s %s\n", indent, p.Faint(fmt.Sprintf("%-11s", what)),
				terminal.Wrap(text, p.Room(84, len(indent)+12), indent+strings.Repeat(" ", 12)))
		}
	}
	if b.Operation != "" {
		span := "called " + b.Called.Seconds()
		if b.Returned >= 0 {
			span += ", answered " + b.Returned.Seconds()
		}
		line("operation", b.Operation)
		line("", p.Faint(span))
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
		step := p.Faint(fmt.Sprintf(" · step %d", m.Step))
		line(what, fmt.Sprintf("%s %s", m.At.Seconds(), m.Say)+step)
	}
}

// Code returns the exit status for the worst verdict in a list of checks. It ignores checks of
// properties that ZooKeeper does not promise.
func Code(checks []judge.Check) int {
	code := command.OK
	for i := range checks {
		switch c := &checks[i]; {
		case !c.Promised:
		case c.Verdict == lin.Broken:
			return command.Broken
		case c.Verdict == lin.Undecided:
			code = command.Undecided
		}
	}
	return code
}
