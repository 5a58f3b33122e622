package trace

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/trace"
)

// diffFlags are the flags of zablab trace diff.
type diffFlags struct {
	around string
	lines  int
}

func newDiff() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Find where two runs diverge, and how each run continues",
		Long: `Compares two traces event by event. Two events are the same if they have the same time,
node, kind, message, state change, diagram label and description (numbers in the
description are ignored). The command prints the last common events, the next events of
each run, and how the states and key moments of the runs differ.

Exit status: 0 identical; 1 different; 2 wrong usage or an unreadable file.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0], args[1]) },
	}
	cmd.Flags().IntVar(&f.lines, "lines", 12,
		"number of events to show after the runs diverge")
	cmd.Flags().StringVar(&f.around, "around", "",
		"show both runs around this time or step, such as 1.7s or 911, instead of where "+
			"they diverge")
	return cmd
}

func (f *diffFlags) run(cmd *cobra.Command, nameA, nameB string) error {
	var place *trace.Point
	if f.around != "" {
		p, err := point("around", f.around)
		if err != nil {
			return err
		}
		place = &p
	}
	if f.lines < 1 {
		return fmt.Errorf("--lines %d: must be at least 1", f.lines)
	}
	a, fileA, err := open(nameA)
	if err != nil {
		return err
	}
	defer fileA.Close()
	b, fileB, err := open(nameB)
	if err != nil {
		return err
	}
	defer fileB.Close()
	d, err := trace.Diff(a, b, place, min(5, f.lines), f.lines, 2*f.lines)
	if err != nil {
		return command.Placed(err)
	}
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{
			"equal": d.Equal, "header": jsonOfDiffers(d.Headers), "at": d.At,
			"before": jsonEvents(d.Before),
			"first":  jsonEvents(d.A.Events), "second": jsonEvents(d.B.Events),
			"there": jsonOfDiffers(d.There), "end": jsonOfDiffers(d.End),
		})
	} else {
		newPrinter(out).diff(d, nameA, nameB, f.around)
	}
	if !d.Equal {
		return command.Status(command.Broken)
	}
	return nil
}

// diff prints where two runs diverge, and how each continues.
func (p *printer) diff(d *trace.Difference, nameA, nameB, around string) {
	if d.Equal {
		p.line("%s  %s events, sha256 %s", p.Green("The same"), terminal.Thousands(d.A.Count),
			d.A.SHA256)
		return
	}
	for _, h := range d.Headers {
		p.line("%s  %s: %s | %s", p.Bold("Header"), h.What, orNothing(h.A), orNothing(h.B))
	}
	if d.At < 0 {
		p.line("All %s events are the same; the files differ only in the header line, the end line or "+
			"the numbers in descriptions",
			terminal.Thousands(d.A.Count))
		return
	}
	p.line("%s  at step %d; before this step %s and %s are identical\n",
		p.Bold("The runs diverge"), d.At, nameA, nameB)
	t := terminal.NewTable(p.out, "Time", nameA, "Time", nameB)
	for i := range d.Before {
		if e := &d.Before[i]; around == "" {
			t.Row(seconds(e.T), p.Faint(e.Say), "", p.Faint("the same"))
		}
	}
	p.columns(t, d.A.Events, d.B.Events)
	t.Render()
	p.differs("State after these events", d.There, nameA, nameB)
	if len(d.A.Key)+len(d.B.Key) > 0 {
		p.line("\n%s", p.Bold("Later key moments"))
		t = terminal.NewTable(p.out, "Time", nameA, "Time", nameB)
		p.columns(t, d.A.Key, d.B.Key)
		if d.A.More+d.B.More > 0 {
			t.Row("", p.Faint(terminal.Thousands(d.A.More)+" more"), "",
				p.Faint(terminal.Thousands(d.B.More)+" more"))
		}
		t.Render()
	}
	p.differs("Final state", d.End, nameA, nameB)
}

// orNothing returns a word for an empty value.
func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// differs prints a table of the differences between two states.
func (p *printer) differs(title string, list []trace.Differs, nameA, nameB string) {
	if len(list) == 0 {
		p.line("\n%s  identical in both", p.Bold(title))
		return
	}
	p.line("\n%s", p.Bold(title))
	t := terminal.NewTable(p.out, "Field", nameA, nameB)
	for _, x := range list {
		t.Row(x.What, terminal.Clip(orNothing(x.A), 48), terminal.Clip(orNothing(x.B), 48))
	}
	t.Render()
}

// columns prints two lists side by side. Equal events share a row. The longest common subsequence
// decides which; computing it is cheap for lists that fit a screen.
func (p *printer) columns(t *terminal.Table, a, b []trace.Event) {
	best := make([][]int, len(a)+1)
	for i := range best {
		best[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			best[i][k] = max(best[i+1][k], best[i][k+1])
			if trace.Alike(&a[i], &b[k]) {
				best[i][k] = best[i+1][k+1] + 1
			}
		}
	}
	for i, k := 0, 0; i < len(a) || k < len(b); {
		switch {
		case i < len(a) && k < len(b) && trace.Alike(&a[i], &b[k]):
			t.Row(seconds(a[i].T), p.Faint(a[i].Say), seconds(b[k].T), p.Faint(b[k].Say))
			i, k = i+1, k+1
		case k == len(b) || i < len(a) && (best[i+1][k] > best[i][k+1] ||
			best[i+1][k] == best[i][k+1] && a[i].T <= b[k].T):
			t.Row(seconds(a[i].T), p.Bold(a[i].Say), "", "")
			i++
		default:
			t.Row("", "", seconds(b[k].T), p.Bold(b[k].Say))
			k++
		}
	}
}
