package learn

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/learn"
)

// progressFile is the name of the file that has a learner's progress.
const progressFile = "progress.txt"

// progress is what a learner has done.
type progress struct {
	folder    string
	exercises string // the folder of exercises; "" for those of the lab
	done      []*record
}

// record is what a learner has done in one exercise.
type record struct {
	id     string // of the exercise
	status learn.Status
	tries  int // checks that found an answer
	hints  int // shown
	lines  int // of the best answer that passed; 0 if lines do not count
}

// of returns the record of an exercise.
func (p *progress) of(x *learn.Exercise) *record {
	if i := p.index(x.ID()); i >= 0 {
		return p.done[i]
	}
	r := &record{id: x.ID(), status: learn.Open}
	p.done = append(p.done, r)
	return r
}

// index returns the index of the record of an exercise, or -1.
func (p *progress) index(id string) int {
	return slices.IndexFunc(p.done, func(r *record) bool { return r.id == id })
}

// readProgress reads the progress in a folder. It returns nil if there is none.
func readProgress(folder string) (*progress, error) {
	name := filepath.Join(folder, progressFile)
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("learn %s: no such folder: run zablab learn start %s",
				folder, folder)
		}
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w: make the file readable", name, command.Cause(err))
	}
	p := &progress{folder: folder}
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if from, ok := strings.CutPrefix(line, "exercises:"); ok {
			p.exercises = strings.TrimSpace(from)
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := p.add(strings.Fields(line)); err != nil {
			return nil, &diagram.Error{File: name, Line: i + 1, Column: 1, Message: err.Error()}
		}
	}
	return p, nil
}

// add adds one line of the file.
func (p *progress) add(words []string) error {
	r := &record{}
	bad := len(words) != 5
	if !bad {
		r.status = learn.Status(words[1])
		for i, into := range []*int{&r.tries, &r.hints, &r.lines} {
			n, err := strconv.Atoi(words[2+i])
			*into, bad = n, bad || err != nil || n < 0
		}
	}
	switch r.status {
	case learn.Open, learn.Unread, learn.Failed, learn.Passed:
	default:
		bad = true
	}
	if bad {
		return fmt.Errorf("%s: not a line of progress: write EXERCISE STATUS TRIES HINTS LINES, or remove the line",
			strings.Join(words, " "))
	}
	r.id = words[0]
	if i := p.index(r.id); i >= 0 { // of two lines, the last counts
		p.done[i] = r
		return nil
	}
	p.done = append(p.done, r)
	return nil
}

// write writes the file.
func (p *progress) write() error {
	var b bytes.Buffer
	b.WriteString("# Your progress. The commands zablab learn check and zablab learn hint write " +
		"this file.\n" + "# lines: the length of your answer, in exercises that compare it with " +
		"the shortest known answer.\n")
	if p.exercises != "" {
		b.WriteString("exercises: " + p.exercises + "\n")
	}
	fmt.Fprintf(&b, "%-28s %-8s %5s %5s %5s\n", "# exercise", "status", "tries", "hints", "lines")
	for _, r := range p.done {
		fmt.Fprintf(&b, "%-28s %-8s %5d %5d %5d\n", r.id, r.status, r.tries, r.hints, r.lines)
	}
	name := filepath.Join(p.folder, progressFile)
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write %s: %w: make the folder and the file writable", name,
			command.Cause(err))
	}
	return nil
}
