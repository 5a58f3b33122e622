package scenarios_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/audit"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// play compiles and plays a text.
func play(t *testing.T, name, text string, o scenarios.Options) *scenarios.Result {
	t.Helper()
	o.Strict = true
	r, err := try(name, text, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func try(name, text string, o scenarios.Options) (*scenarios.Result, error) {
	doc, err := diagram.ParseStrict(name, []byte(text))
	if err != nil {
		return nil, err
	}
	s, err := script.Compile(doc, o.Options)
	if err != nil {
		return nil, err
	}
	return scenarios.Replay(s, o)
}

func document(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "documents", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sound fails the test if a promised property does not hold.
func sound(t *testing.T, r *scenarios.Result) {
	t.Helper()
	for i := range r.Diagrams {
		d := &r.Diagrams[i]
		if d.Failure != nil {
			t.Errorf("%s:%d: seed %#x: %v", r.Name, d.Line, d.FailureSeed, d.Failure)
		}
		for _, c := range d.Checks {
			if c.Promised && c.Verdict != lin.Linearizable {
				t.Errorf("%s:%d: %s is %s: %s", r.Name, d.Line, c.Name, c.Verdict, c.Text)
			}
		}
	}
}

func runs(n int) int {
	if testing.Short() {
		return n / 20
	}
	return n
}

// TestRaceWithCrashes: leaders of the application and of the ensemble crash or lose power in the
// middle of races. Every promised property holds, and every run recovers after healing.
func TestRaceWithCrashes(t *testing.T) {
	text := document(t, "race-with-crashes.md")
	for _, servers := range []string{"3", "5"} {
		r := play(t, "race-with-crashes.md", text, scenarios.Options{
			Options: script.Options{Set: []script.Setting{{Key: "servers", Value: servers}}},
			Seeds:   runs(1000),
		})
		sound(t, r)
		d := &r.Diagrams[0]
		if n := len(d.Checks); n < 18 || d.Checks[n-1].Name != judge.CheckLive {
			t.Errorf("checks: %v", d.Checks)
		}
		// The runs are interesting: some creates were lost with their server, some were not.
		lost, kept := 0, 0
		for _, a := range d.Arrows[:3] {
			lost += a.Counts[scenarios.Different]
			kept += a.Counts[scenarios.AsDrawn] + a.Counts[scenarios.Later]
		}
		if lost == 0 || kept == 0 {
			t.Errorf("%s servers: %d creates were lost with the leader, %d were not: too dull",
				servers, lost, kept)
		}
		for _, a := range d.Arrows {
			if a.Counts[scenarios.Never] > 0 {
				t.Errorf("%s servers: line %d: %s: never, with seed %#x: %s", servers, a.Line,
					a.Text, a.Seed, a.Instead)
			}
		}
	}
}

// TestBook: every chapter plays as its author expects, with many seeds.
func TestBook(t *testing.T) {
	for _, c := range book.Chapters() {
		r := play(t, c.Name, string(c.Text), scenarios.Options{Seeds: runs(100)})
		sound(t, r)
		for i := range r.Diagrams {
			for _, a := range r.Diagrams[i].Arrows {
				if a.Surprise() || a.Expect != "" &&
					a.Counts[scenarios.Verdict(a.Expect)] != r.Done {
					t.Errorf("%s:%d: %s: %v (seed %#x: %s)", c.Name, a.Line, a.Text, a.Counts,
						a.Seed, a.Instead)
				}
			}
		}
	}
}

// TestTutorial: the original tutorial plays verbatim. Its second diagram continues where the first
// ended, and the expiry of a session delays the notification.
func TestTutorial(t *testing.T) {
	b, err := os.ReadFile("../../shared/tutorial/zookeeper-election.txt")
	if err != nil {
		t.Skip("the tutorial's text is not part of this checkout: ", err)
	}
	r := play(t, "zookeeper-election.txt", string(b), scenarios.Options{})
	sound(t, r)
	if len(r.Diagrams) != 2 || r.Diagrams[0].Verdict != scenarios.AsDrawn ||
		r.Diagrams[1].Verdict != scenarios.Later {
		t.Fatalf("%d diagrams", len(r.Diagrams))
	}
	for _, a := range r.Diagrams[1].Arrows {
		want := scenarios.AsDrawn
		switch {
		case strings.Contains(a.Text, "Crashes"):
			want = scenarios.Applied
		case strings.Contains(a.Text, "TCP drops"), strings.Contains(a.Text, "notification"):
			want = scenarios.Later
			if len(a.Omitted) != 1 || a.Omitted[0].What != scenarios.OmittedExpiry ||
				!strings.Contains(a.Omitted[0].Say, "timeout is 4s") {
				t.Errorf("line %d: omitted: %v", a.Line, a.Omitted)
			}
		}
		if a.Verdict != want {
			t.Errorf("line %d: %s: %s, want %s: %s", a.Line, a.Text, a.Verdict, want, a.Instead)
		}
	}
	// In the world of the tutorial, a session ends with its connection.
	r = play(t, "zookeeper-election.txt", string(b),
		scenarios.Options{Options: script.Options{Set: []script.Setting{{Key: "expiry",
			Value: "disconnect"}}}})
	sound(t, r)
	if r.Diagrams[1].Verdict != scenarios.AsDrawn {
		t.Errorf("with expiry=disconnect: %s", r.Diagrams[1].Verdict)
	}
}

// TestViolationIsNamed: a server that takes itself for a quorum breaks an invariant at once. The
// run stops there, and the result names the invariant, the values, the step and the seed that
// repeats the run.
func TestViolationIsNamed(t *testing.T) {
	text := "sequenceDiagram\nA->>ZK: create /x\nZK-->>A: ok\n"
	r := play(t, "x.md", text, scenarios.Options{Seeds: 3,
		Tweak: func(id zab.ID, c *server.Config) {
			if id == 3 {
				c.Peer.Voters = zab.SetOf(3)
			}
		}})
	d := &r.Diagrams[0]
	var v *audit.Violation
	if !errors.As(d.Failure, &v) || v.Name != "PromiseQuorum" || d.FailureSeed != 1 {
		t.Fatalf("failure %v, seed %#x", d.Failure, d.FailureSeed)
	}
	for _, part := range []string{"safety: PromiseQuorum broken at step ", "t=0.", "1 of 3"} {
		if !strings.Contains(v.Error(), part) {
			t.Errorf("%q does not say %q", v, part)
		}
	}
	if c := d.Checks[0]; c.Name != judge.CheckInvariants || c.Verdict != lin.Broken || !c.Promised {
		t.Errorf("check %+v", c)
	}
}

// FuzzReplay: any document is read and played, or refused with a position; nothing panics. The inputs
// are small, and their runs short, so that a minute plays thousands of them.
func FuzzReplay(f *testing.F) {
	for _, text := range smallDocuments(f) {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, strict bool) {
		if len(text) > mostFuzzed {
			return
		}
		_, err := try("x.md", text, scenarios.Options{Options: script.Options{Strict: strict,
			Race: !strict}, Until: scenarios.Until{At: 15 * sim.Second}})
		var e *diagram.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("an error without a place: %v", err)
		}
	})
}

// mostFuzzed is the length in bytes of the longest document that is played.
const mostFuzzed = 700

// smallDocuments returns the first small document of each file in testdata/play.
func smallDocuments(f *testing.F) (list []string) {
	files, err := os.ReadDir("testdata/play")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(filepath.Join("testdata/play", file.Name()))
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(b), "\nplay") {
			_, text, _ := strings.Cut(part, "\n")
			text, _, whole := strings.Cut(text, "----")
			if whole && len(text) <= mostFuzzed/2 {
				list = append(list, text)
				break
			}
		}
	}
	return list
}

