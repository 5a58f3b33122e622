package explore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/story"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/scenarios/processor"
	"github.com/zablab/zablab/zab/flaw"
)

// flags are the flags of zablab explore.
type flags struct {
	list    bool
	flaws   bool
	check   bool
	certain bool
	flaw    string
	reach   string
	memory  int // MB
	pct     int
	runs    int
	seed    string

	set    explore.Setup // the bounds that were given
	files  story.Files
	save   string
	spill  string
	resume string
}

// Command returns the command zablab explore.
func Command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "explore SETUP|DOC",
		Short: "Search all possible schedules of a small ensemble",
		Long: `Searches all states that a small ensemble can reach. The servers run the lab's real code.
In each state the search tries every choice: which message arrives next, when an fsync
ends, when a timer fires, when a process dies, a machine loses power or a client writes.
It checks all properties of the protocol in every state. SETUP is the name of a small
ensemble with bounds, such as the number of crashes (--list); flags change the bounds.

The result names the bounds. The word "complete" means that the search followed every state
within the bounds. For a broken check, the command shows the fewest steps that break the
check, played again on fresh servers. "go doc ./scenarios/explore" lists what the search
leaves out.

-o writes the steps as a document, which zablab replay plays step by step and anybody can
edit. With --engine zookeeper, zablab replay takes the steps on servers of Apache ZooKeeper,
where such servers can take them, and compares. --html writes the steps as a page. If
explore is given such a document, the search begins after its steps. Of any other document,
it takes the number of servers, of client writes and of faults of servers as bounds, and
searches every order of them; a pause or a cut becomes an early timeout, and the oracle
elects.

--flaw injects a bug that ZooKeeper had, and --flaws searches for each such bug. --reach
describes a state: the command shows the fewest steps to such a state, or says that no state
fits the description.

--certain tells when it was too late: the step after which every continuation leads to the
violation or to the state of --reach, whatever happens. The search then covers all states, so
the answer is exact, and not an estimate. With --html, the page has a curve: how many of the
choices at each step make the end certain. A run that never ends, and a state beyond the
bounds, count as ways out.

--save FILE keeps a search that ends early, after ^C or at the limit of memory, and --resume
FILE goes on with it.

--pct DEPTH is for ensembles that are too large to search: it plays random runs with
priorities (probabilistic concurrency testing), which find every bug of that depth with a
probability that the command prints. The depth of a bug is the number of pairs of events
whose order matters for it.

Exit status: 0 complete and no check is broken, a state of --reach was found, or the runs of
--pct broke no check; 1 a check is broken, --flaws missed a bug that it should find, or no
state fits --reach; 2 wrong usage; 4 not complete; 130 interrupted.`,
		Example: "  zablab explore --list\n  zablab explore write\n" +
			"  zablab explore crash --epochs 3\n" +
			"  zablab explore write-power --flaw newleader.ack-before-fsync\n" +
			"  zablab explore write-power --flaw newleader.ack-before-fsync -o found.md --html found.html\n" +
			"  zablab explore write --reach 'S3 LEADING and S1 logged 1/1 and S1 durable < 1/1'\n" +
			"  zablab explore write --certain --flaw newleader.drain-uncommitted\n" +
			"  zablab explore writes-crash --pct 3 --runs 20000\n" +
			"  zablab explore --flaws",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.define(cmd.Flags())
	return cmd
}

