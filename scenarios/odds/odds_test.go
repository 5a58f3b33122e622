package odds

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// stairs plays runs that have the outcome if a later step than one of the stairs is shared: from
// each stair on, more seeds have it.
func stairs(list map[int64]uint64) func(sim.Resample) (bool, error) {
	return func(r sim.Resample) (bool, error) {
		lucky := uint64(0)
		for step, n := range list {
			if r.Step >= step {
				lucky = max(lucky, n)
			}
		}
		return r.Seed <= lucky, nil
	}
}

func TestMeasureFindsTheSteps(t *testing.T) {
	for _, c := range []struct {
		name          string
		stairs        map[int64]uint64
		turn, certain int64
		before, after int
		miss          int64
		chance        bool
	}{
		{"one step decides", map[int64]uint64{613: 20}, 613, 613, 0, 20, 612, false},
		{"a little luck, then certain", map[int64]uint64{0: 3, 500: 17, 900: 20}, 500, 900, 3, 17, 899, false},
		{"the last step decides", map[int64]uint64{0: 1, 1000: 20}, 1000, 1000, 1, 20, 999, false},
		{"never certain", map[int64]uint64{0: 2, 77: 19}, 77, 0, 2, 19, 1000, false},
		{"nothing decides", map[int64]uint64{0: 20}, 0, 1, 0, 0, 0, false},
		{"every run has it but one", map[int64]uint64{0: 19, 2: 20}, 2, 2, 19, 20, 1, true},
	} {
		got, err := Measure(1, 1000, Options{}, stairs(c.stairs))
		if err != nil {
			t.Fatal(err)
		}
		if got.Turn != c.turn || got.Certain != c.certain || got.Before.Happened != c.before ||
			got.After.Happened != c.after || c.turn > 0 && !got.Exact {
			t.Errorf("%s: turn %d, certain %d, %v then %v, exact %v", c.name, got.Turn, got.Certain,
				got.Before, got.After, got.Exact)
		}
		if miss := got.Miss; (miss == nil) != (c.miss == 0) || miss != nil && miss.Step != c.miss {
			t.Errorf("%s: the nearest run without it is %v, want step %d", c.name, miss, c.miss)
		}
		if got.Runs > 1200 {
			t.Errorf("%s: %d runs", c.name, got.Runs)
		}
		says := strings.Join((&Told{Curve: got}).Sentences(), " ")
		if got.Chance() != c.chance || strings.Contains(says, "is not known") != c.chance ||
			strings.Contains(says, "The step that mattered most is") != (c.turn > 0 && !c.chance) {
			t.Errorf("%s: chance: %v: %s", c.name, got.Chance(), says)
		}
	}
}

// TestFisher: values of Fisher's exact test that R computes.
func TestFisher(t *testing.T) {
	for _, c := range []struct {
		a, b Point
		want float64
	}{
		{Point{0, 8, 10}, Point{0, 1, 6}, 0.03497},
		{Point{0, 3, 4}, Point{0, 1, 4}, 0.48571},
		{Point{0, 5, 5}, Point{0, 5, 5}, 1},
	} {
		if got := fisher(c.a, c.b); math.Abs(got-c.want) > 1e-5 || math.Abs(fisher(c.b, c.a)-got) > 1e-9 {
			t.Errorf("%v and %v: %.5f, not %.5f", c.a, c.b, got, c.want)
		}
	}
}

func TestIndexIsTheInverseOfPlace(t *testing.T) {
	for i := range int64(10_000) {
		if got := trace.Index(trace.Place(i)); got != i {
			t.Fatalf("event %d is at %d in the trace, which is %d", i, trace.Place(i), got)
		}
	}
}

