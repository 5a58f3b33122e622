package fuzz

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/fuzz"
)

// keeper writes a folder for each failure while the batch is played: first with the schedule as it
// was generated, which a kill during the shrinking leaves, and then with what the shrinking left.
type keeper struct {
	dir       string
	playing   fuzz.Playing
	schedules []string // of the failures, in their order
	begun     string   // the folder of the failure that is being shrunk, or ""
	err       error    // the first one
}

func (k *keeper) folder(x *fuzz.Failure) string {
	return filepath.Join(k.dir, fmt.Sprintf("%#x", x.Seed))
}

// found notes a failure that will be shrunk.
func (k *keeper) found(x *fuzz.Failure) {
	k.begun = k.folder(x)
	k.fail(command.MakeFolder("--out", k.begun))
	name := filepath.Join(k.begun, "schedule")
	k.fail(command.WriteFile(name, scheduleText(x, name)))
}

func (k *keeper) fail(err error) {
	if k.err == nil {
		k.err = err
	}
}

// keep writes the failures that are new since the last call. A failure that is like an earlier one
// keeps no folder.
func (k *keeper) keep(b *fuzz.Batch) {
	if k.begun != "" && len(b.Failures) == len(k.schedules) {
		_ = os.RemoveAll(k.begun) // only found has written there
	}
	k.begun = ""
	for i := len(k.schedules); i < len(b.Failures); i++ {
		x := &b.Failures[i]
		dir := k.folder(x)
		name := filepath.Join(dir, "schedule")
		k.schedules = append(k.schedules, name)
		k.fail(command.MakeFolder("--out", dir))
		files, err := explain(&x.Least, k.playing)
		k.fail(err)
		for _, file := range append(files, named{"schedule", scheduleText(x, name)}) {
			k.fail(command.WriteFile(filepath.Join(dir, file.name), file.text))
		}
	}
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

// retell plays a shrunk schedule again and keeps its records. It returns the result, with the events
// that led to each breach, the trace, and a diagram of the end of the run.
func retell(
	s *fuzz.Schedule, o fuzz.Playing,
) (r fuzz.Result, trace []byte, diagram string, err error) {
	o.Keep = true
	if r, err = s.Play(o); err != nil {
		return r, nil, "", err
	}
	defer r.Close()
	trace, diagram, err = s.Tell(&r)
	return r, trace, diagram, err
}

// explain retells a shrunk schedule in three files: why the run fails, the trace, and a diagram.
func explain(s *fuzz.Schedule, o fuzz.Playing) ([]named, error) {
	r, trace, diagram, err := retell(s, o)
	if err != nil {
		return nil, err
	}
	var why bytes.Buffer
	printPlayed(&why, s, &r, o.Mute...)
	return []named{
		{"why.txt", why.Bytes()},
		{"trace.ndjson", trace},
		{"diagram.md", fmt.Appendf(nil, "# %s\n\n%s\n\n```mermaid\n%s```\n", r.Property, r.Text,
			diagram)},
	}, nil
}
