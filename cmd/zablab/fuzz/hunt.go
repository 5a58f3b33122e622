package fuzz

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/zab/flaw"
)

// scoreboard collects the results of a hunt.
type scoreboard struct {
	*hunting
	cmd   *cobra.Command
	table *terminal.Table
	all   []jsonFlaw

	found, outside int   // flaws found by all checks; without the checks on single servers
	took, lines    []int // per flaw found: the number of seeds; the lines of the shrunk plan
	outsideSeeds   []int
	varied         int // found with feedback
	variedSeeds    []int
	missed         []string // per flaw not found: how often a run reached the flawed line
}

// hunt injects the flaws one by one, fuzzes with each, and prints how it was found.
func hunt(cmd *cobra.Command, list []flaw.Entry, h *hunting) error {
	out, asJSON := cmd.OutOrStdout(), command.JSON(cmd)
	heads := []string{"Flaw", "Found by (all checks)", "Seeds", "Time", "Lines of the shrunk plan",
		"Found by (no single-server checks)", "Seeds", "Time"}
	if h.feedback {
		heads = append(heads, "Found by (with feedback)", "Seeds", "Time")
	}
	s := scoreboard{hunting: h, cmd: cmd, all: []jsonFlaw{},
		table: terminal.NewTable(out, heads...)}
	bar := terminal.NewProgress(cmd, len(list), asJSON, "flaws")
	for i, e := range list {
		bar.At(i, e.Name)
		if err := s.add(e); err != nil {
			return err
		}
		if cmd.Context().Err() != nil {
			break
		}
	}
	bar.Done()
	if asJSON {
		command.WriteJSON(out, map[string]any{"flaws": s.all})
	} else {
		s.table.Render()
		for _, line := range s.missed {
			fmt.Fprintf(out, "\n%s", line)
		}
		if len(s.missed) > 0 {
			fmt.Fprintln(out)
		}
		s.printSum(out, len(list))
	}
	switch {
	case cmd.Context().Err() != nil:
		return command.Status(command.Interrupted)
	case s.found < len(list):
		return command.Status(command.Broken)
	}
	return nil
}

// try hunts for one flaw, and returns the result and the time that this took.
func (s *scoreboard) try(e flaw.Entry, clientsOnly bool) (fuzz.Hunted, time.Duration, error) {
	began := time.Now()
	got, err := fuzz.Hunt(e, 1, s.seeds, clientsOnly, s.over(began))
	return got, time.Since(began), err
}

// add hunts for one flaw twice: with all checks, then without the checks of single servers.
func (s *scoreboard) add(e flaw.Entry) error {
	j := jsonOfFlaw(e)
	cells, err := s.byAll(e, &j)
	if err != nil {
		return err
	}
	more := []string{"", "", ""}
	if s.cmd.Context().Err() == nil {
		if more, err = s.byOutside(e, &j); err != nil {
			return err
		}
	}
	cells = append(cells, more...)
	if s.feedback {
		if more, err = s.byFeedback(e, &j); err != nil {
			return err
		}
		cells = append(cells, more...)
	}
	s.table.Row(cells...)
	s.all = append(s.all, j)
	return nil
}

func (s *scoreboard) byAll(e flaw.Entry, j *jsonFlaw) (cells []string, err error) {
	by, took, err := s.try(e, false)
	if err != nil {
		return nil, err
	}
	j.Found, j.Seeds, j.Ms, j.Property = &by.Found, by.Seeds, took.Milliseconds(), by.Property
	if !by.Found {
		reached := int(by.Hits)
		j.Reached = &reached
		s.missed = append(s.missed, fmt.Sprintf("%s: not found; the line of code that contains "+
			"the flaw was %s", e.Name, by.Hits))
		return []string{e.Name, "not found", fmt.Sprint(by.Seeds), tookText(took), ""}, nil
	}
	lines := len(by.Least.Plan)
	s.found++
	s.took, s.lines = append(s.took, by.Seeds), append(s.lines, lines)
	j.Plan, j.Schedule = by.Least.Plan.String(), by.Least.String()
	return []string{e.Name, by.Property, fmt.Sprint(by.Seeds), tookText(took),
		fmt.Sprint(lines)}, s.keep(&by)
}

