package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// traceBounds are the words that name a part of a run.
type traceBounds struct{ around, before, after, from, to string }

// flags adds the words to a command that makes a part: a cut, or a drawing.
func (f *traceBounds) flags(cmd *cobra.Command, part string) {
	flags := cmd.Flags()
	flags.StringVar(&f.around, "around", "", "the moment (1.7s) or step (911) that the "+part+" is around")
	flags.StringVar(&f.before, "before", "200ms", "with --around: how long before it the "+part+" begins")
	flags.StringVar(&f.after, "after", "500ms", "with --around: how long behind it the "+part+" ends")
	flags.StringVar(&f.from, "from", "", "the first event: a step (380) or a moment (1.5s)")
	flags.StringVar(&f.to, "to", "", "the last event: a step (480) or a moment (2.2s)")
}

// given is true if any of the words is there.
func (f *traceBounds) given(cmd *cobra.Command) bool {
	return f.around+f.from+f.to != "" || cmd.Flags().Changed("before") || cmd.Flags().Changed("after")
}

func (f *traceBounds) read(cmd *cobra.Command, name string) (b trace.Bounds, err error) {
	if (f.around == "") == (f.from == "" || f.to == "") || f.around != "" && f.from+f.to != "" {
		return b, fmt.Errorf("trace %s: write --around 1.7s, or --from 380 --to 480", cmd.Name())
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
		return b, fmt.Errorf("--before %s: write a span, 200ms", f.before)
	}
	after, err := sim.ParseTime(f.after)
	if err != nil {
		return b, fmt.Errorf("--after %s: write a span, 500ms", f.after)
	}
	if !at.ByTime { // a step's moment stands in the file
		found := false
		r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
			at.At, found = e.T, e.I == at.Step
			return !found
		})
		if err != nil {
			return b, err
		}
		if !found {
			return b, noStep(name, "around", at.Step, r)
		}
	}
	b.From = trace.Point{At: at.At - int64(before), ByTime: true}
	b.To = trace.Point{At: at.At + int64(after), ByTime: true}
	return b, nil
}

// notItself keeps a command from writing over the trace that it reads.
func notItself(out, name string) error {
	here, err := os.Stat(out)
	if err != nil {
		return nil // it is not there yet
	}
	if there, err := os.Stat(name); err == nil && os.SameFile(here, there) {
		return fmt.Errorf("-o %s: that is the trace itself: name another file", out)
	}
	return nil
}
