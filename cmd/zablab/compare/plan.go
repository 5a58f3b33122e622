package compare

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/report"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// plan is a plan to play: --plan and --seed.
type plan struct {
	text   string
	seed   uint64
	length sim.Time
}

// readPlan reads and checks the plan before anything is played.
func (f *flags) readPlan(servers int) (p plan, err error) {
	switch {
	case f.plan == "" && f.out != "":
		return p, errors.New("compare --out writes the runs of a plan: add --plan")
	case f.plan == "":
		return p, nil
	case f.only != "" || len(f.faults) > 0 || f.full:
		return p, errors.New("compare --plan plays one run on each engine: leave out " +
			"--only, --fault and --full")
	}
	text, err := command.ReadFile(f.plan)
	if err != nil {
		return p, err
	}
	if p.seed, err = seeds.Parse(f.seed); err != nil {
		return p, fmt.Errorf("--seed: %w", err)
	}
	p.text = strings.TrimSpace(string(text))
	p.length, err = compare.PlanLength(f.plan, string(text), servers)
	return p, err
}

// playPlan plays one plan on both engines, and shows the two runs side by side.
func (o *order) playPlan(cmd *cobra.Command, lab *compare.Lab) error {
	if o.out != "" {
		if err := command.MakeFolder("--out", o.out); err != nil {
			return err
		}
	}
	servers, plan := o.sizes[0], o.plan
	sides, err := lab.Both(cmd.Context(), plan.text, servers, plan.seed, plan.length)
	if err != nil {
		return err
	}
	var files []string
	if o.out != "" {
		for i := range sides {
			more, err := o.writeSide(&sides[i])
			if err != nil {
				return err
			}
			files = append(files, more...)
		}
	}
	if o.html != "" {
		runsFile := o.stepsFile(0)
		if err := o.reportPlan(cmd, lab, &report.Runs{
			Plan: plan.text, Seed: seeds.Text(plan.seed),
			Servers: servers, Length: plan.length, Sides: sides, Steps: filepath.Base(runsFile),
		}); err != nil {
			return err
		}
		title := fmt.Sprintf("%s, %d servers, seed %#x", strings.ReplaceAll(plan.text, "\n", "; "),
			servers, plan.seed)
		if err := o.writeSteps(runsFile, title, sides); err != nil {
			return err
		}
		files = append(files, o.html, runsFile)
	}
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		command.WriteJSON(out, jsonOfPlan(lab, plan.seed, sides, files))
	} else {
		o.printPlan(out, lab, sides, files)
	}
	return nil
}

// jsonOfPlan is the output of zablab compare --plan --json. Its keys are stable: keys may be added,
// but never renamed.
func jsonOfPlan(lab *compare.Lab, seed uint64, sides []compare.Side, files []string) any {
	type side struct {
		Engine      compare.Engine   `json:"engine"`
		Fingerprint string           `json:"fingerprint"`
		Moments     []compare.Moment `json:"moments"`
		Missed      []string         `json:"missed"`
		Operations  int              `json:"operations"`
	}
	doc := struct {
		Seed  string   `json:"seed"`
		Guest string   `json:"guest_sha256"`
		Sides []side   `json:"sides"`
		Files []string `json:"files"`
	}{Seed: seeds.Text(seed), Guest: lab.Host.Sum, Files: append([]string{}, files...)}
	for _, s := range sides {
		doc.Sides = append(doc.Sides, side{
			s.Engine, s.Result.Fingerprint, append([]compare.Moment{}, s.Moments...),
			append([]string{}, s.Result.Missed...), len(s.Result.Ops),
		})
	}
	return doc
}

// printPlan prints the key moments of both runs, ordered by time.
func (o *order) printPlan(out io.Writer, lab *compare.Lab, sides []compare.Side, files []string) {
	p := &printer{terminal.PaintFor(out), out}
	p.title(fmt.Sprintf("One plan, seed %#x, %d servers", o.plan.seed, o.sizes[0]),
		"WebAssembly module of Raft "+lab.Host.Sum[:16])
	for _, s := range lab.Settings() {
		fmt.Fprintf(out, "  %s\n", s)
	}
	fmt.Fprintln(out)
	t := terminal.NewTable(out, "Time", "ZAB", o.kind.Library.Name())
	next := func(list *[]compare.Moment, at sim.Time) (say string) {
		if len(*list) > 0 && (*list)[0].At == at {
			say, *list = (*list)[0].Say, (*list)[1:]
		}
		return say
	}
	zab, raft := sides[0].Moments, sides[1].Moments
	for len(zab)+len(raft) > 0 {
		at := sim.Never
		for _, list := range [][]compare.Moment{zab, raft} {
			if len(list) > 0 {
				at = min(at, list[0].At)
			}
		}
		t.Row(at.Seconds(), next(&zab, at), next(&raft, at))
	}
	t.Render()
	for _, s := range sides {
		for _, m := range s.Result.Missed {
			fmt.Fprintf(out, "%s %s: fault not carried out: %s\n", p.Yellow("·"), s.Engine, m)
		}
	}
	for _, name := range files {
		fmt.Fprintf(out, "%s  %s\n", p.Bold("Written"), name)
	}
	if len(files) == 0 {
		fmt.Fprintln(out,
			p.Faint("--out DIR writes both runs as traces (for zablab trace) and as diagrams"))
	}
}

// writeSide writes one run as a trace and as a diagram. The diagram includes the servers and begins
// at the first fault.
func (f *flags) writeSide(s *compare.Side) (files []string, err error) {
	name := filepath.Join(f.out, string(s.Engine)+".ndjson")
	if err := command.WriteFile(name, []byte(s.Result.Trace)); err != nil {
		return nil, err
	}
	drawing := filepath.Join(f.out, string(s.Engine)+".mmd")
	if err := command.WriteFile(drawing, []byte(drawFaults(s.Run, string(s.Engine)))); err != nil {
		return nil, err
	}
	return []string{name, drawing}, nil
}

// mostDrawn is the maximum number of arrows in a diagram: more are hard to follow.
const mostDrawn = 80

// drawFaults draws a run as a diagram that begins a little before the first fault.
func drawFaults(run *trace.Run, title string) string {
	first := int64(0)
	for i := range run.Events {
		if k := run.Events[i].Key; k == "crash" || k == "pause" || k == "split" || k == "cut" {
			first = run.Events[i].T - int64(20*sim.Millisecond)
			break
		}
	}
	d := drawing.New(&run.Header, drawing.DepthServer)
	last := first
	for i := range run.Events {
		e := &run.Events[i]
		if e.T < first {
			d.Pass(e)
			continue
		}
		if d.Arrows() >= mostDrawn {
			break
		}
		last = e.T
		d.Add(e)
	}
	return d.Print(fmt.Sprintf("%s, from %s to %s", title, sim.Time(max(first, 0)).Seconds(),
		sim.Time(last).Seconds()))
}
