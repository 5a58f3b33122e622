package fuzz

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/hashicorp"
	"github.com/zablab/zablab/scenarios/suspects"
)

// The values of --engine.
const (
	engineLab  = "lab"
	engineRaft = "raft"
)

func (f *flags) engineFlags(flags *pflag.FlagSet) {
	flags.StringVar(&f.engine, "engine", engineLab,
		"engine to play on: lab (the simulated ZooKeeper), or raft (unmodified hashicorp/raft), or "+
			"another version of it, such as raft@v1.7.3")
	flags.StringVar(&f.raft, "raft", "",
		"with --engine raft: build the server with the checkout of hashicorp/raft in this folder")
	flags.StringVar(&f.naps, "naps", "on",
		"with --engine raft: on or off: whether the servers' threads yield or sleep at random "+
			"points")
	flags.StringVar(&f.bug, "bug", "",
		"with --engine raft: inject a bug into the server program that uses the library: term, "+
			"vote, ack or read")
	flags.StringVar(&f.guest, "guest", "",
		"with --engine raft: use the prebuilt WebAssembly module of the server at this path")
}

// labOnly are the flags that only the simulated ZooKeeper has.
var labOnly = []string{"flaw", "beyond", "feedback", "workload", "baseline", "results"}

// engineSource splits the value of --engine, such as raft@v1.7.3, into the engine's name and the code
// of its library. dir is the value of --raft.
func engineSource(engine, dir string) (name string, from hashicorp.Source, err error) {
	name, from.Version, _ = strings.Cut(engine, "@")
	from.Dir = dir
	switch {
	case name != engineLab && name != engineRaft, name == engineLab && engine != name,
		strings.HasSuffix(engine, "@"):
		return "", from, fmt.Errorf("--engine %s: must be lab, raft, or raft and a version, such as "+
			"raft@v1.7.3", engine)
	case name == engineLab && dir != "":
		return "", from, errors.New("--raft needs --engine raft: add that flag")
	case dir != "" && from.Version != "":
		return "", from, errors.New("--raft builds from a checkout: write --engine raft, " +
			"without a version")
	}
	return name, from, nil
}

// withEngine opens the engine that --engine or a schedule names, if it is another one than the
// simulated ZooKeeper, for the time of a call.
func (f *flags) withEngine(cmd *cobra.Command, named string, do func(fuzz.Engine) error) error {
	name, from, err := engineSource(f.engine, f.raft)
	switch {
	case err != nil:
		return err
	case f.guest != "" && from != hashicorp.Source{}:
		return errors.New("--guest names a module that is already built: leave out --raft and " +
			"the version")
	case named != "" && named != engineRaft:
		return fmt.Errorf("the schedule has engine=%s: must be raft", named)
	case f.naps != "on" && f.naps != "off":
		return fmt.Errorf("--naps %s: must be on or off", f.naps)
	case !slices.Contains([]string{"", "term", "vote", "ack", "read"}, f.bug):
		return fmt.Errorf("--bug %s: must be term, vote, ack or read", f.bug)
	case name == engineLab && named == "":
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
	e, err := suspects.Raft(cmd.Context(), f.guest, from, func(text string) {
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
