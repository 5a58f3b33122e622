package fuzz

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/suspects"
)

// The values of --engine.
const (
	engineLab  = "lab"
	engineRaft = "raft"
)

func (f *flags) engineFlags(flags *pflag.FlagSet) {
	flags.StringVar(&f.engine, "engine", engineLab,
		"engine to play on: lab (the simulated ZooKeeper), or raft (unmodified hashicorp/raft)")
	flags.StringVar(&f.naps, "naps", "on",
		"with --engine raft: off, so that the servers' threads never yield or sleep at random "+
			"points; or on")
	flags.StringVar(&f.bug, "bug", "",
		"with --engine raft: inject a bug into the server program that uses the library: term, "+
			"vote or ack")
	flags.StringVar(&f.guest, "guest", "",
		"with --engine raft: use the prebuilt WebAssembly module of the server at this path")
}

// labOnly are the flags that only the simulated ZooKeeper has.
var labOnly = []string{"flaw", "beyond", "feedback", "workload", "baseline", "results"}

// withEngine opens the engine that --engine or a schedule names, if it is another one than the
// simulated ZooKeeper, for the time of a call.
func (f *flags) withEngine(cmd *cobra.Command, named string, do func(fuzz.Engine) error) error {
	switch {
	case f.engine != engineLab && f.engine != engineRaft:
		return fmt.Errorf("--engine %s: must be lab or raft", f.engine)
	case named != "" && named != engineRaft:
		return fmt.Errorf("the schedule has engine=%s: must be raft", named)
	case f.naps != "on" && f.naps != "off":
		return fmt.Errorf("--naps %s: must be on or off", f.naps)
	case !slices.Contains([]string{"", "term", "vote", "ack"}, f.bug):
		return fmt.Errorf("--bug %s: must be term, vote or ack", f.bug)
	case f.engine == engineLab && named == "":
		if f.bug != "" || f.naps != "on" || f.guest != "" {
			return errors.New("--naps, --bug and --guest need --engine raft: add that flag")
		}
		return do(nil)
	}
	for _, name := range labOnly {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s: only the simulated ZooKeeper has this: leave out the flag, or use "+
				"--engine lab", name)
		}
	}
	e, err := suspects.Raft(cmd.Context(), f.guest, func(text string) {
		if !command.JSON(cmd) {
			fmt.Fprintln(cmd.ErrOrStderr(), text)
		}
	})
	if err != nil {
		return err
	}
	e.NoNaps = f.naps == "off"
	err = do(e)
	_ = e.Close(cmd.Context()) // frees memory only
	return err
}

// printOther prints counts of the runs of another engine.
func printOther(out io.Writer, p terminal.Paint, b *fuzz.Batch) {
	s := &b.Sometimes
	fmt.Fprintf(out, "  engine %s: %s, %s, %s restored, %s lost, %s of unknown outcome\n\n", b.Engine,
		terminal.Plural(s.Faults, "fault", "faults"), terminal.Plural(s.Elections, "term", "terms"),
		terminal.Plural(s.Snaps, "snapshot", "snapshots"), terminal.Plural(s.Lost, "disk", "disks"),
		terminal.Plural(s.Unknown, "operation", "operations"))
}

// engineFlag is the flag that selects an engine, after a space; "" for the simulated ZooKeeper.
func engineFlag(engine string) string {
	if engine == "" {
		return ""
	}
	return " --engine " + engine
}
