package fuzz

import (
	"fmt"
	"io"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
)

// printReach prints the map of what the runs reached. A zero stands out, with the reason why no run
// reaches it, if there is one.
func printReach(out io.Writer, p terminal.Paint, r fuzz.Reach) {
	fmt.Fprintln(out, p.Bold("Reached"))
	for _, region := range r.Map() {
		fmt.Fprintf(out, "  %s\n", p.Bold(region.Name))
		for _, s := range region.Spots {
			switch {
			case s.N > 0:
				fmt.Fprintf(out, "    %10s  %s\n", terminal.Thousands(int64(s.N)), s.Name)
			case s.Why != "":
				fmt.Fprintf(out, "    %10s  %s\n", p.Faint("-"), p.Faint(
					terminal.Wrap(s.Name+": "+s.Why, 86, "                ")))
			default:
				fmt.Fprintf(out, "    %s  %s\n", p.Yellow("         0"), p.Yellow(s.Name))
			}
		}
	}
	if n := len(r.Unexplained()); n > 0 {
		fmt.Fprintf(out, "  %s\n", p.Yellow(fmt.Sprintf(
			"%s: this batch proves nothing about such situations", terminal.Plural(n,
				"expected situation was never reached",
				"expected situations were never reached"))))
	}
	fmt.Fprintln(out)
}