func TestMeasureKeepsItsBounds(t *testing.T) {
	got, err := Measure(1, 1_000_000, Options{Most: 400}, stairs(map[int64]uint64{777_777: 20}))
	if err != nil || got.Runs > 400 || got.Exact {
		t.Errorf("%v: %d runs, exact %v", err, got.Runs, got.Exact)
	}
	if got.Before.Step >= 777_777 || got.Turn < 777_777 {
		t.Errorf("the step lies between %d and %d", got.Before.Step, got.Turn)
	}
	stopped, err := Measure(1, 1000, Options{Played: func(n int) bool { return n < 50 }},
		stairs(map[int64]uint64{500: 20}))
	if err != nil || !stopped.Cut || stopped.Runs != 50 || len(stopped.Points) != 2 {
		t.Errorf("%v: cut %v after %d runs and %d points", err, stopped.Cut, stopped.Runs,
			len(stopped.Points))
	}
	for last := int64(1); last < 4; last++ { // fewer steps than points
		c, err := Measure(1, last, Options{}, stairs(map[int64]uint64{last: 20}))
		if err != nil || len(c.Points) != int(last) || c.Certain != last {
			t.Errorf("%v: %d steps give %d points, certain at %d", err, last, len(c.Points), c.Certain)
		}
	}
}

func TestMeasureIsTheSameWithAnyWorkers(t *testing.T) {
	var mu sync.Mutex
	var first string
	for workers := 1; workers < 5; workers++ {
		calls := 0
		c, err := Measure(1, 5000, Options{Workers: workers}, func(r sim.Resample) (bool, error) {
			mu.Lock()
			calls++
			mu.Unlock()
			return stairs(map[int64]uint64{0: 5, 4000: 20})(r)
		})
		if err != nil || calls != c.Runs {
			t.Fatalf("%v: %d calls, %d runs", err, calls, c.Runs)
		}
		told := Told{Curve: c}
		text := strings.Join(told.Sentences(), "\n") + told.Draw(30)
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("%d workers: %s\nwant %s", workers, text, first)
		}
	}
}

