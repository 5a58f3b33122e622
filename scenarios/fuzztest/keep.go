package fuzztest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/fuzz"
)

// keep plays the shrunk schedule again, and writes a folder that explains it. It returns the
// folder, and what the check says of the shrunk schedule.
func (c *Client) keep(t TB, whole, least fuzz.Schedule, o fuzz.Playing) (dir, text string, err error) {
	o.Keep = true
	f, err := least.Play(o)
	if f.Ensemble != nil {
		defer f.Ensemble.Close()
	}
	if err != nil {
		return "", "", err
	}
	text = f.Text
	told, err := least.Tell(&f)
	if err != nil {
		return "", text, err
	}
	if dir, err = c.folder(t, f.Property); err != nil {
		return "", text, err
	}
	why := ""
	if told.Why != nil {
		why = told.Why.String()
	}
	page, err := pageOf(&least, told.Trace)
	if err != nil {
		return dir, text, err
	}
	for _, file := range []struct{ name, text string }{
		{"schedule", scheduleText(&whole, &least, &f)},
		{"why.txt", why},
		{"diagram.md", fmt.Sprintf("# %s\n\n%s\n\n```mermaid\n%s```\n", f.Property, f.Text,
			told.Drawing)},
		{"trace.ndjson", string(told.Trace)},
		{"page.html", page},
	} {
		if file.text == "" { // the page of a run that is too long
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, file.name), []byte(file.text), 0o644); err != nil {
			return dir, text, err
		}
	}
	return dir, text, nil
}

// pageOf returns the page of a run, to step through; "" if the run is too long for one.
func pageOf(s *fuzz.Schedule, trace []byte) (string, error) {
	p := web.Page{Title: s.Title(), Trace: trace, WhyNot: "This run comes from a Go test, not " +
		"from a document: edit the schedule, and play it with fuzztest.Run."}
	text, err := p.Bytes()
	if errors.Is(err, web.ErrTooLarge) {
		return "", nil
	}
	return string(text), err
}

// folder makes the folder of a failure: in Client.Folder, in the test's artifact directory if that
// is kept, or a new temporary one.
func (c *Client) folder(t TB, property string) (string, error) {
	dir := c.Folder
	if dir == "" && artifacts() {
		if a, ok := t.(interface{ ArtifactDir() string }); ok {
			dir = a.ArtifactDir()
		}
	}
	if dir == "" {
		return os.MkdirTemp("", "fuzztest-"+property+"-")
	}
	dir = filepath.Join(dir, "fuzztest-"+property)
	return dir, os.MkdirAll(dir, 0o755)
}

// artifacts reports whether the tests keep their artifacts: without go test -artifacts, the
// artifact directory is removed when the test ends.
func artifacts() bool {
	f := flag.Lookup("test.artifacts")
	return f != nil && f.Value.String() == "true"
}

// scheduleText is the shrunk schedule, and as a comment the one that was played first.
func scheduleText(whole, least *fuzz.Schedule, f *fuzz.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n# %s\n# Play it in a test: fuzztest.Run(t, fuzztest.Parse(text), client)\n",
		f.Property, strings.ReplaceAll(f.Text, "\n", " "))
	b.WriteString(least.String())
	b.WriteString("# Before shrinking:\n")
	for line := range strings.Lines(whole.String()) {
		b.WriteString("#   " + line)
	}
	return b.String()
}
