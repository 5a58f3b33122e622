package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// TestPlay plays the documents in testdata/play, which show how words are understood and what
// happens to each arrow. After an intended change, run the test with -rewrite, and read the
// difference.
func TestPlay(t *testing.T) {
	datadriven.Walk(t, "testdata/play", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			o := scenarios.Options{Options: script.Options{Strict: true}}
			for _, a := range d.CmdArgs {
				switch a.Key {
				case "race":
					o.Race = true
				case "stranger":
					o.Strict = false
				case "flaw":
					e, ok := flaw.Find(a.Vals[0])
					if !ok {
						t.Fatalf("no flaw %s", a.Vals[0])
					}
					o.Flaw = e.Flaw
				case "seeds":
					d.ScanArgs(t, a.Key, &o.Seeds)
				case "fault":
					for _, line := range a.Vals {
						f, err := sim.ParseFault(strings.ReplaceAll(line, "_", " "))
						if err != nil {
							t.Fatal(err)
						}
						o.Plan = append(o.Plan, f)
					}
				default:
					o.Set = append(o.Set, script.Setting{Key: a.Key, Value: a.Vals[0]})
				}
			}
			r, err := try("doc.md", d.Input, o)
			if err != nil {
				return err.Error() + "\n"
			}
			if o.Flaw == flaw.None {
				sound(t, r)
			}
			return told(r)
		})
	})
}

// told prints a result, with one line for each arrow.
func told(r *scenarios.Result) string {
	var all strings.Builder
	for _, n := range r.Notices {
		fmt.Fprintln(&all, n)
	}
	if r.Read.Unread > 0 {
		fmt.Fprintln(&all, r.Read)
	}
	for i := range r.Diagrams {
		d := &r.Diagrams[i]
		if d.Failure != nil {
			fmt.Fprintf(&all, "broken: %s\n", d.Failure)
		}
		if len(r.Diagrams) > 1 {
			fmt.Fprintf(&all, "diagram %d: %s\n", i+1, d.Verdict)
		}
		for _, a := range d.Arrows {
			var b strings.Builder
			to := a.From
			if a.To != "" {
				to += ">" + a.To
			}
			fmt.Fprintf(&b, "%2d %-9s %-9s %-6s", a.Line, a.Verdict, a.Kind, to)
			if r.Done > 1 {
				for _, v := range []scenarios.Verdict{scenarios.AsDrawn, scenarios.Later,
					scenarios.Different, scenarios.Never} {
					if n := a.Counts[v]; n > 0 {
						fmt.Fprintf(&b, " %s:%d", v, n)
					}
				}
			}
			for _, o := range a.Omitted {
				fmt.Fprintf(&b, " [%s]", o.What)
			}
			if a.Whom != "" {
				fmt.Fprintf(&b, " whom=%s", a.Whom)
			}
			switch {
			case a.Instead != "":
				fmt.Fprintf(&b, " instead: %s", a.Instead)
			case a.Answer != "" && a.Answer != "ok":
				fmt.Fprintf(&b, " answer: %s", a.Answer)
			}
			fmt.Fprintln(&all, strings.TrimRight(b.String(), " "))
			for _, s := range a.Supplied {
				fmt.Fprintf(&all, "   supplied: %s\n", s)
			}
		}
		for _, c := range d.Branches {
			fmt.Fprintf(&all, "branch %s: %d\n", c.What, c.N)
		}
		for _, c := range d.Winners {
			fmt.Fprintf(&all, "winner %s: %d\n", c.What, c.N)
		}
	}
	return all.String()
}
