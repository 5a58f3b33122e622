package compare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/report"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/compare/schedules"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/suspects"
	"github.com/zablab/zablab/sim"
)

// The defaults of --seeds.
const (
	usualSeeds  = "20"  // of the parts that depend on chance
	usualDrawn  = "100" // of --fuzz
	usualRounds = "3"   // of --engine zookeeper
)

// restless is what follows the name of an engine whose threads are disturbed.
const restless = "+naps"

// notWithFuzz are the flags that --fuzz does not have.
var notWithFuzz = []string{"servers", "full", "only", "fault", "detect", "bandwidth", "disk-bandwidth",
	"plan", "prevote", "batch"}

// drawn is a range of drawn schedules, and the engines to play them on.
type drawn struct {
	first   uint64
	n       int
	engines []string
}

// readDrawn reads the flags of --fuzz.
func (f *flags) readDrawn(cmd *cobra.Command) (d drawn, err error) {
	for _, name := range notWithFuzz {
		if cmd.Flags().Changed(name) {
			return d, fmt.Errorf("--%s: not possible with --fuzz, because the schedules have settings of their own: "+
				"leave out the flag", name)
		}
	}
	switch {
	case cmd.Flags().Changed("seed") && f.seeds != "":
		return d, errors.New("--seed plays one schedule: leave out --seeds")
	case cmd.Flags().Changed("seed"):
		if d.first, err = seeds.Parse(f.seed); err != nil {
			return d, fmt.Errorf("--seed: %w", err)
		}
		d.n = 1
	default:
		if d.first, d.n, err = readSeeds(f.seeds, usualDrawn); err != nil {
			return d, err
		}
	}
	if f.out != "" && d.n > 1 {
		return d, errors.New("compare --fuzz --out writes the schedule of one seed: add --seed")
	}
	for _, name := range strings.Split(f.engine, ",") {
		if kind(name) == nil || slices.Contains(d.engines, name) {
			return d, fmt.Errorf("--engine %s: with --fuzz, must be one or more of raft, etcd-raft, "+
				"raft+naps and etcd-raft+naps, separated by commas, each at most once", f.engine)
		}
		d.engines = append(d.engines, name)
	}
	if kinds := d.kinds(); f.guest != "" && len(kinds) > 1 {
		return d, fmt.Errorf("--guest %s: one WebAssembly module cannot contain both %s and %s: leave out "+
			"--guest, or name one engine with --engine", f.guest, kinds[0].Library.Name(),
			kinds[1].Library.Name())
	}
	return d, nil
}

// kind returns the library of an engine with this name.
func kind(engine string) *suspects.Kind {
	return suspects.Find(strings.TrimSuffix(engine, restless))
}

// kinds returns the libraries of the engines, each once.
func (d *drawn) kinds() (list []*suspects.Kind) {
	for _, name := range d.engines {
		if k := kind(name); !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	return list
}

// readSeeds reads --seeds: a number, or a range such as 500-999.
func readSeeds(text, usual string) (first uint64, n int, err error) {
	if text == "" {
		text = usual
	}
	first, n, ok := seeds.Range(text, 100_000)
	if !ok || first == 0 {
		return 0, 0, fmt.Errorf("--seeds %s: must be a number from 1 to 100000, or with --fuzz a range "+
			"such as 500-999", text)
	}
	return first, n, nil
}

// playDrawn plays drawn schedules on all engines, and reports what their clients saw.
func (f *flags) playDrawn(cmd *cobra.Command) error {
	d, err := f.readDrawn(cmd)
	if err != nil {
		return err
	}
	if err := f.checkHTML(); err != nil {
		return err
	}
	engines, closeAll, err := f.openEngines(cmd, d.engines)
	defer closeAll()
	if err != nil {
		return err
	}
	asJSON, began := command.JSON(cmd), time.Now()
	bar, broken := terminal.NewProgress(cmd, d.n, asJSON, "schedules"),
		make(brokenRuns, len(engines))
	b, err := schedules.Compare(cmd.Context(), engines, d.first, d.n, schedules.Options{
		Tell: func(b *schedules.Batch) { bar.At(b.Done, broken.soFar(b)) },
	})
	bar.Done()
	if err != nil {
		return err
	}
	t := newDrawnReport(b, f, d)
	if t.Files, err = f.writeSchedules(engines, d); err != nil {
		return err
	}
	switch out := cmd.OutOrStdout(); {
	case asJSON:
		command.WriteJSON(out, t)
	case d.n == 1 && b.Done == 1:
		t.printOne(out, b)
	default:
		t.print(out, b, time.Since(began))
	}
	if err := f.reportDrawn(cmd, b, d); err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return command.Status(command.Interrupted)
	}
	return t.status()
}

