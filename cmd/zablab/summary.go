package main

import (
	"fmt"
	"io"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
)

// printBook sums many documents up: a row each.
func printBook(out io.Writer, all []*scenarios.Result, o *scenarios.Options) {
	p := painter(out)
	t := newTable(out, "Chapter", "Arrows", "as drawn", "later", "different", "never", "Surprises", "Checks")
	surprises, broken := 0, 0
	for _, r := range all {
		counts := make(map[scenarios.Verdict]int)
		arrows, odd := 0, 0
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
					odd++
				}
			}
		}
		kept, lost := checksOf(r)
		surprises, broken = surprises+odd, broken+lost
		checks := p.green(fmt.Sprintf("✓ %d", kept))
		if lost > 0 {
			checks = p.red(fmt.Sprintf("✗ %d of %d", lost, kept+lost))
		}
		says := p.green("none")
		if odd > 0 {
			says = p.red(fmt.Sprint(odd))
		}
		t.row(book.ShortName(r.Name), fmt.Sprint(arrows),
			fmt.Sprint(counts[scenarios.AsDrawn]+counts[scenarios.Applied]), dot(counts[scenarios.Later]),
			dot(counts[scenarios.Different]), dot(counts[scenarios.Never]), says, checks)
	}
	t.render()
	fmt.Fprintf(out, "\nEach over %s. A surprise is an arrow that comes different or never though its author did not say so;\n"+
		"why the others do, the chapter says: zablab read CHAPTER\n", plural(o.Seeds, "seed", "seeds"))
	if surprises+broken > 0 {
		fmt.Fprintln(out, p.red("See one: zablab replay --seeds "+fmt.Sprint(o.Seeds)+" CHAPTER"))
	}
}

// checksOf counts the promised checks of a document, by name, that hold in every run, and those that
// do not.
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

func dot(n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprint(n)
}
