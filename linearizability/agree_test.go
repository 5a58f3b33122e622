package linearizability_test

import (
	"flag"
	"slices"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"pgregory.net/rapid"
)

var agree = flag.Int("agree", 3000, "how many random histories TestJudgesAgree puts to both judges")

// told is a random history; in some of them one reply is changed.
type told struct {
	h       lin.History
	blur    int
	mutated bool
}

var histories = rapid.Custom(func(t *rapid.T) told {
	c := told{blur: 25 * rapid.IntRange(0, 1).Draw(t, "blur")}
	gap := rapid.SampledFrom([]int{1, 10}).Draw(t, "gap")
	c.h = lin.GenTold(t, rapid.IntRange(1, 7).Draw(t, "operations"), c.blur, gap)
	if c.mutated = rapid.Bool().Draw(t, "mutated"); c.mutated {
		c.h = slices.Clone(c.h)
		lin.Mutate(t, c.h)
		for i := range c.h {
			c.h[i].Ops = slices.Clone(c.h[i].Ops)
		}
	}
	return c
})

// TestJudgesAgree: both judges accept what one tree really did. If one reply is changed, the
// witness rejects all that enumeration and porcupine reject; and porcupine, which is free to choose
// the order, accepts all that the witness accepts. For 100,000 histories: go test ./linearizability
// -run TestJudgesAgree -agree 100000
func TestJudgesAgree(t *testing.T) {
	n := *agree
	if testing.Short() {
		n = min(n, 500)
	}
	rejected, stricter := 0, 0
	for seed := range n {
		c := histories.Example(seed)
		report, err := witness.Judge(lin.Record{Ops: c.h, Initial: lin.RefInitial},
			witness.Options{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := lin.Check(c.h, lin.Options{Initial: lin.RefInitial})
		if err != nil {
			t.Fatal(err)
		}
		writes := writesOf(&report)
		// Blurred calls of one session need not be in the order of their zxids: that is no
		// breach.
		report.Of("session-order").Result = lin.Linearizable
		switch {
		case !c.mutated && (report.Result() != lin.Linearizable || v.Result != lin.Linearizable):
			t.Errorf("a true history: witness %s, porcupine %s", report.Result(), v.Result)
		case v.Result == lin.Broken && writes != lin.Broken:
			t.Errorf("porcupine is alone in rejecting it: witness %s", writes)
		case c.mutated && writes != lin.Broken && !lin.Explains(c.h):
			t.Errorf("enumeration is alone in rejecting it: witness %s", writes)
		case v.Result == lin.Linearizable && writes == lin.Broken:
			stricter++ // the zxids forbid the order that porcupine found
		}
		if v.Result == lin.Broken {
			rejected++
		}
		if t.Failed() {
			for i := range c.h {
				t.Logf("%d: [%d, %d] zxid %v txn %v %s", i, c.h[i].Call, c.h[i].Return, c.h[i].Zxid,
					c.h[i].Txn, c.h[i].String())
			}
			for _, v := range report.Verdicts {
				t.Logf("%s %s: %s", v.Check, v.Result, v.Text)
			}
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d histories: both reject %d, zxids alone %d", n, rejected, stricter)
	if rejected == 0 {
		t.Error("none was rejected: this proves nothing")
	}
}

// TestZxidsFirst: the result is the same whether porcupine is asked first or the order of the zxids.
func TestZxidsFirst(t *testing.T) {
	n := *agree
	if testing.Short() {
		n = min(n, 500)
	}
	certified, broken := 0, 0
	for seed := range n {
		c := histories.Example(seed)
		for _, scope := range []lin.Scope{lin.Writes, lin.All} {
			o := lin.Options{Scope: scope, Initial: lin.RefInitial}
			want, err := lin.Check(c.h, o)
			if err != nil {
				t.Fatal(err)
			}
			o.ZxidsFirst = true
			got, err := lin.Check(c.h, o)
			if err != nil {
				t.Fatal(err)
			}
			if got.Result != want.Result || want.Certified ||
				got.Certified && got.Result != lin.Linearizable {
				t.Fatalf("seed %d, %s: %s (certified %v), porcupine %s", seed, scope, got.Result,
					got.Certified, want.Result)
			}
			if got.Certified {
				certified++
			}
			if got.Result == lin.Broken {
				broken++
			}
		}
	}
	t.Logf("%d histories in two scopes: %d certified, %d broken", n, certified, broken)
	if certified == 0 || broken == 0 {
		t.Error("one of the two never happened: this proves nothing")
	}
}

// writesOf is the witness's verdict on the writes of a history.
func writesOf(r *witness.Report) lin.Answer {
	worst := lin.Linearizable
	for _, name := range []string{"zxid-order", "write-results", "multi", "sequential-names",
		"ephemerals", "stats"} {
		if v := r.Of(name).Result; v == lin.Broken || v == lin.Undecided && worst != lin.Broken {
			worst = v
		}
	}
	return worst
}

// TestVersionsOverflow: both judges know that no node has the version -1, which means any version:
// after -2 comes 0.
func TestVersionsOverflow(t *testing.T) {
	initial := []lin.Node{{Path: "/x", Version: -2}}
	for _, version := range []int32{0, -1} {
		h := lin.History{{Client: "A", Session: 1, Kind: lin.Set, Path: "/x", Version: -2, Call: 1,
			Return: 2, Outcome: lin.OK, Zxid: 1,
			Result: lin.Result{Stat: &lin.Stat{Version: version}}}}
		v, err := lin.Check(h, lin.Options{Initial: initial})
		if err != nil || (v.Result == lin.Linearizable) != (version == 0) {
			t.Errorf("porcupine, version %d: %v %v", version, v.Result, err)
		}
		r, err := witness.Judge(lin.Record{Ops: h, Initial: initial}, witness.Options{})
		if err != nil || (r.Result() == lin.Linearizable) != (version == 0) {
			t.Errorf("the witness, version %d: %+v %v", version, r, err)
		}
	}
}
