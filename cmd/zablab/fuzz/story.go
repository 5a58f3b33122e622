package fuzz

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
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
	_, told, err := retell(&flawed, fuzz.Playing{})
	if err != nil {
		return s, err
	}
	s.chart = told.Drawing
	if told.Why != nil {
		s.why = told.Why.String()
	}
	sound := flawed
	sound.Flaw = flaw.None
	s.sound, err = sound.Play(fuzz.Playing{})
	return s, err
}

// print prints a story as Markdown.
func (s *story) print(out io.Writer) {
	kind := "A bug in the servers"
	switch {
	case s.flaw.Recipe:
		kind = "A bug in clients"
	case s.flaw.Client:
		kind = "A bug in ZooKeeper's client"
	}
	fmt.Fprintf(out, "# %s\n\n%s: %s.\n\n%s\n", s.flaw.Name, kind, s.flaw.Issue,
		terminal.Wrap(s.flaw.Says, 92, ""))
	if !s.by.Found {
		fmt.Fprintf(out, "\nNot found in %s. The line of code that contains the flaw was %s.\n\n",
			terminal.Plural(s.by.Seeds, "seed", "seeds"), s.by.Hits)
		return
	}
	fmt.Fprintf(out, "\n## The shortest run that shows the bug\n\nFound after %s by the check %s, and "+
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
