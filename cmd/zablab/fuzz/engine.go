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
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/suspects"
)

// engineLab is the value of --engine for the simulated ZooKeeper. The others are those of
// suspects.Kinds.
const engineLab = "lab"

func (f *flags) engineFlags(flags *pflag.FlagSet) {
	flags.StringVar(&f.engine, "engine", engineLab,
		"engine to play on: lab (the simulated ZooKeeper), raft (unmodified hashicorp/raft) or "+
			"etcd-raft (unmodified etcd-io/raft); or another version of a library, such as "+
			"raft@v1.7.3")
	flags.StringVar(&f.raft, "raft", "",
		"build the server with the checkout of the library in this folder (only with --engine "+
			"raft or --engine etcd-raft)")
	flags.StringVar(&f.naps, "naps", "on",
		"on or off: whether the servers' threads yield or sleep at random points (only with "+
			"--engine raft or --engine etcd-raft)")
	flags.StringVar(&f.bug, "bug", "",
		"inject a bug into the server program that uses the library: term, vote, ack or read "+
			"(only with --engine raft or --engine etcd-raft)")
	flags.StringVar(&f.guest, "guest", "",
		"use the prebuilt WebAssembly module of the server at this path (only with --engine raft "+
			"or --engine etcd-raft)")
}

// labOnly are the flags that only the simulated ZooKeeper has.
var labOnly = []string{"flaw", "beyond", "feedback", "workload", "baseline", "results"}

// engineSource splits the value of --engine, such as raft@v1.7.3, into the library and the source
// of its code. The library is nil for the simulated ZooKeeper. dir is the value of --raft.
func engineSource(engine, dir string) (kind *suspects.Kind, from guest.Source, err error) {
	name, version, _ := strings.Cut(engine, "@")
	from = guest.Source{Version: version, Dir: dir}
	kind = suspects.Find(name)
	switch {
	case kind == nil && engine != engineLab, strings.HasSuffix(engine, "@"):
		return nil, from, fmt.Errorf("--engine %s: must be lab, raft or etcd-raft, or a library and a "+
			"version, such as raft@v1.7.3", engine)
	case kind == nil && dir != "":
		return nil, from, errors.New("--raft needs --engine raft or etcd-raft: add that flag")
	case dir != "" && version != "":
		return nil, from, fmt.Errorf("--raft builds from a checkout: write --engine %s, without a version",
			name)
	}
	return kind, from, nil
}

// suspect returns the library that --engine or a schedule names; nil for the simulated ZooKeeper.
func (f *flags) suspect(named string) (kind *suspects.Kind, from guest.Source, err error) {
	kind, from, err = engineSource(f.engine, f.raft)
	switch {
	case err != nil:
		return nil, from, err
	case f.guest != "" && from != guest.Source{}:
		return nil, from, errors.New("--guest names a module that is already built: leave out " +
			"--raft, and the @version in --engine")
	case named != "" && suspects.Find(named) == nil:
		return nil, from, fmt.Errorf("the schedule has engine=%s: must be raft or etcd-raft", named)
	case named != "" && kind != nil && kind.Engine != named:
		return nil, from, fmt.Errorf("the schedule has engine=%s: leave out --engine %s",
			named, f.engine)
	case named != "":
		kind = suspects.Find(named)
	}
	switch {
	case f.naps != "on" && f.naps != "off":
		err = fmt.Errorf("--naps %s: must be on or off", f.naps)
	case f.bug != "" && !slices.Contains(suspects.Bugs(), f.bug):
		err = fmt.Errorf("--bug %s: must be term, vote, ack or read", f.bug)
	case kind == nil && (f.bug != "" || f.naps != "on" || f.guest != ""):
		err = errors.New("--naps, --bug and --guest need --engine raft or etcd-raft: add that flag")
	}
	return kind, from, err
}

// withEngine opens the engine that --engine or a schedule names, if it is another one than the
// simulated ZooKeeper, for the time of a call.
func (f *flags) withEngine(cmd *cobra.Command, named string, do func(fuzz.Engine) error) error {
	kind, from, err := f.suspect(named)
	if err != nil {
		return err
	}
	if kind == nil {
		return do(nil)
	}
	for _, name := range labOnly {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s: this flag applies only to the simulated ZooKeeper: leave out the flag, or use "+
				"--engine lab", name)
		}
	}
	e, err := kind.Open(cmd.Context(), f.guest, from, command.Tell(cmd))
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

// engineFlag returns the flags that select the engine of a batch, after a space; "" for the
// simulated ZooKeeper.
func engineFlag(engine string) string {
	if engine == "" {
		return ""
	}
	if name, dir, ok := strings.Cut(engine, "@"); ok && strings.Contains(dir, "/") {
		return " --engine " + name + " --raft " + dir
	}
	return " --engine " + engine
}
