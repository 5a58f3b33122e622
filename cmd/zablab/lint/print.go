package lint

import (
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/script"
)

// Print prints how the lines of a diagram are read: a row for each, with what the lab supplied;
// for an unread line, the reason and the nearest phrase.
func Print(out io.Writer, scene *script.Scene) {
	p := terminal.PaintFor(out)
	t := terminal.NewTable(out, "Line", "Drawn", "How it is read")
	for _, r := range scene.Readings() {
		t.Row(fmt.Sprint(r.Line), terminal.Clip(r.Text, mostText), says(p, &r))
	}
	t.Render()
}

// The longest text of a line, and the longest sentence about it, in a table. JSON has all of them.
const (
	mostText  = 100
	mostWords = 300
)

// says is how a line is read, in as many lines as it takes.
func says(p terminal.Paint, r *script.Reading) string {
	clip := func(s string) string { return terminal.Clip(s, mostWords) }
	var lines []string
	switch r.Kind {
	case script.Unread:
		lines = append(lines, p.Yellow("? unread")+": "+clip(r.Problem))
		if r.Nearest != "" {
			lines = append(lines, "nearest: "+clip(r.Nearest))
		}
	case script.Remark, script.Participant, script.Stage, script.Block:
		lines = append(lines, p.Faint(clip(r.Says)))
	default:
		lines = append(lines, clip(r.Says))
	}
	for _, s := range r.Supplied {
		lines = append(lines, p.Faint("supplied: "+clip(s)))
	}
	return strings.Join(lines, "\n")
}
