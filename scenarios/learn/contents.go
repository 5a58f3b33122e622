package learn

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Shown returns the text of the exercise as a learner reads it, in Markdown: the question, with
// its choices, faults or history.
func (x *Exercise) Shown() (string, error) {
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
	most := x.most
	if most == 0 {
		most = mostFaults
	}
	text = strings.NewReplacer("{{faults}}", block(faults), "{{trace}}", x.TraceFile(),
		"{{par}}", strconv.Itoa(x.par), "{{most}}", strconv.Itoa(most)).Replace(text)
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
	case Predict, Read, Judge:
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
