package trace

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// bounds has the flags that select a part of a run.
type bounds struct{ around, before, after, from, to string }

// define adds the flags to a command. part names what the command makes of the part: a cut, or a
// diagram.
func (f *bounds) define(cmd *cobra.Command, part string) {
	flags := cmd.Flags()
	flags.StringVar(&f.around, "around", "",
		"select the events around this time or step, such as 1.7s or 911")
	flags.StringVar(&f.before, "before", "200ms",
		"with --around: how much time before that moment to include in the "+part)
	flags.StringVar(&f.after, "after", "500ms",
		"with --around: how much time after that moment to include in the "+part)
	flags.StringVar(&f.from, "from", "", "step or time of the first event, such as 380 or 1.5s")
	flags.StringVar(&f.to, "to", "", "step or time of the last event, such as 480 or 2.2s")
}

// given reports whether any of the flags is set.
func (f *bounds) given(cmd *cobra.Command) bool {
	return f.around+f.from+f.to != "" ||
		cmd.Flags().Changed("before") || cmd.Flags().Changed("after")
}

// read converts the flags into bounds. For a step, it looks up the time in the file.
func (f *bounds) read(cmd *cobra.Command, name string) (b trace.Bounds, err error) {
	if (f.around == "") == (f.from == "" || f.to == "") || f.around != "" && f.from+f.to != "" {
		return b, fmt.Errorf("trace %s: the flags must select one part of the run: write either --around 1.7s, or "+
			"--from 380 --to 480", cmd.Name())
	}
	if f.around == "" {
		if b.From, err = point("from", f.from); err == nil {
			b.To, err = point("to", f.to)
		}
		return b, err
	}
	at, err := point("around", f.around)
	if err != nil {
		return b, err
	}
	before, err := sim.ParseTime(f.before)
	if err != nil {
		return b, fmt.Errorf("--before %s: must be a duration, such as 200ms", f.before)
	}
	after, err := sim.ParseTime(f.after)
	if err != nil {
		return b, fmt.Errorf("--after %s: must be a duration, such as 500ms", f.after)
	}
	if !at.ByTime {
		if at.At, err = timeOf(name, at.Step); err != nil {
			return b, err
		}
	}
	b.From = trace.Point{At: at.At - int64(before), ByTime: true}
	b.To = trace.Point{At: at.At + int64(after), ByTime: true}
	return b, nil
}

// timeOf returns the time of a step, in µs.
func timeOf(name string, step int64) (at int64, err error) {
	found := false
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		at, found = e.T, e.I == step
		return !found
	})
	if err == nil && !found {
		err = noStep(name, "around", step, r)
	}
	return at, err
}

// notItself returns an error if out is the trace that the command reads.
func notItself(out, name string) error {
	here, err := os.Stat(out)
	if err != nil {
		return nil // out does not exist yet
	}
	if there, err := os.Stat(name); err == nil && os.SameFile(here, there) {
		return fmt.Errorf("-o %s: this is the input trace: name another file", out)
	}
	return nil
}
