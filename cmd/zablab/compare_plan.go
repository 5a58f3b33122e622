package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/report"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// plan is what --plan and --seed say.
type plan struct {
	text   string
	seed   uint64
	length sim.Time
}

// readPlan reads and checks everything that is said of a plan, before anything else is done.
func (f *compareFlags) readPlan(servers int) (p plan, err error) {
	switch {
	case f.plan == "" && f.out != "":
		return p, errors.New("compare --out: it keeps what a plan comes to: write --plan too")
	case f.plan == "":
		return p, nil
	case f.only != "" || len(f.faults) > 0 || f.full:
		return p, errors.New("compare --plan: it is one run of each: leave --only, --fault and --full out")
	}
	text, err := readFile(f.plan)
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

// planned plays one plan on both engines, and shows the two runs beside each other.
func (f *compareFlags) planned(cmd *cobra.Command, lab *compare.Lab, servers int, plan plan) error {
	if f.out != "" {
		if err := os.MkdirAll(f.out, 0o755); err != nil {
			return fmt.Errorf("--out: %w: name a folder that can be made", err)
		}
	}
	sides, err := lab.Both(cmd.Context(), plan.text, servers, plan.seed, plan.length)
	if err != nil {
		return err
	}
	var files []string
	if f.out != "" {
		for i := range sides {
			more, err := f.writeSide(&sides[i])
			if err != nil {
				return err
			}
			files = append(files, more...)
		}
	}
	if err := f.reportPlan(cmd, lab, &report.Runs{Plan: plan.text, Seed: seeds.Text(plan.seed), Servers: servers, Length: plan.length, Sides: sides}); err != nil {
		return err
	}
	if f.html != "" {
		files = append(files, f.html)
	}
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
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
		}{Seed: seeds.Text(plan.seed), Guest: lab.Host.Sum, Files: append([]string{}, files...)}
		for _, s := range sides {
			doc.Sides = append(doc.Sides, side{s.Engine, s.Result.Fingerprint, append([]compare.Moment{}, s.Moments...), append([]string{}, s.Result.Missed...), len(s.Result.Ops)})
		}
		writeJSON(out, doc)
		return nil
	}
	p := painter(out)
	fmt.Fprintf(out, "%s  %s\n", p.bold(fmt.Sprintf("One plan, seed %#x, %d servers", plan.seed, servers)), p.faint("raft guest "+lab.Host.Sum[:16]))
	for _, s := range lab.Settings() {
		fmt.Fprintf(out, "  %s\n", s)
	}
	fmt.Fprintln(out)
	t := newTable(out, "Time", "ZAB", "hashicorp/raft")
	zab, raft := sides[0].Moments, sides[1].Moments
	for len(zab)+len(raft) > 0 {
		at, left, right := sim.Never, "", ""
		if len(zab) > 0 {
			at = zab[0].At
		}
		if len(raft) > 0 {
			at = min(at, raft[0].At)
		}
		if len(zab) > 0 && zab[0].At == at {
			left, zab = zab[0].Say, zab[1:]
		}
		if len(raft) > 0 && raft[0].At == at {
			right, raft = raft[0].Say, raft[1:]
		}
		t.row(at.Seconds(), left, right)
	}
	t.render()
	for _, s := range sides {
		for _, m := range s.Result.Missed {
			fmt.Fprintf(out, "%s %s: not carried out: %s\n", p.yellow("·"), s.Engine, m)
		}
	}
	for _, name := range files {
		fmt.Fprintf(out, "%s  %s\n", p.bold("Written"), name)
	}
	if len(files) == 0 {
		fmt.Fprintln(out, p.faint("--out DIR keeps both traces, for zablab trace, and draws both runs"))
	}
	return nil
}

// writeSide writes a run as a trace and, from its first fault on, as a drawing with the servers.
func (f *compareFlags) writeSide(s *compare.Side) (files []string, err error) {
	name := filepath.Join(f.out, string(s.Engine)+".ndjson")
	if err := os.WriteFile(name, []byte(s.Result.Trace), 0o644); err != nil {
		return nil, fmt.Errorf("--out: %w: name a folder that can be written to", err)
	}
	drawing := filepath.Join(f.out, string(s.Engine)+".mmd")
	if err := os.WriteFile(drawing, []byte(drawFaults(s.Run, string(s.Engine))), 0o644); err != nil {
		return nil, fmt.Errorf("--out: %w: name a folder that can be written to", err)
	}
	return []string{name, drawing}, nil
}

// mostDrawn is how many arrows of a run are drawn.
const mostDrawn = 80

// drawFaults draws a run from a little before its first fault on, for as many arrows as can be read.
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
	return d.Print(fmt.Sprintf("%s, from %s to %s", title, sim.Time(max(first, 0)).Seconds(), sim.Time(last).Seconds()))
}
