package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

func newTrace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Read a run that was written to a file, compare two, cut a part out, draw it",
		Long: "Works on files of zablab.trace/1, which zablab replay --trace writes. Every event has a number, its\n" +
			"step, by which the other words of these commands refer to it.",
		Example: "  zablab replay --trace t.ndjson the-leader-dies\n" +
			"  zablab trace show t.ndjson\n" +
			"  zablab trace diff t.ndjson u.ndjson",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTraceShow(), newTraceDiff(), newTraceTrim(), newTraceDiagram())
	return cmd
}

// openTrace begins to read a trace. The caller closes the file.
func openTrace(name string) (*trace.Reader, *os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w: write a trace with zablab replay --trace", name, causeOf(err))
	}
	r, err := trace.NewReader(name, file)
	if err != nil {
		_ = file.Close() // only read
		return nil, nil, placed(err)
	}
	return r, file, nil
}

// causeOf is why a file cannot be opened, without the file's name.
func causeOf(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// each goes through a trace until the function has had enough.
func each(name string, do func(*trace.Event, *trace.Reader) bool) (*trace.Reader, error) {
	r, file, err := openTrace(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for r.Next() {
		if !do(r.Event(), r) {
			return r, nil
		}
	}
	return r, placed(r.Err())
}

// placed turns an error about a trace into one that --json can take apart.
func placed(err error) error {
	var e *trace.Error
	if errors.As(err, &e) {
		return &diagram.Error{File: e.File, Line: e.Line, Column: e.Column, Message: e.Err.Error()}
	}
	return err
}

// point reads a moment or a step.
func point(flag, s string) (p trace.Point, err error) {
	if step, err := strconv.ParseInt(s, 10, 64); err == nil && step >= 0 {
		return trace.Point{Step: step}, nil
	}
	at, err := sim.ParseTime(s)
	if err != nil {
		return p, fmt.Errorf("--%s %s: write a moment, 1.7s, or a step, 911", flag, s)
	}
	return trace.Point{At: int64(at), ByTime: true}, nil
}

// seconds is a moment of a trace for people.
func seconds(us int64) string { return fmt.Sprintf("%d.%03ds", us/1e6, us%1e6/1000) }

// steps is a number with its thousands apart.
func steps(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
