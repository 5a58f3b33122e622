package trace

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/trace"
)

// mostArrows is the maximum number of arrows in a diagram: more are hard to follow.
const mostArrows = 400

// diagramFlags are the flags of zablab trace diagram.
type diagramFlags struct {
	bounds   bounds
	depth    string
	causes   int64
	all      bool
	markdown bool
	out      string
}

func newDiagram() *cobra.Command {
	var f diagramFlags
	cmd := &cobra.Command{
		Use:   "diagram FILE",
		Short: "Draw a run, a part of it, or the causes of one event as a Mermaid diagram",
		Long: `Writes a trace as a sequence diagram, which GitHub renders: the run as clients saw it,
or with the servers and their messages. The diagram of a whole run can be replayed.

Exit status: 0 success; 2 wrong usage, an unreadable file, or too many arrows.`,
		Example: "  zablab trace diagram t.ndjson -o run.mmd\n" +
			"  zablab trace diagram t.ndjson --depth server --around 6s\n" +
			"  zablab trace diagram t.ndjson --causes 579 --markdown >> notes.md",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.depth, "depth", "client", "level of detail: client, or server")
	f.bounds.define(cmd, "diagram")
	flags.Int64Var(&f.causes, "causes", -1, "draw only the causes of this step")
	flags.BoolVar(&f.all, "all", false, fmt.Sprintf(
		"draw a diagram even if it has more than %d arrows", mostArrows))
	flags.BoolVar(&f.markdown, "markdown", false,
		"enclose the diagram in a fence, for a Markdown document")
	flags.StringVarP(&f.out, "output", "o", "", "file to write (default: standard output)")
	return cmd
}

// drawn is a diagram, with facts about the events in it.
type drawn struct {
	*drawing.Drawing
	part         string // the drawn part of the run, in words; empty for the whole
	events       int64
	first, last  int64 // steps of the first and the last event
	begin, until int64 // µs
	ended        bool
}

// add draws an event, and counts it.
func (d *drawn) add(e *trace.Event, draw func(*trace.Event)) {
	if d.events == 0 {
		d.first, d.begin = e.I, e.T
	}
	d.events++
	d.last, d.until = e.I, e.T
	draw(e)
}

// run draws the selected part, and writes the diagram to the file of -o or to standard output.
func (f *diagramFlags) run(cmd *cobra.Command, name string) error {
	if f.depth != "client" && f.depth != "server" {
		return fmt.Errorf("--depth %s: must be client or server", f.depth)
	}
	d, err := f.draw(cmd, name)
	if err != nil {
		return err
	}
	text := d.Print(d.part)
	if f.markdown {
		text = "```mermaid\n" + text + "```\n"
	}
	if f.out != "" {
		if err := notItself(f.out, name); err != nil {
			return err
		}
		if err := command.WriteFile(f.out, []byte(text)); err != nil {
			return err
		}
	}
	out := cmd.OutOrStdout()
	switch {
	case command.JSON(cmd):
		command.WriteJSON(out, f.json(d, text))
	case f.out == "":
		_, err = io.WriteString(out, text)
	default:
		fmt.Fprintf(out, "Written  %s: %s and %s, drawn from %s events\n", f.out,
			terminal.Plural(d.Arrows(), "arrow", "arrows"),
			terminal.Plural(d.Notes(), "note", "notes"), terminal.Thousands(d.events))
	}
	return err
}

// json returns the output of --json.
func (f *diagramFlags) json(d *drawn, text string) any {
	return struct {
		File    string `json:"file,omitempty"`
		Depth   string `json:"depth"`
		Part    string `json:"part,omitempty"`
		From    int64  `json:"from"`
		To      int64  `json:"to"`
		Events  int64  `json:"events"`
		Arrows  int    `json:"arrows"`
		Notes   int    `json:"notes"`
		Ended   bool   `json:"ended"`
		Diagram string `json:"diagram"`
	}{f.out, f.depth, d.part, d.first, d.last, d.events, d.Arrows(), d.Notes(), d.ended, text}
}

