package fuzz

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/sim"
)

// printBatch prints the results of a batch of seeds.
func printBatch(out io.Writer, b *fuzz.Batch, files []string, took time.Duration) {
	p := terminal.PaintFor(out)
	seconds := max((took - b.Shrinking).Seconds(), 0.001)
	shrinking := ""
	if b.Shrinking >= time.Second/10 {
		shrinking = fmt.Sprintf(", and %.1fs of shrinking", b.Shrinking.Seconds())
	}
	if b.Mix == fuzz.Beyond {
		fmt.Fprintln(out, p.Yellow(
			"--beyond includes faults that no consensus protocol can survive, so a failure is not "+
				"necessarily a bug"))
	}
	fmt.Fprintf(out, "%s  %s\n",
		p.Bold(fmt.Sprintf("%s from %#x", terminal.Plural(b.Done, "seed", "seeds"), b.First)),
		p.Faint(fmt.Sprintf("%.1fs, %.0f seeds/s%s · %s events · %s of virtual time", seconds,
			float64(b.Done)/seconds, shrinking, terminal.Thousands(int64(b.Events)),
			b.Virtual.Brief())))
	fmt.Fprintf(out, "  %s operations, of which %s succeeded (median of a run: %d succeeded)\n",
		terminal.Thousands(int64(b.Operations)), terminal.Thousands(int64(b.Succeeded)), b.Median)
	if f := &b.Promises; f.Holds > 0 {
		fmt.Fprintf(out, "  clients got a lock or a leadership %s; %s, a client still believed "+
			"that it held the lock, or led, after its node had been deleted, for up to %s\n",
			terminal.Plural(f.Holds, "time", "times"), terminal.Plural(f.Past, "time", "times"), sim.Time(f.Longest).Brief())
	}
	fmt.Fprintln(out)
	if b.Engine == "" {
		printSometimes(out, p, b)
	} else {
		printOther(out, p, b)
	}
	if b.Reach.Tally != nil {
		printReach(out, p, b.Reach)
	}
	for i := range b.Failures {
		file := ""
		if files != nil {
			file = files[i]
		}
		printFailure(out, p, b, &b.Failures[i], file)
	}
	for i := range b.Differing {
		fmt.Fprintf(out, "%s %s\n", p.Red("✗"), b.Differing[i].String())
	}
	deviates := printRates(out, p, b)
	for _, name := range slices.Sorted(maps.Keys(b.Muted)) {
		fmt.Fprintf(out, "%s %s  muted: this check failed in %s\n", p.Yellow("~"), p.Bold(name),
			terminal.Plural(b.Muted[name], "run", "runs"))
	}
	switch {
	case len(b.Undecided) > 0:
		fmt.Fprintf(out, "%s a check ran out of time in %s; the first of these runs: zablab fuzz "+
			"--seed %s%s%s\n", p.Yellow("?"), terminal.Plural(len(b.Undecided), "run", "runs"),
			seeds.Text(b.Undecided[0]), mixFlag(b.Mix), engineFlag(b.Engine))
	case b.Dull():
		fmt.Fprintf(out, "%s no check failed, but too little happened to prove anything\n",
			p.Red("✗"))
	case len(b.Failures)+len(b.Differing) == 0 && !deviates && len(b.Muted) > 0:
		fmt.Fprintf(out, "%s no check failed; failures of muted checks do not "+
			"count\n", p.Yellow("~"))
	case len(b.Failures)+len(b.Differing) == 0 && !deviates:
		fmt.Fprintf(out, "%s no check failed\n", p.Green("✓"))
	}
}

// printRates prints how the rates of a batch deviate from the baseline, and reports whether they
// do.
func printRates(out io.Writer, p terminal.Paint, b *fuzz.Batch) bool {
	list, why := b.Deviations()
	if why != "" && b.Done >= fuzz.LeastRuns {
		fmt.Fprintf(out, "%s %s\n", p.Faint("·"), p.Faint("rates not compared with the "+
			"baseline: "+why))
	}
	for i := range list {
		fmt.Fprintf(out, "%s %s\n", p.Red("✗"), terminal.Wrap(list[i].String(), 96, "  "))
		if i == mostDeviations-1 && len(list) > mostDeviations {
			fmt.Fprintf(out, "  and %d more rates that differ from the baseline\n", len(list)-mostDeviations)
			break
		}
	}
	return len(list) > 0
}

// mostDeviations is how many deviations are printed.
const mostDeviations = 5

// printSometimes prints how often each interesting situation occurred. What never occurred has not
// been tested.
func printSometimes(out io.Writer, p terminal.Paint, b *fuzz.Batch) {
	fmt.Fprintln(out, p.Bold("Sometimes"))
	missing := b.Sometimes.Never()
	var never []string
	for _, c := range b.Sometimes.List() {
		mark := p.Green("✓")
		if slices.Contains(missing, c.What) {
			mark = p.Yellow("·")
			never = append(never, c.Text)
		} else if c.N == 0 {
			mark = p.Faint("·")
		}
		fmt.Fprintf(out, "  %s %-54s %d\n", mark, c.Text, c.N)
	}
	if len(never) > 0 {
		fmt.Fprintf(out, "  %s\n", p.Yellow(terminal.Wrap("never happened: "+
			strings.Join(never, "; ")+". This batch proves nothing about these cases.", 96, "  ")))
	}
	fmt.Fprintln(out)
}

// duringText tells the end of a run apart from its middle.
func duringText(during string) string {
	switch during {
	case fuzz.DuringHealing:
		return ", broken after all faults were healed"
	case fuzz.DuringBlackout:
		return ", broken after all servers lost power while idle"
	}
	return ""
}

// printFailure prints one failure, its shrunk plan, and the command that replays it.
func printFailure(out io.Writer, p terminal.Paint, b *fuzz.Batch, x *fuzz.Failure, file string) {
	fmt.Fprintf(out, "%s %s  %s\n  %s\n", p.Red("✗"), p.Bold(x.Property),
		p.Faint(fmt.Sprintf("seed %#x%s, shrunk in %d runs", x.Seed, duringText(x.During), x.Runs)),
		terminal.Wrap(x.Text, 96, "  "))
	for line := range strings.Lines(x.Least.Plan.String()) {
		fmt.Fprintf(out, "    %s", line)
	}
	if n := len(x.Also); n > 0 {
		others := "%s the same check; the first of these seeds is %#x"
		if n == 1 {
			others = "%s the same check: seed %#x"
		}
		fmt.Fprintf(out, "  %s\n", p.Faint(fmt.Sprintf(others,
			terminal.Plural(n, "more seed fails", "more seeds fail"), x.Also[0])))
	}
	if x.Cut {
		fmt.Fprintf(out, "  %s\n", p.Faint("shrinking was stopped early: the schedule "+
			"may not be the smallest"))
	}
	if file != "" {
		fmt.Fprintf(out, "  zablab fuzz --schedule %s\n  %s\n\n", file,
			p.Faint("in the same folder: why.txt, odds.txt, diagram.md, page.html, trace.ndjson"))
	} else {
		fmt.Fprintf(out, "  zablab fuzz --seed %s%s%s\n\n", seeds.Text(x.Seed), mixFlag(b.Mix),
			engineFlag(b.Engine))
	}
}
