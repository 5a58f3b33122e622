package explore

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/atlas"
	"github.com/zablab/zablab/scenarios/processor"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/sim"
)

// atlasFlags are the flags of zablab atlas.
type atlasFlags struct {
	fault, who, span, seed string
	html                   string
	open, noFork           bool
	most                   int
}

// Atlas returns the command zablab atlas.
func Atlas() *cobra.Command {
	var f atlasFlags
	cmd := &cobra.Command{
		Use:   "atlas DOC",
		Short: "Inject one fault after each step of a document's run in turn, and show the outcomes",
		Long: `Plays a document once without a fault. Then it plays the document again once for each
moment, which is a step of that run, with a fault right after the step. It prints a picture
with one line for each machine that gets the fault. Each mark in a line stands for one
moment, or for several if the line is too short for all of them, and shows the most serious
difference from the run without the fault. Below the picture, consecutive moments with the
same outcome share one entry, with a command that plays the run of the first of these
moments again. Between two entries, the command prints the step at which the outcome
changes.

A crash, a loss of power or a cut lasts to the end of the run, unless the document ends
the fault.

--html writes the picture as a page, and the run as a second page in the same folder:
atlas-run.html for atlas.html. A click on a moment in the picture opens the second page,
which plays the run with the fault at this moment.

Exit status: 0 played; 1 a check fails in at least one run; 2 wrong usage; 130
interrupted.`,
		Example: "  zablab atlas the-leader-dies\n" +
			"  zablab atlas --who LEADER --fault power the-leader-dies\n" +
			"  zablab atlas --who A --fault pause --span 6s the-leader-dies\n" +
			"  zablab atlas --who all --most 100 my-election.md\n" +
			"  zablab atlas --html atlas.html --open the-leader-dies",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.fault, "fault", atlas.Crash, "fault to "+
		"inject: "+strings.Join(atlas.Faults(), ", "))
	flags.StringVar(&f.who, "who", "servers",
		"machines to inject the fault into: servers, all (clients too), LEADER, or names such "+
			"as S1,A")
	flags.StringVar(&f.span, "span", "3s", "duration of a pause, with --fault pause")
	flags.StringVar(&f.seed, "seed", "", "seed of the runs, such as 7 or 0x51c3")
	flags.IntVar(&f.most, "most", 2000, "maximum number of moments to play; if there are more, "+
		"only every k-th is played")
	flags.StringVar(&f.html, "html", "", "write the picture to this file as a page, and the run to a "+
		"second page in the same folder, such as atlas-run.html for atlas.html")
	flags.BoolVar(&f.open, "open", false, "with --html: open the page in the browser")
	flags.BoolVar(&f.noFork, "no-fork", false, "with --html: leave the engine out; the pages are "+
		"smaller, and cannot play the fault")
	return cmd
}

// options turns the flags into options.
func (f *atlasFlags) options() (o atlas.Options, err error) {
	known := false
	for _, name := range atlas.Faults() {
		known = known || name == f.fault
	}
	if !known {
		return o, fmt.Errorf("--fault %s: must be one of %s", f.fault,
			strings.Join(atlas.Faults(), ", "))
	}
	if f.most < 1 {
		return o, fmt.Errorf("--most %d: must be at least 1", f.most)
	}
	if (f.open || f.noFork) && f.html == "" {
		return o, errors.New("--open and --no-fork are for the page of --html: name its file with " +
			"--html atlas.html")
	}
	o.Fault, o.Most, o.Traces = f.fault, f.most, f.html != ""
	if o.Span, err = sim.ParseTime(f.span); err != nil || o.Span <= 0 {
		return o, fmt.Errorf("--span %s: must be a time such as 3s", f.span)
	}
	if f.seed != "" {
		seed, err := seeds.Parse(f.seed)
		if err != nil {
			return o, fmt.Errorf("--seed: %w", err)
		}
		o.Seed = &seed
	}
	switch f.who {
	case "servers":
	case "all":
		o.All = true
	default:
		o.Who = strings.Split(f.who, ",")
	}
	return o, nil
}

// mayWrite returns an error if the page would replace the document, or is to go to standard output.
func (f *atlasFlags) mayWrite(document string) error {
	if f.html == "-" {
		return errors.New("--html -: the page is two files: name a file, such as atlas.html")
	}
	return command.CheckOutputs([]string{f.html}, []string{document})
}

