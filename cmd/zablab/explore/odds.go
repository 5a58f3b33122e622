package explore

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/odds"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/sim"
)

// oddsFlags are the flags of zablab odds.
type oddsFlags struct {
	of, seed, html string
	schedule       string
	faults         []string
	runs, most     int
	world          int
}

// Odds returns the command zablab odds.
func Odds() *cobra.Command {
	var f oddsFlags
	var forms strings.Builder
	for _, form := range odds.Forms() {
		fmt.Fprintf(&forms, "  %-24s%s\n", form[0], terminal.Wrap(form[1], 60, strings.Repeat(" ", 26)))
	}
	cmd := &cobra.Command{
		Use:   "odds [DOC]",
		Short: "Find the step of a run after which its outcome was certain",
		Long: `Plays a document, and then plays it again many times: each time the run is the same up to
some step, and from there on the latencies of the network and the durations of fsyncs are
random. The odds at that step are the share of these runs that have the same outcome. The
command prints the odds along the run, the step after which the outcome was certain, the
step that changed the odds most, and the nearest run without the outcome: of all runs without
it, the one that stays equal to the original run for the largest number of steps. The faults
and the clients' calls of the document do not change.

--of describes the outcome:

` + forms.String() + `
Without --of, the outcome is the most remarkable thing in the run: a check that fails, a line
that does not happen as drawn, two clients that both believe that they lead, a stale read, or
else the last leader. With --schedule, which names a schedule of zablab fuzz, the outcome is
that a check fails.

Exit status: 0 measured; 2 wrong usage, or the run does not have this outcome; 130 interrupted.`,
		Example: "  zablab odds the-leader-dies\n" +
			"  zablab odds --of 'C leads' first-one-wins\n" +
			"  zablab odds --of 'S3 leads' --runs 100 elections-inside\n" +
			"  zablab odds --html odds.html two-leaders\n" +
			"  zablab odds --schedule failures/0x2a/schedule",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.of, "of", "", "outcome, such as 'A leads' (default: the most remarkable one)")
	flags.StringVar(&f.seed, "seed", "", "seed of the run, such as 7 or 0x51c3")
	flags.StringArrayVar(&f.faults, "fault", nil, "inject a fault, such as '0.9s crash S1'; may be "+
		"repeated")
	flags.IntVar(&f.world, "world", 0, "examine the run of the N-th world of the document; a "+
		"diagram that says \"fresh\" begins a new world, with new servers and clients (default: the "+
		"last world)")
	flags.IntVar(&f.runs, "runs", 20, "number of runs at each step, 1 to 1000")
	flags.IntVar(&f.most, "most", 1200, "maximum number of runs in total")
	flags.StringVar(&f.schedule, "schedule", "", "examine the run of this schedule, not of a document")
	flags.StringVar(&f.html, "html", "", "write a page to this file: the run, and below it the "+
		"nearest run without the outcome")
	return cmd
}

func (f *oddsFlags) run(cmd *cobra.Command, args []string) error {
	switch {
	case (f.schedule == "") == (len(args) == 0):
		return errors.New("odds: name one document, or one schedule with --schedule")
	case f.runs < 1 || f.runs > 1000:
		return fmt.Errorf("--runs %d: must be 1 to 1000", f.runs)
	case f.most < f.runs:
		return fmt.Errorf("--most %d: must be at least the number of runs at each step, which is "+
			"%d: raise --most, or lower --runs", f.most, f.runs)
	}
	if err := command.CheckOutputs([]string{f.html}, append(slices.Clone(args), f.schedule)); err != nil {
		return err
	}
	bar := terminal.NewSpinner(cmd, command.JSON(cmd), "runs")
	m := odds.Options{Seeds: f.runs, Most: f.most, Played: func(done int) bool {
		bar.Say(terminal.Plural(done, "run", "runs"))
		return cmd.Context().Err() == nil
	}}
	var r *report
	var err error
	if f.schedule != "" {
		r, err = f.ofSchedule(m)
	} else {
		r, err = f.ofDocument(cmd, args[0], m)
	}
	bar.Done()
	if err != nil {
		return err
	}
	if f.html != "" {
		if err := r.writePage(f.html); err != nil {
			return err
		}
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), r.json())
	} else {
		r.print(cmd.OutOrStdout())
		terminal.Written(cmd.OutOrStdout(), f.html)
	}
	if r.Cut {
		return command.Status(command.Interrupted)
	}
	return nil
}

