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
		t.Row(fmt.Sprint(r.Line), r.Text, says(p, &r))
	}
	t.Render()
}

// says is how a line is read, in as many lines as it takes.
func says(p terminal.Paint, r *script.Reading) string {
	var lines []string
	switch r.Kind {
	case script.Unread:
		lines = append(lines, p.Yellow("? unread")+": "+r.Problem)
		if r.Nearest != "" {
			lines = append(lines, "nearest: "+r.Nearest)
		}
	case script.Remark, script.Participant, script.Stage, script.Block:
		lines = append(lines, p.Faint(r.Says))
	default:
		lines = append(lines, r.Says)
	}
	for _, s := range r.Supplied {
		lines = append(lines, p.Faint("supplied: "+s))
	}
	return strings.Join(lines, "\n")
}
