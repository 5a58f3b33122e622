package fuzz

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/why"
)

// playSchedule plays one schedule and prints its verdicts.
func playSchedule(cmd *cobra.Command, s fuzz.Schedule, f *flags, e fuzz.Engine) error {
	r, err := s.Play(fuzz.Playing{Keep: true, Mute: f.mute, Engine: e})
	if err != nil {
		return err
	}
	defer r.Close()
	var written []string
	var told fuzz.Told
	if f.trace != "" || f.html != "" || r.Property != "" {
		if told, err = s.Tell(&r, f.mute...); err != nil {
			return err
		}
		if f.trace != "" {
			if err := command.WriteFile(f.trace, told.Trace); err != nil {
				return err
			}
			written = append(written, f.trace)
		}
		if f.html != "" {
			page, err := pageOf(&s, told.Trace)
			if err != nil {
				return err
			}
			if err := command.WriteFile(f.html, page); err != nil {
				return err
			}
			written = append(written, f.html)
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
		printPlayed(out, &s, &r, told.Why, f.mute...)
		if len(written) > 0 {
			fmt.Fprintf(out, "%s  %s\n", terminal.PaintFor(out).Bold("Written"),
				strings.Join(written, " "))
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

// printPlayed prints a schedule, its checks, what broke, and why.
func printPlayed(out io.Writer, s *fuzz.Schedule, r *fuzz.Result, x *why.Explanation,
	mute ...string,
) {
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
			text = "muted: this check failed"
		}
		fmt.Fprintf(out, "  %s %s  %s\n", p.Yellow("~"), name, text)
	}
	switch {
	case x != nil:
		fmt.Fprint(out, x.String())
	case r.Property != "":
		fmt.Fprintf(out, "%s %s\n  %s\n", p.Red("✗"), p.Bold(r.Property),
			terminal.Wrap(r.Text, 96, "  "))
	}
	fmt.Fprintf(out, "%s  %016x\n", p.Bold("Fingerprint"), r.Fingerprint)
}

// printSummary prints a schedule, and the checks in one line.
func printSummary(out io.Writer, s *fuzz.Schedule, r *fuzz.Result, mute ...string) {
	fmt.Fprintf(out, "Schedule\n%s\n", s.String())
	var broken []string
	ok, idle := 0, 0
	for i := range r.Checks {
		switch c := &r.Checks[i]; {
		case slices.Contains(mute, c.Name):
		case c.Verdict == lin.Broken:
			broken = append(broken, c.Name)
		case c.Idle:
			idle++
		case c.Verdict == lin.Linearizable:
			ok++
		}
	}
	fmt.Fprintf(out, "Checked  %s events, %d operations, %d succeeded; %d checks are ok, "+
		"%d checks had nothing to check", terminal.Thousands(int64(r.Events)), r.Operations,
		r.Succeeded, ok, idle)
	if len(broken) > 0 {
		fmt.Fprintf(out, ", broken: %s", strings.Join(broken, ", "))
	}
	if len(r.Undecided) > 0 {
		fmt.Fprintf(out, ", undecided: %s", strings.Join(r.Undecided, ", "))
	}
	for _, name := range mute {
		fmt.Fprintf(out, ", muted: %s", name)
	}
	fmt.Fprintf(out, "\nFingerprint  %016x\n", r.Fingerprint)
}