func (s *scoreboard) byOutside(e flaw.Entry, j *jsonFlaw) (cells []string, err error) {
	by, took, err := s.try(e, true)
	if err != nil {
		return nil, err
	}
	j.Outside = &jsonHunt{Found: by.Found, Seeds: by.Seeds, Ms: took.Milliseconds(),
		Property: by.Property}
	found := "not found"
	if !by.Found && *j.Found {
		s.missed = append(s.missed, fmt.Sprintf(
			"%s: found only by the checks on single servers; without them, the line of code that "+
				"contains the flaw was %s", e.Name, by.Hits))
	}
	if by.Found {
		s.outside++
		s.outsideSeeds = append(s.outsideSeeds, by.Seeds)
		j.Outside.Seed, found = seeds.Text(by.Least.Seed), by.Property
	}
	return []string{found, fmt.Sprint(by.Seeds), tookText(took)}, nil
}

// byFeedback hunts once more with all checks, but with feedback instead of chance alone.
func (s *scoreboard) byFeedback(e flaw.Entry, j *jsonFlaw) (cells []string, err error) {
	if s.cmd.Context().Err() != nil {
		return []string{"", "", ""}, nil
	}
	began := time.Now()
	by, err := fuzz.HuntWithFeedback(e, 1, s.seeds, s.over(began))
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	j.Feedback = &jsonHunt{Found: by.Found, Seeds: by.Seeds, Ms: took.Milliseconds(),
		Property: by.Property}
	found := "not found"
	if by.Found {
		s.varied++
		s.variedSeeds = append(s.variedSeeds, by.Seeds)
		j.Feedback.Seed, found = seeds.Text(by.Least.Seed), by.Property
	}
	return []string{found, fmt.Sprint(by.Seeds), tookText(took)}, nil
}

// over returns a function that says when a hunt must end that began at that time.
func (s *scoreboard) over(began time.Time) func() bool {
	return func() bool { return s.cmd.Context().Err() != nil || time.Since(began) > s.limit }
}

// keep writes the shrunk schedule of a hunt to its file.
func (s *scoreboard) keep(by *fuzz.Hunted) error {
	if s.dir == "" {
		return nil
	}
	name := filepath.Join(s.dir, by.Flaw.Name+".schedule")
	text := fmt.Sprintf("# breaks %s: %s\n%s", by.Property, strings.ReplaceAll(by.Text, "\n", " "),
		by.Least.String())
	return command.WriteFile(name, []byte(text))
}

// printSum prints the totals below the table.
func (s *scoreboard) printSum(out io.Writer, flaws int) {
	all := fmt.Sprintf("\nWith all checks, the fuzzer finds %d of %d flaws", s.found, flaws)
	if s.found > 0 {
		all += fmt.Sprintf(", in %s (median), shrunk to %s (median; at most %d)",
			terminal.Plural(median(s.took), "seed", "seeds"),
			terminal.Plural(median(s.lines), "line", "lines"), slices.Max(s.lines))
	}
	fmt.Fprint(out, all)
	outside := fmt.Sprintf("\nWithout the checks on single servers, the fuzzer finds %d of %d "+
		"flaws",
		s.outside, flaws)
	if s.outside > 0 {
		outside += fmt.Sprintf(", in %s (median)",
			terminal.Plural(median(s.outsideSeeds), "seed", "seeds"))
	}
	fmt.Fprint(out, outside)
	if s.feedback {
		varied := fmt.Sprintf("\nWith --feedback and all checks, the fuzzer finds %d of %d flaws",
			s.varied, flaws)
		if s.varied > 0 {
			varied += fmt.Sprintf(", in %s (median)",
				terminal.Plural(median(s.variedSeeds), "seed", "seeds"))
		}
		fmt.Fprint(out, varied)
	}
	fmt.Fprintln(out)
}

func tookText(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

// median returns the median of a list, and 0 for an empty list.
func median(list []int) int {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}
