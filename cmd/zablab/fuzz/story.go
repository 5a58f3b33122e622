package fuzz

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/zab/flaw"
)

// story is one flaw with the shortest run in which it shows.
type story struct {
	flaw  flaw.Entry
	by    fuzz.Hunted
	why   string // what broke, and the events that led there
	chart string // the end of the run, as a Mermaid diagram
	sound fuzz.Result
}

// tellFlaws hunts for each flaw, and prints its story: what the flaw does, the shrunk schedule that
// shows it, what happens there, and what happens in the same schedule without the flaw.
func tellFlaws(cmd *cobra.Command, list []flaw.Entry, h *hunting) error {
	out := cmd.OutOrStdout()
	var all []jsonFlaw
	missed := false
	for _, e := range list {
		s, err := h.story(cmd, e)
		if err != nil {
			return err
		}
		if cmd.Context().Err() != nil {
			return command.Status(command.Interrupted)
		}
		missed = missed || !s.by.Found
		if command.JSON(cmd) {
			all = append(all, s.json())
			continue
		}
		s.print(out)
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"flaws": all})
	}
	if missed {
		return command.Status(command.Broken)
	}
	return nil
}

// story finds a run in which a flaw shows, and plays it with and without the flaw.
func (h *hunting) story(cmd *cobra.Command, e flaw.Entry) (s story, err error) {
	began := time.Now()
	s.flaw = e
	s.by, err = fuzz.Hunt(e, 1, h.seeds, false, func() bool {
		return cmd.Context().Err() != nil || time.Since(began) > h.limit
	})
	if err != nil || !s.by.Found {
		return s, err
	}
	flawed := s.by.Least
	r, _, chart, err := retell(&flawed, fuzz.Playing{})
	if err != nil {
		return s, err
	}
	s.chart = chart
	s.why = whyText(&r)
	sound := flawed
	sound.Flaw = flaw.None
	s.sound, err = sound.Play(fuzz.Playing{})
	return s, err
}

// whyText says what broke in a run, and the events that led to the first breach.
func whyText(r *fuzz.Result) string {
	var why bytes.Buffer
	p := verdict.NewPrinter(&why)
	told := false
	for i := range r.Checks {
		c := r.Checks[i]
		if c.Name == r.Property {
			c.Breaches = c.Breaches[:min(1, len(c.Breaches))]
			p.Check(&c)
			told = true
		}
	}
	if !told {
		fmt.Fprintf(&why, "%s\n  %s\n", r.Property, terminal.Wrap(r.Text, 88, "  "))
	}
	return why.String()
}

// print prints a story as Markdown.
func (s *story) print(out io.Writer) {
	kind := "A bug of the servers"
	if s.flaw.Recipe {
		kind = "A bug of clients"
	}
	fmt.Fprintf(out, "# %s\n\n%s: %s.\n\n%s\n", s.flaw.Name, kind, s.flaw.Issue,
		terminal.Wrap(s.flaw.Says, 92, ""))
	if !s.by.Found {
		fmt.Fprintf(out, "\nNot found in %s; the flawed line was %s.\n\n",
			terminal.Plural(s.by.Seeds, "seed", "seeds"), s.by.Hits)
		return
	}
	fmt.Fprintf(out, "\n## The shortest run that shows it\n\nFound after %s by the check %s, and "+
		"shrunk to %s:\n\n", terminal.Plural(s.by.Seeds, "seed", "seeds"), s.by.Property,
		terminal.Plural(len(s.by.Least.Plan), "fault", "faults"))
	for line := range strings.Lines(s.by.Least.String()) {
		fmt.Fprintf(out, "    %s", line)
	}
	fmt.Fprintf(out, "\n## What happens\n\n")
	for line := range strings.Lines(strings.TrimRight(s.why, "\n")) {
		fmt.Fprintf(out, "    %s", strings.TrimPrefix(line, "  "))
	}
	fmt.Fprintf(out, "\n\n```mermaid\n%s```\n", s.chart)
	fmt.Fprintf(out, "\n## The same schedule without the flaw\n\n%s\n\n", s.verdict())
}

// verdict says what the same schedule does to the sound engine.
func (s *story) verdict() string {
	if s.sound.Property != "" {
		return fmt.Sprintf("%s breaks too: %s", s.sound.Property, s.sound.Text)
	}
	return fmt.Sprintf("No check fails. Clients start %d operations, of which %d succeed.",
		s.sound.Operations, s.sound.Succeeded)
}

// json is a story as JSON.
func (s *story) json() jsonFlaw {
	j := jsonOfFlaw(s.flaw)
	j.Found, j.Seeds, j.Property = &s.by.Found, s.by.Seeds, s.by.Property
	if s.by.Found {
		j.Plan, j.Schedule = s.by.Least.Plan.String(), s.by.Least.String()
		j.Why, j.Diagram, j.Sound = s.why, s.chart, s.sound.Property == ""
	}
	return j
}
