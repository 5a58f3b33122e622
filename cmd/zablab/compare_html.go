package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/report"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
)

// usualPlan is what both protocols are shown under, if nothing else is said.
const usualPlan = "6s crash LEADER"

// checkHTML says before anything is played that the report cannot be written.
func (f *compareFlags) checkHTML() error {
	if f.html == "" {
		return nil
	}
	_, err := os.Stat(f.html)
	file, open := os.OpenFile(f.html, os.O_WRONLY|os.O_CREATE, 0o644)
	if open != nil {
		return fmt.Errorf("--html: %w: name a file that can be written, in a folder that is there", open)
	}
	_ = file.Close()
	if errors.Is(err, os.ErrNotExist) { // it was made just now
		_ = os.Remove(f.html)
	}
	return nil
}

// report writes a comparison as a page. Both protocols are played once more for it, under one plan.
func (f *compareFlags) report(cmd *cobra.Command, lab *compare.Lab, c *comparison, servers int) error {
	if f.html == "" {
		return nil
	}
	r := c.page()
	r.Command, r.Version, r.Servers, r.Seeds = commandLine(cmd), version(), f.servers, f.seeds
	ctx := cmd.Context()
	if r.Partial = ctx.Err() != nil; !r.Partial && (f.only == "" || f.only == "failover") {
		plan := usualPlan
		if len(f.faults) > 0 {
			plan = strings.Join(f.faults, "\n")
		}
		length, err := compare.PlanLength("--fault", plan, servers)
		if err != nil {
			return err
		}
		sides, err := lab.Both(ctx, plan, servers, 1, length)
		if r.Partial = ctx.Err() != nil; err != nil && !r.Partial {
			return err
		}
		if !r.Partial {
			r.Runs = &report.Runs{Plan: plan, Seed: seeds.Text(1), Servers: servers, Length: length, Sides: sides}
		}
	}
	if err := f.writeReport(r); err != nil {
		return err
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); !asJSON {
		out := cmd.OutOrStdout()
		fmt.Fprintf(out, "\n%s  %s\n", painter(out).bold("Written"), f.html)
	}
	return nil
}

// reportPlan writes the two runs of a plan as a page.
func (f *compareFlags) reportPlan(cmd *cobra.Command, lab *compare.Lab, runs *report.Runs) error {
	if f.html == "" {
		return nil
	}
	return f.writeReport(&report.Report{Command: commandLine(cmd), Version: version(), Raft: raftVersion, Guest: lab.Host.Sum,
		Servers: strconv.Itoa(runs.Servers), Settings: lab.Settings(), Runs: runs})
}

func (f *compareFlags) writeReport(r *report.Report) error {
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return fmt.Errorf("write %s: %w", f.html, err)
	}
	if err := os.WriteFile(f.html, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("--html: %w: name a file that can be written, in a folder that is there", err)
	}
	return nil
}

// page is a comparison as a report has it.
func (c *comparison) page() *report.Report {
	return &report.Report{Raft: c.Raft, Guest: c.Guest, Settings: c.Settings, Link: c.Link, Fsync: c.Fsync,
		Writes: c.Writes, Latency: c.Latency, Throughput: c.Throughput, Reads: c.Reads, Failover: c.Failover,
		Missing: c.Missing, Load: c.Load, NoPreVote: c.NoPreVote, Defaults: c.Defaults, AsTheyCome: c.AsTheyCome}
}

// version is what the program was built from, and by.
func version() string {
	commit := "without a commit"
	if r := stage.Revision(); r != "" {
		commit = "from commit " + r
	}
	return "built " + commit + ", by " + runtime.Version()
}

// commandLine is the command again, as one would type it; of files only their names, for the folders are the host's.
func commandLine(cmd *cobra.Command) string {
	words := []string{"zablab", cmd.Name()}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		switch flag.Name {
		case "json":
			return
		case "fault":
			values, _ = cmd.Flags().GetStringArray("fault")
		case "html", "plan", "out", "guest":
			values[0] = filepath.Base(values[0])
		}
		for _, v := range values {
			if flag.Value.Type() == "bool" {
				words = append(words, "--"+flag.Name+"="+v)
				continue
			}
			words = append(words, "--"+flag.Name, asWord(v))
		}
	})
	return strings.Join(words, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./,:=-]+$`)

// asWord is a word as a shell reads it back.
func asWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