// define defines the flags.
func (f *flags) define(flags *pflag.FlagSet) {
	flags.BoolVar(&f.list, "list", false, "list the setups")
	flags.BoolVar(&f.flaws, "flaws", false, "search for each known bug of servers, in the setup "+
		"that can show it")
	flags.BoolVar(&f.check, "check", false,
		"test the search itself: reach each state of a server by a second sequence of events, and "+
			"compare what happens next; slower")
	flags.BoolVar(&f.certain, "certain", false, "search all states, and say after which step "+
		"the violation, or the state of --reach, could no longer be avoided; several times slower")
	flags.StringVar(&f.flaw, "flaw", "", "inject this bug (zablab flaws lists all bugs)")
	flags.StringVar(&f.reach, "reach", "", "end at the first state that fits this description, such as 'S3 "+
		"LEADING and S1 durable < 1/1'; write --reach help for a list of the words")
	flags.IntVar(&f.pct, "pct", 0, "instead of a search, play random runs that find bugs of this "+
		"depth; 3 is a good start")
	flags.IntVar(&f.runs, "runs", 10_000, "with --pct: number of runs")
	flags.StringVar(&f.seed, "seed", "", "with --pct: seed of the runs, such as 7 or 0x51c3")
	f.files.Define(flags)
	flags.StringVar(&f.save, "save", "", "if the search ends early, after ^C or at the limit of "+
		"memory, write what it has found to this file")
	flags.StringVar(&f.spill, "spill", "", "keep the states in a file in this folder, not in memory; "+
		"the file is removed when the search ends (Linux only)")
	flags.StringVar(&f.resume, "resume", "", "go on with the search that --save has written to this "+
		"file")
	flags.IntVar(&f.memory, "memory", 4096, "maximum memory in MB")
	flags.IntVar(&f.set.Servers, "servers", 0, "number of voters")
	flags.IntVar(&f.set.Observers, "observers", 0, "number of servers without a vote")
	flags.BoolVar(&f.set.Oracle, "oracle", false, "elect leaders without exchanging votes: of the "+
		"servers of a majority, the one with the newest history becomes the leader")
	flags.BoolVar(&f.set.Patient, "patient", false,
		"while a vote is on its way to a server, the server keeps waiting for a better vote")
	flags.BoolVar(&f.set.Atomic, "atomic", false, "let all fsyncs of one job, such as writing a "+
		"snapshot, end together")
	flags.IntVar(&f.set.Writes, "writes", 0, "maximum number of writes")
	flags.IntVar(&f.set.Crashes, "crashes", 0, "maximum number of crashes")
	flags.IntVar(&f.set.Powers, "power", 0, "maximum number of losses of power")
	flags.IntVar(&f.set.Wipes, "wipes", 0, "maximum number of lost disks")
	flags.IntVar(&f.set.Timeouts, "timeouts", 0, "maximum number of early timeouts; a timeout is "+
		"early if another event could have happened first")
	flags.Uint32Var(&f.set.MaxEpoch, "epochs", 0, "largest epoch; 0 for no bound")
	flags.Uint64Var(&f.set.MaxRound, "rounds", 0, "largest election round; 0 for no bound")
	flags.StringVar(&f.set.Disks, "disks", "",
		"transactions on each server's disk at the start, such as ab,aB2,a: a to h are of epoch 1, "+
			"A to H of epoch 2; a digit after the letters is the server's current epoch, if that is "+
			"not 1; - is a lost disk")
}

func (f *flags) run(cmd *cobra.Command, args []string) error {
	if err := f.valid(cmd, args); err != nil {
		return err
	}
	switch {
	case f.list:
		return listSetups(cmd)
	case f.reach == "help":
		_, err := fmt.Fprintln(cmd.OutOrStdout(), explore.GoalWords)
		return err
	case f.flaws:
		return f.hunt(cmd)
	case f.resume != "":
		return f.goOn(cmd, args)
	case len(args) == 0:
		return fmt.Errorf("explore: no setup is named: zablab explore --list shows all setups")
	}
	s, from, err := begin(cmd, args[0])
	if err != nil {
		return err
	}
	f.change(cmd, &s)
	if f.flaw != "" {
		e, ok := flaw.Find(f.flaw)
		if !ok {
			return fmt.Errorf("--flaw %s: no such flaw: zablab flaws lists all flaws", f.flaw)
		}
		s.Flaw = e.Flaw
	}
	switch pct := cmd.Flags().Changed("pct"); {
	case pct && from != nil:
		return fmt.Errorf("explore %s: --pct plays whole runs: name a setup, not a document", args[0])
	case pct:
		return f.random(cmd, s)
	}
	o := explore.Options{From: from}
	if f.reach != "" {
		if o.Goal, err = explore.ParseGoal(f.reach, &s); err != nil {
			return fmt.Errorf("explore %s: --reach: %w", args[0], err)
		}
	}
	return f.search(cmd, o, func(o explore.Options) (*explore.Search, error) {
		x, err := explore.New(s, o)
		if err != nil {
			return nil, fmt.Errorf("explore %s: %w", args[0], err)
		}
		return x, nil
	})
}

// valid returns what is wrong with the flags.
func (f *flags) valid(cmd *cobra.Command, args []string) error {
	given := cmd.Flags().Changed
	if err := f.files.Check(f.save, args); err != nil {
		return err
	}
	for _, name := range []string{"certain", "save", "resume", "spill", "output", "trace", "html"} {
		if given(name) && (f.list || f.flaws || f.reach == "help") {
			return fmt.Errorf("--%s applies to a single search: leave out --list, --flaws and "+
				"\"--reach help\"", name)
		}
	}
	if err := f.checkSave(); err != nil {
		return err
	}
	switch {
	case f.flaws && (len(args) > 0 || given("reach")):
		return errors.New("--flaws searches the setup of each bug: leave out the setup and --reach")
	case given("pct") && (f.list || f.flaws):
		return errors.New("--pct plays only one setup: leave out --list and --flaws")
	case f.check && f.save != "":
		return errors.New("--check needs the events that led to each state of a server, and a " +
			"saved search does not have these events: leave out --check or --save")
	case given("reach") && f.reach == "":
		return errors.New("--reach: the description is empty: write, for example, 'S1 LEADING'")
	case !given("pct") && (given("runs") || given("seed")):
		return errors.New("--runs and --seed belong to the random runs of --pct: add --pct 3")
	case f.memory < 1:
		return fmt.Errorf("--memory %d: must be at least 1 MB", f.memory)
	}
	return nil
}

