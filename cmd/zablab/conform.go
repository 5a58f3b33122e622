package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/conformance"
)

func newConform() *cobra.Command {
	var before39 bool
	cmd := &cobra.Command{
		Use:   "conform RECORDING",
		Short: "Hold the lab's server against recorded answers of a ZooKeeper server",
		Long: "Puts the sequences of a recording, each to a fresh simulated server, and prints every answer that\n" +
			"differs: errors, zxids, results with every field of their stats, watch events and their order.\n" +
			"A recording is JSON Lines, one step a line: go doc ./scenarios/conformance. To hold the lab against another\n" +
			"version of ZooKeeper, record that.\n\n" +
			"Containers, nodes with a time to live, quotas, four-letter words, whoAmI and schemes beyond world, ip and\n" +
			"digest are left out; the steps that have to do with them are skipped, and named.\n\n" +
			"Exit status: 0 no difference; 1 differences; 2 usage or an unreadable recording.",
		Example: "  zablab conform --before-3.9 scenarios/conformance/testdata/zookeeper-3.8.0.jsonl\n" +
			"  zablab conform --json my-recording.jsonl",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return conformTo(cmd, args[0], before39) },
	}
	cmd.Flags().BoolVar(&before39, "before-3.9", false, "the recording is of a server before 3.9, which keeps one watch of a client on a path")
	return cmd
}

// jsonConform is the shape of conform --json. Keys are stable: add, never rename.
type jsonConform struct {
	Recording   string                   `json:"recording"`
	Sequences   int                      `json:"sequences"`
	Steps       int                      `json:"steps"`
	Held        int                      `json:"held"`
	Differences []conformance.Difference `json:"differences"`
	Skipped     []conformance.Skip       `json:"skipped"`
}

func conformTo(cmd *cobra.Command, name string, before39 bool) error {
	file, err := os.Open(name)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			return fmt.Errorf("read %s: %w: give the path of a recording", name, p.Err)
		}
		return err
	}
	defer file.Close()
	recording, err := conformance.Read(name, file)
	if err != nil {
		return err
	}
	r, err := recording.Replay(before39)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(out, jsonConform{name, r.Sequences, r.Steps, r.Held,
			append([]conformance.Difference{}, r.Differences...), append([]conformance.Skip{}, r.Skipped...)})
	} else {
		printConform(out, name, r)
	}
	if len(r.Differences) > 0 {
		return status(exitBroken)
	}
	return nil
}

func printConform(out io.Writer, name string, r *conformance.Report) {
	p := painter(out)
	fmt.Fprintf(out, "%s  %s\n", p.bold(name), p.faint(fmt.Sprintf("%s in %s", plural(r.Steps, "step", "steps"), plural(r.Sequences, "sequence", "sequences"))))
	where := func(at conformance.Place) string {
		return fmt.Sprintf("line %d, %s/%d %s %s", at.Line, at.Seq, at.N, at.Op, at.Path)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(out, "  %s %s: %s\n", p.red("✗"), where(d.Place), d.What)
		fmt.Fprintf(out, "      ours      %s\n      recorded  %s\n", d.Ours, d.Recorded)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(out, "  %s %s: %s\n", p.faint("· skipped"), where(s.Place), p.faint(s.Why))
	}
	if n := len(r.Differences); n > 0 {
		fmt.Fprintf(out, "%s\n", p.red(fmt.Sprintf("%s in %d steps held against their answers", plural(n, "difference", "differences"), r.Held)))
		return
	}
	fmt.Fprintf(out, "%s\n", p.green(fmt.Sprintf("no difference in %d steps held against their answers", r.Held)))
}
