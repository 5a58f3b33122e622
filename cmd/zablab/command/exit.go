package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/trace"
)

// These are the exit statuses of all commands. Scripts may rely on them.
const (
	OK          = 0   // every check holds; arrows may happen later
	Broken      = 1   // a check failed
	Usage       = 2   // wrong usage, an unreadable input, or an output that cannot be written
	Surprise    = 3   // an arrow is different or never, unexpectedly; or a line is not read
	Undecided   = 4   // a judge ran out of time
	Interrupted = 130 // ^C
	ClosedPipe  = 141 // the reader of the output has left, as after SIGPIPE
)

// Status is an error that sets the exit status and prints nothing.
type Status int

func (s Status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Run executes a command line, prints the error if there is one, and returns the exit status.
func Run(ctx context.Context, root *cobra.Command, args []string, out, errOut io.Writer) int {
	output := terminal.NewOutput(out)
	root.SetArgs(args)
	root.SetOut(output)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if lost := output.Err(); lost != nil {
		err = fmt.Errorf("write standard output: %w: the output above is incomplete", Cause(lost))
		fmt.Fprintf(errOut, "zablab: %v\n", err)
		return Usage
	}
	if output.Abandoned() {
		return ClosedPipe
	}
	var s Status
	switch {
	case err == nil:
		return OK
	case errors.As(err, &s):
		return int(s)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return Interrupted
	}
	// For an unknown command cobra fails before it parses the flags.
	asJSON := slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
	printError(err, asJSON, out, errOut)
	return Usage
}

// printError prints an error in one line, or with --json as a JSON document.
func printError(err error, asJSON bool, out, errOut io.Writer) {
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
	WriteJSON(out, map[string]place{"error": p})
}

// Placed converts an error that names a position in a trace or a history to a [diagram.Error], so
// that [Run] prints the file, line and column. It returns other errors unchanged.
func Placed(err error) error {
	var run *trace.Error
	if errors.As(err, &run) {
		return &diagram.Error{File: run.File, Line: run.Line, Column: run.Column,
			Message: run.Err.Error()}
	}
	var ops *lin.FormatError
	if errors.As(err, &ops) {
		return &diagram.Error{File: ops.File, Line: ops.Line, Column: ops.Column,
			Message: ops.Err.Error()}
	}
	return err
}
