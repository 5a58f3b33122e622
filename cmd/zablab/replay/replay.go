package replay

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flags are the flags of zablab replay.
type flags struct {
	set            *pflag.FlagSet // the flag set, which knows which flags were given
	seed           string
	seeds          int
	servers        int
	observers      int
	sessionTimeout string
	expiry         string
	sync           string
	client         string
	flaw           string
	reads          string
	faults         []string
	plan           string
	world          int
	resample       string
	until          string
	trace          string
	diagram        string
	depth          string
	porcupine      string
	html           string
	open           bool
	noFork         bool
	race           bool
	strict         bool
	all            bool
	verbose        bool
	explain        bool
	format         string
	fix            bool
	output         string
	write          bool
	by             string
	width          int
	engine         string
	connect        string
	longestWait    string
}

const (
	// AllSeeds is the number of seeds for each chapter with --all.
	AllSeeds = 20
	// Values of --by: the order of the rows of a table.
	byDrawing = "drawing"
	byTime    = "time"
	// usualLongestWait is the default of --longest-wait.
	usualLongestWait = "20s"
)

// Command returns the command zablab replay.
func Command() *cobra.Command {
	f := new(flags)
	cmd := &cobra.Command{
		Use:   "replay [DOC...]",
		Short: "Play a document's sequence diagrams on a simulated ensemble",
		Long: `Plays every sequence diagram of the documents: files of Markdown or plain text that
contain Mermaid or PlantUML, chapters of the book by name or number (zablab list), a folder,
a glob, or - for standard input. Without a document it plays all chapters. It prints the
verdict of each arrow, what the drawing leaves out, the checks, and a fingerprint, which
is the same for the same seed on every machine. For several documents it prints one line
for each document, and then the problems.

The verdict of an arrow is ✓ as drawn, ◷ later than drawn, ✗ different (something else
happened) or never, or ? unread: the line was not understood and not played (zablab lint
says why). Behaviour that ZooKeeper allows but that is bad
for its users, such as two leaders at once or a stale read, is marked !.

Exit status: 0 everything holds, even if some arrows happen later; 1 a check failed;
2 wrong usage or unreadable input; 3 an arrow is ✗ although its author does
not expect ✗, or a line is not read; 4 a check is undecided; 130 interrupted.`,
		Example: "  zablab replay the-leader-dies\n" +
			"  zablab replay --engine zookeeper the-leader-dies\n" +
			"  zablab replay --engine etcd the-leader-dies\n" +
			"  zablab replay --seeds 1000 --servers 5 first-one-wins\n" +
			"  zablab replay --all\n" +
			"  zablab replay --fault 'at A crashes crash S3' the-leader-dies\n" +
			"  zablab replay --html run.html --open the-leader-dies\n" +
			"  zablab replay --fix -o mended.md my-election.md\n" +
			"  zablab replay --diagram run.mmd --depth server first-one-wins",
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, args, f) },
	}
	f.set = cmd.Flags()
	f.chance(cmd)
	f.stage(cmd)
	f.page(cmd)
	f.files(cmd)
	f.real(cmd)
	return cmd
}

// chance defines the flags for seeds and faults.
func (f *flags) chance(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.seed, "seed", "", "first seed, such as 7 or 0x51c3 (default: the "+
		"document's, or 1)")
	flags.IntVar(&f.seeds, "seeds", 1, "number of seeds, counting up from the first")
	flags.BoolVar(&f.all, "all", false,
		"play the whole book, each chapter with 20 seeds, and print a summary table")
	flags.StringArrayVar(&f.faults, "fault", nil,
		"inject a fault, such as '0.9s crash S1' or 'at S1 fsync 3 crash S1'; may be repeated")
	flags.StringVar(&f.plan, "plan", "", "inject the faults in this file, one per line")
	flags.IntVar(&f.world, "world", 0, "apply --fault, --plan and --resample only to the N-th world "+
		"of the document; a diagram that says \"fresh\" begins a new world, with new servers and "+
		"clients (default: all worlds)")
	flags.StringVar(&f.resample, "resample", "", "STEP:SEED, such as 120:7, as zablab odds prints "+
		"it: after step 120 of the run, choose latencies and durations of fsyncs with seed 7 instead")
	flags.StringVar(&f.until, "until", "", "stop at this time or step, such as 2.5s or 911")
	flags.BoolVar(&f.race, "race", false, "start consecutive calls of different clients together")
	flags.BoolVar(&f.strict, "strict", false,
		"treat a line that is not understood as an error, and play nothing")
}

