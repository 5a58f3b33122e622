package explore

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/zab/flaw"
)

// read reads a document with a story.
func read(t *testing.T, text string) *Story {
	t.Helper()
	doc, err := diagram.Parse("story.md", []byte(text))
	if err != nil || !IsStory(doc) {
		t.Fatalf("no story (%v):\n%s", err, text)
	}
	s, err := ReadStory(doc)
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return s
}

// playAgain writes the story of a result as a document, reads it, and checks that playing it
// comes to the same end, and that its trace is one.
func playAgain(t *testing.T, r *Result) {
	t.Helper()
	s := read(t, r.Story.Document("A title", "A paragraph."))
	if got, want := s.Setup, r.Setup; got != want {
		t.Errorf("the setup became %+v, from %+v", got, want)
	}
	played, err := s.Play()
	if err != nil || played.Refused != nil || len(played.Steps) != len(r.Steps) {
		t.Fatalf("%s: %v, refused: %v", r.Sentence(), err, played.Refused)
	}
	for i := range r.Steps {
		if got, want := played.Steps[i], r.Steps[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("step %d is %+v, not %+v", i+1, got, want)
		}
	}
	if r.Setup.Rest {
		return // that no continuation helps is known only to the search
	}
	if (played.Broken == nil) != (r.Broken == nil) ||
		r.Broken != nil && *played.Broken != *r.Broken {
		t.Errorf("it breaks %v, not %v", played.Broken, r.Broken)
	}
	run := traceOf(t, played)
	if r.Broken != nil && (len(run.End.Broken) != 1 ||
		run.Events[run.End.Broken[0].Step].K != "violation") {
		t.Errorf("the trace does not show what is broken: %+v", run.End.Broken)
	}
	if len(run.End.Drawn[0].Rows) != len(r.Steps) {
		t.Errorf("%d rows for %d steps", len(run.End.Drawn[0].Rows), len(r.Steps))
	}
}

// traceOf writes and reads the trace of a story that was played, and compares what it shows at
// its end with what the servers say.
func traceOf(t *testing.T, p *Played) *trace.Run {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteTrace(&b, "A title"); err != nil {
		t.Fatal(err)
	}
	run, err := trace.Read("story", &b)
	if err != nil {
		t.Fatal(err)
	}
	state := trace.NewState(run.Header.Nodes)
	sent := map[uint64]bool{}
	for i := range run.Events {
		e := &run.Events[i]
		state.Apply(e)
		switch {
		case e.K == "send":
			sent[e.M] = true
		case e.M != 0 && !sent[e.M]:
			t.Errorf("message %d is in transit, and was not sent, or arrived before", e.M)
		case e.M != 0:
			delete(sent, e.M)
		}
	}
	for i := range state.Nodes {
		n := &state.Nodes[i]
		if down := strings.HasSuffix(p.Servers[i], " down"); down != (n.Role == "down") {
			t.Errorf("%s is %s in the trace: %s", n.ID, n.Role, p.Servers[i])
		} else if !down && p.tracer.world.asserted != i+1 &&
			!strings.HasSuffix(p.Servers[i], " applied "+n.Com) {
			t.Errorf("%s has applied %s in the trace: %s", n.ID, n.Com, p.Servers[i])
		}
	}
	return run
}

// Each field of a setup that changes what happens can be written in a document.
func TestSettings(t *testing.T) {
	fields := reflect.TypeFor[Setup]()
	want := 0
	for i := range fields.NumField() {
		if name := fields.Field(i).Name; !slices.Contains([]string{"Name", "Says", "Rest",
			"leaveOut"}, name) {
			want++
		}
	}
	if len(settings) != want {
		t.Errorf("%d settings for %d fields", len(settings), want)
	}
	values := map[string]string{"flaw": "none", "disks": "a,ab,a,a", "oracle": "true"}
	for _, x := range settings {
		value, ok := values[x.key]
		if !ok {
			value = "3"
		}
		var s Setup
		if x.set(&s, value) != nil {
			value = "true"
			if err := x.set(&s, value); err != nil {
				t.Errorf("%s: %v", x.key, err)
			}
		}
		if x.get(&s) != value {
			t.Errorf("%s=%s became %s", x.key, value, x.get(&s))
		}
		if x.key != "disks" && x.set(&s, "nonsense") == nil {
			t.Errorf("%s=nonsense is accepted", x.key)
		}
	}
}

