// Zablab plays sequence diagrams on a simulated ZooKeeper ensemble, injects faults, and measures
// the protocol. This file lists the commands. Each family of commands is a package below this
// folder, described in its doc.go.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/check"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/compare"
	"github.com/zablab/zablab/cmd/zablab/documents"
	"github.com/zablab/zablab/cmd/zablab/explore"
	"github.com/zablab/zablab/cmd/zablab/fuzz"
	"github.com/zablab/zablab/cmd/zablab/learn"
	"github.com/zablab/zablab/cmd/zablab/lint"
	"github.com/zablab/zablab/cmd/zablab/replay"
	"github.com/zablab/zablab/cmd/zablab/serve"
	"github.com/zablab/zablab/cmd/zablab/site"
	"github.com/zablab/zablab/cmd/zablab/trace"
	fuzzing "github.com/zablab/zablab/scenarios/fuzz"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// A run needs little memory, and uses most of it until its end. Collect garbage less often.
		debug.SetGCPercent(fuzzing.GCPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { // a single long run notices nothing: end it after a while
		time.AfterFunc(patience, func() { os.Exit(command.Interrupted) })
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// patience is how long an interrupted command may take to print what it has found.
const patience = 5 * time.Second

// run runs the command with arguments, and returns the exit status.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	return command.Run(ctx, newRoot(), args, out, errOut)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "zablab",
		Short: "Watch a coordination service reach agreement, inject faults, and understand the outcome",
		Long: `Zablab plays documents on a simulated ZooKeeper ensemble. It carries out or checks
each arrow of a sequence diagram, and reports which arrows happened as drawn, which
did not, and what the drawing omits. The same seed gives the same run on every
machine.

Exit statuses of all commands: 0 success; 1 a check failed; 2 wrong usage,
unreadable input, or output that cannot be written; 3 an arrow differs from what its
author expects, or a line was not read; 4 a check is undecided; 130 interrupted.
The help of each command lists the statuses that it uses.`,
		Example: "  zablab replay                          # plays all chapters of the book\n" +
			"  zablab replay --seeds 1000 first-one-wins\n" +
			"  zablab replay --fault '1.2s crash S3' my-election.md",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().Bool("json", false, "print one JSON document instead of text")
	root.AddCommand(
		// commands that play or read documents
		replay.Command(),
		serve.Command(),
		lint.Command(),
		documents.List(),
		documents.Read(),
		documents.Guide(),
		documents.Claims(shell),
		site.Command(shell),
		learn.Command(),
		// commands that look for bugs
		fuzz.Command(),
		fuzz.Flaws(),
		explore.Command(),
		explore.Atlas(),
		explore.Odds(),
		// commands that show or judge runs
		trace.Command(),
		check.Command(),
		check.Conform(),
		// commands that measure
		compare.Command(),
	)
	complete(root)
	return root
}

// version returns the source version that the program was built from, if it is known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text, commit, changed := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", with changes"
		}
	}
	if text == "" {
		text = "(devel)"
	}
	if commit != "" {
		text += " (commit " + commit[:min(12, len(commit))] + changed + ")"
	}
	return text + ", " + info.GoVersion
}
