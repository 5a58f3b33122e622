package atlas

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

func chapter(t *testing.T, name string) *diagram.Document {
	t.Helper()
	c, ok := book.Find(name)
	if !ok {
		t.Fatalf("no chapter %s", name)
	}
	d, err := diagram.Parse(c.Name, c.Text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func play(t *testing.T, o Options) *Atlas {
	t.Helper()
	a, err := Play(chapter(t, "the-leader-dies"), o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What a crash of the ensemble's leader does to chapter 3 depends on the moment: at the end nothing,
// in the middle of a write its outcome is unknown, and no check ever breaks.
func TestTheLeaderDiesAtEveryMoment(t *testing.T) {
	a := play(t, Options{Fault: Crash, Who: []string{Leading}, Most: 150})
	w := &a.Worlds[0]
	r := &w.Rows[0]
	if a.Every < 2 || len(r.Cells) > 150 || a.Runs == 0 {
		t.Errorf("%d moments, every %d, %d runs", len(r.Cells), a.Every, a.Runs)
	}
	if a.Count(Broken)+a.Count(Refused) > 0 {
		t.Errorf("%d checks are broken, %d runs refused", a.Count(Broken), a.Count(Refused))
	}
	for _, o := range []Outcome{Down, Same, Leader, Unknown, Lost} {
		if a.Count(o) == 0 {
			t.Errorf("no moment has the outcome %q", o)
		}
	}
	if first := r.Cells[0]; first.Outcome != Down || first.Plan != "" {
		t.Errorf("before any server leads: %+v", first)
	}
	if last := r.Cells[len(r.Cells)-1]; last.Outcome != Same {
		t.Errorf("after the last line: %+v", last)
	}
	n := 0
	for _, s := range r.Stretches() {
		n += s.Moments
		if s.Outcome == Unknown && (s.First.Line == 0 || !strings.Contains(s.First.Says, "create")) {
			t.Errorf("an unknown outcome of %q in line %d", s.First.Says, s.First.Line)
		}
	}
	if n != len(r.Cells) {
		t.Errorf("the stretches have %d moments of %d", n, len(r.Cells))
	}
}

// A cell is what its own plan gives, and up to its step the run is the one without the fault.
func TestACellIsARun(t *testing.T) {
	doc := chapter(t, "the-leader-dies")
	a := play(t, Options{Fault: Power, Who: []string{"S3", "A"}, Most: 12})
	s, err := script.Compile(doc, script.Options{})
	if err != nil {
		t.Fatal(err)
	}
	base, err := scenarios.Replay(s, scenarios.Options{Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	records := base.Worlds[0].Ensemble.World.Records()
	played := 0
	for _, r := range a.Worlds[0].Rows {
		for _, c := range r.Cells {
			if c.Plan == "" {
				continue
			}
			f, err := sim.ParseFault(c.Plan)
			if err != nil {
				t.Fatal(err)
			}
			got, err := scenarios.Replay(s, scenarios.Options{Keep: true, Plan: sim.Plan{f}})
			if err != nil {
				t.Fatal(err)
			}
			if again := compare(base, got, 0, len(got.Diagrams)); again != c.Came {
				t.Errorf("%s: %+v, in the atlas %+v", c.Plan, again, c.Came)
			}
			now := got.Worlds[0].Ensemble.World.Records()
			for i := range c.Step + 1 {
				if x, y := records[i], now[i]; x.At != y.At || x.Kind != y.Kind || x.Node != y.Node {
					t.Fatalf("%s: step %d differs", c.Plan, i)
				}
			}
			strikes := slices.IndexFunc(now, func(x sim.Record) bool {
				f, ok := x.Body.(sim.Fault)
				return ok && f.When.Trigger == sim.TriggerStep
			})
			if strikes <= int(c.Step) || now[strikes].At != records[c.Step].At {
				t.Errorf("%s strikes at record %d", c.Plan, strikes)
			}
			got.Worlds[0].Close()
			played++
		}
	}
	base.Worlds[0].Close()
	if played < 12 {
		t.Errorf("only %d runs", played)
	}
}

// Each fault, and what it is called with.
func TestFaults(t *testing.T) {
	want := map[string]string{Crash: "crash S1", Power: "power S1", Pause: "pause S1 6s",
		Cut: "split S1 | S2 S3 A B C"}
	for _, fault := range Faults() {
		a := play(t, Options{Fault: fault, Who: []string{"S1"}, Span: 6 * sim.Second, Most: 3})
		c := a.Worlds[0].Rows[0].Cells[1]
		if !strings.HasSuffix(c.Plan, " "+want[fault]) || !strings.HasPrefix(c.Plan, "at step ") {
			t.Errorf("%s: %q", fault, c.Plan)
		}
		if a.Count(Broken)+a.Count(Refused) > 0 {
			t.Errorf("%s: %d broken, %d refused", fault, a.Count(Broken), a.Count(Refused))
		}
	}
	if _, err := Play(chapter(t, "the-leader-dies"), Options{Who: []string{"S9"}}); err == nil ||
		!strings.Contains(err.Error(), "no machine S9: the machines are S1 S2 S3") {
		t.Errorf("S9: %v", err)
	}
}
