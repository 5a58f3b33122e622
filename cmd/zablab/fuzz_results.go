package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/fuzz/results"
	"github.com/zablab/zablab/scenarios/seeds"
)

// everySeeds is how many seeds a line of results tells of.
const everySeeds = 1000

// resultsFile is a file that lines are appended to, while a batch is played. Without a file it is nil.
type resultsFile struct {
	file  *os.File
	mark  results.Mark
	done  int // seeds at the mark
	began time.Time
	err   error
}

func openResults(name string) (*resultsFile, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("--results: %w: name a file in a folder that is there", err)
	}
	return &resultsFile{file: file, began: time.Now()}, nil
}

func (r *resultsFile) tell(b *fuzz.Batch) {
	if r != nil && b.Done >= r.done+everySeeds {
		r.write(b)
	}
}

func (r *resultsFile) write(b *fuzz.Batch) {
	text, err := json.Marshal(results.Since(b, r.mark, time.Since(r.began).Milliseconds()))
	if err == nil {
		_, err = r.file.Write(append(text, '\n')) // in one piece: other programs may append too
	}
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("--results: %w", err)
	}
	r.mark, r.done, r.began = results.MarkOf(b), b.Done, time.Now()
}

// end writes what is left over.
func (r *resultsFile) end(b *fuzz.Batch) error {
	if r == nil {
		return nil
	}
	if b.Done > r.done {
		r.write(b)
	}
	return r.err
}

func (r *resultsFile) close() {
	if r != nil {
		_ = r.file.Close() // what was written was asked for in write
	}
}

func newFuzzReport() *cobra.Command {
	return &cobra.Command{
		Use:   "report FILE...",
		Short: "Put results of many machines together",
		Long: "Reads files that zablab fuzz --results wrote, on one machine or on many, and tells what came of all of them:\n" +
			"which seeds were played, what was seen, and each failure once.\n\n" +
			"Exit status: as fuzz.",
		Example: "  zablab fuzz report part-*.jsonl",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var lines []results.Line
			for _, name := range args {
				text, err := readFile(name)
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
				return fmt.Errorf("fuzz report: there is no result in %s: zablab fuzz --results FILE writes some", strings.Join(args, ", "))
			}
			m, err := results.Merge(lines)
			if err != nil {
				return fmt.Errorf("fuzz report: %w", err)
			}
			out := cmd.OutOrStdout()
			took := time.Duration(m.Elapsed) * time.Millisecond
			if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
				writeJSON(out, struct {
					jsonFuzz
					Spans []jsonSpan `json:"spans"`
				}{jsonOfFuzz(&m.Batch, nil, took), spansOf(&m)})
			} else {
				for _, s := range m.Spans {
					fmt.Fprintln(out, sayOfSpan(&s))
				}
				printFuzz(out, &m.Batch, nil, took)
			}
			return fuzzStatus(&m.Batch)
		},
	}
}

// jsonSpan is which seeds were played. Keys are stable: add, never rename.
type jsonSpan struct {
	Mix    fuzz.Mix `json:"mix"`
	Flaw   string   `json:"flaw,omitempty"`
	Commit string   `json:"commit,omitempty"`
	First  string   `json:"first_seed"`
	Last   string   `json:"last_seed"`
	Twice  int      `json:"counted_twice"`
}

func spansOf(m *results.Merged) (list []jsonSpan) {
	for _, s := range m.Spans {
		list = append(list, jsonSpan{s.Mix, s.Flaw, s.Commit, seeds.Text(s.First), seeds.Text(s.Last), s.Twice})
	}
	return list
}

func sayOfSpan(s *results.Span) string {
	text := fmt.Sprintf("seeds %d to %d of the %s mix", s.First, s.Last, s.Mix)
	if s.Flaw != "" {
		text += ", with the flaw " + s.Flaw
	}
	if s.Commit != "" {
		text += ", commit " + s.Commit
	}
	if s.Twice > 0 {
		text += fmt.Sprintf(": %s counted twice", plural(s.Twice, "seed is", "seeds are"))
	}
	return text
}

// mixFlag is the flag that draws from a mix, if one is needed.
func mixFlag(m fuzz.Mix) string {
	switch m {
	case fuzz.Common:
		return " --mix common"
	case fuzz.Beyond:
		return " --beyond"
	}
	return ""
}
