package fuzz

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/judge"
)

// playSchedule plays one schedule and prints its verdicts.
func playSchedule(cmd *cobra.Command, s fuzz.Schedule, f *flags, e fuzz.Engine) error {
	r, err := s.Play(fuzz.Playing{Keep: true, Mute: f.mute, Engine: e})
	if err != nil {
		return err
	}
	defer r.Close()
	if f.trace != "" || r.Property != "" {
		text, _, err := s.Tell(&r)
		if err != nil {
			return err
		}
		if f.trace != "" {
			if err := command.WriteFile(f.trace, text); err != nil {
				return err
			}
		}
	}
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		checks := slices.DeleteFunc(append([]judge.Check{}, r.Checks...),
			func(c judge.Check) bool { return slices.Contains(f.mute, c.Name) })
		command.WriteJSON(out, map[string]any{
			"schedule": s.String(), "property": r.Property, "text": r.Text,
			"during":      r.During,
			"fingerprint": fmt.Sprintf("%016x", r.Fingerprint), "checks": checks,
			"muted": append([]string{}, f.mute...),
		})
	} else {
		printPlayed(out, &s, &r, f.mute...)
		if f.trace != "" {
			fmt.Fprintf(out, "%s  %s\n", terminal.PaintFor(out).Bold("Written"), f.trace)
		}
	}
	switch {
	case r.Property != "":
		return command.Status(command.Broken)
	case len(r.Undecided) > 0:
		return command.Status(command.Undecided)
	}
	return nil
}

// printPlayed prints a schedule, its checks, and what broke.
func printPlayed(out io.Writer, s *fuzz.Schedule, r *fuzz.Result, mute ...string) {
	p := verdict.NewPrinter(out)
	fmt.Fprintf(out, "%s\n%s\n", p.Bold("Schedule"), s.String())
	counts := fmt.Sprintf("%s events, %d operations, %d succeeded",
		terminal.Thousands(int64(r.Events)), r.Operations, r.Succeeded)
	fmt.Fprintf(out, "%s  %s\n", p.Bold("Checked"), p.Faint(counts))
	for i := range r.Checks {
		if c := &r.Checks[i]; !slices.Contains(mute, c.Name) {
			p.Check(c)
		}
	}
	for _, name := range mute {
		text := "muted"
		if slices.Contains(r.Muted, name) {
			text = "muted: it is broken"
		}
		fmt.Fprintf(out, "  %s %s  %s\n", p.Yellow("~"), name, text)
	}
	if r.Property != "" {
		fmt.Fprintf(out, "%s %s\n  %s\n", p.Red("✗"), p.Bold(r.Property),
			terminal.Wrap(r.Text, 96, "  "))
	}
	fmt.Fprintf(out, "%s  %016x\n", p.Bold("Fingerprint"), r.Fingerprint)
}
