package trace

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/trace"
)

// pageFlags are the flags of zablab trace page.
type pageFlags struct {
	at   string
	out  string
	open bool
}

func newPage() *cobra.Command {
	var f pageFlags
	cmd := &cobra.Command{
		Use:   "page FILE",
		Short: "Write the page of a run, to step through the run in a browser",
		Long: `Writes one HTML file that shows a trace: the servers and their messages, the state of
each log and tree at every step, and the verdict. The file is self-contained: it can be
opened from disk, without a network.

Exit status: 0 success; 2 wrong usage, an unreadable file, or too many events.`,
		Example: "  zablab trace page t.ndjson\n" +
			"  zablab trace page t.ndjson --at 6s -o run.html --open",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.at, "at", "",
		"time or step at which the page opens (default: where a check fails, or the start)")
	flags.StringVarP(&f.out, "output", "o", "", "file to write (default: FILE with .html)")
	flags.BoolVar(&f.open, "open", false, "open the page in the browser")
	return cmd
}

func (f *pageFlags) run(cmd *cobra.Command, name string) error {
	p, r, err := f.page(name)
	if err != nil {
		return err
	}
	out := f.out
	if out == "" {
		out = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) + ".html"
	}
	if err := notItself(out, name); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		return err
	}
	if err := command.WriteFile(out, b.Bytes()); err != nil {
		return err
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), map[string]any{
			"file": out, "bytes": b.Len(), "events": r.Count(), "ended": r.Ended,
		})
	} else {
		cut := ""
		if !r.Ended {
			cut = ": the trace is truncated, and has no verdict"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "Written  %s%s\n", out, cut)
	}
	if f.open {
		return web.Open(out)
	}
	return nil
}

// page reads a whole trace, with the checks of a Reader, and returns its page.
func (f *pageFlags) page(name string) (*web.Page, *trace.Reader, error) {
	at, step := trace.Point{}, int64(-1)
	if f.at != "" {
		var err error
		if at, err = point("at", f.at); err != nil {
			return nil, nil, err
		}
	}
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		if f.at != "" && (at.ByTime && e.T <= at.At || !at.ByTime && e.I == at.Step) {
			step = e.I
		}
		return true
	})
	if err != nil {
		return nil, nil, err
	}
	if f.at != "" && !at.ByTime && step < 0 {
		return nil, nil, noStep(name, "at", at.Step, r)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, command.Cause(err))
	}
	p := &web.Page{Title: r.Header.Title, Trace: text,
		WhyNot: "This page was made from a trace, which does not contain the document that was played. " +
			"To change the run, write the page with zablab replay --html."}
	if step >= 0 {
		p.Step = &step
	}
	return p, r, nil
}
