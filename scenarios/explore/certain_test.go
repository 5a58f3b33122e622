package explore

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/zab/flaw"
)

// graph finds, by a way of its own, from which states of a search every continuation leads to what it
// looks for: it counts down the ways out of each state, from the ends backward.
func graph(x *Search) []bool {
	type edge struct{ from int }
	into := make([][]edge, x.store.n)
	out := make([]int, x.store.n)
	certain := make([]bool, x.store.n)
	var queue []int
	for at := range x.store.n {
		if x.fits(x.store.at(at)) {
			if out[at] = -1; x.same(nil) {
				certain[at] = true
				queue = append(queue, at)
			}
			continue
		}
		if x.beyond(x.store.at(at)) {
			out[at] = -1
			continue
		}
		list := slices.Clone(x.choicesAt(at))
		if quiet(list) {
			out[at] = -1
			if v := x.setup.unserved(&x.scene.sums); v != nil && x.same(v) {
				certain[at] = true
				queue = append(queue, at)
			}
			continue
		}
		for _, a := range list {
			if x.take(x.store.at(at), a); x.broken != nil {
				if !x.same(x.broken) {
					out[at] = 1 << 30 // a way out
				}
				continue
			}
			to := x.store.find(x.tuple)
			into[to] = append(into[to], edge{at})
			out[at]++
		}
		if out[at] == 0 {
			certain[at] = true
			queue = append(queue, at)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, e := range into[at] {
			if certain[e.from] || out[e.from] < 0 {
				continue
			}
			if out[e.from]--; out[e.from] == 0 {
				certain[e.from] = true
				queue = append(queue, e.from)
			}
		}
	}
	return certain
}

// What is certain agrees with a second way to find it, and with the steps: none before the moment is
// certain, all after it are, and each step's choice is one of those counted.
func TestCertainty(t *testing.T) {
	for _, c := range []struct {
		setup, goal string
		flaw        flaw.Flaw
	}{
		{"oracle", "", flaw.AckBeforeFsync}, {"oracle", "", flaw.EpochAtUpToDate},
		{"oracle", "", flaw.AckBeforePersist}, {"write", "", flaw.Pull1993},
		{"write", "", flaw.DrainUncommitted},
		{"stale", "", flaw.DiffInWindow}, {"oracle", "S3 LEADING", flaw.None},
		{"oracle", "S3 LEADING and S3 serves", flaw.None}, {"write", "SOME applied 1/1", flaw.None},
		{"oracle", "S1 up", flaw.None}, {"counter", "SOME applied 1/1", flaw.NoRollCheck},
		{"write", "S1 applied 1/1 and S2 applied 1/1", flaw.Pull1993},
	} {
		s := setup(t, c.setup)
		s.Flaw, s.Rest = c.flaw, false
		goal := goal(t, c.goal, &s)
		x, r := search(t, s, Options{Certain: true, Goal: goal})
		_, plain := search(t, s, Options{Goal: goal})
		if r.Certainty == nil {
			t.Errorf("%s %v %s: nothing was found: %s", c.setup, c.flaw, c.goal, r.Sentence())
			continue
		}
		if len(r.Steps) != len(plain.Steps) || plain.States > r.States {
			t.Errorf("%s %v %s: %d steps, and %d without the option", c.setup, c.flaw, c.goal,
				len(r.Steps), len(plain.Steps))
		}
		want := graph(x)
		count := 0
		for _, sure := range want {
			if sure {
				count++
			}
		}
		if count != r.Certainty.States {
			t.Errorf("%s %v %s: certain in %d states, and by the second way in %d", c.setup, c.flaw,
				c.goal, r.Certainty.States, count)
		}
		places := x.placesTo(x.first.at)
		for i, at := range places {
			if want[at] != (i >= r.Certainty.From) {
				t.Errorf("%s %v %s: after step %d: certain %v, but the moment is step %d", c.setup,
					c.flaw, c.goal, i, want[at], r.Certainty.From)
			}
		}
		for i, o := range r.Certainty.Before {
			if o.Certain > o.Choices || (i >= r.Certainty.From) != (o.Certain == o.Choices) {
				t.Errorf("%s %v %s: before step %d: %+v, moment %d", c.setup, c.flaw, c.goal, i+1, o,
					r.Certainty.From)
			}
		}
		t.Logf("%s %v %s: %s", c.setup, c.flaw, c.goal, r.Sentence())
	}
}

// A search for certainty that ends early has still found what it has found, and one in which every
// server can serve again is checked for that too.
func TestCertaintyIsNotEverything(t *testing.T) {
	s := setup(t, "ahead-write")
	s.Flaw = flaw.EpochFirst
	x, r := search(t, s, Options{Certain: true, Keep: true,
		Progress: func(p Progress) bool { return p.States < 17_000 }})
	if r.Broken == nil || r.Certainty != nil || r.Complete || len(r.Steps) != 11 ||
		!strings.Contains(r.Sentence(), "is not known") || !x.Unfinished() {
		t.Errorf("%s", r.Sentence())
	}
	s = setup(t, "beside")
	s.Flaw = flaw.NoCallBack
	if _, r := search(t, s, Options{Certain: true}); r.Broken == nil || r.Complete {
		t.Errorf("%s", r.Sentence())
	}
	s.Flaw = flaw.None
	if _, r := search(t, s, Options{Certain: true}); !r.Rests || !r.Complete {
		t.Errorf("%s", r.Sentence())
	}
	s = Setup{Name: "oracle", Servers: 1, Oracle: true, Writes: 1}
	o := Options{Certain: true, Goal: goal(t, "S1 logged 1/1", &s)}
	if _, r := search(t, s, o); !strings.Contains(r.Sentence(),
		"need not happen") {
		t.Errorf("%s", r.Sentence())
	}
}
