package fuzz

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/suspects"
)

// jsonKnown is an open issue of a library in the output of zablab flaws --json, with the result of
// its hunt. Its keys are stable: keys may be added, but never renamed.
type jsonKnown struct {
	Number   int    `json:"number"`
	Title    string `json:"title"`
	Fixed    string `json:"fixed,omitempty"` // the first version without it
	Says     string `json:"says"`
	Shown    string `json:"shown"`
	Catches  string `json:"catches"`
	Version  string `json:"version,omitempty"`
	Tries    int    `json:"tries,omitempty"`
	Found    int    `json:"found,omitempty"` // tries that showed it
	Ms       int64  `json:"ms,omitempty"`
	Property string `json:"property,omitempty"`
	Text     string `json:"text,omitempty"`
	How      string `json:"how,omitempty"` // what the first try that showed it played
	Schedule string `json:"schedule,omitempty"`
}

// knownOf returns the issues of a library with these numbers, or all.
func knownOf(kind *suspects.Kind, args []string) (list []suspects.Known, err error) {
	all := kind.Known
	if len(args) == 0 {
		return all, nil
	}
	for _, a := range args {
		n, err := strconv.Atoi(strings.TrimPrefix(a, "#"))
		i := slices.IndexFunc(all, func(k suspects.Known) bool { return k.Number == n })
		if err != nil || i < 0 {
			return nil, fmt.Errorf("flaws %s: no such issue: zablab flaws --engine %s lists all issues", a,
				kind.Engine)
		}
		list = append(list, all[i])
	}
	return list, nil
}

// known lists the open issues of a library, or hunts for them.
func (h *hunting) known(cmd *cobra.Command, args []string) error {
	kind, from, err := engineSource(h.engine, h.raft)
	if err != nil {
		return err
	}
	list, err := knownOf(kind, args)
	switch {
	case err != nil:
		return err
	case h.remix, h.beyond, h.blind != "", h.tell, h.feedback:
		return fmt.Errorf("flaws --engine %s lists issues, or hunts for them with --hunt: leave out "+
			"--explain, --remix, --out-of-reach, --feedback and --blind", kind.Engine)
	case !h.on && (h.versions != "" || from != guest.Source{}):
		return errors.New("flaws --versions and --raft select the sources for a hunt: add --hunt")
	case h.on:
		return h.huntKnown(cmd, kind, list, from)
	}
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		var all []jsonKnown
		for i := range list {
			all = append(all, jsonOfKnown(&list[i]))
		}
		command.WriteJSON(out, map[string]any{"issues": all})
		return nil
	}
	p := terminal.PaintFor(out)
	issue, issues := "open issue", "open issues"
	for _, k := range list {
		if k.Fixed != "" {
			k.Title += " (fixed in " + k.Fixed + ")"
			issue, issues = "issue", "issues"
		}
		fmt.Fprintf(out, "%s  %s\n    %s\n    %s\n    %s\n", p.Bold(fmt.Sprintf("#%d", k.Number)), k.Title,
			terminal.Wrap(k.Says, 92, "    "), terminal.Wrap(k.Shown, 92, "    "),
			p.Faint("caught by "+strings.Join(k.Breaks, ", ")))
	}
	fmt.Fprintf(out, "\n%s of %s. To play the schedules of the issues: zablab flaws --engine %s --hunt\n",
		terminal.Plural(len(list), issue, issues), kind.Library.Name(), kind.Engine)
	return nil
}

func jsonOfKnown(k *suspects.Known) jsonKnown {
	return jsonKnown{
		Number: k.Number, Title: k.Title, Fixed: k.Fixed, Says: k.Says, Shown: k.Shown,
		Catches: strings.Join(k.Breaks, ", "),
	}
}

// round is the issues to hunt in one version of a library.
type round struct {
	source guest.Source
	list   []suspects.Known
}

// rounds returns what to hunt in which version: in those of the flags, or each issue in the version
// that is known to show it.
func (h *hunting) rounds(list []suspects.Known, from guest.Source) (all []round) {
	switch {
	case h.versions != "":
		for v := range strings.SplitSeq(h.versions, ",") {
			all = append(all, round{guest.Source{Version: strings.TrimSpace(v)}, list})
		}
		return all
	case from != guest.Source{}:
		return []round{{from, list}}
	}
	for _, k := range list {
		i := slices.IndexFunc(all, func(r round) bool { return r.source.Version == k.In })
		if i < 0 {
			i, all = len(all), append(all, round{source: guest.Source{Version: k.In}})
		}
		all[i].list = append(all[i].list, k)
	}
	return all
}

// huntKnown plays the schedules of the issues, in one version of the library after the other.
func (h *hunting) huntKnown(cmd *cobra.Command, kind *suspects.Kind, list []suspects.Known,
	from guest.Source) error {
	rounds, schedules := h.rounds(list, from), 0
	for _, r := range rounds {
		schedules += len(r.list)
	}
	tries := h.seeds
	if !cmd.Flags().Changed("seeds") {
		tries = suspects.Tries
	}
	out, asJSON := cmd.OutOrStdout(), command.JSON(cmd)
	table := terminal.NewTable(out, "Issue", kind.Library.Name()+" version", "Runs that show the issue", "Time",
		"First run", "Check", "What happened")
	all, missed := []jsonKnown{}, false
	bar := terminal.NewProgress(cmd, tries*schedules, asJSON, "schedules")
	for _, r := range rounds {
		e, err := kind.Open(cmd.Context(), "", r.source, command.Tell(cmd))
		if err != nil {
			return err
		}
		for i := range r.list {
			j, err := h.huntOne(cmd.Context(), e, &r.list[i], tries, func(n int) {
				bar.At(len(all)*tries+n, fmt.Sprintf("#%d", r.list[i].Number))
			})
			if err != nil {
				_ = e.Close(cmd.Context())
				return err
			}
			if all = append(all, j); j.Tries > 0 {
				missed = missed || j.Found == 0
				table.Row(fmt.Sprintf("#%d", j.Number), j.Version, fmt.Sprintf("%d of %d", j.Found, j.Tries),
					fmt.Sprintf("%.1fs", float64(j.Ms)/1000), j.How, j.Property, j.Text)
			}
		}
		_ = e.Close(cmd.Context()) // frees memory only
	}
	bar.Done()
	if asJSON {
		command.WriteJSON(out, map[string]any{"issues": all})
	} else {
		table.Render()
		fmt.Fprintln(out, "If no run shows an issue, the issue may still exist: other schedules "+
			"may show it.")
	}
	if missed {
		return command.Status(command.Broken)
	}
	return nil
}

// huntOne hunts for one issue, and writes the first schedule that shows it to the folder of --out.
func (h *hunting) huntOne(ctx context.Context, e *suspects.Suspect, k *suspects.Known, tries int,
	told func(n int)) (j jsonKnown, err error) {
	began, n := time.Now(), 0
	found, err := e.Hunt(ctx, k, tries, h.versions != "", func() { n++; told(n) })
	if err != nil {
		return j, err
	}
	j = jsonOfKnown(k)
	j.Version, j.Tries, j.Found = e.Source(), found.Tries, found.Shown
	j.Ms, j.How = time.Since(began).Milliseconds(), found.How
	j.Property, j.Text = found.Property, found.Text
	if found.First == nil || h.dir == "" {
		return j, nil
	}
	j.Schedule = filepath.Join(h.dir, fmt.Sprintf("%s-%d.schedule", e.Engine, k.Number))
	return j, command.WriteFile(j.Schedule, []byte(fmt.Sprintf("# %s\n# %s\n%s", j.Property, j.Text,
		found.First.String())))
}
