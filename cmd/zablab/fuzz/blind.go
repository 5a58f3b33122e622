package fuzz

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// blind writes a folder for each flaw, with why.txt and diagram.md of a failure. Nothing in the
// folder names the flaw, so that a reader can try to name the bug. The folders are numbered in an
// order that a seed determines; the key, in a file outside, says which is which.
func blind(cmd *cobra.Command, list []flaw.Entry, h *hunting) error {
	out := cmd.OutOrStdout()
	if err := command.MakeFolder("--out", h.dir); err != nil {
		return err
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	chance := sim.NewRand(h.order).Fork("blind")
	for i := range order {
		j := i + chance.Intn(len(order)-i)
		order[i], order[j] = order[j], order[i]
	}
	var key bytes.Buffer
	missed := 0
	for n, i := range order {
		e := list[i]
		s, found, err := h.shrunk(cmd, e)
		switch {
		case err != nil:
			return err
		case cmd.Context().Err() != nil:
			return command.Status(command.Interrupted)
		case !found:
			missed++
			fmt.Fprintf(&key, "%02d  %s  not found\n", n+1, e.Name)
			continue
		}
		files, err := explain(&s, fuzz.Playing{}, true)
		if err != nil {
			return err
		}
		dir := filepath.Join(h.dir, fmt.Sprintf("%02d", n+1))
		if err := command.MakeFolder("--out", dir); err != nil {
			return err
		}
		for _, f := range files {
			if err := command.WriteFile(filepath.Join(dir, f.name), f.text); err != nil {
				return err
			}
		}
		fmt.Fprintf(&key, "%02d  %s\n", n+1, e.Name)
	}
	if err := command.WriteFile(h.blind, key.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s written to %s. The file %s says which flaw each folder shows.\n",
		terminal.Plural(len(list)-missed, "folder", "folders"), h.dir, h.blind)
	if missed > 0 {
		return command.Status(command.Broken)
	}
	return nil
}

// shrunk returns a shrunk schedule that shows a flaw: from the folder of --from, or from a hunt.
func (h *hunting) shrunk(cmd *cobra.Command, e flaw.Entry) (s fuzz.Schedule, found bool, err error) {
	if h.from == "" {
		t, err := h.story(cmd, e)
		return t.by.Least, t.by.Found, err
	}
	name := filepath.Join(h.from, e.Name+".schedule")
	text, err := os.ReadFile(name)
	if err != nil {
		return s, false, fmt.Errorf("flaws --from: %w: the folder must have a file "+
			"NAME.schedule for each flaw", err)
	}
	s, err = fuzz.Parse(name, string(text))
	return s, err == nil, err
}
