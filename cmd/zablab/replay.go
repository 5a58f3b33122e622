package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/sim"
	"golang.org/x/term"
)

// replayFlags are the words behind zablab replay.
type replayFlags struct {
	seed           string
	seeds          int
	servers        int
	observers      int
	sessionTimeout string
	expiry         string
	sync           string
	reads          string
	faults         []string
	plan           string
	until          string
	trace          string
	diagram        string
	depth          string
	porcupine      string
	race           bool
	lenient        bool
	all            bool
	engine         string
	connect        string
	longestWait    string
}

// allSeeds is how many seeds --all plays, if it is not told.
const allSeeds = 20

// longestWait is the longest wait of a real run, if it is not told.
const longestWait = "20s"

func newReplay() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay [DOC...]",
		Short: "Play a document's sequence diagrams on a simulated ensemble",
		Long: "Plays every sequence diagram of the documents: files of Markdown or plain text with Mermaid in\n" +
			"them, or chapters of the lab by name or number (zablab list). Without any, all chapters.\n\n" +
			"Exit status: 0 holds, later included; 1 a check failed; 2 usage or unreadable input;\n" +
			"3 an arrow came out different or never, and its author did not expect it; 4 undecided; 130 interrupted.",
		Example: "  zablab replay the-leader-dies\n" +
			"  zablab replay --engine zookeeper the-leader-dies\n" +
			"  zablab replay --seeds 1000 --servers 5 first-one-wins\n" +
			"  zablab replay --all\n" +
			"  zablab replay --fault 'at A crashes crash S3' the-leader-dies\n" +
			"  zablab replay --diagram run.mmd --depth server first-one-wins",
		RunE: func(cmd *cobra.Command, args []string) error { return replay(cmd, args, &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.seed, "seed", "", "the seed: 7, or 0x51c3 (default: the document's, or 1)")
	flags.IntVar(&f.seeds, "seeds", 1, "how many seeds, counting up from the first")
	flags.IntVar(&f.servers, "servers", 0, "how many voting servers (default: the document's, or 3)")
	flags.IntVar(&f.observers, "observers", 0, "how many observers beside them")
	flags.StringVar(&f.sessionTimeout, "session-timeout", "", "what clients ask for, 2 to 20 ticks (default 4s)")
	flags.StringVar(&f.expiry, "expiry", "", "when a session ends that its client has not closed: session, or disconnect")
	flags.StringVar(&f.sync, "sync", "", "whom a sync asks: leader, as ZooKeeper's, or quorum")
	flags.StringVar(&f.reads, "reads", "zookeeper", "what is asked of reads: zookeeper, or linearizable")
	flags.StringArrayVar(&f.faults, "fault", nil, "a fault, such as '0.9s crash S1' or 'at S1 fsync 3 crash S1'; may be repeated")
	flags.StringVar(&f.plan, "plan", "", "a file of faults, one a line")
	flags.StringVar(&f.until, "until", "", "stop at a moment (2.5s) or a step (911)")
	flags.StringVar(&f.trace, "trace", "", "write the first seed's run to this file, as zablab.trace/1")
	flags.StringVar(&f.diagram, "diagram", "", "write the first seed's run to this file, as a Mermaid diagram")
	flags.StringVar(&f.depth, "depth", "client", "how deep that diagram goes: client, or server")
	flags.StringVar(&f.porcupine, "porcupine", "", "write porcupine's picture of the first seed's history to this file")
	flags.StringVar(&f.engine, "engine", engineLab, "what to play on: lab, the simulated engine; or zookeeper, Apache ZooKeeper, through a real client")
	flags.StringVar(&f.connect, "connect", "", "with --engine zookeeper: host:port,… of an ensemble that runs, instead of a private one")
	flags.StringVar(&f.longestWait, "longest-wait", longestWait, "with --engine zookeeper: a note that waits longer is cut short to this")
	flags.BoolVar(&f.race, "race", false, "start consecutive calls of different clients together")
	flags.BoolVar(&f.all, "all", false, "play the whole book, each chapter over 20 seeds, and sum it up in a table")
	flags.BoolVar(&f.lenient, "lenient", false, "play a document although some of its arrows are not understood")
	return cmd
}