// draw draws the selected part. An empty diagram is an error, and so is one with too many arrows.
func (f *diagramFlags) draw(cmd *cobra.Command, name string) (d *drawn, err error) {
	causes, bounded := cmd.Flags().Changed("causes"), f.bounds.given(cmd)
	less := "draw a part with --around 1.7s or --from 380 --to 480, or add --all"
	switch {
	case causes && bounded:
		return nil, errors.New("trace diagram: --causes cannot be combined with --around, --from " +
			"or --to: use either --causes or the other flags")
	case causes:
		less = "draw fewer arrows with --depth client, or add --all"
		d, err = f.drawCauses(name)
	case bounded:
		less = "draw a smaller part, such as --around 1.7s --before 50ms --after 50ms, or add --all"
		var b trace.Bounds
		if b, err = f.bounds.read(cmd, name); err == nil {
			d, err = f.drawPart(name, &b)
		}
	default:
		d, err = f.drawPart(name, nil)
	}
	switch {
	case err != nil:
		return nil, err
	case d.Arrows()+d.Notes() == 0:
		deeper := ""
		if f.depth == "client" {
			deeper = ", or add --depth server"
		}
		return nil, fmt.Errorf("%s: nothing to draw in %s events at --depth %s: select more "+
			"events%s",
			name, terminal.Thousands(d.events), f.depth, deeper)
	case d.Arrows() > mostArrows && !f.all:
		return nil, fmt.Errorf("%s: %s arrows are too many to read; the limit is %d: %s",
			name, terminal.Thousands(int64(d.Arrows())), mostArrows, less)
	}
	return d, nil
}

// drawPart draws the events within bounds, or all events if b is nil.
func (f *diagramFlags) drawPart(name string, b *trace.Bounds) (*drawn, error) {
	var d *drawn
	r, err := each(name, func(e *trace.Event, r *trace.Reader) bool {
		if d == nil {
			d = f.begin(r)
		}
		if b == nil || b.Has(e) {
			d.add(e, d.Add)
		} else {
			d.Pass(e)
		}
		return true
	})
	switch {
	case err != nil:
		return nil, err
	case d == nil:
		return nil, fmt.Errorf(
			"%s: the trace has no events: write the trace again with zablab replay --trace",
			name)
	case d.events == 0:
		return nil, command.Placed(r.Nothing())
	}
	d.ended = r.Ended
	from, to, cut := d.first, d.last, r.End.Cut
	switch {
	case cut != nil && b == nil:
		from, to = cut.From, cut.To
	case !r.Ended && b == nil:
		d.part = fmt.Sprintf("the run up to step %d, where the file is truncated", to)
		return d, nil
	case b == nil:
		return d, nil
	}
	d.part = fmt.Sprintf("a part of the run, steps %d to %d, from %s to %s",
		from, to, seconds(d.begin), seconds(d.until))
	return d, nil
}

// begin returns an empty diagram.
func (f *diagramFlags) begin(r *trace.Reader) *drawn {
	return &drawn{Drawing: drawing.New(&r.Header, drawing.Depth(f.depth))}
}

// drawCauses draws the events that led to the step of --causes.
func (f *diagramFlags) drawCauses(name string) (*drawn, error) {
	c, err := causesOf(name, f.causes, func(*trace.Event, bool) {})
	if err != nil {
		return nil, err
	}
	for _, a := range c.asides { // include the causes of the call that set the watch
		c.steps = append(c.steps, trace.Causes(c.parents, a.Event.I)...)
	}
	slices.Sort(c.steps)
	led := make(map[int64]int64) // from the step of a cause to the step that it led to
	for _, i := range c.steps {
		led[c.parents[i]] = i
	}
	d := f.begin(c.reader)
	d.ended = c.reader.Ended
	_, err = each(name, func(e *trace.Event, _ *trace.Reader) bool {
		in := c.has(e.I)
		// A client's call and the message that the call sends have the same cause. The call is
		// drawn.
		call := e.Cause >= 0 && led[e.Cause] > e.I && e.Drawn != "" && e.K != "send"
		switch {
		case call && !in:
			d.add(e, d.Add)
		case !in:
			d.Pass(e)
		case e.I == f.causes || e.Key != "" && !byClient(e):
			d.add(e, d.Tell)
		default:
			d.add(e, d.Add)
		}
		if e.I == f.causes {
			d.part = fmt.Sprintf("what led to step %d at %s, %s", e.I, seconds(e.T), e.Say)
		}
		return e.I < f.causes
	})
	return d, err
}

// byClient reports whether a client did or received this. Its messages are drawn instead.
func byClient(e *trace.Event) bool {
	return e.K == "op.call" || e.K == "op.ret" || e.K == "watch.fire"
}
