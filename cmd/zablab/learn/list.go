package learn

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/learn"
)

// jsonExercise is an exercise in the output of zablab learn --json. Keys may be added, but never
// renamed.
type jsonExercise struct {
	Number int          `json:"number"`
	Name   string       `json:"name"`
	Kind   learn.Kind   `json:"kind"`
	Title  string       `json:"title"`
	File   string       `json:"file"`
	Hints  int          `json:"hints"`
	Status learn.Status `json:"status,omitempty"`
	Tries  int          `json:"tries"`
	Shown  int          `json:"hints_shown"`
	Lines  int          `json:"lines"`
	Par    int          `json:"par"`
}

// list prints the exercises, with the progress of the learner if there is any.
func (f *flags) list(cmd *cobra.Command) error {
	p, err := readProgress(f.folder())
	if err != nil {
		return err
	}
	all, err := f.load(p)
	if err != nil {
		return err
	}
	out, passed, next := cmd.OutOrStdout(), 0, (*learn.Exercise)(nil)
	rows := []jsonExercise{}
	for _, x := range all {
		row := jsonExercise{Number: x.Number, Name: x.Name, Kind: x.Kind, Title: x.Title, File: x.File(),
			Hints: len(x.Hints), Par: x.Par()}
		if p != nil {
			r := p.of(x)
			row.Status, row.Tries, row.Shown, row.Lines = r.status, r.tries, r.hints, r.lines
			switch {
			case r.status == learn.Passed:
				passed++
			case next == nil:
				next = x
			}
		}
		rows = append(rows, row)
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"exercises": rows, "started": p != nil,
			"passed": passed})
		return nil
	}
	printList(cmd, rows, p != nil)
	switch {
	case p == nil:
		fmt.Fprintln(out, "\nTo begin, run zablab learn start: it writes a folder with a file "+
			"for each exercise")
	case next == nil:
		fmt.Fprintf(out, "\nAll %d passed.\n", len(all))
	default:
		fmt.Fprintf(out, "\n%d of %d passed. Next: open %s, write your answer into it, and run "+
			"zablab learn check %d\n", passed, len(all), next.File(), next.Number)
	}
	return nil
}

func printList(cmd *cobra.Command, rows []jsonExercise, started bool) {
	out := cmd.OutOrStdout()
	if !started {
		t := terminal.NewTable(out, "No.", "Kind", "Exercise", "Hints")
		for _, r := range rows {
			t.Row(strconv.Itoa(r.Number), string(r.Kind), r.Title, strconv.Itoa(r.Hints))
		}
		t.Render()
		return
	}
	t := terminal.NewTable(out, "No.", "Kind", "Exercise", "Status", "Tries", "Hints", "Lines")
	for _, r := range rows {
		lines := ""
		if r.Lines > 0 && r.Par > 0 {
			lines = fmt.Sprintf("%d (best %d)", r.Lines, r.Par)
		}
		t.Row(strconv.Itoa(r.Number), string(r.Kind), r.Title, sign(r.Status), strconv.Itoa(r.Tries),
			fmt.Sprintf("%d of %d", r.Shown, r.Hints), lines)
	}
	t.Render()
}

// sign shows a status in a table.
func sign(s learn.Status) string {
	switch s {
	case learn.Passed:
		return "✓ passed"
	case learn.Open:
		return "· open"
	}
	return "✗ " + string(s)
}
