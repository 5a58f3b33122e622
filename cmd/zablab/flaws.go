package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/zab/flaw"
)

func newFlaws() *cobra.Command {
	var (
		hunt  bool
		limit time.Duration
		seeds int
	)
	cmd := &cobra.Command{
		Use:   "flaws [NAME...]",
		Short: "Bugs that ZooKeeper really had: list them, or have the fuzzer find them",
		Long: "Lists the bugs that the engine can be given, each with its number in ZooKeeper's tracker. --hunt gives it\n" +
			"one after the other, and fuzzes until something breaks: which of the checks, after how many seeds, and how\n" +
			"small a schedule is left. None is on unless asked for.\n\n" +
			"Exit status of a hunt: 0 all were found; 1 some were not; 130 interrupted.",
		Example: "  zablab flaws\n  zablab flaws --hunt\n  zablab flaws --hunt close.no-mark",
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := flawsOf(args)
			if err != nil {
				return err
			}
			if seeds < 1 || limit <= 0 {
				return fmt.Errorf("--seeds %d --for %s: give each flaw some seeds, and some time", seeds, limit)
			}
			if !hunt {
				return listFlaws(cmd, list)
			}
			return huntFlaws(cmd, list, seeds, limit)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&hunt, "hunt", false, "fuzz an engine that has each of them")
	flags.IntVar(&seeds, "seeds", 20_000, "how many seeds to play for one flaw at most")
	flags.DurationVar(&limit, "for", time.Minute, "how long to hunt for one flaw at most")
	return cmd
}

func flawsOf(names []string) (list []flaw.Entry, err error) {
	if len(names) == 0 {
		return flaw.All(), nil
	}
	for _, name := range names {
		e, ok := flaw.Find(name)
		if !ok {
			return nil, fmt.Errorf("flaws %s: there is none of that name: zablab flaws lists them", name)
		}
		list = append(list, e)
	}
	return list, nil
}

type jsonFlaw struct {
	Name     string `json:"name"`
	Issue    string `json:"issue"`
	Says     string `json:"says"`
	Catches  string `json:"catches"`
	Found    *bool  `json:"found,omitempty"`
	Seeds    int    `json:"seeds,omitempty"`
	Ms       int64  `json:"ms,omitempty"`
	Property string `json:"property,omitempty"`
	Plan     string `json:"plan,omitempty"`
	Schedule string `json:"schedule,omitempty"`
}

func listFlaws(cmd *cobra.Command, list []flaw.Entry) error {
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		all := []jsonFlaw{}
		for _, e := range list {
			all = append(all, jsonFlaw{Name: e.Name, Issue: e.Issue, Says: e.Says, Catches: e.Catches})
		}
		writeJSON(out, map[string]any{"flaws": all})
		return nil
	}
	p := painter(out)
	for _, e := range list {
		fmt.Fprintf(out, "%s  %s\n    %s\n    %s\n", p.bold(e.Name), p.faint(e.Issue), wrap(e.Says, 92, "    "),
			p.faint("caught by "+e.Catches))
	}
	fmt.Fprintf(out, "\n%s; zablab flaws --hunt has the fuzzer find them\n", plural(len(list), "flaw", "flaws"))
	return nil
}

func huntFlaws(cmd *cobra.Command, list []flaw.Entry, seeds int, limit time.Duration) error {
	out := cmd.OutOrStdout()
	asJSON, _ := cmd.Flags().GetBool("json")
	t := newTable(out, "Flaw", "Found", "Seeds", "Time", "Property", "Lines left")
	all, missed := []jsonFlaw{}, 0
	for _, e := range list {
		began := time.Now()
		h, err := scenarios.Hunt(e, 1, seeds, func() bool { return cmd.Context().Err() != nil || time.Since(began) > limit })
		if err != nil {
			return err
		}
		took := time.Since(began)
		found, left := "yes", fmt.Sprint(len(h.Least.Plan))
		if !h.Found {
			missed++
			found, left = "no", ""
		}
		t.row(e.Name, found, fmt.Sprint(h.Seeds), fmt.Sprintf("%.1fs", took.Seconds()), h.Property, left)
		j := jsonFlaw{Name: e.Name, Issue: e.Issue, Says: e.Says, Catches: e.Catches, Found: &h.Found, Seeds: h.Seeds,
			Ms: took.Milliseconds(), Property: h.Property}
		if h.Found {
			j.Plan, j.Schedule = h.Least.Plan.String(), h.Least.String()
		}
		all = append(all, j)
		if cmd.Context().Err() != nil {
			break
		}
	}
	if asJSON {
		writeJSON(out, map[string]any{"flaws": all})
	} else {
		t.render()
		fmt.Fprintf(out, "\n%d of %d found\n", len(all)-missed, len(list))
	}
	switch {
	case cmd.Context().Err() != nil:
		return status(exitInterrupted)
	case missed > 0:
		return status(exitBroken)
	}
	return nil
}