// compiled returns a chapter of the book, compiled.
func compiled(t *testing.T, name string) *script.Script {
	t.Helper()
	for _, c := range book.Chapters() {
		if !strings.Contains(c.Name, name) {
			continue
		}
		doc, err := diagram.Parse(c.Name, c.Text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := script.Compile(doc, script.Options{Strict: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Fatal("no chapter " + name)
	return nil
}

// The race of chapter 2 is luck, and its odds end in certainty. The nearest run without the outcome
// shares every event up to its step, and has another winner.
func TestRace(t *testing.T) {
	s := compiled(t, "first-one-wins")
	d, err := OfDocument(s, "C leads", scenarios.Options{}, Options{Seeds: 10})
	if err != nil {
		t.Fatal(err)
	}
	if d.Certain == 0 || d.Miss == nil || d.Points[0].Happened == d.Points[0].Runs {
		t.Fatalf("%s", strings.Join((&Told{d.Curve, d.Events}).Sentences(), "\n"))
	}
	seed := d.Seed
	text, err := TraceOf(s, scenarios.Options{Seed: &seed, Resample: *d.Miss, ResampleWorld: d.World},
		d.World)
	if err != nil {
		t.Fatal(err)
	}
	other, err := trace.Read("other", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Miss.Step + 1 {
		if a, b := d.Events[i], other.Events[i]; a.Say != b.Say || a.T != b.T || a.N != b.N {
			t.Fatalf("step %d is %q, not %q", i, b.Say, a.Say)
		}
	}
	again, err := scenarios.Replay(s, scenarios.Options{Seed: &seed, Keep: true, Resample: *d.Miss,
		ResampleWorld: d.World})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(again)
	if d.Outcome.In(again) {
		t.Error("the nearest run without the outcome has it")
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct{ chapter, of, says string }{
		{"two-leaders", "", "two clients believe"},
		{"stale-reads", "", "a stale state"},
		{"the-leader-dies", "", "B believes"},
		{"the-leader-dies", "S3 leads", "S3 leads the ensemble"},
		{"two-leaders", "two believed to lead", "two clients"},
	} {
		d, err := OfDocument(compiled(t, c.chapter), c.of, scenarios.Options{},
			Options{Seeds: 2, Points: 3, Most: 6})
		if err != nil {
			t.Errorf("%s: %v", c.chapter, err)
			continue
		}
		if !strings.Contains(d.Outcome.Says, c.says) {
			t.Errorf("%s: %q is the outcome %q", c.chapter, c.of, d.Outcome.Says)
		}
		if p := d.Points[len(d.Points)-1]; p.Happened != p.Runs {
			t.Errorf("%s: at the end of the run, only %s have %s", c.chapter, p, d.Outcome.Says)
		}
	}
	for _, c := range []struct{ of, says string }{
		{"A leads", "does not have this outcome"}, {"Q leads", "the machines are"},
		{"line 1", "no arrow"}, {"line x", "not the number"}, {"rain", "is not an outcome"},
		{"two believed to lead", "does not have this outcome"},
	} {
		_, err := OfDocument(compiled(t, "the-leader-dies"), c.of, scenarios.Options{}, Options{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.of, err)
		}
	}
}

// An outcome is of the world that is played again, and a line that another branch leaves out did not
// happen.
func TestOutcomesAreOfTheirWorld(t *testing.T) {
	s := compiled(t, "first-one-wins")
	_, err := OfDocument(s, "A leads", scenarios.Options{}, Options{Seeds: 2, Most: 2})
	if err == nil || !strings.Contains(err.Error(), "does not have this outcome") {
		t.Errorf("A leads in the first world only: %v", err)
	}
	base, err := scenarios.Replay(s, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := &base.Diagrams[len(base.Diagrams)-1]
	won := slices.IndexFunc(last.Arrows, func(a scenarios.Arrow) bool { return a.Text == "success" })
	d, err := OfDocument(s, fmt.Sprintf("line %d", last.Arrows[won].Line), scenarios.Options{},
		Options{Seeds: 10, Most: 10})
	if err != nil || d.Points[0].Happened == 0 || d.Points[0].Happened == 10 {
		t.Errorf("%v: %v from the start", err, d)
	}
	if _, err := OfDocument(s, fmt.Sprintf("line %d", base.Diagrams[0].Arrows[0].Line),
		scenarios.Options{}, Options{}); err == nil {
		t.Error("a line of another world is measured")
	}
}

// A failure that the network's timing decides, and one that its faults alone decide.
func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		name    string
		without bool
	}{{"recipe.late-watch", false}, {"recipe.no-fence", true}} {
		text, err := os.ReadFile("../fuzz/testdata/regressions/" + c.name + ".schedule")
		if err != nil {
			t.Fatal(err)
		}
		s, err := fuzz.Parse(c.name, string(text))
		if err != nil {
			t.Fatal(err)
		}
		d, err := OfSchedule(&s, fuzz.Playing{}, Options{Seeds: 4, Points: 5, Most: 60})
		if err != nil {
			t.Fatal(err)
		}
		if d.Near == nil || (d.Without != "") != c.without || (d.Miss == nil) != c.without {
			t.Fatalf("%s: without %s: %v, the fault %q, %v", c.name, d.Property, d.Near, d.Without,
				d.Miss)
		}
		out, err := d.Near.Play(fuzz.Playing{Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		told, err := d.Near.Tell(&out)
		out.Close()
		if err != nil {
			t.Fatal(err)
		}
		other := unchecked(told.Run.Events)
		for i := range d.Events { // beyond 1,000 events, a trace counts checks too
			if d.Events[i].I != int64(i) || d.Events[i].K == "check" {
				t.Fatalf("%s: event %d is %+v", c.name, i, d.Events[i])
			}
			if d.Miss != nil && int64(i) <= d.Miss.Step && (other[i].Say != d.Events[i].Say ||
				other[i].T != d.Events[i].T) {
				t.Fatalf("%s: step %d of %d differs: %q", c.name, i, d.Miss.Step, other[i].Say)
			}
		}
		near, err := fuzz.Parse("nearest", d.Near.String())
		if err != nil || near.String() != d.Near.String() {
			t.Fatalf("%s: %v: the nearest schedule is read as\n%s\nnot\n%s", c.name, err, &near, d.Near)
		}
		if out, err := near.Play(fuzz.Playing{}); err != nil || out.Property != "" {
			t.Errorf("%s: %v: the nearest run breaks %q", c.name, err, out.Property)
		}
		s.Flaw = flaw.None
		if _, err := OfSchedule(&s, fuzz.Playing{}, Options{}); err != ErrSound {
			t.Errorf("%s: a sound run: %v", c.name, err)
		}
	}
}
