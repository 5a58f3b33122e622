// Zablab replays documented election sequences on a simulated ZooKeeper ensemble.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
)

// The exit statuses, which a script may rely on.
const (
	exitOK          = 0   // holds, "later" included
	exitBroken      = 1   // a check failed
	exitUsage       = 2   // usage, or an input that cannot be read
	exitSurprise    = 3   // an arrow came out different or never, and its author did not say so
	exitUndecided   = 4   // a checker ran out of time
	exitInterrupted = 130 // ^C
)

func main() {
	if os.Getenv("GOGC") == "" {
		// A run's memory is small, and most of it lives as long as the run: collect it less often.
		debug.SetGCPercent(fuzz.GCPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// status is an error that only says how to exit: what there is to say has been said.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	var s status
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &s):
		return int(s)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	// An unknown command ends before the flags are read.
	asJSON := slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
	sayError(err, asJSON, out, errOut)
	return exitUsage
}

// sayError writes an error in one line, or as a document.
func sayError(err error, asJSON bool, out, errOut io.Writer) {
	if !asJSON {
		fmt.Fprintf(errOut, "zablab: %v\n", err)
		return
	}
	type place struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
	}
	p := place{Message: err.Error()}
	var e *diagram.Error
	if errors.As(err, &e) {
		p = place{e.File, e.Line, e.Column, e.Message}
	}
	writeJSON(out, map[string]place{"error": p})
}

// writeJSON writes one document, indented, with < and & as they are.
func writeJSON(out io.Writer, v any) {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // of our own types to a writer whose errors nobody could be told of
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "zablab",
		Short: "See, break and understand how a coordination service agrees",
		Long: "zablab plays documents on a simulated ZooKeeper ensemble: every arrow of a sequence diagram is\n" +
			"carried out or checked, and you are told which happened as drawn, which did not, and what the\n" +
			"drawing leaves out. The same seed gives the same run, on every machine.",
		Example: "  zablab replay                          # the lab's own chapters\n" +
			"  zablab replay --seeds 1000 first-one-wins\n" +
			"  zablab replay --fault '1.2s crash S3' my-election.md",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().Bool("json", false, "print one JSON document instead of words for people")
	root.AddCommand(newReplay(), newFuzz(), newFlaws(), newList(), newRead(), newGuide(), newClaims(), newCheck(), newTrace(), withZooKeeper(newCompare()), newConform())
	return root
}
