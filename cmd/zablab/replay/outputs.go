package replay

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/zab/flaw"
)

// outputs writes the files of --trace, --diagram, --porcupine and --html: one for each world of a
// document. From the second world on, file names have a number.
type outputs struct {
	flags   *flags
	inputs  []string // files that are read
	worlds  int
	written []string
	engine  []byte // of the pages; nil before the first page, and if there is none
	whyNot  string // there is no engine
}

// check returns an error for a file in a missing folder, and for one that is also read or that two
// flags name, before anything is played.
func (o *outputs) check(inputs []string) error {
	names := []string{o.flags.trace, o.flags.diagram, o.flags.porcupine, o.flags.html}
	o.inputs = inputs
	return command.CheckOutputs(names, inputs)
}

// write writes the files of all worlds of one document.
func (o *outputs) write(s *session, r *scenarios.Result, file *command.File) error {
	for i := range r.Worlds {
		o.worlds++
		w := &r.Worlds[i]
		for _, f := range []struct {
			name  string
			write func(io.Writer) error
		}{
			{o.flags.trace, w.WriteTrace},
			{o.flags.diagram, func(out io.Writer) error {
				return w.WriteDiagram(out, drawing.Depth(o.flags.depth))
			}},
			{o.flags.porcupine, w.WritePicture},
			{o.flags.html, func(out io.Writer) error { return o.page(s, file, i, w, out) }},
		} {
			if f.name == "" {
				continue
			}
			var b bytes.Buffer
			if err := f.write(&b); err != nil {
				return fmt.Errorf("write %s: %w", f.name, err)
			}
			name := command.Numbered(f.name, o.worlds)
			if err := command.CheckOutputs(append(slices.Clip(o.written), name), o.inputs); err != nil {
				return err
			}
			if err := command.WriteFile(name, b.Bytes()); err != nil {
				return err
			}
			o.written = append(o.written, name)
		}
	}
	return nil
}

// page writes the page of the nth world of a document. At the depth of servers it lists the events
// of the protocol.
func (o *outputs) page(
	s *session, file *command.File, n int, w *scenarios.World, out io.Writer,
) error {
	var b bytes.Buffer
	if err := w.WriteTrace(&b); err != nil {
		return err
	}
	p := web.Page{Title: w.Title, Trace: b.Bytes()}
	if drawing.Depth(o.flags.depth) == drawing.DepthServer {
		p.Filter = web.FilterProtocol
	}
	if err := o.fork(s, file, n, &p); err != nil {
		return err
	}
	return p.Write(out)
}

// fork gives a page what it needs to change the run: the document, the flags, and the engine.
func (o *outputs) fork(s *session, file *command.File, n int, p *web.Page) error {
	if o.flags.noFork {
		p.WhyNot = "The page was written with --no-fork, so it has no program that plays " +
			"runs: write the page again without --no-fork."
		return nil
	}
	if r := s.options.Resample; r.Step != 0 {
		p.WhyNot = "The run was played with --resample, so this page cannot change the run. To get a " +
			"page that can, leave out --resample, and write \"%% lab: resample=" + stage.ResampleText(r) +
			"\" in the document."
		return nil
	}
	if o.engine == nil && o.whyNot == "" {
		o.engine = web.EngineFor(s.cmd.Context(), s.cmd.ErrOrStderr(), o.flags.html,
			"readers of the page cannot change its run")
		if o.engine == nil {
			o.whyNot = "The engine was not found, and could not be built: write the page in " +
				"a clone of zablab, with Go installed."
		}
	}
	if p.WhyNot = o.whyNot; o.engine == nil {
		return nil
	}
	var err error
	p.Engine = o.engine
	p.Source, err = source(&s.options, file, n)
	return err
}

// source returns what a page needs to play the nth world of a document again.
func source(o *scenarios.Options, file *command.File, n int) (*fork.Source, error) {
	text, err := diagram.Text(file.Name, file.Text)
	if err != nil {
		return nil, err
	}
	r := &fork.Source{
		Name: file.Doc.Name, Text: text, World: n, Race: o.Race, Reads: o.LinearizableReads,
		Step: o.Until.Step, Until: o.Until.At, Commit: stage.Commit(),
	}
	if o.Seed != nil {
		r.Seed = seeds.Text(*o.Seed)
	}
	for _, s := range o.Set {
		r.Set = append(r.Set, [2]string{s.Key, s.Value})
	}
	for _, f := range o.Plan {
		r.Plan = append(r.Plan, f.String())
	}
	if o.Flaw != flaw.None {
		r.Flaw = o.Flaw.String()
	}
	return r, nil
}

// open opens the first page, if --open asks for it.
func (o *outputs) open() error {
	if !o.flags.open || o.worlds == 0 {
		return nil
	}
	return web.Open(o.flags.html)
}

// print prints the names of the written files.
func (o *outputs) print(out io.Writer) {
	if len(o.written) > 0 {
		fmt.Fprintln(out, "Written  "+strings.Join(o.written, " "))
	}
}
