package fuzz

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/fuzz/results"
)

// A line of results covers everySeeds seeds, or the seeds of a second, or those up to a failure,
// whichever is first: a kill loses the seeds of a second at most, and no failure.
const (
	everySeeds = 1000
	every      = time.Second
)

// resultsFile appends lines of results to a file while a batch is played. It is nil without
// --results.
type resultsFile struct {
	file  *os.File
	mark  results.Mark
	done  int // seeds covered by the lines written so far
	broke int // of them broke a property
	began time.Time
	err   error
}

func openResults(name string) (*resultsFile, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("--results %s: %w: name a file in an existing folder", name,
			command.Cause(err))
	}
	return &resultsFile{file: file, began: time.Now()}, nil
}

// add writes a line if one is due.
func (r *resultsFile) add(b *fuzz.Batch) {
	if r != nil && (b.Done >= r.done+everySeeds || b.Broken > r.broke ||
		time.Since(r.began) >= every) {
		r.write(b)
	}
}

func (r *resultsFile) write(b *fuzz.Batch) {
	text, err := json.Marshal(results.Since(b, r.mark, time.Since(r.began).Milliseconds()))
	if err == nil {
		_, err = r.file.Write(append(text,
			'\n')) // in one write, because other processes may append to the file
	}
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("--results %s: %w", r.file.Name(), command.Cause(err))
	}
	r.mark, r.done, r.broke, r.began = results.MarkOf(b), b.Done, b.Broken, time.Now()
}

// end writes the last line.
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
		_ = r.file.Close() // earlier writes have reported errors
	}
}
