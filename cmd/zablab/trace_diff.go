package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/trace"
)

func newTraceDiff() *cobra.Command {
	lines, around := 12, ""
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Find where two runs part, and what becomes of each",
		Long: "Compares two traces event by event: moment, node, kind, message, change of state, the words of a\n" +
			"diagram, and the sentence but for its numbers. Exit status: 0 the same, 1 they differ, 2 a file that\n" +
			"cannot be read.",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return traceDiff(cmd, args[0], args[1], around, lines)
		},
	}
	cmd.Flags().IntVar(&lines, "lines", lines, "how many events to show behind the place where they part")
	cmd.Flags().StringVar(&around, "around", "", "show both around a moment (1.7s) or a step (911) instead of where they part")
	return cmd
}

func traceDiff(cmd *cobra.Command, nameA, nameB, around string, lines int) error {
	var place *trace.Point
	if around != "" {
		p, err := point("around", around)
		if err != nil {
			return err
		}
		place = &p
	}
	if lines < 1 {
		return fmt.Errorf("--lines %d: show at least one", lines)
	}
	a, fileA, err := openTrace(nameA)
	if err != nil {
		return err
	}
	defer fileA.Close()
	b, fileB, err := openTrace(nameB)
	if err != nil {
		return err
	}
	defer fileB.Close()
	d, err := trace.Diff(a, b, place, min(5, lines), lines, 2*lines)
	if err != nil {
		return placed(err)
	}
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(out, map[string]any{
			"equal": d.Equal, "header": jsonOfDiffers(d.Headers), "at": d.At, "before": jsonEvents(d.Before),
			"first": jsonEvents(d.A.Events), "second": jsonEvents(d.B.Events),
			"there": jsonOfDiffers(d.There), "end": jsonOfDiffers(d.End),
		})
	} else {
		p := &traceTable{paint: painter(out), out: out}
		p.diff(d, nameA, nameB, around)
	}
	if !d.Equal {
		return status(exitBroken)
	}
	return nil
}

func (p *traceTable) diff(d *trace.Difference, nameA, nameB, around string) {
	if d.Equal {
		p.line("%s  %s events, sha256 %s", p.green("The same"), steps(d.A.Count), d.A.SHA256)
		return
	}
	for _, h := range d.Headers {
		p.line("%s  %s: %s | %s", p.bold("Header"), h.What, orNothing(h.A), orNothing(h.B))
	}
	if d.At < 0 {
		p.line("The same %s events; the files differ in their headers, their end lines, or numbers in sentences",
			steps(d.A.Count))
		return
	}
	p.line("%s  at step %d: %s and %s say the same before\n", p.bold("They part"), d.At, nameA, nameB)
	t := newTable(p.out, "Time", nameA, "Time", nameB)
	for i := range d.Before {
		if e := &d.Before[i]; around == "" {
			t.row(seconds(e.T), p.faint(e.Say), "", p.faint("the same"))
		}
	}
	p.aside(t, d.A.Events, d.B.Events)
	t.render()
	p.differs("The state behind these", d.There, nameA, nameB)
	if len(d.A.Key)+len(d.B.Key) > 0 {
		p.line("\n%s", p.bold("Key moments from there on"))
		t = newTable(p.out, "Time", nameA, "Time", nameB)
		p.aside(t, d.A.Key, d.B.Key)
		if d.A.More+d.B.More > 0 {
			t.row("", p.faint(steps(d.A.More)+" more"), "", p.faint(steps(d.B.More)+" more"))
		}
		t.render()
	}
	p.differs("The state at the end", d.End, nameA, nameB)
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func (p *traceTable) differs(title string, list []trace.Differs, nameA, nameB string) {
	if len(list) == 0 {
		p.line("\n%s  is the same in both", p.bold(title))
		return
	}
	p.line("\n%s", p.bold(title))
	t := newTable(p.out, "What", nameA, nameB)
	for _, x := range list {
		t.row(x.What, clip(orNothing(x.A), 48), clip(orNothing(x.B), 48))
	}
	t.render()
}

// aside prints two lists side by side, with what is alike in one row: the longest common
// subsequence, which is cheap for lists of a screen's length.
func (p *traceTable) aside(t *table, a, b []trace.Event) {
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
			t.row(seconds(a[i].T), p.faint(a[i].Say), seconds(b[k].T), p.faint(b[k].Say))
			i, k = i+1, k+1
		case k == len(b) || i < len(a) && (best[i+1][k] > best[i][k+1] ||
			best[i+1][k] == best[i][k+1] && a[i].T <= b[k].T):
			t.row(seconds(a[i].T), p.bold(a[i].Say), "", "")
			i++
		default:
			t.row("", "", seconds(b[k].T), p.bold(b[k].Say))
			k++
		}
	}
}
