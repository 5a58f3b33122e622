package replay

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// options returns the options of the player that the flags select.
func (f *flags) options(cmd *cobra.Command) (o scenarios.Options, err error) {
	o = scenarios.Options{
		Options: script.Options{Race: f.race, Strict: f.strict},
		Seeds:   f.seeds,
		Keep:    f.trace != "" || f.diagram != "" || f.porcupine != "" || f.html != "",
	}
	if f.all && !cmd.Flags().Changed("seeds") {
		o.Seeds = AllSeeds
	}
	if f.seeds < 1 {
		return o, fmt.Errorf("--seeds %d: must be at least 1", f.seeds)
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
		{"client", f.client},
	} {
		if cmd.Flags().Changed(s.key) {
			o.Set = append(o.Set, script.Setting{Key: s.key, Value: s.value})
		}
	}
	if f.flaw != "" {
		bug, ok := flaw.Find(f.flaw)
		if !ok {
			return o, fmt.Errorf("--flaw %s: no such flaw: zablab flaws lists all flaws", f.flaw)
		}
		o.Flaw = bug.Flaw
	}
	if err := f.addFaults(&o); err != nil {
		return o, err
	}
	if o.Until, err = f.stopAt(); err != nil {
		return o, err
	}
	switch f.reads {
	case "zookeeper":
	case "linearizable":
		o.LinearizableReads = true
	default:
		return o, fmt.Errorf("--reads %s: must be zookeeper or linearizable", f.reads)
	}
	if f.depth != "client" && f.depth != "server" {
		return o, fmt.Errorf("--depth %s: must be client or server", f.depth)
	}
	if f.open && f.html == "" {
		return o, errors.New("--open opens the page of --html: name its file with --html run.html")
	}
	if err := f.checkRepair(); err != nil {
		return o, err
	}
	if f.by != byDrawing && f.by != byTime {
		return o, fmt.Errorf("--by %s: must be drawing or time", f.by)
	}
	if f.width != 0 && (f.width < 40 || f.width > 300) {
		return o, fmt.Errorf("--width %d: must be from 40 to 300 columns", f.width)
	}
	return o, nil
}

// addFaults adds the faults of --fault and --plan, each with its place, for errors.
func (f *flags) addFaults(o *scenarios.Options) error {
	o.PlanWorld = f.world
	if f.world < 0 {
		return fmt.Errorf("--world %d: must be at least 1: world 1 is the first of the document, "+
			"and each diagram that says fresh begins the next world", f.world)
	}
	if f.world > 0 && len(f.faults) == 0 && f.plan == "" && f.resample == "" {
		return fmt.Errorf("--world %d has an effect only with --fault, --plan or --resample: add "+
			"one of these flags", f.world)
	}
	if f.resample != "" {
		r, err := stage.ParseResample(f.resample)
		if err != nil {
			return fmt.Errorf("--resample %s: %w", f.resample, err)
		}
		o.Resample, o.ResampleWorld = r, f.world
	}
	for i, line := range f.faults {
		fault, err := sim.ParseFault(line)
		if err != nil {
			return fmt.Errorf("--fault %d: %w", i+1, err)
		}
		o.Plan = append(o.Plan, fault)
		o.Places = append(o.Places, fmt.Sprintf("--fault %d", i+1))
	}
	if f.plan == "" {
		return nil
	}
	text, err := command.ReadFile(f.plan)
	if err != nil {
		return err
	}
	plan, err := sim.ParsePlan(f.plan, string(text))
	if err != nil {
		return err
	}
	for _, fault := range plan {
		o.Plan = append(o.Plan, fault)
		o.Places = append(o.Places, "--plan "+f.plan)
	}
	return nil
}

// stopAt returns the time or the step in --until.
func (f *flags) stopAt() (u scenarios.Until, err error) {
	if f.until == "" {
		return u, nil
	}
	if step, err := strconv.ParseInt(f.until, 10, 64); err == nil && step > 0 {
		u.Step = step
	} else if u.At, err = sim.ParseTime(f.until); err != nil || u.At == 0 {
		return u, fmt.Errorf("--until %s: must be a time such as 2.5s, or a step such as "+
			"911", f.until)
	}
	return u, nil
}