// ofSchedule measures the run of a schedule.
func (f *oddsFlags) ofSchedule(m odds.Options) (*report, error) {
	if f.of != "" || f.seed != "" || f.world != 0 || len(f.faults) > 0 {
		return nil, errors.New("--schedule: leave out --of, --seed, --fault and --world: a schedule " +
			"has its own seed, faults and outcome")
	}
	text, err := command.ReadFile(f.schedule)
	if err != nil {
		return nil, err
	}
	s, err := fuzz.Parse(f.schedule, string(text))
	if err != nil {
		return nil, err
	}
	if s.Engine != "" {
		return nil, fmt.Errorf("--schedule %s: the schedule is for engine=%s: only runs of the "+
			"simulated ZooKeeper can be examined", f.schedule, s.Engine)
	}
	d, err := odds.OfSchedule(&s, fuzz.Playing{}, m)
	if err != nil {
		return nil, fmt.Errorf("--schedule %s: %w", f.schedule, err)
	}
	r := &report{Told: *d.Told(), title: s.Title(), seed: s.Seed,
		outcome: "a check fails (in this run: " + d.Property + ")",
		trace:   d.Trace, says: d.Sentences()}
	if d.Near != nil {
		r.other = func() ([]byte, error) { return traceOf(d.Near) }
	}
	if d.Miss != nil {
		r.again = "to play that run, add resample=" + stage.ResampleText(*d.Miss) +
			" to the schedule's line that begins with \"stage\""
	}
	return r, nil
}

// traceOf returns the trace of a schedule's run.
func traceOf(s *fuzz.Schedule) ([]byte, error) {
	out, err := s.Play(fuzz.Playing{Keep: true})
	if err != nil {
		return nil, err
	}
	defer out.Close()
	told, err := s.Tell(&out)
	return told.Trace, err
}

// ofDocument measures the run of a document.
func (f *oddsFlags) ofDocument(cmd *cobra.Command, name string, m odds.Options) (*report, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	files, _, err := command.Files("odds", cmd.InOrStdin(), []string{name})
	switch {
	case err != nil:
		return nil, err
	case len(files) != 1:
		return nil, fmt.Errorf("odds %s: this folder or pattern matches %d documents: name one document",
			name, len(files))
	case files[0].Err != nil:
		return nil, files[0].Err
	}
	s, err := script.Compile(files[0].Doc, o.Options)
	if err != nil {
		return nil, err
	}
	d, err := odds.OfDocument(s, f.of, o, m)
	if err != nil {
		var known *diagram.Error
		if errors.As(err, &known) {
			return nil, err
		}
		return nil, fmt.Errorf("odds %s: %w", name, err)
	}
	r := &report{Told: odds.Told{Curve: d.Curve, Events: d.Events}, title: d.Title,
		outcome: d.Outcome.Says, seed: d.Seed, trace: d.Trace}
	r.says = r.Sentences()
	if d.Miss != nil {
		r.again = "zablab replay " + f.again(d) + name
		o.Seed, o.Resample, o.ResampleWorld = &d.Seed, *d.Miss, d.World
		r.other = func() ([]byte, error) { return odds.TraceOf(s, o, d.World) }
	}
	return r, nil
}

// again returns the flags of zablab replay that play the run without the outcome.
func (f *oddsFlags) again(d *odds.Document) string {
	flags := "--resample " + stage.ResampleText(*d.Miss) + " "
	flags += fmt.Sprintf("--seed %#x ", d.Seed)
	if d.Worlds > 1 {
		flags += fmt.Sprintf("--world %d ", d.World)
	}
	for _, fault := range f.faults {
		flags += "--fault '" + fault + "' "
	}
	return flags
}

// options returns how to play the document.
func (f *oddsFlags) options() (o scenarios.Options, err error) {
	if f.seed != "" {
		seed, err := seeds.Parse(f.seed)
		if err != nil {
			return o, fmt.Errorf("--seed: %w", err)
		}
		o.Seed = &seed
	}
	for i, line := range f.faults {
		fault, err := sim.ParseFault(line)
		if err != nil {
			return o, fmt.Errorf("--fault %d: %w", i+1, err)
		}
		o.Plan = append(o.Plan, fault)
		o.Places = append(o.Places, fmt.Sprintf("--fault %d", i+1))
	}
	o.PlanWorld = f.world
	return o, nil
}

// curveWidth is how many columns a curve has.
const curveWidth = 72

// print prints the curve, and what it says.
func (r *report) print(out io.Writer) {
	p := terminal.PaintFor(out)
	fmt.Fprintf(out, "%s  %s\n", p.Bold(r.title), p.Faint(fmt.Sprintf("seed %#x · %s", r.seed,
		terminal.Plural(r.Runs, "run", "runs"))))
	fmt.Fprintf(out, "Outcome: %s\n", terminal.Paragraph(out, r.outcome, 9))
	if r.Cut {
		fmt.Fprintln(out, p.Yellow("Interrupted: the figures cover only the runs before the "+
			"interruption"))
	}
	if len(r.Points) == 0 {
		return
	}
	width := curveWidth
	if n := terminal.Columns(out); n > 0 {
		width = min(width, n-4)
	}
	fmt.Fprintf(out, "\n  %s\n  %s\n\n", p.Green(r.Draw(width)), p.Faint(r.Axis(width)))
	for _, s := range r.says {
		fmt.Fprintln(out, terminal.Paragraph(out, s, 0))
	}
	if r.again != "" {
		fmt.Fprintln(out, "  "+p.Faint(r.again))
	}
	if r.Miss != nil {
		fmt.Fprintf(out, "\n%s\n", p.Faint(terminal.Paragraph(out, odds.Note, 0)))
	}
}