func (f *atlasFlags) run(cmd *cobra.Command, name string) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	files, _, err := command.Files("atlas", cmd.InOrStdin(), []string{name})
	switch {
	case err != nil:
		return err
	case len(files) != 1:
		return fmt.Errorf("atlas %s: this folder or pattern matches %d documents: name one document",
			name, len(files))
	case files[0].Err != nil:
		return files[0].Err
	}
	if err := f.mayWrite(files[0].Name); err != nil {
		return err
	}
	began := time.Now()
	before, _ := processor.Time()
	bar := terminal.NewSpinner(cmd, command.JSON(cmd), "moments")
	o.Played = func(done, of int) bool {
		bar.Say(fmt.Sprintf("%d of %d moments", done, of))
		return cmd.Context().Err() == nil
	}
	a, err := atlas.Play(files[0].Doc, o)
	bar.Done()
	if err != nil {
		return fmt.Errorf("atlas %s: %w", name, err)
	}
	after, known := processor.Time()
	var written []string
	if f.html != "" {
		var engine []byte
		if !f.noFork {
			engine = web.EngineFor(cmd.Context(), cmd.ErrOrStderr(), f.html,
				"its links cannot play the runs with a fault")
		}
		if written, err = writeAtlas(f, engine, &files[0], a); err != nil {
			return err
		}
	}
	t := spent{wall: time.Since(began), processor: after - before, known: known}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), atlasJSON(a, t))
	} else {
		printAtlas(cmd.OutOrStdout(), a, name, f.seed, t)
		terminal.Written(cmd.OutOrStdout(), written...)
	}
	if f.open {
		if err := web.Open(f.html); err != nil {
			return err
		}
	}
	switch {
	case a.Cut:
		return command.Status(command.Interrupted)
	case a.Count(atlas.Broken) > 0:
		return command.Status(command.Broken)
	}
	return nil
}

// printAtlas prints the picture and the stretches.
func printAtlas(out io.Writer, a *atlas.Atlas, name, seed string, t spent) {
	p := terminal.PaintFor(out)
	fault := faultText(a)
	took := fmt.Sprintf("%.1fs", t.wall.Seconds())
	if t.known {
		took = fmt.Sprintf("%.1fs of processor time", t.processor.Seconds())
	}
	fmt.Fprintf(out, "%s  %s\n", p.Bold(a.Title), p.Faint(fmt.Sprintf(
		"fault at every moment: %s · %s · %s", fault,
		terminal.Plural(a.Runs, "run", "runs"), took)))
	if a.Every > 1 {
		fmt.Fprintf(out, "%s\n", p.Yellow(fmt.Sprintf("Only one moment in %d is played: raise "+
			"the limit with --most", a.Every)))
	}
	if a.Cut {
		fmt.Fprintln(out, p.Yellow("Interrupted: moments without a mark were not played"))
	}
	for i := range a.Worlds {
		w := &a.Worlds[i]
		where := ""
		if len(a.Worlds) > 1 {
			where = fmt.Sprintf("run %d of the document (--world %[1]d), from line %d · ", i+1,
				w.Lines[0])
		}
		fmt.Fprintf(out, "\n%s  %s\n", p.Bold(titles(w)), p.Faint(where+fmt.Sprintf(
			"%s steps", terminal.Thousands(int64(len(w.Events))))))
		printPicture(out, p, w)
		again := name
		if seed != "" {
			again = "--seed " + seed + " " + again
		}
		if len(a.Worlds) > 1 {
			again = fmt.Sprintf("--world %d %s", i+1, again)
		}
		printStretches(out, p, w, again)
	}
	fmt.Fprintln(out)
	for _, o := range atlas.Outcomes() {
		if n := a.Count(o); n > 0 {
			fmt.Fprintf(out, "  %c %s (%d)", o.Mark(), o, n)
		}
	}
	fmt.Fprintf(out, "\n%s\n", p.Faint(fmt.Sprintf("\"later\" means more than %s later than in "+
		"the run without the fault. Every run was played from the start.", atlas.Slack.Brief())))
}

// pictureWidth is how many marks a line of the picture has.
const pictureWidth = 84

