package fuzz

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/fuzz"
)

// keep writes a folder for each failure, and returns the paths of the schedules.
func (f *flags) keep(b *fuzz.Batch) (schedules []string, err error) {
	for i := range b.Failures {
		x := &b.Failures[i]
		dir := filepath.Join(f.out, fmt.Sprintf("%#x", x.Seed))
		if err := command.MakeFolder("--out", dir); err != nil {
			return nil, err
		}
		files, err := explain(&x.Least)
		if err != nil {
			return nil, err
		}
		name := filepath.Join(dir, "schedule")
		files = append(files, named{"schedule", scheduleText(x, name)})
		for _, file := range files {
			if err := command.WriteFile(filepath.Join(dir, file.name), file.text); err != nil {
				return nil, err
			}
		}
		schedules = append(schedules, name)
	}
	return schedules, nil
}

// scheduleText returns the contents of a schedule file: the shrunk schedule of a failure, with the
// generated schedule as a comment.
func scheduleText(x *fuzz.Failure, file string) []byte {
	var t bytes.Buffer
	fmt.Fprintf(&t, "# %s\n# %s\n# Play it: zablab fuzz --schedule %s\n%s\n# Before shrinking:\n",
		x.Property,
		strings.ReplaceAll(x.Text, "\n", " "), file, x.Least.String())
	for line := range strings.Lines(x.Generated.String()) {
		t.WriteString("#   " + line)
	}
	return t.Bytes()
}

// named is a file to write: its name and its contents.
type named struct {
	name string
	text []byte
}

// explain plays a shrunk schedule again and keeps its records. It returns three files: why the run
// fails, the trace, and a diagram.
func explain(s *fuzz.Schedule) ([]named, error) {
	r, err := s.Play(fuzz.Playing{Keep: true})
	if err != nil {
		return nil, err
	}
	defer r.Ensemble.Close()
	trace, diagram, err := s.Tell(&r)
	if err != nil {
		return nil, err
	}
	var why bytes.Buffer
	printPlayed(&why, s, &r)
	return []named{
		{"why.txt", why.Bytes()},
		{"trace.ndjson", trace},
		{"diagram.md", fmt.Appendf(nil, "# %s\n\n%s\n\n```mermaid\n%s```\n", r.Property, r.Text,
			diagram)},
	}, nil
}
