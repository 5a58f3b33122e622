package learn

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// Shown returns the text of the exercise as a learner reads it in a file, in Markdown: the
// question, with its choices, faults or history.
func (x *Exercise) Shown() (string, error) {
	text, err := x.Question("the file `" + x.TraceFile() + "`")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(text)
	for i, c := range x.choices {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s) %s\n\n", c.letter, c.text)
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// Question returns the text of the exercise without its choices, in Markdown. For an exercise of
// kind [Read], the argument run is a text that tells the learner where to find the run that the
// exercise is about.
func (x *Exercise) Question(run string) (string, error) {
	text := x.Text
	if strings.Contains(text, "{{history}}") {
		h, err := x.operations()
		if err != nil {
			return "", err
		}
		text = strings.ReplaceAll(text, "{{history}}", block(lanes(h)))
	}
	faults := make([]string, len(x.faults))
	for i, line := range x.faults {
		faults[i] = fmt.Sprintf("%d  %s", i+1, line)
	}
	return strings.NewReplacer("{{faults}}", block(faults), "{{run}}", run, "{{trace}}", x.TraceFile(),
		"{{par}}", strconv.Itoa(x.par), "{{most}}", strconv.Itoa(x.Most())).Replace(text), nil
}

// Option is an answer that a learner may choose.
type Option struct{ Answer, Text string }

// Options returns the answers to choose from: for an exercise of kind [Predict], its choices; for
// [Read], the faults of its run; for [Judge], the operations of its history, and "linearizable".
// For other kinds, it returns none.
func (x *Exercise) Options() (list []Option, err error) {
	for _, c := range x.choices {
		list = append(list, Option{c.letter, c.text})
	}
	for i, line := range x.faults {
		if x.event == nil {
			list = append(list, Option{strconv.Itoa(i + 1), line})
		}
	}
	if x.Kind != Judge {
		return list, nil
	}
	h, err := x.operations()
	if err != nil {
		return nil, err
	}
	list = append(list, Option{linearizable, "one order of the operations explains all answers: an " +
		"operation that ended before another began comes before it"})
	for i := range h {
		if h[i].Outcome != lin.Unknown { // no answer, so none to blame
			list = append(list, Option{strconv.Itoa(i + 1), h[i].String()})
		}
	}
	return list, nil
}

// History returns the history of an exercise of kind [Judge], in the order of the calls.
func (x *Exercise) History() (lin.History, error) { return x.operations() }

// Faults returns the faults in the run of an exercise of kind [Read], each as a line of text.
func (x *Exercise) Faults() []string { return slices.Clone(x.faults) }

// Most returns how many lines an answer to an exercise of kind [Draw] or [Break] may have; 0 means
// no limit.
func (x *Exercise) Most() int {
	if x.most == 0 && x.Kind == Break {
		return mostFaults
	}
	return x.most
}

// block is lines as a block of code in Markdown.
func block(lines []string) string { return "    " + strings.Join(lines, "\n    ") }

// Contents returns the file that the learner starts from.
func (x *Exercise) Contents() ([]byte, error) {
	text, err := x.Shown()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	title := fmt.Sprintf("%d. %s (%s)", x.Number, x.Title, x.Kind)
	switch x.Kind {
	case Predict, Read, Judge, Reach:
		fmt.Fprintf(&b, "# %s\n\n%s\nAnswer:\n", title, text)
	case Draw:
		fmt.Fprintf(&b, "# %s\n\n%s\n%s", title, text, x.Task)
	case Break:
		comment(&b, "#", title+"\n\n"+text)
		b.Write(x.Task)
	case Repair:
		comment(&b, "//", title+"\n\n"+text)
		b.WriteString("\n")
		b.Write(x.Task)
	}
	return b.Bytes(), nil
}

// comment writes text as lines of a comment.
func comment(b *bytes.Buffer, mark, text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		b.WriteString(strings.TrimRight(mark+" "+strings.TrimRight(line, "\n"), " ") + "\n")
	}
}