// options makes the options of what was typed.
func (f *replayFlags) options(cmd *cobra.Command) (o scenarios.Options, err error) {
	o = scenarios.Options{Options: script.Options{Race: f.race, Lenient: f.lenient}, Seeds: f.seeds}
	if f.all && !cmd.Flags().Changed("seeds") {
		o.Seeds = allSeeds
	}
	if f.seeds < 1 {
		return o, fmt.Errorf("--seeds %d: play at least one", f.seeds)
	}
	if f.seed != "" {
		seed, err := seeds.Parse(f.seed)
		if err != nil {
			return o, fmt.Errorf("--seed: %w", err)
		}
		o.Seed = &seed
	}
	for _, s := range []struct{ key, value string }{
		{"servers", strconv.Itoa(f.servers)}, {"observers", strconv.Itoa(f.observers)},
		{"session-timeout", f.sessionTimeout}, {"expiry", f.expiry}, {"sync", f.sync},
	} {
		if cmd.Flags().Changed(s.key) {
			o.Set = append(o.Set, script.Setting{Key: s.key, Value: s.value})
		}
	}
	for i, line := range f.faults {
		fault, err := sim.ParseFault(line)
		if err != nil {
			return o, fmt.Errorf("--fault %d: %w", i+1, err)
		}
		o.Plan = append(o.Plan, fault)
		o.Places = append(o.Places, fmt.Sprintf("--fault %d", i+1))
	}
	if f.plan != "" {
		text, err := readFile(f.plan)
		if err != nil {
			return o, err
		}
		plan, err := sim.ParsePlan(f.plan, string(text))
		if err != nil {
			return o, err
		}
		for _, fault := range plan {
			o.Plan = append(o.Plan, fault)
			o.Places = append(o.Places, "--plan "+f.plan)
		}
	}
	if f.until != "" {
		if step, err := strconv.ParseInt(f.until, 10, 64); err == nil && step > 0 {
			o.Until.Step = step
		} else if o.Until.At, err = sim.ParseTime(f.until); err != nil || o.Until.At == 0 {
			return o, fmt.Errorf("--until %s: write a moment, 2.5s, or a step, 911", f.until)
		}
	}
	switch f.reads {
	case "zookeeper":
	case "linearizable":
		o.LinearizableReads = true
	default:
		return o, fmt.Errorf("--reads %s: write zookeeper or linearizable", f.reads)
	}
	if f.depth != "client" && f.depth != "server" {
		return o, fmt.Errorf("--depth %s: write client or server", f.depth)
	}
	o.Keep = f.trace != "" || f.diagram != "" || f.porcupine != ""
	return o, nil
}

// load reads the documents that are to be played.
func load(args []string) (docs []*diagram.Document, err error) {
	if len(args) == 0 {
		for _, c := range book.Chapters() {
			args = append(args, c.Name)
		}
	}
	for _, name := range args {
		text, shown, err := readDocument("replay", name)
		if err != nil {
			return nil, err
		}
		doc, err := diagram.Parse(shown, text)
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// readDocument reads a file, or a chapter if there is no file of that name.
func readDocument(command, name string) (text []byte, shown string, err error) {
	text, err = readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if c, ok := book.Find(name); ok {
			return c.Text, c.Name, nil
		}
		return nil, name, fmt.Errorf("%s %s: no such file, and no chapter of that name: zablab list has them", command, name)
	}
	return text, name, err
}

// readFile reads a file that is no larger than a document may be, and a byte more if it is.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			return nil, fmt.Errorf("read %s: %w: give the path of a text file", name, p.Err)
		}
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("read %s: it is a folder: name a file in it", name)
	case err == nil && info.Size() > diagram.MaxSize:
		return nil, &diagram.Error{File: name, Line: 1, Column: 1, Message: fmt.Sprintf(
			"the document has %d bytes, and %d is the most: split it", info.Size(), diagram.MaxSize)}
	}
	text, err := io.ReadAll(io.LimitReader(file, diagram.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: give the path of a text file", name, errors.Unwrap(err))
	}
	return text, nil
}

