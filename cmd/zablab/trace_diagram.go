package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/trace"
)

// mostArrows is how many arrows a person looks through in one diagram.
const mostArrows = 400

type traceDiagram struct {
	bounds   traceBounds
	depth    string
	causes   int64
	all      bool
	markdown bool
	out      string
}

func newTraceDiagram() *cobra.Command {
	var f traceDiagram
	cmd := &cobra.Command{
		Use:   "diagram FILE",
		Short: "Draw a run, a part of it, or what led to one event, as a Mermaid diagram",
		Long: "Writes a sequence diagram, which GitHub draws, of a trace and nothing else: as clients saw the run,\n" +
			"or with the servers and what they said to each other. That of a whole run can be played again.",
		Example: "  zablab trace diagram t.ndjson -o run.mmd\n" +
			"  zablab trace diagram t.ndjson --depth server --around 6s\n" +
			"  zablab trace diagram t.ndjson --causes 579 --markdown >> notes.md",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.depth, "depth", "client", "how deep it goes: client, or server")
	f.bounds.flags(cmd, "drawing")
	flags.Int64Var(&f.causes, "causes", -1, "draw only what led to this step")
	flags.BoolVar(&f.all, "all", false, fmt.Sprintf("draw it although it has more than %d arrows", mostArrows))
	flags.BoolVar(&f.markdown, "markdown", false, "put it into a fence, for a document")
	flags.StringVarP(&f.out, "output", "o", "", "the file to write (default: standard output)")
	return cmd
}

// drawn is a drawing, and the events that it was made of.
type drawn struct {
	*drawing.Drawing
	part         string // what of the run it is; empty for the whole
	events       int64
	first, last  int64 // their steps
	begin, until int64 // µs
	ended        bool
}

// add takes an event that belongs to the drawing.
func (d *drawn) add(e *trace.Event, draw func(*trace.Event)) {
	if d.events == 0 {
		d.first, d.begin = e.I, e.T
	}
	d.events++
	d.last, d.until = e.I, e.T
	draw(e)
}

func (f *traceDiagram) run(cmd *cobra.Command, name string) error {
	if f.depth != "client" && f.depth != "server" {
		return fmt.Errorf("--depth %s: write client or server", f.depth)
	}
	d, err := f.draw(cmd, name)
	if err != nil {
		return err
	}
	text := d.Print(d.part)
	if f.markdown {
		text = "```mermaid\n" + text + "```\n"
	}
	out := cmd.OutOrStdout()
	if f.out != "" {
		if err := notItself(f.out, name); err != nil {
			return err
		}
		if err := os.WriteFile(f.out, []byte(text), 0o644); err != nil {
			return fmt.Errorf("%w: name a file in a folder that is there", err)
		}
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(out, struct {
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
		}{f.out, f.depth, d.part, d.first, d.last, d.events, d.Arrows(), d.Notes(), d.ended, text})
		return nil
	}
	if f.out == "" {
		_, err = io.WriteString(out, text)
		return err
	}
	fmt.Fprintf(out, "Written  %s: %s and %s of %s events\n", f.out,
		plural(d.Arrows(), "arrow", "arrows"), plural(d.Notes(), "note", "notes"), steps(d.events))
	return nil
}

func (f *traceDiagram) draw(cmd *cobra.Command, name string) (d *drawn, err error) {
	causes, bounded := cmd.Flags().Changed("causes"), f.bounds.given(cmd)
	less := "take a part with --around 1.7s or --from 380 --to 480, or write --all"
	switch {
	case causes && bounded:
		return nil, errors.New("trace diagram: write --causes for what led to a step, or the bounds of a part, not both")
	case causes:
		less = "write --depth client, or --all"
		d, err = f.drawCauses(name)
	case bounded:
		less = "take less of the run, as with --before 50ms --after 50ms, or write --all"
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
			deeper = ", or write --depth server"
		}
		return nil, fmt.Errorf("%s: of these %s events none is drawn at --depth %s: take more of the run%s",
			name, steps(d.events), f.depth, deeper)
	case d.Arrows() > mostArrows && !f.all:
		return nil, fmt.Errorf("%s: %s arrows are more than the %d that anybody follows: %s",
			name, steps(int64(d.Arrows())), mostArrows, less)
	}
	return d, nil
}

// drawPart draws the events within bounds, or all of them.
func (f *traceDiagram) drawPart(name string, b *trace.Bounds) (*drawn, error) {
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
		return nil, fmt.Errorf("%s: there is no event in it: write it again with zablab replay --trace", name)
	case d.events == 0:
		return nil, placed(r.Nothing())
	}
	d.ended = r.Ended
	from, to, cut := d.first, d.last, r.End.Cut
	switch {
	case cut != nil && b == nil:
		from, to = cut.From, cut.To
	case !r.Ended && b == nil:
		d.part = fmt.Sprintf("the run up to step %d, where the file was cut off", to)
		return d, nil
	case b == nil:
		return d, nil
	}
	d.part = fmt.Sprintf("a part of the run, steps %d to %d, from %s to %s",
		from, to, seconds(d.begin), seconds(d.until))
	return d, nil
}

func (f *traceDiagram) begin(r *trace.Reader) *drawn {
	return &drawn{Drawing: drawing.New(&r.Header, drawing.Depth(f.depth))}
}

// drawCauses draws what led to a step. It reads three times: for who caused whom, for what is a
// reason and no cause, and to draw.
func (f *traceDiagram) drawCauses(name string) (*drawn, error) {
	var parents []int64
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		parents = append(parents, e.Cause)
		return true
	})
	if err != nil {
		return nil, err
	}
	if f.causes < 0 || f.causes >= r.Count() {
		return nil, noStep(name, "causes", f.causes, r)
	}
	chain := trace.Causes(parents, f.causes)
	slices.Sort(chain)
	asides := trace.Asides{Chain: chain}
	if _, err = each(name, func(e *trace.Event, r *trace.Reader) bool {
		asides.Add(e, r.State())
		return true
	}); err != nil {
		return nil, err
	}
	for _, a := range asides.Found { // with the call that set the watch
		chain = append(chain, trace.Causes(parents, a.Event.I)...)
	}
	slices.Sort(chain)
	led := make(map[int64]int64) // to which event of the chain each one led
	for _, i := range chain {
		led[parents[i]] = i
	}
	d := f.begin(r)
	d.ended = r.Ended // it was read to its end by then
	_, err = each(name, func(e *trace.Event, _ *trace.Reader) bool {
		_, in := slices.BinarySearch(chain, e.I)
		// A client that calls also sends, and both follow from the same: what is drawn belongs there.
		beside := e.Cause >= 0 && led[e.Cause] > e.I && e.Drawn != "" && e.K != "send"
		switch {
		case beside && !in:
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

// byClient is true for what a client does or hears: where servers are drawn, messages carry it.
func byClient(e *trace.Event) bool {
	return e.K == "op.call" || e.K == "op.ret" || e.K == "watch.fire"
}