// options adds to the options of a search what the flags say, and shows its progress.
func (f *flags) options(cmd *cobra.Command, m *meter, o explore.Options) explore.Options {
	o.Memory, o.Check, o.Certain, o.Keep = f.memory<<20, f.check, f.certain, f.save != ""
	o.Progress = func(p explore.Progress) bool {
		m.at(p)
		return cmd.Context().Err() == nil
	}
	return o
}

// search runs the search that begin returns, prints its result, and writes its files.
func (f *flags) search(cmd *cobra.Command, o explore.Options,
	begin func(explore.Options) (*explore.Search, error)) error {
	m := newMeter(cmd)
	o = f.options(cmd, m, o)
	if f.spill != "" {
		file, err := newSpill(f.spill)
		if err != nil {
			return fmt.Errorf("--spill %s: %w", f.spill, command.Cause(err))
		}
		defer file.close()
		o.Room = file.room
	}
	x, err := begin(o)
	if err != nil {
		return err
	}
	r, t := run(x, m)
	if f.certain && r.Complete && r.Certainty == nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "zablab: --certain names no step, because the search "+
			"found neither a broken check nor a state that --reach describes: use --flaw or "+
			"--reach to give it something to find")
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), resultJSON(r, t))
	} else {
		printResult(cmd.OutOrStdout(), r, t)
	}
	title := ""
	if r.Goal != nil && r.Reached {
		title = fmt.Sprintf("%s: %s", r.Setup.Name, r.Goal)
	}
	f.files.Certainty, f.files.Given = r.Certainty, r.Given
	if err := f.write(cmd, r.Story, r.Broken, title, r.Sentence()); err != nil {
		return err
	}
	if err := f.keep(cmd, x, r); err != nil {
		return err
	}
	return status(cmd, r)
}

// begin returns the setup that an argument names, or that of a document with a story and the story
// itself: the search begins after its steps.
func begin(cmd *cobra.Command, arg string) (s explore.Setup, from *explore.Story, err error) {
	s, ok := explore.FindSetup(arg)
	if ok {
		return s, nil, nil
	}
	files, _, err := command.Files("explore", cmd.InOrStdin(), []string{arg})
	switch {
	case err == nil && len(files) == 1 && files[0].Err == nil && explore.IsStory(files[0].Doc):
		if from, err = explore.ReadStory(files[0].Doc); err != nil {
			return s, nil, err
		}
		return from.Setup, from, nil
	case err == nil && len(files) == 1 && files[0].Err == nil:
		s, says, err := ofDocument(files[0].Doc)
		if err == nil {
			fmt.Fprintln(cmd.ErrOrStderr(), terminalNotice(says))
		}
		return s, nil, err
	}
	return s, nil, fmt.Errorf("explore %s: no such setup, and no document that can be read: zablab "+
		"explore --list shows all setups", arg)
}

// write writes the files of a story, if one was found. Says is the sentence of the result.
func (f *flags) write(cmd *cobra.Command, s *explore.Story, broken *explore.Violation,
	title, says string) error {
	if !f.files.Any() {
		return nil
	}
	if s == nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "zablab: no file was written: the search has found no steps "+
			"to show")
		return nil
	}
	if broken != nil {
		title = fmt.Sprintf("%s: %s is broken", s.Setup.Name, broken.Name)
	}
	if name := s.Setup.FlawName(); name != "" {
		title += ", with the flaw " + name
	}
	if err := f.files.Write(s, title, "The steps of a small ensemble, found by `zablab explore`. "+
		"Play them with `zablab replay`. "+says+"."); err != nil {
		return err
	}
	if !command.JSON(cmd) {
		f.files.Written(cmd.OutOrStdout())
	}
	return nil
}

