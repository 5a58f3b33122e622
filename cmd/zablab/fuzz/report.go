package fuzz

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/fuzz/results"
	"github.com/zablab/zablab/scenarios/seeds"
)

// newReport returns the command zablab fuzz report.
func newReport() *cobra.Command {
	return &cobra.Command{
		Use:   "report FILE...",
		Short: "Merge fuzzing results from many machines",
		Long: `Reads the files of zablab fuzz --results, from one machine or many, and prints the
total: the seeds played, what happened in them, and each failure once.

Exit status: 0 no check failed; 1 a check failed, or too little happened to
prove anything; 2 wrong usage or an unreadable file; 4 a check ran out of time.`,
		Example: "  zablab fuzz report part-*.jsonl",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return report(cmd, args) },
	}
}

// report merges the results in the files, and prints the total.
func report(cmd *cobra.Command, files []string) error {
	var lines []results.Line
	for _, name := range files {
		text, err := command.ReadFile(name)
		if err != nil {
			return err
		}
		more, err := results.Read(name, bytes.NewReader(text))
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	if len(lines) == 0 {
		return fmt.Errorf("fuzz report: no results in %s: write some with fuzz --results FILE",
			strings.Join(files, ", "))
	}
	m, err := results.Merge(lines)
	if err != nil {
		return fmt.Errorf("fuzz report: %w", err)
	}
	out := cmd.OutOrStdout()
	took := time.Duration(m.Elapsed) * time.Millisecond
	if command.JSON(cmd) {
		command.WriteJSON(out, struct {
			JSON
			Spans []Span `json:"spans"`
		}{jsonOfBatch(&m.Batch, nil, took), spansOf(&m)})
	} else {
		for _, s := range m.Spans {
			fmt.Fprintln(out, sayOfSpan(&s))
		}
		printBatch(out, &m.Batch, nil, took)
	}
	return statusOf(&m.Batch)
}

// Span is a range of seeds that were played, in the output of --json. Its keys are stable: keys may
// be added, but never renamed.
type Span struct {
	Mix    fuzz.Mix `json:"mix"`
	Flaw   string   `json:"flaw,omitempty"`
	Commit string   `json:"commit,omitempty"`
	First  string   `json:"first_seed"`
	Last   string   `json:"last_seed"`
	Twice  int      `json:"counted_twice"`
}

func spansOf(m *results.Merged) (list []Span) {
	for _, s := range m.Spans {
		list = append(list, Span{s.Mix, s.Flaw, s.Commit, seeds.Text(s.First), seeds.Text(s.Last),
			s.Twice})
	}
	return list
}

// sayOfSpan describes a range of seeds in one line.
func sayOfSpan(s *results.Span) string {
	text := fmt.Sprintf("seeds %d to %d of the %s mix", s.First, s.Last, s.Mix)
	if s.Flaw != "" {
		text += ", with the flaw " + s.Flaw
	}
	if s.Commit != "" {
		text += ", commit " + s.Commit
	}
	if s.Twice > 0 {
		text += fmt.Sprintf(": %s counted twice", terminal.Plural(s.Twice, "seed is", "seeds are"))
	}
	return text
}

// mixFlag returns the flag that selects a mix, or "" for the default mix.
func mixFlag(m fuzz.Mix) string {
	switch m {
	case fuzz.Common:
		return " --mix common"
	case fuzz.Beyond:
		return " --beyond"
	}
	return ""
}