func replay(cmd *cobra.Command, args []string, f *replayFlags) error {
	o, err := f.options(cmd)
	if err != nil {
		return err
	}
	real, longest, err := f.otherEngine(cmd)
	if err != nil {
		return err
	}
	if f.all && len(args) > 0 {
		return fmt.Errorf("replay --all %s: --all plays every chapter: name none", args[0])
	}
	docs, err := load(args)
	if err != nil {
		return err
	}
	scripts := make([]*script.Script, len(docs))
	for i, doc := range docs {
		if scripts[i], err = script.Compile(doc, o.Options); err != nil {
			return err
		}
	}
	out, asJSON := cmd.OutOrStdout(), false
	asJSON, _ = cmd.Flags().GetBool("json")
	o.Stop = func() bool { return cmd.Context().Err() != nil }
	files, keep := outputs{flags: f}, o.Keep
	if err := files.check(); err != nil {
		return err
	}
	var all, simulated []*scenarios.Result
	for i, s := range scripts {
		done := progress(cmd, docs[i].Name, &o, asJSON)
		on := o
		on.Keep, o.Keep = keep, keep && !real
		r, err := scenarios.Replay(s, o)
		if real && err == nil {
			done()
			simulated = append(simulated, r)
			on.Engine, on.LongestWait = f.zookeeper(cmd.Context()), longest
			done = playing(cmd, docs[i].Name, &on, asJSON)
			if r, err = scenarios.Replay(s, on); err == nil {
				r.Notices = append(r.Notices, unplayable(s)...)
			}
		}
		done()
		if err != nil {
			return err
		}
		err = files.write(r)
		for k := range r.Worlds {
			r.Worlds[k].Close()
		}
		if err != nil {
			return err
		}
		all = append(all, r)
		if !asJSON && !f.all {
			printResult(out, r, &o, f, len(scripts) > 1, last(simulated))
		}
		if o.Stop() {
			break
		}
	}
	switch {
	case asJSON:
		writeJSON(out, jsonOf(all, simulated))
	case f.all:
		printBook(out, all, &o)
		files.say(out)
	default:
		files.say(out)
	}
	if code := exitCode(all, o.Stop()); code != exitOK {
		return status(code)
	}
	return nil
}

// last is the newest result, or nil.
func last(list []*scenarios.Result) *scenarios.Result {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// playing shows what a real run waits for, where somebody can see it: it takes its time.
func playing(cmd *cobra.Command, name string, o *scenarios.Options, asJSON bool) (done func()) {
	file, ok := watched(cmd, asJSON)
	if !ok {
		return func() {}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(file), progressbar.OptionSetDescription(name+": the servers start"),
		progressbar.OptionClearOnFinish(), progressbar.OptionSpinnerType(14))
	_ = bar.RenderBlank()
	o.Doing = func(line int, text string) {
		bar.Describe(fmt.Sprintf("%s:%d: %s", name, line, clip(text, 60)))
	}
	return func() { _ = bar.Finish(); _ = bar.Clear() }
}

// watched is where somebody can see progress, if anybody can.
func watched(cmd *cobra.Command, asJSON bool) (*os.File, bool) {
	file, ok := cmd.ErrOrStderr().(*os.File)
	return file, ok && !asJSON && term.IsTerminal(int(file.Fd()))
}

// progress shows how far a long run has come, where somebody can see it.
func progress(cmd *cobra.Command, name string, o *scenarios.Options, asJSON bool) (done func()) {
	o.Progress = nil
	file, ok := watched(cmd, asJSON)
	if !ok || o.Seeds < 50 {
		return func() {}
	}
	bar := progressbar.NewOptions(o.Seeds, progressbar.OptionSetWriter(file),
		progressbar.OptionSetDescription(strings.TrimSuffix(name, ".md")), progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	o.Progress = func(int) { _ = bar.Add(1) }
	return func() { _ = bar.Finish(); _ = bar.Clear() }
}
