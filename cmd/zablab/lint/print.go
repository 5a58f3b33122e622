package lint

import (
	"io"
	"strconv"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/script"
)

// Print prints a table that shows how each line of a diagram is read, and what the lab supplies so
// that the line can be played. For an unread line it shows the reason, and a similar phrase that
// the lab can read.
func Print(out io.Writer, scene *script.Scene) {
	p := terminal.PaintFor(out)
	t := terminal.NewTable(out, "Line", "Drawn", "Reading")
	for _, r := range scene.Readings() {
		t.Row(strconv.Itoa(r.Line), terminal.Clip(r.Text, mostText), says(p, &r))
	}
	t.Render()
}

// Maximum lengths in a table: of a line, and of a sentence about it. The JSON output is not cut.
const (
	mostText  = 100
	mostWords = 300
)

// says returns how a line is read, in one line of text or several.
func says(p terminal.Paint, r *script.Reading) string {
	clip := func(s string) string { return terminal.Clip(s, mostWords) }
	said := clip(r.Says)
	switch r.Kind {
	case script.Unread:
		if said = p.Yellow("? unread") + ": " + clip(r.Problem); r.Nearest != "" {
			said += "\nnearest: " + clip(r.Nearest)
		}
	case script.Remark, script.Participant, script.Stage, script.Block:
		said = p.Faint(said)
	}
	for _, s := range r.Supplied {
		said += "\n" + p.Faint("supplied: "+clip(s))
	}
	return said
}