// reportDrawn writes the batch as a page, if --html asks for one.
func (f *flags) reportDrawn(cmd *cobra.Command, b *schedules.Batch, d drawn) error {
	if f.html == "" {
		return nil
	}
	var builds []report.Build
	for _, e := range b.Engines {
		if e.Suspect == nil {
			continue
		}
		x := report.Build{Name: e.Suspect.Library.Name(), Version: e.Suspect.Source(),
			Sum: e.Suspect.Sum()}
		if !slices.Contains(builds, x) { // of raft and raft+naps
			builds = append(builds, x)
		}
	}
	r := &report.Report{
		Command: commandLine(cmd), Version: version(), Seeds: d.n,
		Servers: "3, 5 or 7 (each schedule sets the number)", Partial: b.Done < d.n,
		Drawn: &report.Drawn{Batch: b, Asked: d.n, Again: f.again, Builds: builds},
	}
	if err := f.writeReport(r); err != nil {
		return err
	}
	if out := cmd.OutOrStdout(); !command.JSON(cmd) {
		fmt.Fprintf(out, "%s  %s\n", terminal.PaintFor(out).Bold("Written"), f.html)
	}
	return nil
}

// again returns the command that plays the schedule of a seed on all engines.
func (f *flags) again(seed uint64) string {
	return fmt.Sprintf("zablab compare --fuzz%s --seed %s", f.enginesFlag(), seeds.Text(seed))
}

// enginesFlag is the flag that selects the engines, after a space; "" for the usual ones.
func (f *flags) enginesFlag() string {
	if f.engine == engineRaft {
		return ""
	}
	return " --engine " + f.engine
}

// brokenRuns counts by engine the runs that have broken a check.
type brokenRuns []int

// soFar adds the last run of each engine, and says how many are broken.
func (n brokenRuns) soFar(b *schedules.Batch) string {
	var words []string
	for k, e := range b.Engines {
		switch b.Runs[k][b.Done-1].Outcome {
		case schedules.Passed, schedules.Undecided:
		default:
			n[k]++
		}
		words = append(words, fmt.Sprintf("%s %d broken", e.Name, n[k]))
	}
	return strings.Join(words, ", ")
}

// openEngines opens the engines of these names, after the simulated ZooKeeper. closeAll frees those
// that were opened, even if others fail.
func (f *flags) openEngines(cmd *cobra.Command, names []string) (list []*schedules.Engine,
	closeAll func(), err error) {
	list = []*schedules.Engine{{Name: "zab", Says: "ZAB (the lab's engine)"}}
	open := make(map[*suspects.Kind]*suspects.Suspect)
	closeAll = func() {
		for _, e := range open { // order: independent
			if e != nil {
				_ = e.Close(context.WithoutCancel(cmd.Context())) // frees memory only
			}
		}
	}
	for _, name := range names {
		kind := kind(name)
		if open[kind] == nil {
			open[kind], err = kind.Open(cmd.Context(), f.guest, guest.Source{}, command.Tell(cmd))
			if err != nil {
				return nil, closeAll, err
			}
		}
		e := &schedules.Engine{Name: name, Says: kind.Library.Name() + " " + kind.Version, Suspect: open[kind],
			Restless: strings.HasSuffix(name, restless)}
		if e.Restless {
			e.Says = fmt.Sprintf("%s with threads that yield and sleep at random", e.Says)
		}
		list = append(list, e)
	}
	return list, closeAll, nil
}

// drawnReport is the output of zablab compare --fuzz --json. Its keys are stable: keys may be
// added, but never renamed.
type drawnReport struct {
	Summary     string        `json:"summary"`
	Command     string        `json:"command"`
	First       uint64        `json:"first_seed"`
	Asked       int           `json:"asked"`
	Done        int           `json:"done"`
	Fingerprint string        `json:"fingerprint"`
	Engines     []drawnEngine `json:"engines"`
	Figures     []drawnFigure `json:"figures"`
	Differences []string      `json:"differences"`
	Files       []string      `json:"files"`
}

type drawnEngine struct {
	Name    string                    `json:"engine"`
	Says    string                    `json:"says"`
	Ended   map[schedules.Outcome]int `json:"ended"`
	Calls   int                       `json:"calls"`
	Writes  int                       `json:"writes"`
	Final   int                       `json:"runs_with_final_state"`
	Checked map[string]int            `json:"checked"` // runs in which a check had something to check
	Broken  []drawnBreak              `json:"broken"`
	Runs    []schedules.Run           `json:"runs"`
}