// TestWritesAtOnce: of two concurrent writes, each arrow has the outcome of its own. A bug once
// gave both arrows the first answer.
func TestWritesAtOnce(t *testing.T) {
	text := `sequenceDiagram
%% lab: resource=DB
A->>ZK: create /a (ephemeral)
B->>ZK: create /b (ephemeral)
par
  A->>DB: write x
and
  B->>DB: write y
end
DB-->>A: ok
DB-->>B: ok
`
	for seed := range uint64(20) {
		r := play(t, "x.md", text, scenarios.Options{Seeds: 1, Seed: &seed})
		sound(t, r)
		told := make(map[string]string)
		for _, a := range r.Diagrams[0].Arrows {
			switch a.Kind {
			case script.Write:
				told[a.From] = a.Answer
			case script.Reply:
				if a.From == "DB" && (a.Answer == "" || told[a.To] != a.Answer) {
					t.Errorf("seed %d: %s's write has the answer %q, and the arrow says %q", seed,
						a.To,
						told[a.To], a.Answer)
				}
			}
		}
		if told["A"] == told["B"] {
			t.Errorf("seed %d: both writes have the answer %q", seed, told["A"])
		}
	}
}

// TestFencing: a client that was paused for longer than its session timeout writes again. A
// resource without fencing accepts the write, a fenced one refuses it.
func TestFencing(t *testing.T) {
	text := `sequenceDiagram
%% lab: resource=DB
A->>ZK: create /leader (ephemeral)
A->>DB: write
Note over A: pauses 20s
Note over ZK: A's session expires
B->>ZK: create /leader (ephemeral)
B->>DB: write
A->>DB: write
`
	for _, c := range []struct {
		text     string
		verdict  lin.Answer
		promised bool
	}{
		{text, lin.Broken, false},
		{strings.Replace(text, "resource=DB", "resource=DB fenced", 1), lin.Linearizable, true},
		{strings.ReplaceAll(text, "create /leader", "multi create /leader"), lin.Broken, false},
	} {
		r := play(t, "x.md", c.text, scenarios.Options{Seeds: runs(40)})
		sound(t, r)
		found := false
		for _, k := range r.Diagrams[0].Checks {
			if k.Name == judge.CheckFencing {
				found = true
				if k.Verdict != c.verdict || k.Promised != c.promised {
					t.Errorf("%+v", k)
				}
			}
		}
		if !found {
			t.Error("nobody has looked at the resource")
		}
	}
}

