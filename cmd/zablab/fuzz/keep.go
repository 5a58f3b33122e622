package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/odds"
	"github.com/zablab/zablab/zab/flaw"
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
		files, err := explain(&x.Least, k.playing, false)
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
	fmt.Fprintf(&t, "# %s\n# %s\n# To play this schedule: zablab fuzz --schedule %s\n%s\n# Before shrinking:\n",
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

// retell plays a shrunk schedule again and keeps its records. It returns the result, with the
// events that led to each breach, and what there is to tell.
func retell(s *fuzz.Schedule, o fuzz.Playing) (r fuzz.Result, told fuzz.Told, err error) {
	o.Keep = true
	if r, err = s.Play(o); err != nil {
		return r, told, err
	}
	defer r.Close()
	told, err = s.Tell(&r, o.Mute...)
	return r, told, err
}

// pageOf returns the page of a run, with the odds of its failure, or nil for d. A run that fails
// opens where the failure shows.
func pageOf(s *fuzz.Schedule, trace []byte, d *odds.Schedule) ([]byte, error) {
	p := web.Page{Title: s.Title(), Trace: trace}
	if d != nil {
		p.Odds = d.Triples()
	}
	p.WhyNot = "The run plays a generated schedule, not a document. To change the run, edit the " +
		"schedule and run zablab fuzz --schedule FILE --html PAGE."
	return p.Bytes()
}

// atMost bounds what [oddsOf] plays for one failure.
var atMost = odds.Options{Seeds: 8, Points: 9, Most: 200}

// oddsOf measures when a failure became certain. It returns nil if there is no failure, if the
// engine is another, or if there was no time.
func oddsOf(s *fuzz.Schedule, r *fuzz.Result, told *fuzz.Told, o fuzz.Playing) (
	*odds.Schedule, error,
) {
	if r.Property == "" || s.Engine != "" {
		return nil, nil
	}
	m := atMost
	m.Workers = o.Workers
	m.Played = func(int) bool { return o.Stop == nil || !o.Stop() }
	d, err := odds.OfTold(s, r, told, o, m)
	if err != nil || len(d.Points) == 0 {
		return nil, err
	}
	return d, nil
}

// chances says in odds.txt when the failure became certain. The file nearest.schedule has the
// nearest run without it.
func chances(d *odds.Schedule) (files []named) {
	t := d.Told()
	var b bytes.Buffer
	fmt.Fprintf(&b, "The odds that any check fails, at each point of the run (in this run, %s "+
		"fails):\n\n  %s\n  %s\n\n", d.Property, t.Draw(72), t.Axis(72))
	if d.Cut {
		fmt.Fprintln(&b, "Interrupted: the figures cover only the runs before the interruption.")
	}
	for _, line := range d.Sentences() {
		fmt.Fprintln(&b, terminal.Wrap(line, 96, ""))
	}
	if d.Miss != nil {
		fmt.Fprintln(&b, "\n"+terminal.Wrap(odds.Note, 96, ""))
	}
	if d.Near != nil {
		files = append(files, named{"nearest.schedule", []byte("# The run that is most like the " +
			"failing one, but in which no check fails\n" + d.Near.String())})
		fmt.Fprintln(&b, "\nTo play the nearest run without the failure: zablab fuzz --schedule "+
			"nearest.schedule\nTo see both runs: zablab odds --schedule schedule --html odds.html")
	}
	return append(files, named{"odds.txt", b.Bytes()})
}

// explain retells a shrunk schedule in files: why the run fails, a diagram, the trace, when the
// failure became certain, and a page. For a blind reader there are only the first two, and nothing names the injected flaw.
func explain(s *fuzz.Schedule, o fuzz.Playing, blind bool) ([]named, error) {
	r, told, err := retell(s, o)
	if err != nil {
		return nil, err
	}
	shown := *s
	if blind {
		shown.Flaw = flaw.None
	}
	var text bytes.Buffer
	if told.Why != nil {
		text.WriteString(told.Why.String())
	}
	printSummary(&text, &shown, &r, o.Mute...)
	files := []named{
		{"why.txt", text.Bytes()},
		{"diagram.md", fmt.Appendf(nil, "# %s\n\n%s\n\n```mermaid\n%s```\n", r.Property, r.Text,
			told.Drawing)},
	}
	if blind {
		return files, nil
	}
	files = append(files, named{"trace.ndjson", told.Trace})
	d, err := oddsOf(s, &r, &told, o)
	if err != nil {
		return nil, err
	}
	if d != nil {
		files = append(files, chances(d)...)
	}
	page, err := pageOf(s, told.Trace, d)
	switch {
	case errors.Is(err, web.ErrTooLarge): // the trace is there, and can be cut
	case err != nil:
		return nil, err
	default:
		files = append(files, named{"page.html", page})
	}
	return files, nil
}