type drawnBreak struct {
	schedules.Break
	Seed    string `json:"seed"`
	Command string `json:"command"`
}

type drawnFigure struct {
	Key    string `json:"figure"`
	Says   string `json:"says"`
	Engine string `json:"engine"`
	schedules.Distribution
	Seed    string `json:"worst_seed,omitempty"`
	Command string `json:"command,omitempty"`

	time bool
}

func newDrawnReport(b *schedules.Batch, f *flags, d drawn) *drawnReport {
	again := f.again
	t := &drawnReport{
		First: b.First, Asked: d.n, Done: b.Done, Fingerprint: fmt.Sprintf("%016x", b.Fingerprint),
		Command:     fmt.Sprintf("zablab compare --fuzz%s --seeds %s", f.enginesFlag(), rangeText(b.First, b.Done)),
		Differences: schedules.Differences(), Engines: []drawnEngine{}, Figures: []drawnFigure{},
	}
	if d.n == 1 {
		t.Command = again(b.First)
	}
	for k, e := range b.Engines {
		x := drawnEngine{Name: e.Name, Says: e.Says, Ended: b.Ended(k), Checked: b.Checks[k],
			Broken: []drawnBreak{}, Runs: b.Runs[k]}
		for i := range b.Runs[k] {
			r := &b.Runs[k][i]
			x.Calls += r.Calls
			x.Writes += r.Writes
			if r.Complete {
				x.Final++
			}
		}
		for _, broken := range b.Breaks(k) {
			x.Broken = append(x.Broken, drawnBreak{broken, seeds.Text(broken.First),
				again(broken.First)})
		}
		t.Engines = append(t.Engines, x)
	}
	for _, m := range schedules.Measures() {
		for k, e := range b.Engines {
			x := drawnFigure{Key: m.Key, Says: m.Says, Engine: e.Name, Distribution: b.Of(&m, k),
				time: m.Time}
			if x.Some > 0 {
				x.Seed, x.Command = seeds.Text(x.Distribution.Seed), again(x.Distribution.Seed)
			}
			t.Figures = append(t.Figures, x)
		}
	}
	t.Summary = schedules.Summary(b)
	return t
}

func rangeText(first uint64, n int) string {
	if first == 1 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d-%d", first, first+uint64(n)-1)
}

// print prints the report.
func (t *drawnReport) print(out io.Writer, b *schedules.Batch, took time.Duration) {
	p := &printer{terminal.PaintFor(out), out}
	fmt.Fprintf(out, "%s\n  %s\n", p.Bold(terminal.Wrap(t.Summary, 96, "")), t.Command)
	if t.Done < t.Asked {
		fmt.Fprintf(out, "%s\n", p.Yellow(fmt.Sprintf("interrupted after %d of %d schedules", t.Done,
			t.Asked)))
	}
	type row struct {
		*drawnEngine
		drawnBreak
	}
	var rows []row
	for i := range t.Engines {
		for _, x := range t.Engines[i].Broken {
			rows = append(rows, row{&t.Engines[i], x})
		}
	}
	table(p, "What broke", "the first schedule that breaks each property", rows,
		column[row]{"Property", func(x *row) string { return x.Property }},
		column[row]{"Engine", func(x *row) string { return x.Name }},
		column[row]{"Outcome", func(x *row) string { return string(x.Outcome) }},
		column[row]{"Runs", func(x *row) string { return fmt.Sprint(x.Runs) }},
		column[row]{"Command that plays the first run", func(x *row) string { return x.drawnBreak.Command }})
	table(p, "What clients saw",
		"each schedule gives one value; the table shows the median (95% interval), the 95th "+
			"percentile and the worst of these values; \"Runs above zero\": runs whose value is "+
			"above zero", t.Figures,
		column[drawnFigure]{"Measure", func(x *drawnFigure) string { return x.Says }},
		column[drawnFigure]{"Engine", func(x *drawnFigure) string { return x.Engine }},
		column[drawnFigure]{"Median", (*drawnFigure).median},
		column[drawnFigure]{"95th percentile", func(x *drawnFigure) string { return x.cell(x.P95, x.Enough) }},
		column[drawnFigure]{"Worst", func(x *drawnFigure) string { return x.cell(x.Worst, x.N > 0) }},
		column[drawnFigure]{"Runs above zero", func(x *drawnFigure) string {
			return fmt.Sprintf("%d/%d", x.Some, x.N)
		}},
		column[drawnFigure]{"Command that plays the worst run",
			func(x *drawnFigure) string { return x.Command }})
	p.checked(b)
	p.listed("Differences that come from the lab, not from the protocols", t.Differences)
	fmt.Fprintf(out, "\n%s  %s  %s\n", p.Bold("Fingerprint"), t.Fingerprint,
		p.Faint(fmt.Sprintf("%.1fs", took.Seconds())))
}