// A step that is not possible ends the run, and what is possible is told.
func TestStoryIsRefused(t *testing.T) {
	text := `
sequenceDiagram
    %% lab: explore=oracle
    participant S1
    Note over S1,S3: S1 and S3 elect S3
    S2->>S1: NEWLEADER 1/0
    Note over S1: restarts
`
	p, err := read(t, "```mermaid"+text+"```\n").Play()
	if err != nil || p.Refused == nil || p.Refused.Pos.Line != 6 || len(p.Steps) != 1 {
		t.Fatalf("%v %+v", err, p)
	}
	if len(p.Possible) == 0 || !slices.ContainsFunc(p.Possible, func(l Line) bool {
		return l.String() == "S1->>S3: FOLLOWERINFO 0/0"
	}) {
		t.Errorf("possible: %v", p.Possible)
	}
	traceOf(t, p)
}

// What is wrong with a document is said, all at once, with its place.
func TestBadStories(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"%% lab: explore=nowhere\n", "4:13: explore=nowhere: no such setup"},
		{"%% lab: explore=oracle crashes=many flaw=x\n", "crashes=many: must be a whole number"},
		{"%% lab: explore=oracle crashes=many flaw=x\n", "flaw=x: no such flaw"},
		{"%% lab: explore=oracle seed=7\n", "seed: unknown word of a story"},
		{"%% lab: explore=oracle servers=99\n", "99 servers and 0 observers"},
		{"%% lab: explore=oracle\n    %% lab: crashes=1\n", "5:5: a story has only one line of settings"},
		{"%% lab: explore=oracle\n    S1-xS2: FOLLOWERINFO 0/0\n", "cannot lose a message"},
		{"%% lab: explore=oracle\n    S1<<->>S2: FOLLOWERINFO 0/0\n", "one direction"},
		{"%% lab: explore=oracle\n    loop twice\n    S1->>S2: x\n    end\n", "no blocks (loop)"},
		{"%% lab: explore=oracle\n```\n```mermaid\nsequenceDiagram\n    A->>B: x\n",
			"only one diagram"},
	} {
		text := "# T\n```mermaid\nsequenceDiagram\n    " + c.text + "```\n"
		doc, err := diagram.Parse("s.md", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadStory(doc); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// The steps that show a bug break nothing without it, or are not possible.
func TestStoryWithoutItsFlaw(t *testing.T) {
	for _, f := range []flaw.Flaw{flaw.AckBeforeFsync, flaw.EpochAtUpToDate, flaw.AckBeforePersist} {
		s := setup(t, "oracle")
		s.Flaw = f
		_, r := search(t, s, Options{})
		sound := *r.Story
		sound.Setup.Flaw = flaw.None
		if p, err := sound.Play(); err != nil || p.Broken != nil {
			t.Errorf("%v: %v, broken: %v", f, err, p.Broken)
		}
	}
}

// A search that begins after the first steps of a shortest story finds the rest of it.
func TestSearchFromStory(t *testing.T) {
	s := setup(t, "oracle")
	s.Flaw = flaw.AckBeforeFsync
	_, whole := search(t, s, Options{})
	for _, given := range []int{1, 5, len(whole.Steps) - 1} {
		from := *whole.Story
		from.Lines = from.Lines[:given]
		x, r := search(t, s, Options{From: &from, Check: true})
		if r.Broken == nil || *r.Broken != *whole.Broken || len(r.Steps) != len(whole.Steps) ||
			r.Given != given || r.States >= whole.States || r.Differs != "" {
			t.Errorf("after %d steps: %s %s", given, r.Sentence(), r.Differs)
		}
		playAgain(t, r)
		if x.spent != 0 {
			t.Errorf("something is spent: %x", x.spent)
		}
	}
	from := *whole.Story
	if _, err := New(s, Options{From: &from}); err == nil ||
		!strings.Contains(err.Error(), "the steps break EpochCurrency") {
		t.Errorf("after a violation: %v", err)
	}
	from.Lines = append([]Line{{From: "S1", To: "S2", Text: "UPTODATE"}}, from.Lines...)
	if _, err := New(s, Options{From: &from}); err == nil ||
		!strings.Contains(err.Error(), "not possible: S1->>S2: UPTODATE") {
		t.Errorf("after an impossible step: %v", err)
	}
}

// What the given steps have used of the bounds stays used.
func TestStoryUsesBounds(t *testing.T) {
	s := setup(t, "crash")
	w := newWorld(&s, newWords())
	choices := w.choices()
	lines := w.lines(choices)
	at := slices.IndexFunc(lines, func(l Line) bool { return l.Text == "crashes" })
	from := &Story{Setup: s, Lines: lines[at : at+1]}
	_, r := search(t, s, Options{From: from})
	if !r.Complete || r.Broken != nil || r.Given != 1 {
		t.Errorf("%s", r.Sentence())
	}
	o := Options{From: from, Goal: goal(t, "S1 down and S2 down", &s)}
	if _, r := search(t, s, o); r.Reached || !r.Complete {
		t.Errorf("a second crash: %s", r.Sentence())
	}
}
