package trace

import (
	"bytes"
	"strings"
	"testing"
)

func tiny(t *testing.T, says ...string) *Reader {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, &Header{Nodes: []Node{{"S1", "server", ""}}})
	for i, s := range says {
		e := Event{
			I: int64(i), T: int64(i), N: "S1", K: "note", Cause: int64(i) - 1, Say: s, Key: "k",
		}
		if s == "down" {
			e.Patch.Role = s
		}
		e.Say, e.Drawn, _ = strings.Cut(s, " | ")
		w.Add(&e)
	}
	if err := w.End(&End{}, nil); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader("tiny", &out)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Runs diverge where their events differ, but not where only a document's line number does.
func TestDiff(t *testing.T) {
	for _, c := range []struct {
		name  string
		a, b  []string
		at    int64
		equal bool
		end   int
	}{
		{"equal", []string{"x", "y"}, []string{"x", "y"}, -1, true, 0},
		{"numbers", []string{"line 7: S1"}, []string{"line 12: S1"}, -1, false, 0},
		{"a name", []string{"x", "S1 votes for S1"}, []string{"x", "S1 votes for S2"}, 1, false, 0},
		{"what is written", []string{`A asks: set /x | set /x to "5"`},
			[]string{`A asks: set /x | set /x to "6"`}, 0, false, 0},
		{"a state", []string{"x", "down", "z"}, []string{"x", "y", "z"}, 1, false, 1},
		{"one goes on", []string{"x"}, []string{"x", "y"}, 1, false, 0},
	} {
		d, err := Diff(tiny(t, c.a...), tiny(t, c.b...), nil, 5, 5, 5)
		if err != nil {
			t.Fatal(err)
		}
		if d.At != c.at || d.Equal != c.equal || len(d.End) != c.end || len(d.There) != c.end {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

// Around a given place, Diff keeps the events at that place, and still finds where the runs
// diverge.
func TestDiffAround(t *testing.T) {
	d, err := Diff(tiny(t, "a", "b", "down", "d", "e"), tiny(t, "a", "b", "c", "d", "e"),
		&Point{Step: 1}, 1, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	if d.At != 2 || len(d.A.Events) != 2 || d.A.Events[1].Say != "b" || len(d.There) != 0 ||
		len(d.End) != 1 {
		t.Errorf("%+v", d)
	}
}

// Causes follows the key c backwards, Effects forwards.
func TestCausesAndEffects(t *testing.T) {
	parents := []int64{-1, 0, 0, 1, 3, 2}
	chain := Causes(parents, 4)
	if len(chain) != 4 || chain[0] != 4 || chain[3] != 0 {
		t.Errorf("causes %v", chain)
	}
	f := Effects{Of: 1}
	var effects []int64
	for i, c := range parents {
		if f.Add(&Event{I: int64(i), Cause: c}) {
			effects = append(effects, int64(i))
		}
	}
	if len(effects) != 3 || effects[2] != 4 {
		t.Errorf("effects %v", effects)
	}
}

func TestWindow(t *testing.T) {
	w, p := NewWindow(Point{At: 50, ByTime: true}, 2, 3), Pick{First: 2, Last: 3}
	for i := range int64(20) {
		e := Event{I: i, T: i * 10}
		w.Add(&e)
		p.Add(&e)
	}
	if list := w.Events(); len(list) != 5 || list[0].I != 3 || list[4].I != 7 || !w.Full() {
		t.Errorf("window %v", list)
	}
	first, last, missing := p.Events()
	if len(first) != 2 || missing != 15 || last[0].I != 17 || last[2].I != 19 {
		t.Errorf("first %v, last %v, missing %d", first, last, missing)
	}
}
