package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/serve"
	"github.com/zablab/zablab/cmd/zablab/story"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// session is one execution of the command: the flags, and what has been played so far.
type session struct {
	cmd     *cobra.Command
	flags   *flags
	options scenarios.Options
	asJSON  bool
	short   bool // print one line per document
	files   outputs

	real        *realEngine // play on it too, and compare; nil for the simulated engine alone
	longestWait sim.Time

	results   []*scenarios.Result
	scripts   []*script.Script    // the scripts that were played
	simulated []*scenarios.Result // results of the same documents on the simulated engine, if real
}

// run plays the documents and prints or writes the results.
func run(cmd *cobra.Command, args []string, f *flags) error {
	if len(args) == 1 && serve.Recorded(args[0]) {
		return f.recorded(cmd, args[0])
	}
	o, err := f.options(cmd)
	if err != nil {
		return err
	}
	s := session{cmd: cmd, flags: f, options: o, asJSON: command.JSON(cmd),
		files: outputs{flags: f}}
	if s.real, s.longestWait, err = f.otherEngine(cmd); err != nil {
		return err
	}
	if f.all && len(args) > 0 {
		return fmt.Errorf("replay --all %s: --all plays every chapter: leave out the "+
			"names", args[0])
	}
	terminal.SetWidth(cmd.OutOrStdout(), f.width)
	s.options.Stop = func() bool { return cmd.Context().Err() != nil }
	l, err := load(cmd, args, &o)
	if err != nil {
		return err
	}
	if err := s.files.check(args); err != nil {
		return err
	}
	if l.story != nil {
		return f.story(cmd, l.story)
	}
	s.short = len(l.scripts)+len(l.errors) > 1 && !f.verbose
	if f.repairs() {
		if err := f.oneOrWrite(l.files); err != nil {
			return err
		}
	}
	for i, doc := range l.scripts {
		if err := s.document(doc, &l.files[i], len(l.scripts) > 1); err != nil {
			return err
		}
		if s.options.Stop() {
			break
		}
	}
	if err := s.print(&l); err != nil {
		return err
	}
	return l.failed(cmd)
}

// print prints the results, and returns the exit status.
func (s *session) print(l *loaded) error {
	out, f := s.cmd.OutOrStdout(), s.flags
	if f.repairs() {
		return s.repair(l.files)
	}
	if s.asJSON {
		command.WriteJSON(out, jsonOf(s.results, s.simulated, s.real, s.scripts, f.explain))
	} else {
		switch {
		case f.all:
			printBook(out, s.results, &s.options)
		case s.short:
			newSummary(out, f, s.results).print()
		}
		s.files.print(out)
	}
	if err := s.files.open(); err != nil {
		return err
	}
	if code := exitCode(s.results, s.options.Stop()); code != command.OK && len(l.errors) == 0 {
		return command.Status(code)
	}
	return nil
}

// document plays one document, writes its files, and prints it.
func (s *session) document(doc *script.Script, file *command.File, many bool) error {
	r, simulated, err := s.play(doc)
	if err != nil {
		return err
	}
	switch {
	case !idle(r):
	case slices.ContainsFunc(r.Diagrams, unread):
		r.Notices = append(r.Notices, "no line was played, because none was understood: "+
			"zablab lint says why, and zablab guide shows what is understood")
	default:
		r.Notices = append(r.Notices, "this seed skips every block of the document, so no line "+
			"was played: try another seed, such as --seed 2")
	}
	err = s.files.write(s, r, file)
	for i := range r.Worlds {
		r.Worlds[i].Close()
	}
	if err != nil {
		return err
	}
	s.results = append(s.results, r)
	s.scripts = append(s.scripts, doc)
	if simulated != nil {
		s.simulated = append(s.simulated, simulated)
	}
	if !s.asJSON && !s.flags.all && !s.short && !s.flags.repairs() {
		p := newPrinter(s.cmd.OutOrStdout(), r, &s.options, s.flags, simulated)
		p.script, p.real = doc, s.real
		p.print(many)
	}
	return nil
}

// play plays a document on the selected engine. Before a run on real servers it plays the simulated
// run, with which each arrow is compared.
func (s *session) play(doc *script.Script) (r, simulated *scenarios.Result, err error) {
	o, name := s.options, doc.Doc.Name
	o.Keep = o.Keep && s.real == nil
	bar := terminal.Progress{}
	if o.Seeds >= 50 {
		bar = terminal.NewProgress(s.cmd, o.Seeds, s.asJSON, "seeds")
	}
	if bar.Shown() {
		done := 0
		o.Progress = func(int) { done++; bar.At(done, strings.TrimSuffix(name, ".md")) }
	}
	r, err = scenarios.Replay(doc, o)
	bar.Done()
	if err != nil || s.real == nil {
		return r, nil, err
	}
	simulated = r
	r, err = s.playReal(doc, name)
	return r, simulated, err
}

// playReal plays a document on real servers.
func (s *session) playReal(doc *script.Script, name string) (*scenarios.Result, error) {
	o := s.options
	o.Engine, o.LongestWait = s.real.start(s.cmd.Context()), s.longestWait
	o.LinearizableReads = o.LinearizableReads || s.real.linearizable
	bar := terminal.NewSpinner(s.cmd, s.asJSON, name+": starting the servers")
	defer bar.Done()
	if bar.Shown() {
		o.Doing = func(line int, text string) {
			bar.Say(fmt.Sprintf("%s:%d: %s", name, line, terminal.Clip(text, 60)))
		}
	}
	r, err := scenarios.Replay(doc, o)
	if err != nil {
		return nil, err
	}
	r.Notices = append(r.Notices, s.real.notes(doc)...)
	return r, nil
}

// story plays the story of a small world (zablab explore).
func (f *flags) story(cmd *cobra.Command, doc *diagram.Document) error {
	allowed := []string{"trace", "html", "open", "no-fork", "json", "width", "engine"}
	switch f.engine {
	case engineLab:
	case command.EngineZooKeeper:
		allowed = []string{"json", "width", "engine"}
	default:
		return fmt.Errorf("replay %s: --engine %s: the steps of this document are messages between "+
			"servers of ZooKeeper: use --engine zookeeper or lab", doc.Name, f.engine)
	}
	if other := command.OtherFlag(cmd, allowed...); other != "" {
		return fmt.Errorf("replay %s: this document fixes the order of all steps (its line "+
			"with explore=), so --%s cannot be used: leave out --%[2]s", doc.Name, other)
	}
	if f.engine == command.EngineZooKeeper {
		return story.ReplayReal(cmd, doc)
	}
	return story.Replay(cmd, doc, &story.Files{Trace: f.trace, HTML: f.html, Open: f.open})
}

// recorded plays a session of real clients again. Its faults, its stage and its seed are in the
// file.
func (f *flags) recorded(cmd *cobra.Command, name string) error {
	if other := command.OtherFlag(cmd, "trace", "diagram", "depth", "json", "width"); other != "" {
		return fmt.Errorf("replay %s: a recorded session cannot be changed: leave out --%s",
			name, other)
	}
	terminal.SetWidth(cmd.OutOrStdout(), f.width)
	return serve.Replay(cmd, name, serve.Outputs{
		Trace: f.trace, Diagram: f.diagram, Depth: drawing.Depth(f.depth),
	})
}