// TestLongestWait: the verdict of a shortened wait says so, and Doing is called for every arrow and
// note.
func TestLongestWait(t *testing.T) {
	var told []string
	r := play(t, "x.md", "sequenceDiagram\nparticipant ZK as ZooKeeper\nA->>ZK: create /x\nNote "+
		"over A: 1h passes\nNote over A: 2s pass\nZK-->>A: ok\n", scenarios.Options{
		LongestWait: 3 * sim.Second,
		Doing: func(line int, text string) {
			told = append(told, fmt.Sprintf("%d %s", line,
				text))
		},
	})
	hour, two := &r.Diagrams[0].Arrows[1], &r.Diagrams[0].Arrows[2]
	if hour.Whom != "shortened to 3.00s" || two.Whom != "" || two.At-hour.At != 2*sim.Second ||
		hour.At > 4*sim.Second {
		t.Errorf("an hour: %+v, and two seconds: %+v", hour, two)
	}
	if want := []string{"3 create /x", "4 1h passes", "5 2s pass", "6 ok"}; !slices.Equal(told,
		want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// TestNoTrace: for a run with only a story, WriteTrace returns an error that says why.
func TestNoTrace(t *testing.T) {
	w := scenarios.World{Name: "x.md"}
	if err := w.WriteTrace(io.Discard); err == nil || !strings.Contains(err.Error(), "x.md") {
		t.Errorf("%v", err)
	}
	if events, err := w.Events(); err != nil || len(events) > 0 {
		t.Errorf("%v %v", events, err)
	}
	w.Close()
}
