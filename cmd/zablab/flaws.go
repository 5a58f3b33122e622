package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/zab/flaw"
)

func newFlaws() *cobra.Command {
	var (
		hunt  bool
		limit time.Duration
		seeds int
		dir   string
	)
	cmd := &cobra.Command{
		Use:   "flaws [NAME...]",
		Short: "Bugs that ZooKeeper really had: list them, or have the fuzzer find them",
		Long: "Lists the bugs that the engine can be given, each with its number in ZooKeeper's tracker. --hunt gives it\n" +
			"one after the other, and fuzzes until something breaks: which of the checks, after how many seeds, and how\n" +
			"small a schedule is left; and once more without the checks that look into single servers, for those may only\n" +
			"see that the line with the bug was run. None is on unless asked for.\n\n" +
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
			if dir != "" {
				if !hunt {
					return errors.New("flaws --out: it keeps what a hunt finds: write --hunt too")
				}
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return fmt.Errorf("flaws --out: %w: name a folder that can be made", err)
				}
			}
			if !hunt {
				return listFlaws(cmd, list)
			}
			return huntFlaws(cmd, list, seeds, limit, dir)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&hunt, "hunt", false, "fuzz an engine that has each of them")
	flags.IntVar(&seeds, "seeds", 20_000, "how many seeds to play for one flaw at most")
	flags.StringVar(&dir, "out", "", "a folder that the shrunk schedules are written to, each by the name of its flaw")
	flags.DurationVar(&limit, "for", time.Minute, "how long to hunt for one flaw at most, each time")
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

// jsonFlaw is a flaw, and, after a hunt, what came of it. Keys are stable: add, never rename.
type jsonFlaw struct {
	Name     string    `json:"name"`
	Issue    string    `json:"issue"`
	Says     string    `json:"says"`
	Catches  string    `json:"catches"`
	Recipe   bool      `json:"recipe"`
	Found    *bool     `json:"found,omitempty"`
	Seeds    int       `json:"seeds,omitempty"`
	Ms       int64     `json:"ms,omitempty"`
	Property string    `json:"property,omitempty"`
	Plan     string    `json:"plan,omitempty"`
	Schedule string    `json:"schedule,omitempty"`
	Reached  *int      `json:"reached,omitempty"`      // its place, how often, if it was not found
	Outside  *jsonHunt `json:"clients_only,omitempty"` // without the checks of single servers
}

type jsonHunt struct {
	Found    bool   `json:"found"`
	Seeds    int    `json:"seeds"`
	Ms       int64  `json:"ms"`
	Property string `json:"property,omitempty"`
	Seed     string `json:"seed,omitempty"`
}

func jsonOfFlaw(e flaw.Entry) jsonFlaw {
	return jsonFlaw{Name: e.Name, Issue: e.Issue, Says: e.Says, Catches: e.Catches, Recipe: e.Recipe}
}

