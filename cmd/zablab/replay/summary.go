package replay

import (
	"fmt"
	"io"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
)

// printBook prints a table of many documents, a row for each.
func printBook(out io.Writer, all []*scenarios.Result, o *scenarios.Options) {
	p := terminal.PaintFor(out)
	t := terminal.NewTable(out, "Chapter", "Arrows", "as drawn", "later", "different", "never",
		"Unexpected", "Checks")
	surprises, broken := 0, 0
	for _, r := range all {
		arrows, odd, counts := arrowsOf(r)
		kept, lost := checksOf(r)
		surprises, broken = surprises+odd, broken+lost
		checks := p.Green(fmt.Sprintf("✓ %d", kept))
		if lost > 0 {
			checks = p.Red(fmt.Sprintf("✗ %d of %d", lost, kept+lost))
		}
		says := p.Green("none")
		if odd > 0 {
			says = p.Red(fmt.Sprint(odd))
		}
		t.Row(book.ShortName(r.Name), fmt.Sprint(arrows),
			fmt.Sprint(counts[scenarios.AsDrawn]+counts[scenarios.Applied]),
			terminal.Dot(counts[scenarios.Later]), terminal.Dot(counts[scenarios.Different]),
			terminal.Dot(counts[scenarios.Never]), says, checks)
	}
	t.Render()
	fmt.Fprintf(out, "\nEach chapter is played with %s. Unexpected: verdicts \"different\" or "+
		"\"never\"\nthat the author does not expect. To read a chapter: zablab read CHAPTER\n",
		terminal.Plural(o.Seeds, "seed", "seeds"))
	if surprises+broken > 0 {
		fmt.Fprintln(out,
			p.Red("To see an unexpected verdict or a failed check, run: zablab replay --seeds "+
				fmt.Sprint(o.Seeds)+" CHAPTER"))
	}
}

// arrowsOf counts the arrows of a document, those that surprise its author, and each verdict over
// all runs.
func arrowsOf(r *scenarios.Result) (arrows, surprises int, counts map[scenarios.Verdict]int) {
	counts = make(map[scenarios.Verdict]int)
	for i := range r.Diagrams {
		for k := range r.Diagrams[i].Arrows {
			a := &r.Diagrams[i].Arrows[k]
			if a.Verdict == scenarios.Remark {
				continue
			}
			arrows++
			for v, n := range a.Counts {
				counts[v] += n
			}
			if a.Surprise() {
				surprises++
			}
		}
	}
	return arrows, surprises, counts
}

// checksOf counts the checks of promised properties in a document, by name: kept hold in every run,
// lost do not.
func checksOf(r *scenarios.Result) (kept, lost int) {
	bad := make(map[string]bool)
	var names []string
	for i := range r.Diagrams {
		for _, c := range r.Diagrams[i].Checks {
			if !c.Promised {
				continue
			}
			if _, known := bad[c.Name]; !known {
				names = append(names, c.Name)
				bad[c.Name] = false
			}
			if c.Verdict != lin.Linearizable {
				bad[c.Name] = true
			}
		}
	}
	for _, n := range names {
		if bad[n] {
			lost++
		} else {
			kept++
		}
	}
	return kept, lost
}
