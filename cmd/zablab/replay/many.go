package replay

import (
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// summary prints many documents in a table, one line each, and the problems below the table.
type summary struct {
	*verdict.Printer
	f      *flags
	all    []*scenarios.Result
	checks verdict.Count
	events uint64
	read   script.Tally
}

func newSummary(out io.Writer, f *flags, all []*scenarios.Result) *summary {
	s := &summary{Printer: verdict.NewPrinter(out), f: f, all: all}
	for _, r := range all {
		s.read.Add(r.Read)
		for i := range r.Diagrams {
			s.checks.Add(r.Diagrams[i].Checks)
			s.events += r.Diagrams[i].Facts.Events
		}
	}
	return s
}

func (s *summary) print() {
	t := terminal.NewTable(s.Out, "Document", "Arrows", "Outcome")
	for _, r := range s.all {
		arrows, odd, _ := arrowsOf(r)
		t.Row(book.ShortName(r.Name), s.verdict(r, odd)+fmt.Sprintf(" %d", arrows),
			outcome(r, odd))
	}
	t.Render()
	s.surprises()
	s.checked()
	fmt.Fprintf(s.Out, "%s  %s, or this command with -v\n", s.Bold("All details"),
		s.f.command(book.ShortName(s.all[0].Name), nil, "all", "seeds"))
}

// verdict returns the mark of the worst outcome in a document.
func (s *summary) verdict(r *scenarios.Result, surprises int) string {
	var c verdict.Count
	for i := range r.Diagrams {
		c.Add(r.Diagrams[i].Checks)
	}
	switch {
	case c.Lost > 0, surprises > r.Read.Unread:
		return s.Red("✗")
	case r.Read.Unread > 0, c.Undecided > 0:
		return s.Yellow("?")
	case c.Bad > 0:
		return s.Yellow("!")
	}
	return s.Green("✓")
}

// outcome says which arrows did not happen as drawn, and why.
func outcome(r *scenarios.Result, surprises int) string {
	_, _, counts := arrowsOf(r)
	var parts []string
	if n := counts[scenarios.Later]; n > 0 {
		parts = append(parts, terminal.Plural(n, "arrow", "arrows")+" later: "+
			strings.Join(waits(r), ", "))
	}
	odd := counts[scenarios.Different] + counts[scenarios.Never]
	if n := r.Read.Unread; n > 0 {
		parts = append(parts, terminal.Plural(n, "line", "lines")+" not read")
		surprises -= n
	}
	if surprises > 0 {
		parts = append(parts, terminal.Plural(surprises, "arrow", "arrows")+" not as drawn")
	}
	if n := odd - surprises; n > 0 {
		parts = append(parts,
			terminal.Plural(n, "arrow", "arrows")+
				" \"different\" or \"never\", as the document expects")
	}
	if len(parts) == 0 {
		return "as drawn"
	}
	return strings.Join(parts, "; ")
}

// waits returns the kinds of events that delayed arrows, each with its longest delay.
func waits(r *scenarios.Result) (list []string) {
	longest := make(map[string]sim.Time)
	var order []string
	for i := range r.Diagrams {
		for k := range r.Diagrams[i].Arrows {
			for _, o := range r.Diagrams[i].Arrows[k].Omitted {
				kind := o.What.Words()
				if _, known := longest[kind]; !known {
					order = append(order, kind)
				}
				longest[kind] = max(longest[kind], o.Us)
			}
		}
	}
	for _, kind := range order {
		list = append(list, kind+" "+longest[kind].Brief())
	}
	return list
}

// surprises prints the arrows that their authors did not expect.
func (s *summary) surprises() {
	for _, r := range s.all {
		for i := range r.Diagrams {
			for k := range r.Diagrams[i].Arrows {
				if a := &r.Diagrams[i].Arrows[k]; a.Surprise() {
					text := fmt.Sprintf("%s:%d: %s: %s: %s", book.ShortName(r.Name), a.Line, who(a),
						terminal.Clip(a.Text, 46),
						terminal.Clip(plainly(a), mostSaid))
					mark := s.Red("✗")
					if a.Verdict == scenarios.Unread {
						mark = s.Yellow("?")
					}
					fmt.Fprintf(s.Out, "  %s %s\n", mark, terminal.Fold(s.Out, text, 4))
				}
			}
		}
	}
}

// checked prints how many checks hold, and each check that does not, with its document and diagram.
func (s *summary) checked() {
	text := s.checks.Say(s.Paint)
	if s.events > 0 {
		text += ", " + terminal.Thousands(int64(s.events)) + " events"
	}
	fmt.Fprintf(s.Out, "\n%s  %s\n%s  %s\n", s.Bold("Read"), s.read, s.Bold("Checked"),
		terminal.Fold(s.Out, text, 9))
	for _, r := range s.all {
		for i := range r.Diagrams {
			d := &r.Diagrams[i]
			for k := range d.Checks {
				c := &d.Checks[k]
				if c.Verdict == lin.Linearizable && !c.Bad {
					continue
				}
				text := fmt.Sprintf("%s:%d: %s: %s", book.ShortName(r.Name), d.Line,
					strings.TrimPrefix(c.Name, judge.CheckWitness+"/"), c.Text)
				fmt.Fprintf(s.Out, "  %s %s\n", s.Mark(c), terminal.Fold(s.Out, text, 4))
			}
		}
	}
}