// checked prints which checks the runs of each engine had.
func (p *printer) checked(b *schedules.Batch) {
	for k, e := range b.Engines {
		p.listed("Checked on "+e.Says, b.Checked(k))
	}
}

// listed prints a list under a title.
func (p *printer) listed(title string, list []string) {
	fmt.Fprintf(p.out, "\n%s\n", p.Bold(title))
	for _, text := range list {
		fmt.Fprintf(p.out, "  · %s\n", terminal.Wrap(text, 96, "    "))
	}
}

func (x *drawnFigure) median() string {
	if x.N == 0 {
		return "–"
	}
	if x.Median == nil || x.Low == nil || x.High == nil || x.N < compare.EnoughRuns ||
		*x.Low == *x.High {
		return x.cell(x.Median, true)
	}
	switch m := *x.Median; {
	case !x.time:
		return within(m, *x.Low, *x.High, 1, 0, "")
	case m < 100_000:
		return msWithin(m, *x.Low, *x.High)
	default:
		return within(m, *x.Low, *x.High, 1e6, 2, "s")
	}
}

func (x *drawnFigure) cell(v *int64, known bool) string {
	switch {
	case !known:
		return "–"
	case v == nil:
		return "never"
	case x.time:
		return sim.Time(*v).Brief()
	}
	return fmt.Sprint(*v)
}

// writeSchedules writes the schedules of a single seed, one for each engine, into the folder of
// --out.
func (f *flags) writeSchedules(engines []*schedules.Engine, d drawn) (files []string, err error) {
	files = []string{}
	if f.out == "" {
		return files, nil
	}
	if err := command.MakeFolder("--out", f.out); err != nil {
		return files, err
	}
	for _, e := range engines {
		s := e.Schedule(d.first)
		name := filepath.Join(f.out, e.Name+".schedule")
		if err := command.WriteFile(name, []byte(s.String())); err != nil {
			return files, err
		}
		files = append(files, name)
	}
	return files, nil
}

// printOne prints what each engine did with one schedule.
func (t *drawnReport) printOne(out io.Writer, b *schedules.Batch) {
	p := &printer{terminal.PaintFor(out), out}
	s := b.Engines[0].Schedule(b.First)
	fmt.Fprintf(out, "%s\n%s\n", p.Bold("Schedule"), s.String())
	fmt.Fprintln(out, p.Bold(terminal.Wrap(t.Summary, 96, "")))
	for k, e := range b.Engines {
		if r := &b.Runs[k][0]; r.Property != "" {
			fmt.Fprintf(out, "  %s %s on %s: %s\n", p.Red("✗"), p.Bold(r.Property), e.Name,
				terminal.Wrap(r.Text, 92, "    "))
		}
	}
	fmt.Fprintln(out)
	heads := []string{"Measure"}
	for _, e := range b.Engines {
		heads = append(heads, e.Name)
	}
	table := terminal.NewTable(out, heads...)
	for i := 0; i < len(t.Figures); i += len(b.Engines) {
		row := []string{t.Figures[i].Says}
		for k := range b.Engines {
			x := &t.Figures[i+k]
			row = append(row, x.cell(x.Worst, x.N > 0))
		}
		table.Row(row...)
	}
	table.Render()
	p.checked(b)
	fmt.Fprintf(out, "\n%s  %s\n", p.Bold("Fingerprint"), t.Fingerprint)
	for _, name := range t.Files {
		fmt.Fprintf(out, "%s  %s\n", p.Bold("Written"), name)
	}
	if len(t.Files) == 0 {
		fmt.Fprintln(out, p.Faint("--out DIR writes the schedule of each engine to a file; zablab fuzz --schedule "+
			"FILE --html run.html plays such a file"))
	}
}

// status returns the exit status: 1 if an engine broke a promise.
func (t *drawnReport) status() error {
	undecided := false
	for _, e := range t.Engines {
		if e.Ended[schedules.Unsafe]+e.Ended[schedules.NoRecovery]+e.Ended[schedules.Late] > 0 {
			return command.Status(command.Broken)
		}
		undecided = undecided || e.Ended[schedules.Undecided] > 0
	}
	if undecided {
		return command.Status(command.Undecided)
	}
	return nil
}
