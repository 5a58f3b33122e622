package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/trace"
)

type trimFlags struct {
	bounds bounds
	out    string
}

func newTrim() *cobra.Command {
	var f trimFlags
	cmd := &cobra.Command{
		Use:   "trim FILE",
		Short: "Copy a part of a run into a separate trace",
		Long: `Writes the events between two points as a trace that every trace command can read.
The new trace begins with notes that restore the state at its start, and its end
line names the original trace.

Exit status: 0 success; 2 wrong usage or an unreadable file.`,
		Example: "  zablab trace trim t.ndjson --around 1.7s -o part.ndjson\n" +
			"  zablab trace trim t.ndjson --from 380 --to 480 > part.ndjson",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.bounds.define(cmd, "cut")
	cmd.Flags().StringVarP(&f.out, "output", "o", "", "file to write (default: standard output)")
	return cmd
}

func (f *trimFlags) run(cmd *cobra.Command, name string) error {
	b, err := f.bounds.read(cmd, name)
	if err != nil {
		return err
	}
	asJSON := command.JSON(cmd)
	if asJSON && f.out == "" {
		return errors.New("trace trim --json: standard output is for the JSON: name a file with -o")
	}
	r, file, err := open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if f.out == "" {
		_, _, err = trimTo(cmd.OutOrStdout(), r, b)
		return command.Placed(err)
	}
	if err := notItself(f.out, name); err != nil {
		return err
	}
	out, err := os.Create(f.out)
	if err != nil {
		return fmt.Errorf("write %s: %w: name a file in an existing folder", f.out,
			command.Cause(err))
	}
	cut, sum, err := trimTo(out, r, b)
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(f.out) // it is incomplete
		return command.Placed(err)
	}
	if asJSON {
		command.WriteJSON(cmd.OutOrStdout(), map[string]any{
			"file": f.out, "sha256": sum, "from": cut.From, "to": cut.To,
			"state_events": cut.Events, "of_sha256": cut.SHA256,
		})
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(),
		"Written  %s: steps %d to %d of the %s events in the trace, after %s that restore the state "+
			"at step %[2]d\n", f.out, cut.From, cut.To, terminal.Thousands(r.Count()),
		terminal.Plural(int(cut.Events), "note", "notes"))
	return nil
}

// trimTo writes the part of a trace within b. It returns the origin of the part, and the SHA-256 of
// the written file.
func trimTo(out io.Writer, r *trace.Reader, b trace.Bounds) (*trace.Origin, string, error) {
	w := bufio.NewWriterSize(out, 1<<16)
	cut, sum, err := trace.Trim(w, r, b)
	if err != nil {
		return nil, "", err
	}
	return cut, sum, w.Flush()
}
