package explore

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/explore"
)

// jsonHunt is one flaw in the output of --flaws --json.
type jsonHunt struct {
	Flaw      string  `json:"flaw"`
	Setup     string  `json:"setup,omitempty"`
	Needs     string  `json:"needs,omitempty"`
	Check     string  `json:"check,omitempty"`
	Text      string  `json:"text,omitempty"`
	Steps     int     `json:"steps,omitempty"`
	States    int     `json:"states,omitempty"`
	Processor float64 `json:"processor_seconds,omitempty"`
	Remix     int     `json:"remix_seconds,omitempty"` // see flaw.Entry.Remix
}

// hunt searches for each known bug of servers, in the world that can have it.
func (f *flags) hunt(cmd *cobra.Command) error {
	out, asJSON := cmd.OutOrStdout(), command.JSON(cmd)
	t := terminal.NewTable(out, "Flaw", "Setup", "Check", "Steps", "States", "Time", "Remix")
	all := []jsonHunt{}
	found, sought, impossible := 0, 0, 0
	hunts := explore.Hunts()
	for _, h := range hunts {
		j := jsonHunt{Flaw: h.Flaw.Name, Setup: h.Setup, Needs: h.Needs,
			Remix: h.Flaw.Remix}
		if h.Setup == "" {
			impossible++
			t.Row(h.Flaw.Name, "–", "impossible here: the bug needs "+h.Needs, "", "", "", "")
			all = append(all, j)
			continue
		}
		s, ok := explore.FindSetup(h.Setup)
		if !ok {
			return fmt.Errorf("explore --flaws: the setup %s of the flaw %s does not exist: "+
				"zablab explore --list shows all setups", h.Setup, h.Flaw.Name)
		}
		s.Flaw = h.Flaw.Flaw
		m := newMeter(cmd)
		x, err := explore.New(s, f.options(cmd, m, explore.Options{}))
		if err != nil {
			return fmt.Errorf("explore --flaws: %s: %w", h.Flaw.Name, err)
		}
		r, took := run(x, m)
		sought++
		j.States, j.Processor = r.States, took.processor.Seconds()
		check, steps := "not found: "+r.Why, ""
		if r.Broken != nil {
			found++
			j.Check, j.Text, j.Steps = r.Broken.Name, r.Broken.Text, len(r.Steps)
			check, steps = r.Broken.Name, fmt.Sprint(len(r.Steps))
		}
		t.Row(h.Flaw.Name, h.Setup, check, steps, terminal.Thousands(int64(r.States)),
			fmt.Sprintf("%.1fs", took.processor.Seconds()), remixTime(h.Flaw.Remix))
		all = append(all, j)
		if cmd.Context().Err() != nil {
			break
		}
	}
	if asJSON {
		command.WriteJSON(out, map[string]any{"flaws": all})
	} else {
		t.Render()
		fmt.Fprintf(out, "\nThe search finds %d of %d server bugs; %d bugs are impossible in "+
			"these small ensembles.\nSteps: the length of the shortest run that shows the bug. A step "+
			"is a message, an fsync, a timer or a fault.\nTime is processor time. zablab explore "+
			"SETUP --flaw NAME shows the steps.\nRemix: how long that "+
			"model checker took on a model of ZooKeeper (Ouyang et al., EuroSys 2025).\n",
			found, len(hunts), impossible)
	}
	switch {
	case cmd.Context().Err() != nil:
		return command.Status(command.Interrupted)
	case found < sought:
		return command.Status(command.Broken)
	}
	return nil
}

// remixTime prints for how many seconds Remix ran, or nothing if it did not look for the bug.
func remixTime(seconds int) string {
	if seconds == 0 {
		return ""
	}
	return fmt.Sprintf("%ds", seconds)
}
