package compare

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/raft"
	"github.com/zablab/zablab/scenarios/raft/spec"
	"github.com/zablab/zablab/sim"
)

func lab(t testing.TB) *Lab {
	t.Helper()
	ctx := context.Background()
	cache, err := raft.Cache()
	if err != nil {
		t.Fatal(err)
	}
	g, err := raft.Build(ctx, cache)
	if err != nil {
		t.Fatal(err)
	}
	h, err := raft.Open(ctx, g, cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(ctx) })
	return &Lab{Host: h, Detect: sim.Second}
}

// TestWrites: without faults and batches a write costs what the protocols say: 3(n-1) messages of ZAB, one more
// from a follower, 2(n-1) of Raft; one time of the disk on ZAB's critical path, two on Raft's. To the message, and
// to the µs.
func TestWrites(t *testing.T) {
	l := lab(t)
	sizes := []int{3, 5}
	if testing.Short() {
		sizes = sizes[1:]
	}
	for _, servers := range sizes {
		for _, f := range []Fixed{{Link: 2 * sim.Millisecond, Fsync: 10 * sim.Millisecond}, {Link: 7 * sim.Millisecond, Fsync: 3 * sim.Millisecond}} {
			if testing.Short() && f.Link > f.Fsync {
				continue
			}
			list, err := l.Writes(context.Background(), servers, f)
			if err != nil || len(list) != 3 {
				t.Fatal(err, list)
			}
			for _, w := range list {
				if w.N < 20 || math.Abs(w.Messages-w.Expect) > 1e-9 || math.Abs(w.Syncs-1) > 1e-9 || !near(w.Latency, w.ExpectLatency) {
					t.Errorf("δ=%s f=%s: %+v", f.Link, f.Fsync, w)
				}
			}
		}
	}
}

// near allows for the histogram's four digits.
func near(a, b sim.Time) bool { return a-b <= b/1000 && b-a <= b/1000 }

// TestFailovers: both have a leader again, later than the fault and in this order; nothing that was told is lost; Raft's
// reads and writes are linearizable; and the same command gives the same figures.
func TestFailovers(t *testing.T) {
	l := lab(t)
	faults := Faults()
	if testing.Short() {
		faults = faults[:1]
	}
	for i, f := range faults {
		var first string
		for range 2 {
			list, err := l.Failovers(context.Background(), 5, 2, f, func() {})
			if err != nil || len(list) != 2 {
				t.Fatal(err, list)
			}
			for _, x := range list {
				ok := x.First.N == 2 && x.Lost == 0 && x.Never == 0 && x.Reads > 0
				if !f.Stays {
					ok = ok && x.Recovered.N == 2 && x.Terms.Low >= 1 && x.Detected.N == 2 && x.Elected.N == 2
					ok = ok && x.Detected.Median <= x.Elected.Median && x.Elected.Median <= x.Recovered.Median && x.Recovered.Median <= x.First.Median
				}
				if x.Engine == Raft {
					ok = ok && x.Linearizable == lin.Linearizable && x.Stale == 0
				}
				if !ok {
					t.Errorf("%s: %+v", f.Name, x)
				}
			}
			text, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(text)
			}
			if string(text) != first {
				t.Errorf("%s: the second time\n%s\nthe first\n%s", f.Name, text, first)
			}
			if i > 0 || testing.Short() {
				break // the others are repeated by who has more time
			}
		}
	}
}

// TestLost: what is counted as lost, and as stale.
func TestLost(t *testing.T) {
	op := func(call, ret sim.Time, version uint64, read bool) spec.Op {
		return spec.Op{Client: "A", Key: "r0", Call: call, Return: ret, Outcome: spec.OK, Version: version, Read: read}
	}
	for _, c := range []struct {
		ops         []spec.Op
		lost, stale int
	}{
		{[]spec.Op{op(0, 1, 1, false), op(2, 3, 2, false)}, 0, 0},
		{[]spec.Op{op(0, 1, 1, false), op(2, 3, 1, false)}, 1, 0},
		{[]spec.Op{op(0, 5, 2, false), op(1, 4, 1, false)}, 0, 0}, // at the same time
		{[]spec.Op{op(0, 1, 1, false), op(2, 3, 0, true)}, 0, 1},
		{[]spec.Op{op(0, 3, 1, false), op(2, 4, 0, true)}, 0, 0},
	} {
		gone := lost(c.ops)
		old, _ := stale(c.ops)
		if gone != c.lost || old != c.stale {
			t.Errorf("%+v: %d lost, %d stale", c.ops, gone, old)
		}
	}
}

// TestFaultCheck: a fault that cannot be carried out is told before anything runs.
func TestFaultCheck(t *testing.T) {
	for _, f := range Faults() {
		if err := f.Check(5); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	for plan, want := range map[string]string{
		"6s crash S7": "no such machine as S7", "5s crash LEADER": "write 6.000s", "6s explode LEADER": "unknown verb",
		"": "no fault", "at LEADER boots crash S1": "at a moment only", "6s crash D": "no such machine as D",
	} {
		if err := NewFault("", plan).Check(5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", plan, err)
		}
	}
}

// TestPart: the median, and how sure it is.
func TestPart(t *testing.T) {
	var p Part
	for i := range int64(29) {
		p.add(28 - i)
	}
	if p.close(); p.N != 29 || p.Median != 14 || p.Low != 0 || p.High != 28 {
		t.Errorf("%+v", p)
	}
	p = Part{}
	for i := range int64(100) {
		p.add(i)
	}
	if p.close(); p.Median != 50 || p.Low != 40 || p.High != 60 {
		t.Errorf("%+v", p)
	}
}