func listFlaws(cmd *cobra.Command, list []flaw.Entry) error {
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		all := []jsonFlaw{}
		for _, e := range list {
			all = append(all, jsonOfFlaw(e))
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

// hunting is a scoreboard in the making.
type hunting struct {
	cmd   *cobra.Command
	seeds int
	limit time.Duration
	dir   string // for schedules; empty for none
	table *table
	all   []jsonFlaw

	found, outside int   // by all checks, and by those that clients or other servers see
	took, lines    []int // of those found: how many seeds it took, and how many lines are left
	outsideSeeds   []int
	missed         []string // for each flaw not found, how often its place was reached
}

// try hunts once, and says how long that took.
func (h *hunting) try(e flaw.Entry, clientsOnly bool) (fuzz.Hunted, time.Duration, error) {
	began := time.Now()
	got, err := fuzz.Hunt(e, 1, h.seeds, clientsOnly, func() bool {
		return h.cmd.Context().Err() != nil || time.Since(began) > h.limit
	})
	return got, time.Since(began), err
}

func (h *hunting) flaw(e flaw.Entry) error {
	by, took, err := h.try(e, false)
	if err != nil {
		return err
	}
	j := jsonOfFlaw(e)
	j.Found, j.Seeds, j.Ms, j.Property = &by.Found, by.Seeds, took.Milliseconds(), by.Property
	cells := []string{e.Name, "not found", fmt.Sprint(by.Seeds), tookText(took), ""}
	if !by.Found {
		j.Reached = new(int)
		*j.Reached = int(by.Hits)
		h.missed = append(h.missed, fmt.Sprintf("%s: not found; its place was %s", e.Name, by.Hits))
	}
	if by.Found {
		h.found++
		h.took, h.lines = append(h.took, by.Seeds), append(h.lines, len(by.Least.Plan))
		j.Plan, j.Schedule = by.Least.Plan.String(), by.Least.String()
		cells[1], cells[4] = by.Property, fmt.Sprint(len(by.Least.Plan))
		if err := h.keep(&by); err != nil {
			return err
		}
	}
	if h.cmd.Context().Err() == nil {
		only, took, err := h.try(e, true)
		if err != nil {
			return err
		}
		j.Outside = &jsonHunt{Found: only.Found, Seeds: only.Seeds, Ms: took.Milliseconds(), Property: only.Property}
		found := "not found"
		if by.Found && !only.Found {
			h.missed = append(h.missed,
				fmt.Sprintf("%s: not found by clients and across servers; its place was %s", e.Name, only.Hits))
		}
		if only.Found {
			h.outside++
			h.outsideSeeds = append(h.outsideSeeds, only.Seeds)
			j.Outside.Seed, found = seeds.Text(only.Least.Seed), only.Property
		}
		cells = append(cells, found, fmt.Sprint(only.Seeds), tookText(took))
	} else {
		cells = append(cells, "", "", "")
	}
	h.table.row(cells...)
	h.all = append(h.all, j)
	return nil
}

// keep writes the schedule of what was found.
func (h *hunting) keep(by *fuzz.Hunted) error {
	if h.dir == "" {
		return nil
	}
	name := filepath.Join(h.dir, by.Flaw.Name+".schedule")
	text := fmt.Sprintf("# breaks %s: %s\n%s", by.Property, strings.ReplaceAll(by.Text, "\n", " "), by.Least.String())
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		return fmt.Errorf("flaws --out: %w: name a folder that can be written to", err)
	}
	return nil
}

func tookText(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

// median of a list that has some; 0 of none.
func median(list []int) int {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}

func huntFlaws(cmd *cobra.Command, list []flaw.Entry, seeds int, limit time.Duration, dir string) error {
	out := cmd.OutOrStdout()
	asJSON, _ := cmd.Flags().GetBool("json")
	h := hunting{cmd: cmd, seeds: seeds, limit: limit, dir: dir, all: []jsonFlaw{},
		table: newTable(out, "Flaw", "By all checks", "Seeds", "Time", "Lines", "By clients and across servers", "Seeds", "Time")}
	progress := countProgress(cmd, len(list), asJSON, "flaws")
	for i, e := range list {
		progress(i, e.Name)
		if err := h.flaw(e); err != nil {
			return err
		}
		if cmd.Context().Err() != nil {
			break
		}
	}
	progress(len(list), "")
	if asJSON {
		writeJSON(out, map[string]any{"flaws": h.all})
	} else {
		h.table.render()
		for _, line := range h.missed {
			fmt.Fprintf(out, "\n%s", line)
		}
		if len(h.missed) > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "\n%d of %d found by all checks", h.found, len(list))
		if h.found > 0 {
			fmt.Fprintf(out, ", in %s (median), with %s left (median), %d at most",
				plural(median(h.took), "seed", "seeds"), plural(median(h.lines), "line", "lines"), slices.Max(h.lines))
		}
		fmt.Fprintf(out, "\n%d of %d found by what clients see and what holds between servers", h.outside, len(list))
		if h.outside > 0 {
			fmt.Fprintf(out, ", in %s (median)", plural(median(h.outsideSeeds), "seed", "seeds"))
		}
		fmt.Fprintln(out)
	}
	switch {
	case cmd.Context().Err() != nil:
		return status(exitInterrupted)
	case h.found < len(list):
		return status(exitBroken)
	}
	return nil
}
