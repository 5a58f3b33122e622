package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/trace"
)

type traceTrim struct {
	bounds traceBounds
	out    string
}

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
	f.bounds.flags(cmd, "cut")
	cmd.Flags().StringVarP(&f.out, "output", "o", "", "the file to write (default: standard output)")
	return cmd
}

func (f *traceTrim) run(cmd *cobra.Command, name string) error {
	b, err := f.bounds.read(cmd, name)
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
	if err := notItself(f.out, name); err != nil {
		return err
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
