package fuzz

import (
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/zab/flaw"
)

// jsonRemix is one of Remix's bugs in the output of zablab flaws --remix --json.
type jsonRemix struct {
	Name     string   `json:"name"`
	Issue    string   `json:"issue"`
	Checking int      `json:"model_checking_s"`
	All      jsonHunt `json:"all_checks"`
	Outside  jsonHunt `json:"clients_only"`
}

// besideRemix lets the fuzzer find each of the bugs that Remix found by model checking, on one
// core, and prints both times. Nothing is shrunk: Remix's times end with the first violation too.
// It then does the same without the checks on single servers.
func besideRemix(cmd *cobra.Command, list []flaw.Entry, h *hunting) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	out := cmd.OutOrStdout()
	table := terminal.NewTable(out, "Issue", "Flaw", "Model checking", "Found by (all checks)", "Seeds",
		"Time", "Found by (no single-server checks)", "Seeds", "Time")
	all, missed := []jsonRemix{}, false
	for _, e := range list {
		if e.Remix == 0 {
			continue
		}
		j := jsonRemix{Name: e.Name, Issue: e.Issue, Checking: e.Remix}
		cells := []string{e.Issue, e.Name, fmt.Sprintf("%d s", e.Remix)}
		for _, into := range []*jsonHunt{&j.All, &j.Outside} {
			began := time.Now()
			first, err := fuzz.First(e, 1, h.seeds, into == &j.Outside, func() bool {
				return cmd.Context().Err() != nil || time.Since(began) > h.limit
			})
			if err != nil {
				return err
			}
			if cmd.Context().Err() != nil {
				return command.Status(command.Interrupted)
			}
			took := time.Since(began)
			*into = jsonHunt{Found: first.Found, Seeds: first.Seeds, Ms: took.Milliseconds(),
				Property: first.Property}
			found := "not found"
			if first.Found {
				into.Seed, found = seeds.Text(first.Least.Seed), first.Property
			}
			cells = append(cells, found, fmt.Sprint(first.Seeds),
				fmt.Sprintf("%.2f s", took.Seconds()))
		}
		missed = missed || !j.All.Found
		all = append(all, j)
		table.Row(cells...)
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"remix": all})
	} else {
		table.Render()
		fmt.Fprint(out, "\nModel checking: the times that Ouyang et al. report (EuroSys 2025), on their machine, with "+
			"a model of the protocol.\nFuzzing: on one core of this machine, from seed 1 on, without "+
			"information about the bug.\n")
	}
	if missed {
		return command.Status(command.Broken)
	}
	return nil
}

// listBeyond prints the bugs that the engine cannot have.
func listBeyond(cmd *cobra.Command) {
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		type beyond struct {
			Issue string `json:"issue"`
			Says  string `json:"says"`
			Why   string `json:"why"`
		}
		all := []beyond{}
		for _, b := range flaw.OutOfReach() {
			all = append(all, beyond(b))
		}
		command.WriteJSON(out, map[string]any{"out_of_reach": all})
		return
	}
	p := terminal.PaintFor(out)
	for _, b := range flaw.OutOfReach() {
		fmt.Fprintf(out, "%s\n    %s\n    %s\n", p.Bold(b.Issue), terminal.Wrap(b.Says, 92, "    "),
			p.Faint(terminal.Wrap("out of reach: "+b.Why, 92, "    ")))
	}
}
