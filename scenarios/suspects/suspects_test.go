package suspects

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/guest"
)

// opened opens each server once for all tests.
var opened = map[string]func() (*Suspect, error){}

func init() {
	for _, k := range kinds {
		opened[k.Engine] = sync.OnceValues(func() (*Suspect, error) {
			return k.Open(context.Background(), "", guest.Source{}, nil)
		})
	}
}

func openSuspect(t testing.TB, engine string) *Suspect {
	t.Helper()
	e, err := opened[engine]()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// newSuspect returns hashicorp/raft.
func newSuspect(t testing.TB) *Suspect {
	t.Helper()
	return openSuspect(t, "raft")
}

// TestFrom: a batch says which version or folder it played, and a folder has a slash.
func TestFrom(t *testing.T) {
	for want, from := range map[string]guest.Source{ // order: independent
		"raft": {}, "raft@v1.7.3": {Version: "v1.7.3"}, "raft@../my-raft": {Dir: "../my-raft"},
		"raft@./my-raft": {Dir: "my-raft"},
	} {
		b, err := fuzz.Run(1, 0, fuzz.Options{Engine: &Suspect{Kind: Find("raft"), from: from}})
		if err != nil || b.Engine != want {
			t.Errorf("%+v: %q, %v: want %q", from, b.Engine, err, want)
		}
	}
}

// Each bug in the server around a library is convicted, by a check that fits it.
func TestPlantedBugs(t *testing.T) {
	for _, k := range kinds {
		for bug, properties := range map[string]string{ // order: independent
			"term": "VoteDurable ElectionSafety", "vote": "OneVote VoteDurable ElectionSafety",
			"ack": "AppendDurable AckedDurable",
		} {
			t.Run(k.Engine+"/"+bug, func(t *testing.T) { convict(t, k.Engine, bug, properties) })
		}
	}
}

func convict(t *testing.T, engine, bug, properties string) {
	e, found := openSuspect(t, engine), false
	b, err := fuzz.Run(1, 200, fuzz.Options{
		Engine: e, Bug: bug, Whole: true, Workers: 1,
		Tell: func(b *fuzz.Batch) { found = b.Broken > 0 },
		Stop: func() bool { return found },
	})
	if err != nil || !found {
		t.Fatalf("not convicted in %d seeds: %v", b.Done, err)
	}
	f := &b.Failures[0]
	t.Logf("seed %d, %s", f.Seed, f.Text)
	if !strings.Contains(properties, f.Property) {
		t.Errorf("convicted of %s: %s", f.Property, f.Text)
	}
	again, err := f.Generated.Play(fuzz.Playing{Engine: e})
	if err != nil || again.Property != f.Property || again.Text != f.Text {
		t.Errorf("played again: %s: %s, %v", again.Property, again.Text, err)
	}
}

// What a server sends after a later term is on its disk is safe, although it does not hold any more:
// see VoteDurable and AppendDurable of package trial. In each schedule these checks broke once.
func TestOvertaken(t *testing.T) {
	for _, name := range []string{"overtaken-vote", "overtaken-entry"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := fuzz.Parse(name, string(text))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Play(fuzz.Playing{Engine: openSuspect(t, "etcd-raft")})
		if err != nil || r.Property != "" || r.Succeeded == 0 {
			t.Errorf("%s: %s: %s, %v", name, r.Property, r.Text, err)
		}
	}
}

// A schedule for Raft can be written and read, and its run can be told. Without its engine it is not
// played.
func TestText(t *testing.T) {
	e := newSuspect(t)
	s := fuzz.Generate(1)
	e.Adapt(&s)
	text := s.String()
	again, err := fuzz.Parse("schedule", text)
	if err != nil || again.String() != text {
		t.Fatalf("%v\n%s\nis read as\n%s", err, text, again.String())
	}
	for _, word := range []string{"PROPOSAL", "NEWLEADER", "UPTODATE", "observers=1"} {
		if strings.Contains(text, word) {
			t.Errorf("%s is not of Raft:\n%s", word, text)
		}
	}
	if _, err := s.Play(fuzz.Playing{}); err == nil || !strings.Contains(err.Error(), "--engine raft") {
		t.Errorf("without its engine: %v", err)
	}
	s.Length = s.Length / 10
	s.Bug = "ack"
	r, err := s.Play(fuzz.Playing{Engine: e, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	told, err := s.Tell(&r)
	if err == nil && (told.Why == nil || len(told.Why.Signs) > 0 || told.Why.First != nil) {
		t.Errorf("a run of Raft is explained by rules of ZooKeeper: %+v", told.Why)
	}
	if err != nil || r.Property == "" || !strings.Contains(string(told.Trace), r.Property) ||
		!strings.Contains(told.Drawing, "APPEND") {
		t.Errorf("%v, %s:\n%s\n%s", err, r.Property, told.Drawing, told.Trace[max(0, len(told.Trace)-2000):])
	}
}

// TestMessages: every message that schedules name has its place in each library.
func TestMessages(t *testing.T) {
	for _, k := range kinds {
		checkMessages(t, &Suspect{Kind: k})
	}
}

func checkMessages(t *testing.T, e *Suspect) {
	for seed := uint64(1); seed <= 300; seed++ {
		s := fuzz.Generate(seed)
		e.Adapt(&s)
		for _, f := range s.Plan {
			for _, m := range []string{f.Message, f.When.Arg, f.When.After.Arg} {
				if _, zookeeper := messages[m]; zookeeper && e.message(m) != m {
					t.Fatalf("%s, seed %d: %s", e.Engine, seed, f)
				}
			}
		}
	}
}
