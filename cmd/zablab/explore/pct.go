package explore

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/story"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/scenarios/seeds"
)

// random plays random schedules of a setup, as --pct asks.
func (f *flags) random(cmd *cobra.Command, s explore.Setup) error {
	switch {
	case f.reach != "" || f.check || f.certain:
		return errors.New("--pct plays random runs, and cannot be combined with --reach, --check " +
			"or --certain: leave out --pct, or these three flags")
	case f.save != "" || f.spill != "":
		return errors.New("--pct plays random runs, and keeps no states: leave out --save and --spill")
	case f.pct < 1 || f.pct > explore.DeepestPCT:
		return fmt.Errorf("--pct %d: must be from 1 to %d", f.pct, explore.DeepestPCT)
	case f.runs < 1:
		return fmt.Errorf("--runs %d: must be at least 1", f.runs)
	}
	p := explore.PCT{Setup: s, Depth: f.pct, Runs: f.runs, Seed: 1}
	if f.seed != "" {
		var err error
		if p.Seed, err = seeds.Parse(f.seed); err != nil {
			return fmt.Errorf("--seed: %w", err)
		}
	}
	bar := terminal.NewSpinner(cmd, command.JSON(cmd), "runs")
	p.Played = func(runs int) bool {
		bar.Say(terminal.Plural(runs, "run", "runs"))
		return cmd.Context().Err() == nil
	}
	began := time.Now()
	r, err := p.Run()
	bar.Done()
	if err != nil {
		return fmt.Errorf("explore: %w", err)
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), pctJSON(r, time.Since(began)))
	} else {
		printPCT(cmd.OutOrStdout(), r, time.Since(began))
	}
	if err := f.write(cmd, r.Story, r.Broken, "", r.Sentence()); err != nil {
		return err
	}
	switch {
	case r.Broken != nil:
		return command.Status(command.Broken)
	case r.Stopped:
		return command.Status(command.Interrupted)
	}
	return nil
}

// printPCT prints what random runs have shown.
func printPCT(out io.Writer, r *explore.PCTResult, took time.Duration) {
	p := terminal.PaintFor(out)
	printFlaw(out, p, &r.Setup)
	mark := p.Green("✓")
	if r.Broken != nil {
		mark = p.Red("✗")
	}
	fmt.Fprintf(out, "%s %s\n", mark, terminal.Paragraph(out, r.Sentence(), 2))
	fmt.Fprintf(out, "  %s\n", p.Faint(fmt.Sprintf("%.1fs, %s runs/s", took.Seconds(),
		terminal.Thousands(rate(r.Runs, took)))))
	if r.Broken != nil {
		fmt.Fprintf(out, "\n%s\n\n", story.Broken(out, r.Broken, ""))
		story.Steps(out, r.Shown, 0)
		fmt.Fprintf(out, "\n%s\n", p.Faint(terminal.Paragraph(out, fmt.Sprintf("To play this run "+
			"again, use the same command with --pct %d --seed 0x%x. A search without --pct finds the "+
			"fewest steps, but may take too long to finish.", r.Depth, r.Seed), 0)))
		return
	}
	if miss := missed(r); miss < 0.999 {
		fmt.Fprintf(out, "  %s\n", terminal.Paragraph(out, fmt.Sprintf("If there is a bug of depth %d, these "+
			"runs miss it with a probability of at most %.1f%%.", r.Depth,
			math.Ceil(miss*1000)/10), 2))
	}
}

// missed is the probability with which all runs miss a bug, at most; 1 if nothing is known of it.
func missed(r *explore.PCTResult) float64 {
	n, ok := r.OneIn()
	if !ok {
		return 1
	}
	return math.Pow(1-1/float64(n), float64(max(0, r.Runs-r.Longer)))
}

// pctJSON is the outcome of random runs in the output of --json.
func pctJSON(r *explore.PCTResult, took time.Duration) any {
	j := struct {
		Setup    string            `json:"setup"`
		Bounds   string            `json:"bounds"`
		Flaw     string            `json:"flaw,omitempty"`
		Sentence string            `json:"sentence"`
		Depth    int               `json:"depth"`
		Runs     int               `json:"runs"`
		Sources  int               `json:"sources"`
		Steps    int               `json:"most_steps"`
		Longer   int               `json:"longer_runs"`
		Endless  int               `json:"endless_runs"`
		Beyond   int               `json:"runs_at_bounds"`
		OneIn    uint64            `json:"one_in,omitempty"`
		Missed   float64           `json:"missed"`
		Seconds  float64           `json:"seconds"`
		Stopped  bool              `json:"interrupted"`
		Broken   *story.JSONBroken `json:"broken,omitempty"`
		Seed     string            `json:"seed,omitempty"`
		Story    []story.JSONStep  `json:"steps,omitempty"`
	}{Setup: r.Setup.Name, Bounds: r.Setup.Bounds(), Sentence: r.Sentence(), Depth: r.Depth,
		Runs: r.Runs, Sources: r.Sources, Steps: r.Steps, Longer: r.Longer, Endless: r.Endless,
		Beyond: r.Beyond, Missed: missed(r), Seconds: took.Seconds(), Stopped: r.Stopped}
	j.OneIn, _ = r.OneIn()
	j.Flaw = r.Setup.FlawName()
	if r.Broken != nil {
		j.Broken, j.Seed = &story.JSONBroken{Name: r.Broken.Name, Text: r.Broken.Text}, fmt.Sprintf("%#x", r.Seed)
		j.Story = story.JSONSteps(r.Shown)
	}
	return j
}
