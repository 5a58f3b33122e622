package ensemble_test

import (
	"flag"
	"slices"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
)

var storms = flag.Uint64("storms", 150, "how many storms TestWitnessAcceptsStorms judges")

// The witness accepts what happens in storms: crashes, losses of power, pauses, cuts, sessions that
// move and end, multis, sequential names and watches of every kind. (Porcupine takes minutes for
// some of them: many writes have no answer, and it may not know which took effect.) For
// 3,000 of them: go test ./scenarios/ensemble -run Storms -storms 3000
func TestWitnessAcceptsStorms(t *testing.T) {
	n := *storms
	if testing.Short() {
		n = min(n, 10)
	}
	seen := map[string]int{}
	for seed := uint64(1); seed <= n; seed++ {
		r := stormy(t, seed, false).Record()
		for _, v := range judged(t, r).Verdicts {
			if v.Result != lin.Linearizable {
				t.Errorf("seed %d: %s is %s: %s", seed, v.Check, v.Result, v.Text)
			}
		}
		for i := range r.Ops {
			if o := &r.Ops[i]; o.Kind == lin.AddWatch || o.Kind == lin.RemoveWatches {
				seen[string(o.Kind)+" "+string(o.Outcome)]++
			}
		}
		for i := range r.Events {
			switch e := &r.Events[i]; {
			case e.Kind == lin.Reconnected:
				seen["reconnected"]++
			case e.Persistent:
				seen["persistent"]++
			default:
				seen["one-shot"]++
			}
		}
	}
	t.Log(seen)
	for _, what := range []string{
		"addWatch ok", "removeWatches ok", "removeWatches failed", "persistent", "one-shot",
		"reconnected",
	} {
		if seen[what] == 0 {
			t.Errorf("no storm has %s: this proves little", what)
		}
	}
}

// The witness misses no event in a storm that it can know of: neither one that was lost while its
// connection lasted, nor one that came twice.
func TestWitnessMissesEvents(t *testing.T) {
	lost, twice := 0, 0
	for seed := uint64(1); seed <= 12; seed++ {
		r := stormy(t, seed, false).Record()
		for i := range r.Events {
			e := &r.Events[i]
			if e.Kind == lin.Reconnected {
				continue
			}
			m := r
			m.Events = slices.Insert(slices.Clone(r.Events), i, *e)
			twice++
			if judged(t, m).Of("watches").Result != lin.Broken {
				t.Errorf("seed %d: %s %s twice for %s at %d, and no check notices",
					seed, e.Path, e.Kind, e.Client, e.Place)
			}
			if !enclosed(&r, e) {
				continue
			}
			m.Events = slices.Delete(slices.Clone(r.Events), i, i+1)
			lost++
			if judged(t, m).Of("watches").Result != lin.Broken {
				t.Errorf("seed %d: %s %s lost for %s at %d, and no check notices",
					seed, e.Path, e.Kind, e.Client, e.Place)
			}
		}
	}
	if t.Logf("%d lost, %d told twice", lost, twice); lost == 0 {
		t.Error("none was lost: this proves nothing")
	}
}

// enclosed says whether an event stands between two replies on one connection.
func enclosed(r *lin.Record, e *lin.Event) bool {
	before, after, cut, next := int64(0), int64(0), int64(0), int64(0)
	for i := range r.Ops {
		switch o := &r.Ops[i]; {
		case o.Client != e.Client || o.Session != e.Session || o.Outcome == lin.Unknown:
		case o.Place < e.Place:
			before = max(before, o.Place)
		case after == 0 || o.Place < after:
			after = o.Place
		}
	}
	for i := range r.Events {
		switch c := &r.Events[i]; {
		case c.Client != e.Client || c.Kind != lin.Reconnected:
		case c.Place < e.Place:
			cut = max(cut, c.Place)
		case next == 0 || c.Place < next:
			next = c.Place
		}
	}
	return before > cut && after > 0 && (next == 0 || after < next)
}

func judged(t *testing.T, r lin.Record) *witness.Report {
	t.Helper()
	report, err := witness.Judge(r, witness.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &report
}