// stage defines the flags for the ensemble, and for the guarantees that the judges check.
func (f *flags) stage(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&f.servers, "servers", 0,
		"number of voting servers (default: the document's, or 3)")
	flags.IntVar(&f.observers, "observers", 0, "number of observers in addition to the voting "+
		"servers")
	flags.StringVar(&f.sessionTimeout, "session-timeout", "",
		"session timeout that clients request, such as 6s (default: 4s); must be 2 to 20 times "+
			"the tick")
	flags.StringVar(&f.expiry, "expiry", "",
		"when a session ends: session (at its timeout; default), or disconnect (when its "+
			"connection is lost)")
	flags.StringVar(&f.sync, "sync", "",
		"who confirms a sync call: leader (default, as in ZooKeeper) or quorum")
	flags.StringVar(&f.client, "client", "",
		"client library to imitate: curator, kazoo, go, java, or plain, the lab's own client "+
			"(default)")
	flags.StringVar(&f.flaw, "flaw", "",
		"inject this bug into all servers, or into all recipes; zablab flaws lists all bugs")
	flags.StringVar(&f.reads, "reads", "zookeeper",
		"consistency that reads must have: zookeeper (a read may be stale) or linearizable "+
			"(no read may be stale)")
}

// page defines the flags that control what is printed.
func (f *flags) page(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVarP(&f.verbose, "verbose", "v", false,
		"print every check; with several documents, also every diagram")
	flags.BoolVar(&f.explain, "explain", false,
		"first print how each line is read, as zablab lint does")
	flags.StringVar(&f.format, "format", formatText,
		"output format: text, or mermaid (the drawing as the lab read it, in clean Mermaid)")
	flags.BoolVar(&f.fix, "fix", false,
		"print the document, corrected to match the run; comments mark the changes")
	flags.StringVarP(&f.output, "output", "o", "",
		"with --fix or --format mermaid: file to write (default: standard output)")
	flags.BoolVar(&f.write, "write", false, "with --fix: write into the document itself")
	flags.StringVar(&f.by, "by", byDrawing, "order of the arrows in the output: drawing, or time")
	flags.IntVar(&f.width, "width", 0,
		"width of the page in columns, 40 to 300 (default: the terminal's)")
}

// files defines the flags that name files to write.
func (f *flags) files(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.trace, "trace", "",
		"write the run of the first seed to this file, in the format zablab.trace/1")
	flags.StringVar(&f.diagram, "diagram", "",
		"write the run of the first seed to this file, as a Mermaid diagram")
	flags.StringVar(&f.html, "html", "",
		"write the run of the first seed to this file, as a page to step through in a browser")
	flags.BoolVar(&f.open, "open", false, "with --html: open the page in the browser")
	flags.BoolVar(&f.noFork, "no-fork", false,
		"with --html: leave the engine out; the page is smaller, and cannot change the run")
	flags.StringVar(&f.depth, "depth", "client",
		"level of detail of --diagram and --html: client, or server")
	flags.StringVar(&f.porcupine, "porcupine", "",
		"write porcupine's diagram of the first seed's history to this file")
}

// real defines the flags for a run on real servers.
func (f *flags) real(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.engine, "engine", engineLab,
		"engine to play on: lab, the simulated ensemble; zookeeper, Apache ZooKeeper with real clients; "+
			"or etcd, with a lease for each session")
	flags.StringVar(&f.connect, "connect", "",
		"with --engine zookeeper: use the running ensemble at host:port,… instead of starting one")
	flags.StringVar(&f.longestWait, "longest-wait", usualLongestWait,
		"with --engine zookeeper or etcd: if a note in a drawing asks for a longer wait than "+
			"this, wait only this long")
}