// change sets the bounds that were given.
func (f *flags) change(cmd *cobra.Command, s *explore.Setup) {
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	for _, b := range []struct {
		name string
		set  func()
	}{
		{"servers", func() { s.Servers = f.set.Servers }},
		{"observers", func() { s.Observers = f.set.Observers }},
		{"oracle", func() { s.Oracle = f.set.Oracle }},
		{"patient", func() { s.Patient = f.set.Patient }},
		{"atomic", func() { s.Atomic = f.set.Atomic }},
		{"writes", func() { s.Writes = f.set.Writes }},
		{"crashes", func() { s.Crashes = f.set.Crashes }},
		{"power", func() { s.Powers = f.set.Powers }},
		{"wipes", func() { s.Wipes = f.set.Wipes }},
		{"timeouts", func() { s.Timeouts = f.set.Timeouts }},
		{"epochs", func() { s.MaxEpoch = f.set.MaxEpoch }},
		{"rounds", func() { s.MaxRound = f.set.MaxRound }},
		{"disks", func() { s.Disks = f.set.Disks }},
	} {
		if given(b.name) {
			b.set()
		}
	}
}

func status(cmd *cobra.Command, r *explore.Result) error {
	switch {
	case r.Broken != nil || r.Differs != "", r.Goal != nil && r.Complete:
		return command.Status(command.Broken)
	case r.Reached:
		return nil
	case cmd.Context().Err() != nil:
		return command.Status(command.Interrupted)
	case !r.Complete:
		return command.Status(command.Undecided)
	}
	return nil
}

// spent is what a search took.
type spent struct {
	wall      time.Duration
	processor time.Duration
	known     bool // processor is known
	heap      int  // bytes in use at the end, more than at the start
}

// run runs a search, and measures what it took.
func run(x *explore.Search, m *meter) (*explore.Result, spent) {
	began, heap := time.Now(), inUse()
	before, _ := processor.Time()
	r := x.Run()
	after, known := processor.Time()
	t := spent{time.Since(began), after - before, known, inUse() - heap}
	runtime.KeepAlive(x)
	m.done()
	return r, t
}

// inUse returns the bytes of memory that the program uses.
func inUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// meter shows the progress of a search: on a terminal in one line that changes, in a file in a line
// every ten seconds.
type meter struct {
	out         io.Writer
	live        bool
	began, last time.Time
	every       time.Duration
}

func newMeter(cmd *cobra.Command) *meter {
	m := &meter{began: time.Now(), last: time.Now()}
	if file, ok := terminal.Watched(cmd, command.JSON(cmd)); ok {
		m.out, m.live, m.every = file, true, 200*time.Millisecond
	} else if file, ok := cmd.ErrOrStderr().(*os.File); ok && !command.JSON(cmd) {
		m.out, m.every = file, 10*time.Second
	}
	return m
}

func (m *meter) at(p explore.Progress) {
	now := time.Now()
	if m.out == nil || now.Sub(m.last) < m.every {
		return
	}
	m.last = now
	took := now.Sub(m.began)
	line := fmt.Sprintf("%s: %s states, %s not yet searched, depth %d, %s states/s, %d MB",
		took.Round(time.Second), terminal.Thousands(int64(p.States)),
		terminal.Thousands(int64(p.Open)), p.Depth,
		terminal.Thousands(rate(p.States-p.Earlier, took)), p.Bytes>>20)
	if left, ok := p.Left(); p.Open == 0 {
		line = fmt.Sprintf("%s: %s states found; now following them backward, from the last to "+
			"the first, to see what each of them leads to",
			took.Round(time.Second), terminal.Thousands(int64(p.States)))
	} else if ok {
		line += fmt.Sprintf(", about %s states left", terminal.Thousands(int64(roughly(left))))
	} else if p.Above > 0 {
		line += ", still growing"
	}
	if m.live {
		fmt.Fprintf(m.out, "\r\x1b[K%s", line)
		return
	}
	fmt.Fprintln(m.out, line)
}

// roughly keeps the first two digits of a number.
func roughly(n int) int {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return n / unit * unit
}

func (m *meter) done() {
	if m.live {
		fmt.Fprint(m.out, "\r\x1b[K")
	}
}

// listSetups prints the setups.
func listSetups(cmd *cobra.Command) error {
	if command.JSON(cmd) {
		type jsonSetup struct {
			Name   string `json:"name"`
			Says   string `json:"says"`
			Bounds string `json:"bounds"`
		}
		list := []jsonSetup{}
		for _, s := range explore.Setups() {
			list = append(list, jsonSetup{s.Name, s.Says, s.Bounds()})
		}
		command.WriteJSON(cmd.OutOrStdout(), map[string]any{"setups": list})
		return nil
	}
	out := cmd.OutOrStdout()
	t := terminal.NewTable(out, "Setup", "Purpose", "Ensemble and bounds")
	for _, s := range explore.Setups() {
		t.Row(s.Name, s.Says, s.Bounds())
	}
	t.Render()
	return nil
}
