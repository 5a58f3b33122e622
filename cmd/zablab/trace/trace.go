package trace

import (
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Command returns the command zablab trace, with its five subcommands: show, diff, trim, page and
// diagram.
func Command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Show, compare, cut and draw recorded runs",
		Long: `Reads files in the format zablab.trace/1, which zablab replay --trace writes. Every event
has a step (its number) and a time. Flags that name an event accept its step or its time,
such as 911 or 1.7s.

Exit status: 0 success; 1 trace diff found a difference; 2 wrong usage or an unreadable
file.`,
		Example: "  zablab replay --trace t.ndjson the-leader-dies\n" +
			"  zablab trace show t.ndjson\n" +
			"  zablab trace diff t.ndjson u.ndjson",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newShow(), newDiff(), newTrim(), newDiagram(), newPage())
	return cmd
}

// open opens a trace. The caller closes the returned file.
func open(name string) (*trace.Reader, *os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w: write a trace with zablab replay --trace", name,
			command.Cause(err))
	}
	r, err := trace.NewReader(name, file)
	if err != nil {
		_ = file.Close() // only read
		return nil, nil, command.Placed(err)
	}
	return r, file, nil
}

// each calls do with each event of a trace, until do returns false.
func each(name string, do func(*trace.Event, *trace.Reader) bool) (*trace.Reader, error) {
	r, file, err := open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for r.Next() {
		if !do(r.Event(), r) {
			return r, nil
		}
	}
	return r, command.Placed(r.Err())
}

// point parses a time or a step.
func point(flag, s string) (p trace.Point, err error) {
	if step, err := strconv.ParseInt(s, 10, 64); err == nil && step >= 0 {
		return trace.Point{Step: step}, nil
	}
	at, err := sim.ParseTime(s)
	if err != nil {
		return p, fmt.Errorf("--%s %s: must be a time such as 1.7s, or a step such as 911", flag, s)
	}
	return trace.Point{At: int64(at), ByTime: true}, nil
}

// seconds formats a time in µs, the unit of a trace.
func seconds(us int64) string { return fmt.Sprintf("%d.%03ds", us/1e6, us%1e6/1000) }

// noStep returns the error for a step that the trace does not have.
func noStep(name, flag string, step int64, r *trace.Reader) error {
	return fmt.Errorf("%s: --%s %d: no such step: the trace has steps 0 to %d", name, flag, step,
		r.Count()-1)
}
