package fuzz

import (
	"fmt"
	"io"
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
	seconds := max(took.Seconds(), 0.001)
	if b.Mix == fuzz.Beyond {
		fmt.Fprintln(out, p.Yellow(
			"beyond: no consensus protocol survives some of these faults, so a failure need "+
				"not be a bug"))
	}
	fmt.Fprintf(out, "%s  %s\n",
		p.Bold(fmt.Sprintf("%s from %#x", terminal.Plural(b.Done, "seed", "seeds"), b.First)),
		p.Faint(fmt.Sprintf("%.1fs, %.0f seeds/s · %s events · %s of virtual time", seconds,
			float64(b.Done)/seconds, terminal.Thousands(int64(b.Events)), b.Virtual.Brief())))
	fmt.Fprintf(out, "  %s operations, %s succeeded (median per run: %d)\n",
		terminal.Thousands(int64(b.Operations)), terminal.Thousands(int64(b.Succeeded)), b.Median)
	if f := &b.Promises; f.Holds > 0 {
		fmt.Fprintf(out, "  %s; %s outlived the holder's node, by at most %s\n",
			terminal.Plural(f.Holds, "office held", "offices held"),
			terminal.Plural(f.Past, "belief", "beliefs"), sim.Time(f.Longest).Brief())
	}
	fmt.Fprintln(out)
	printSometimes(out, p, b)
	for i := range b.Failures {
		file := ""
		if files != nil {
			file = files[i]
		}
		printFailure(out, p, b.Mix, &b.Failures[i], file)
	}
	for i := range b.Differing {
		fmt.Fprintf(out, "%s %s\n", p.Red("✗"), b.Differing[i].String())
	}
	switch {
	case len(b.Undecided) > 0:
		fmt.Fprintf(out, "%s in %s, a judge ran out of time: zablab fuzz --seed %#x\n",
			p.Yellow("?"),
			terminal.Plural(len(b.Undecided), "run", "runs"), b.Undecided[0])
	case b.Dull():
		fmt.Fprintf(out, "%s no check failed, but too little happened to prove anything\n",
			p.Red("✗"))
	case len(b.Failures)+len(b.Differing) == 0:
		fmt.Fprintf(out, "%s no check failed\n", p.Green("✓"))
	}
}

// printSometimes prints how often each interesting situation occurred. What never occurred has not
// been tested.
func printSometimes(out io.Writer, p terminal.Paint, b *fuzz.Batch) {
	fmt.Fprintln(out, p.Bold("Sometimes"))
	never := b.Sometimes.Never()
	for _, c := range b.Sometimes.List() {
		mark := p.Green("✓")
		if slices.Contains(never, c.What) {
			mark = p.Yellow("·")
		} else if c.N == 0 {
			mark = p.Faint("·")
		}
		fmt.Fprintf(out, "  %s %-32s %d\n", mark, c.What, c.N)
	}
	if len(never) > 0 {
		fmt.Fprintf(out, "  %s\n", p.Yellow(
			"never happened: "+strings.Join(never, ", ")+": this batch proves nothing about "+
				"these cases"))
	}
	fmt.Fprintln(out)
}

// printFailure prints one failure, its shrunk plan, and the command that replays it.
func printFailure(out io.Writer, p terminal.Paint, mix fuzz.Mix, x *fuzz.Failure, file string) {
	fmt.Fprintf(out, "%s %s  %s\n  %s\n", p.Red("✗"), p.Bold(x.Property),
		p.Faint(fmt.Sprintf("seed %#x, shrunk in %d runs", x.Seed, x.Runs)), terminal.Wrap(x.Text,
			96, "  "))
	for line := range strings.Lines(x.Least.Plan.String()) {
		fmt.Fprintf(out, "    %s", line)
	}
	if n := len(x.Also); n > 0 {
		fmt.Fprintf(out, "  %s\n", p.Faint(fmt.Sprintf("%s the same check; the first is %#x",
			terminal.Plural(n, "more seed breaks", "more seeds break"), x.Also[0])))
	}
	if file != "" {
		fmt.Fprintf(out, "  zablab fuzz --schedule %s\n  %s\n\n", file,
			p.Faint("in the same folder: why.txt, diagram.md, trace.ndjson"))
	} else {
		fmt.Fprintf(out, "  zablab fuzz --seed %s%s\n\n", seeds.Text(x.Seed), mixFlag(mix))
	}
}
