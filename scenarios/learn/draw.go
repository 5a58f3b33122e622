package learn

import (
	"fmt"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
)

// checkDraw plays the learner's drawing. Every line must be read and must happen as its author
// expects, and the run must show what the exercise asks for.
func (x *Exercise) checkDraw(text []byte) (Verdict, error) {
	name := x.File()
	if len(text) > diagram.MaxSize {
		return unread(fmt.Errorf("the file has more than %d bytes: draw less",
			diagram.MaxSize)), nil
	}
	if doc, err := diagram.Parse(name, text); err == nil && empty(doc) {
		return unread(errOpen), nil
	}
	p, err := playDocument(name, text, nil, 1)
	if err != nil {
		return unread(err), nil
	}
	defer p.close()
	lines := 0
	for _, a := range p.arrows() {
		if a.Verdict != scenarios.Remark {
			lines++
		}
	}
	if lines == 0 {
		return unread(errOpen), nil
	}
	v := Verdict{Status: Failed, Details: p.table(), Lines: lines, Par: x.par}
	v.Why, v.Status = x.drawn(p, lines)
	switch v.Status {
	case Failed:
		v.Drawing = p.picture()
		v.Again = "zablab replay " + name
	case Unread:
		v.Again = "zablab guide"
	}
	return v, nil
}

// empty reports whether nothing is drawn: no arrow, and no note.
func empty(doc *diagram.Document) bool {
	found := len(doc.Problems) > 0
	for _, d := range doc.Diagrams {
		diagram.Walk(d.Items, func(it diagram.Item) bool {
			switch it.(type) {
			case *diagram.Arrow, *diagram.Note:
				found = true
			}
			return true
		})
	}
	return !found
}

// drawn says what is wrong with a drawing, if anything is.
func (x *Exercise) drawn(p *played, lines int) (string, Status) {
	for _, a := range p.arrows() {
		if a.Verdict == scenarios.Unread {
			return fmt.Sprintf("line %d, %q, is not understood: %s", a.Line, a.Text, a.Says), Unread
		}
	}
	for _, a := range p.arrows() {
		if a.Surprise() {
			why := fmt.Sprintf("line %d, %q, does not happen as you have drawn it", a.Line, a.Text)
			if a.Instead != "" {
				why += ": " + a.Instead
			}
			return why, Failed
		}
	}
	for _, w := range x.shows {
		if !w.holds(p) {
			return w.lacks, Failed
		}
	}
	if x.most > 0 && lines > x.most {
		return fmt.Sprintf("the drawing has %d arrows and notes, and at most %d are allowed: leave "+
			"out what the run does not need", lines, x.most), Failed
	}
	return "", Passed
}
