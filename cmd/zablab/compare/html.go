package compare

import (
	"bytes"
	"context"
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
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/report"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/suspects"
)

// usualPlan is the plan that a report plays on both engines, if --plan gives no other.
const usualPlan = "6s crash LEADER"

// checkHTML returns an error if the report cannot be written, before anything is played.
func (f *flags) checkHTML() error {
	if f.html == "" {
		return nil
	}
	_, err := os.Stat(f.html)
	file, open := os.OpenFile(f.html, os.O_WRONLY|os.O_CREATE, 0o644)
	if open != nil {
		return fmt.Errorf("--html %s: %w: name a writable file in an existing folder", f.html,
			command.Cause(open))
	}
	_ = file.Close()
	if errors.Is(err, os.ErrNotExist) { // OpenFile has created the file
		_ = os.Remove(f.html)
	}
	return nil
}

// report writes a comparison as an HTML page. For the page it plays one plan on both engines.
func (o *order) report(cmd *cobra.Command, lab *compare.Lab, c *comparison) error {
	if o.html == "" {
		return nil
	}
	r := c.page()
	r.Command, r.Version, r.Servers, r.Seeds = commandLine(cmd), version(), o.servers, o.seeds
	if o.only == "" || o.only == "failover" {
		runs, err := o.shown(cmd.Context(), lab)
		if err != nil && cmd.Context().Err() == nil {
			return err
		}
		r.Runs = runs
		if r.Steps, err = o.failoverSteps(cmd.Context(), lab, r.Failover); err != nil &&
			cmd.Context().Err() == nil {
			return err
		}
	}
	if len(r.Missing)+len(r.Load)+len(r.NoPreVote) > 0 {
		var err error
		if r.Steps, err = o.tableSteps(cmd.Context(), lab, r); err != nil && cmd.Context().Err() == nil {
			return err
		}
	}
	r.Partial = cmd.Context().Err() != nil
	if err := o.writeReport(r); err != nil {
		return err
	}
	if out := cmd.OutOrStdout(); !command.JSON(cmd) {
		fmt.Fprintf(out, "\n%s  %s\n", terminal.PaintFor(out).Bold("Written"), o.html)
		for _, s := range r.Steps {
			fmt.Fprintf(out, "%s  %s\n", terminal.PaintFor(out).Bold("Written"),
				filepath.Join(filepath.Dir(o.html), s.File))
		}
	}
	return nil
}

// shown plays the two runs of the page. If interrupted, it returns nil.
func (o *order) shown(ctx context.Context, lab *compare.Lab) (*report.Runs, error) {
	plan := usualPlan
	if len(o.flags.faults) > 0 {
		plan = strings.Join(o.flags.faults, "\n")
	}
	length, err := compare.PlanLength("--fault", plan, o.sizes[0])
	if err != nil || ctx.Err() != nil {
		return nil, err
	}
	sides, err := lab.Both(ctx, plan, o.sizes[0], 1, length)
	if err != nil || ctx.Err() != nil {
		return nil, err
	}
	return &report.Runs{
		Plan: plan, Seed: seeds.Text(1), Servers: o.sizes[0], Length: length, Sides: sides,
	}, nil
}

// reportPlan writes the two runs of a plan as a page.
func (f *flags) reportPlan(cmd *cobra.Command, lab *compare.Lab, runs *report.Runs) error {
	if f.html == "" {
		return nil
	}
	return f.writeReport(&report.Report{
		Command: commandLine(cmd), Version: version(), Raft: suspects.Find(f.engine).Version,
		Name:  suspects.Find(f.engine).Library.Name(),
		Guest: lab.Host.Sum, Servers: strconv.Itoa(runs.Servers), Settings: lab.Settings(),
		Differences: lab.Differences(), Runs: runs,
	})
}

// writeReport writes the page.
func (f *flags) writeReport(r *report.Report) error {
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return fmt.Errorf("write %s: %w", f.html, err)
	}
	return command.WriteFile(f.html, b.Bytes())
}

// page converts a comparison into the contents of the HTML page.
func (c *comparison) page() *report.Report {
	return &report.Report{
		Raft: c.Raft, Name: c.Library, Guest: c.Guest, Settings: c.Settings, Differences: c.Differ, Link: c.Link, Fsync: c.Fsync,
		Writes: c.Writes, Latency: c.Latency, Throughput: c.Throughput, Reads: c.Reads,
		Failover: c.Failover, Missing: c.Missing, Load: c.Load, NoPreVote: c.NoPreVote,
		Defaults: c.Defaults, AsTheyCome: c.AsTheyCome,
	}
}

// version returns the version of the program and of the Go compiler.
func version() string {
	commit := "without a commit"
	if r := stage.Revision(); r != "" {
		commit = "from commit " + r
	}
	return "built " + commit + ", by " + runtime.Version()
}

// commandLine returns the command as a person would type it. File names are without folders, which
// readers of the report do not have.
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

// asWord quotes a word for a shell, if necessary.
func asWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
