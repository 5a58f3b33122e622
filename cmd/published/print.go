package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/zablab/zablab/cmd/zablab/terminal"
)

// printAll prints a row for each drawing and the total, and, if asked for, the lines that differ.
func printAll(out io.Writer, list []compared, left []string, verbose bool) {
	t := terminal.NewTable(out, "Id", "Subject", "Lines",
		"Unread", "Other language", "Read wrong", "Read right", "Every line right")
	for i := range list {
		c := &list[i]
		mark := "✗"
		switch {
		case c.whole():
			mark = "✓"
		case c.but():
			mark = "(✓)"
		}
		t.Row(cells(c.row.ID, c, mark)...)
	}
	total, whole, but := sum(list)
	t.Row(cells("all", &total, fmt.Sprintf("%d (%d)", whole, but))...)
	t.Render()
	if verbose {
		for i := range list {
			printDifferences(out, &list[i])
		}
	}
	if len(left) > 0 {
		fmt.Fprintf(out, "\nThe table leaves out %d drawings:\n", len(left))
		for _, why := range left {
			fmt.Fprintln(out, "  "+why)
		}
	}
}

func cells(id string, c *compared, whole string) []string {
	return []string{id, c.row.Subject, strconv.Itoa(c.lines), strconv.Itoa(c.unread),
		strconv.Itoa(c.alien), strconv.Itoa(c.wrong), strconv.Itoa(c.right), whole}
}

// printDifferences prints the lines of a drawing that differ, the expert's reading above the lab's.
func printDifferences(out io.Writer, c *compared) {
	if len(c.differ) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s  %s\n", c.row.ID, c.row.Subject)
	for _, d := range c.differ {
		fmt.Fprintf(out, "  line %d, %s: %s\n    %s\n    expert  %s: %s\n", d.want.Line, d.what,
			d.why, d.text, d.want.Verdict, d.want.Reads)
		if d.want.Why != "" {
			fmt.Fprintf(out, "            (%s)\n", d.want.Why)
		}
		if d.got == nil {
			continue
		}
		fmt.Fprintf(out, "    lab     %s: %s\n", d.got.Verdict, d.got.Says)
		if d.got.Instead != "" {
			fmt.Fprintf(out, "            (%s)\n", d.got.Instead)
		}
		for _, s := range d.got.Supplied {
			fmt.Fprintf(out, "            supplied: %s\n", s)
		}
	}
}
