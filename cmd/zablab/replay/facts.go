package replay

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/engine"
)

// leftOut prints what the drawing does not show: reasons of delays, faults, reigns, messages.
func (p *printer) leftOut(d *scenarios.DiagramResult) {
	p.line("\n  %s", p.Bold("What the drawing leaves out"))
	for _, n := range reasonsOf(d) {
		word := "line"
		if len(n.lines) > 1 {
			word = "lines"
		}
		where := p.Faint("(" + word + " " + strings.Join(n.lines, ", ") + ")")
		p.line("  %s %s", p.Yellow("◷"), terminal.Fold(p.Out, n.say+"  "+where, 4))
	}
	for i := range d.Arrows {
		a := &d.Arrows[i]
		for _, s := range a.Supplied {
			where := p.Faint(fmt.Sprintf("(line %d)", a.Line))
			p.line("  %s %s", p.Yellow("+"), terminal.Fold(p.Out, "supplied: "+s+"  "+where, 4))
		}
	}
	f := &d.Facts
	for _, fault := range f.Faults {
		p.line("  %s %s", p.Yellow("⚡"), terminal.Fold(p.Out, fault, 4))
	}
	for _, fault := range f.Refused {
		p.line("  %s %s", p.Yellow("⚡"), terminal.Fold(p.Out, "not here: "+fault, 4))
	}
	for _, r := range f.Reigns {
		begin, until := r.From.Brief(), "to the end"
		if r.To >= 0 {
			until = "until " + r.To.Brief()
		}
		p.line("  · %s led epoch %d from %s %s",
			engine.ServerName(r.Leader), r.Epoch, begin, until)
	}
	duration := (f.To - f.From).Brief()
	changes := terminal.Plural(f.Commits, "change", "changes")
	if f.Unseen {
		p.line("  · the run took %s, with %s of the tree", duration, changes)
	} else if p.simulated != nil {
		p.line("  · %s", terminal.Fold(p.Out,
			fmt.Sprintf("the run took %s, with %s between servers and %s of the tree",
				duration, terminal.Plural(int(f.Messages), "message", "messages"), changes), 4))
	} else {
		p.line("  · %s", terminal.Fold(p.Out, fmt.Sprintf(
			"%s of virtual time, %d messages in %d bytes, %d fsyncs, for %s of the tree",
			duration, f.Messages, f.Bytes, f.Fsyncs, changes), 4))
	}
	if len(f.Sent) > 0 {
		var parts []string
		for _, c := range f.Sent {
			parts = append(parts, fmt.Sprintf("%s %d", c.What, c.N))
		}
		p.line("    %s", p.Faint(terminal.Wrap(strings.Join(parts, " · "), p.Room(92, 4), "    ")))
	}
}

// reason is one reason why arrows happened later, with the lines of these arrows.
type reason struct {
	say   string
	lines []string
}

// reasonsOf returns the reasons of all late arrows, each reason once.
func reasonsOf(d *scenarios.DiagramResult) (list []reason) {
	at := make(map[string]int)
	for i := range d.Arrows {
		for _, o := range d.Arrows[i].Omitted {
			k, known := at[o.Say]
			if !known {
				k = len(list)
				at[o.Say] = k
				list = append(list, reason{say: o.Say})
			}
			list[k].lines = append(list[k].lines, fmt.Sprint(d.Arrows[i].Line))
		}
	}
	return list
}
