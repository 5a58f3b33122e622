package replay

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
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

// print prints a row for each document, the problems, and what to run for more. On a page of
// limited width each row is one line, and so is each diagram with something allowed but bad.
func (s *summary) print() {
	width := terminal.Columns(s.Out)
	if width > 0 {
		s.narrow(width)
	} else {
		s.wide()
	}
	s.surprises()
	s.checked(width)
	const head, tail = "All details", "or your command with -v"
	command := s.f.command(book.ShortName(s.all[0].Name), nil, "all", "seeds")
	sep := " "
	if n := len(head) + len(tail) + 4 + utf8.RuneCountInString(command); width > 0 && n > width {
		sep = "\n" + strings.Repeat(" ", len(head)+2)
	}
	fmt.Fprintf(s.Out, "%s  %s,%s%s\n", s.Bold(head), command, sep, tail)
}

// wide prints the table of the documents in full.
func (s *summary) wide() {
	t := terminal.NewTable(s.Out, "Document", "Arrows", "Outcome")
	for _, r := range s.all {
		o := outcomeOf(r)
		t.Row(book.ShortName(r.Name), s.verdict(r, &o)+fmt.Sprintf(" %d", o.arrows), o.full())
	}
	t.Render()
}

// narrow prints the table of the documents for a page of a limited width: each row is one line,
// with as many of the reasons as fit.
func (s *summary) narrow(width int) {
	name := 0
	for _, r := range s.all {
		name = max(name, utf8.RuneCountInString(book.ShortName(r.Name)))
	}
	const mark, sides = 2, 4 // columns for the mark, and blanks on both sides of two columns
	name = min(name, max(width/3, 8))
	t := terminal.NewTable(s.Out, "Document", "What came later, and why")
	wrong, surprises := false, 0
	for _, r := range s.all {
		o := outcomeOf(r)
		wrong, surprises = wrong || o.expected+o.surprises > 0, surprises+o.surprises
		t.Row(s.verdict(r, &o)+" "+clipName(book.ShortName(r.Name), name),
			o.fit(width-mark-name-sides))
	}
	t.Render()
	if !wrong {
		return
	}
	legend := `arrows with the verdict "different" or "never", where the document announces this verdict`
	if surprises > 0 {
		legend += `, except for those that a row calls "not expected"`
	}
	fmt.Fprintf(s.Out, "%s  %s\n", s.Red("✗"), terminal.Fold(s.Out, legend, 3))
}

// clipName shortens the name of a document: a path at its beginning, another name at its end.
func clipName(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most || !strings.ContainsRune(name, '/') {
		return terminal.Clip(name, most)
	}
	return "…" + string(runes[len(runes)-most+1:])
}

// verdict returns the mark of the worst outcome in a document.
func (s *summary) verdict(r *scenarios.Result, o *outcome) string {
	var c verdict.Count
	for i := range r.Diagrams {
		c.Add(r.Diagrams[i].Checks)
	}
	switch {
	case c.Lost > 0, o.surprises > 0:
		return s.Red("✗")
	case o.unread > 0, c.Undecided > 0:
		return s.Yellow("?")
	case c.Bad > 0:
		return s.Yellow("!")
	}
	return s.Green("✓")
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
// If width is not 0, what is allowed but bad has one line for each diagram.
func (s *summary) checked(width int) {
	text := s.checks.Say(s.Paint)
	if s.events > 0 {
		text += ", " + terminal.Thousands(int64(s.events)) + " events"
	}
	fmt.Fprintf(s.Out, "\n%s  %s\n%s  %s\n", s.Bold("Read"), s.read, s.Bold("Checked"),
		terminal.Fold(s.Out, text, len("Checked  ")))
	place := 0
	for _, r := range s.all {
		for i := range r.Diagrams {
			if len(badOf(&r.Diagrams[i])) > 0 {
				place = max(place, utf8.RuneCountInString(placeOf(r, i)))
			}
		}
	}
	for _, r := range s.all {
		for i := range r.Diagrams {
			s.problems(r, i, width, min(place, width/2))
		}
	}
}

// problems prints the checks of a diagram that do not hold.
func (s *summary) problems(r *scenarios.Result, diagram, width, place int) {
	d := &r.Diagrams[diagram]
	where := placeOf(r, diagram)
	for k := range d.Checks {
		c := &d.Checks[k]
		if c.Verdict == lin.Linearizable && !c.Bad || width > 0 && allowed(c) {
			continue
		}
		text := fmt.Sprintf("%s: %s: %s", where,
			strings.TrimPrefix(c.Name, judge.CheckWitness+"/"), c.Text)
		fmt.Fprintf(s.Out, "  %s %s\n", s.Mark(c), terminal.Fold(s.Out, text, 4))
	}
	if list := badOf(d); width > 0 && len(list) > 0 {
		where = clipName(where, place)
		pad := strings.Repeat(" ", place-utf8.RuneCountInString(where)+2)
		fmt.Fprintf(s.Out, "  %s %s%s%s\n", s.Yellow("!"), where, pad,
			terminal.Fold(s.Out, strings.Join(list, ", "), place+6))
	}
}

// placeOf returns the place of a diagram: the document and the line.
func placeOf(r *scenarios.Result, diagram int) string {
	return fmt.Sprintf("%s:%d", book.ShortName(r.Name), r.Diagrams[diagram].Line)
}

// allowed reports whether a check shows only something bad that ZooKeeper allows.
func allowed(c *judge.Check) bool {
	return c.Verdict == lin.Linearizable && c.Bad || c.Verdict == lin.Broken && !c.Promised
}

// badOf says in a few words what ZooKeeper allows in a diagram, but nobody wants. Checks of several
// judges that found the same are one.
func badOf(d *scenarios.DiagramResult) (list []string) {
	for k := range d.Checks {
		c := &d.Checks[k]
		if !allowed(c) {
			continue
		}
		name := strings.TrimPrefix(c.Name, judge.CheckWitness+"/")
		if name == judge.CheckFencing {
			name = witness.Fencing
		}
		text := cmp.Or(d.Figures.Brief(name), terminal.Clip(c.Text, mostSaid))
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}
