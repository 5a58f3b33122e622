package check

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/conformance"
)

// Conform returns the command zablab conform.
func Conform() *cobra.Command {
	var before39 bool
	cmd := &cobra.Command{
		Use:   "conform RECORDING",
		Short: "Compare the simulated server with a ZooKeeper server's recorded answers",
		Long: `Replays each sequence of a recording on a fresh simulated server, and prints every
answer that differs: errors, zxids, results with every field of each Stat, watch
events and their order. A recording is JSON Lines, one step per line; go doc
./scenarios/conformance lists its keys. To compare with another version of ZooKeeper,
record that version.

Quotas, four-letter words, and schemes other than world, ip and digest are out of scope;
steps that need them are skipped and listed.

Exit status: 0 no difference; 1 differences; 2 wrong usage or an unreadable
recording.`,
		Example: "  zablab conform --before-3.9 " +
			"scenarios/conformance/testdata/zookeeper-3.8.0.jsonl\n" +
			"  zablab conform --json my-recording.jsonl",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command,
			args []string) error {
			return conformTo(cmd, args[0], before39)
		},
	}
	cmd.Flags().BoolVar(&before39, "before-3.9", false,
		"the recording is from a server before version 3.9; such a server keeps one watch per "+
			"client and path")
	return cmd
}

// ConformJSON is the output of zablab conform --json. Its keys are stable: keys may be added, but
// never renamed.
type ConformJSON struct {
	Recording   string                   `json:"recording"`
	Sequences   int                      `json:"sequences"`
	Steps       int                      `json:"steps"`
	Held        int                      `json:"held"`
	Differences []conformance.Difference `json:"differences"`
	Skipped     []conformance.Skip       `json:"skipped"`
}

// conformTo replays a recording, and prints the differences.
func conformTo(cmd *cobra.Command, name string, before39 bool) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read %s: %w: give the path of a recording", name, command.Cause(err))
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
	if command.JSON(cmd) {
		command.WriteJSON(out, ConformJSON{
			name, r.Sequences, r.Steps, r.Held,
			append([]conformance.Difference{}, r.Differences...), append([]conformance.Skip{},
				r.Skipped...),
		})
	} else {
		printConform(out, name, r)
	}
	if len(r.Differences) > 0 {
		return command.Status(command.Broken)
	}
	return nil
}

// printConform prints each difference and each step that was left out.
func printConform(out io.Writer, name string, r *conformance.Report) {
	p := terminal.PaintFor(out)
	fmt.Fprintf(out, "%s  %s\n", p.Bold(name),
		p.Faint(terminal.Plural(r.Steps, "step", "steps")+" in "+
			terminal.Plural(r.Sequences, "sequence", "sequences")))
	where := func(at conformance.Place) string {
		return fmt.Sprintf("line %d, %s/%d %s %s", at.Line, at.Seq, at.N, at.Op, at.Path)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(out, "  %s %s: %s\n", p.Red("✗"), where(d.Place), d.What)
		fmt.Fprintf(out, "      ours      %s\n      recorded  %s\n", d.Ours, d.Recorded)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(out, "  %s %s: %s\n", p.Faint("· skipped"), where(s.Place), p.Faint(s.Why))
	}
	if n := len(r.Differences); n > 0 {
		fmt.Fprintln(out, p.Red(fmt.Sprintf("%s in %d compared steps",
			terminal.Plural(n, "difference", "differences"), r.Held)))
		return
	}
	fmt.Fprintln(out, p.Green(fmt.Sprintf("no difference in %d compared steps",
		r.Held)))
}