// printPicture prints a line for each server. If there are more moments than marks, a mark stands
// for several, and shows the worst of them.
func printPicture(out io.Writer, p terminal.Paint, w *atlas.World) {
	for i := range w.Rows {
		r := &w.Rows[i]
		width := min(pictureWidth, len(r.Cells))
		var b strings.Builder
		for x := range width {
			worst := atlas.Down
			for k := x * len(r.Cells) / width; k < (x+1)*len(r.Cells)/width; k++ {
				worst = max(worst, r.Cells[k].Outcome)
			}
			b.WriteRune(worst.Mark())
		}
		fmt.Fprintf(out, "  %-8s%s\n", r.Who, b.String())
	}
	if n := len(w.Events); n > 0 {
		first, last := sim.Time(w.Events[0].T), sim.Time(w.Events[n-1].T)
		fmt.Fprintf(out, "  %s\n", p.Faint(fmt.Sprintf("%8s%s, step %d%s%s, step %d", "", first.Seconds(),
			w.Events[0].I, strings.Repeat(" ", 44), last.Seconds(), w.Events[n-1].I)))
	}
}

// printStretches lists neighbouring moments with the same outcome, and what lies between them.
func printStretches(out io.Writer, p terminal.Paint, w *atlas.World, again string) {
	for i := range w.Rows {
		r := &w.Rows[i]
		fmt.Fprintf(out, "\n  %s\n", p.Bold(r.Who))
		list := r.Stretches()
		for k := range list {
			s := &list[k]
			if k > 0 {
				if e := w.Event(s.First.Step); e != nil {
					fmt.Fprintf(out, "  %s\n", p.Faint(fmt.Sprintf("       %s  step %d: %s",
						sim.Time(e.T).Seconds(), e.I, e.Say)))
				}
			}
			says := saysOf(s)
			fmt.Fprintf(out, "  %c %s  %s\n", s.Outcome.Mark(),
				fmt.Sprintf("%-11s", steps(s)), terminal.Wrap(says, 82, strings.Repeat(" ", 17)))
			if s.Outcome > atlas.Same {
				fmt.Fprintf(out, "  %s\n", p.Faint(fmt.Sprintf("%14s zablab replay --fault '%s' %s", "",
					s.First.Plan, again)))
			}
		}
	}
}

func steps(s *atlas.Stretch) string {
	if s.First == s.Last {
		return fmt.Sprint(s.First.Step)
	}
	return fmt.Sprintf("%d–%d", s.First.Step, s.Last.Step)
}

// jsonCell, jsonRow and jsonWorld are an atlas in the output of --json.
type jsonCell struct {
	Step    int64    `json:"step"`
	At      sim.Time `json:"at_us"`
	Outcome string   `json:"outcome"`
	Later   sim.Time `json:"later_us,omitempty"`
	Line    int      `json:"line,omitempty"`
	Says    string   `json:"says,omitempty"`
	Plan    string   `json:"fault,omitempty"`
}

type jsonRow struct {
	Who   string     `json:"who"`
	Cells []jsonCell `json:"moments"`
}

type jsonWorld struct {
	World    int       `json:"world"`
	Diagrams []string  `json:"diagrams"`
	Steps    int       `json:"steps"`
	Rows     []jsonRow `json:"rows"`
}

func atlasJSON(a *atlas.Atlas, t spent) any {
	worlds := []jsonWorld{}
	for i := range a.Worlds {
		w := &a.Worlds[i]
		j := jsonWorld{World: i + 1, Diagrams: w.Diagrams, Steps: len(w.Events), Rows: []jsonRow{}}
		for k := range w.Rows {
			r := jsonRow{Who: w.Rows[k].Who, Cells: []jsonCell{}}
			for _, c := range w.Rows[k].Cells {
				x := jsonCell{Step: c.Step, Outcome: c.Outcome.String(), Later: c.Later, Line: c.Line,
					Says: c.Says, Plan: c.Plan}
				if e := w.Event(c.Step); e != nil {
					x.At = sim.Time(e.T)
				}
				r.Cells = append(r.Cells, x)
			}
			j.Rows = append(j.Rows, r)
		}
		worlds = append(worlds, j)
	}
	return map[string]any{"document": a.Name, "title": a.Title, "fault": a.Fault, "every": a.Every,
		"runs": a.Runs, "interrupted": a.Cut, "seconds": t.wall.Seconds(), "worlds": worlds}
}
