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
	"github.com/zablab/zablab/scenarios/raft/hashicorp"
	"github.com/zablab/zablab/scenarios/suspects"
)

// jsonKnown is an open issue of a library in the output of zablab flaws --json, with the result of
// its hunt. Its keys are stable: keys may be added, but never renamed.
type jsonKnown struct {
	Number   int    `json:"number"`
	Title    string `json:"title"`
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

// knownOf returns the issues with these numbers, or all.
func knownOf(args []string) (list []suspects.Known, err error) {
	all := suspects.KnownIssues()
	if len(args) == 0 {
		return all, nil
	}
	for _, a := range args {
		n, err := strconv.Atoi(strings.TrimPrefix(a, "#"))
		i := slices.IndexFunc(all, func(k suspects.Known) bool { return k.Number == n })
		if err != nil || i < 0 {
			return nil, fmt.Errorf("flaws %s: no such issue: zablab flaws --engine raft lists them", a)
		}
		list = append(list, all[i])
	}
	return list, nil
}

// known lists the open issues of a library, or hunts for them.
func (h *hunting) known(cmd *cobra.Command, args []string) error {
	_, from, err := engineSource(h.engine, h.raft)
	if err != nil {
		return err
	}
	list, err := knownOf(args)
	switch {
	case err != nil:
		return err
	case h.remix, h.beyond, h.blind != "", h.tell, h.feedback:
		return errors.New("flaws --engine raft lists issues, or hunts for them with --hunt: leave out the " +
			"other flags")
	case !h.on && (h.versions != "" || from != hashicorp.Source{}):
		return errors.New("flaws --versions and --raft say what to hunt in: add --hunt")
	case h.on:
		return h.huntKnown(cmd, list, from)
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
	for _, k := range list {
		fmt.Fprintf(out, "%s  %s\n    %s\n    %s\n    %s\n", p.Bold(fmt.Sprintf("#%d", k.Number)), k.Title,
			terminal.Wrap(k.Says, 92, "    "), terminal.Wrap(k.Shown, 92, "    "),
			p.Faint("caught by "+strings.Join(k.Breaks, ", ")))
	}
	fmt.Fprintf(out, "\n%s of hashicorp/raft. Play them: zablab flaws --engine raft --hunt\n",
		terminal.Plural(len(list), "open issue", "open issues"))
	return nil
}

func jsonOfKnown(k *suspects.Known) jsonKnown {
	return jsonKnown{
		Number: k.Number, Title: k.Title, Says: k.Says, Shown: k.Shown,
		Catches: strings.Join(k.Breaks, ", "),
	}
}

// huntKnown plays the schedules of the issues, in one version of the library after the other.
func (h *hunting) huntKnown(cmd *cobra.Command, list []suspects.Known, from hashicorp.Source) error {
	sources := []hashicorp.Source{from}
	if h.versions != "" {
		sources = nil
		for v := range strings.SplitSeq(h.versions, ",") {
			sources = append(sources, hashicorp.Source{Version: strings.TrimSpace(v)})
		}
	}
	tries := h.seeds
	if !cmd.Flags().Changed("seeds") {
		tries = suspects.Tries
	}
	out, asJSON := cmd.OutOrStdout(), command.JSON(cmd)
	table := terminal.NewTable(out, "Issue", "Version", "Runs that show it", "Time", "First run",
		"Check", "What happened")
	all, missed := []jsonKnown{}, false
	bar := terminal.NewProgress(cmd, tries*len(list)*len(sources), asJSON, "schedules")
	for _, source := range sources {
		e, err := suspects.Raft(cmd.Context(), "", source, func(text string) {
			if !asJSON {
				fmt.Fprintln(cmd.ErrOrStderr(), text)
			}
		})
		if err != nil {
			return err
		}
		for i := range list {
			j, err := h.huntOne(cmd.Context(), e, &list[i], tries, func(n int) {
				bar.At(len(all)*tries+n, fmt.Sprintf("#%d", list[i].Number))
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
		fmt.Fprintln(out, "An issue that is not shown here may still exist: other schedules may show it.")
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
	j.Version, j.Tries, j.Found = e.Version(), found.Tries, found.Shown
	j.Ms, j.How = time.Since(began).Milliseconds(), found.How
	j.Property, j.Text = found.Property, found.Text
	if j.Version == "" {
		j.Version = suspects.RaftVersion
	}
	if found.First == nil || h.dir == "" {
		return j, nil
	}
	j.Schedule = filepath.Join(h.dir, fmt.Sprintf("raft-%d.schedule", k.Number))
	return j, command.WriteFile(j.Schedule, []byte(fmt.Sprintf("# %s\n# %s\n%s", j.Property, j.Text,
		found.First.String())))
}
