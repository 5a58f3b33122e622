package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

type traceTrim struct{ around, before, after, from, to, out string }

func newTraceTrim() *cobra.Command {
	var f traceTrim
	cmd := &cobra.Command{
		Use:   "trim FILE",
		Short: "Cut a part out of a run, as a trace of its own",
		Long: "Writes the events between two places as a trace that everything can read. It begins with notes that\n" +
			"say what was so before, and its end line says what it was cut from.",
		Example: "  zablab trace trim t.ndjson --around 1.7s -o part.ndjson\n" +
			"  zablab trace trim t.ndjson --from 380 --to 480 > part.ndjson",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.around, "around", "", "the moment (1.7s) or step (911) to cut around")
	flags.StringVar(&f.before, "before", "200ms", "with --around: how long before it the cut begins")
	flags.StringVar(&f.after, "after", "500ms", "with --around: how long behind it the cut ends")
	flags.StringVar(&f.from, "from", "", "the first event: a step (380) or a moment (1.5s)")
	flags.StringVar(&f.to, "to", "", "the last event: a step (480) or a moment (2.2s)")
	flags.StringVarP(&f.out, "output", "o", "", "the file to write (default: standard output)")
	return cmd
}

func (f *traceTrim) bounds(name string) (b trace.Bounds, err error) {
	if (f.around == "") == (f.from == "" || f.to == "") || f.around != "" && f.from+f.to != "" {
		return b, errors.New("trace trim: write --around 1.7s, or --from 380 --to 480")
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

func (f *traceTrim) run(cmd *cobra.Command, name string) error {
	b, err := f.bounds(name)
	if err != nil {
		return err
	}
	asJSON, _ := cmd.Flags().GetBool("json")
	if asJSON && f.out == "" {
		return errors.New("trace trim --json: name a file for the cut with -o")
	}
	r, file, err := openTrace(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if f.out == "" {
		_, _, err = trimTo(cmd.OutOrStdout(), r, b)
		return placed(err)
	}
	if here, err := os.Stat(f.out); err == nil {
		if there, err := file.Stat(); err == nil && os.SameFile(here, there) {
			return fmt.Errorf("-o %s: that is the trace itself: name another file", f.out)
		}
	}
	out, err := os.Create(f.out)
	if err != nil {
		return fmt.Errorf("%w: name a file in a folder that is there", err)
	}
	cut, sum, err := trimTo(out, r, b)
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(f.out) // of what was begun
		return placed(err)
	}
	if asJSON {
		writeJSON(cmd.OutOrStdout(), map[string]any{
			"file": f.out, "sha256": sum, "from": cut.From, "to": cut.To, "state_events": cut.Events, "of_sha256": cut.SHA256,
		})
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "Written  %s: steps %d to %d of %s events, behind %s that say what was so before\n",
		f.out, cut.From, cut.To, steps(r.Count()), plural(int(cut.Events), "note", "notes"))
	return nil
}

func trimTo(out io.Writer, r *trace.Reader, b trace.Bounds) (*trace.Origin, string, error) {
	w := bufio.NewWriterSize(out, 1<<16)
	cut, sum, err := trace.Trim(w, r, b)
	if err != nil {
		return nil, "", err
	}
	return cut, sum, w.Flush()
}
