package compare

import (
	"context"
	"testing"

	"github.com/zablab/zablab/scenarios/raft"
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
		t.Skip(err)
	}
	h, err := raft.Open(ctx, g, cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close(ctx) })
	return &Lab{Host: h, Detect: sim.Second}
}

// TestWrites: without faults and batches a write costs what the protocols say: 3(n-1) messages of ZAB, one more
// from a follower, 2(n-1) of Raft; one time of the disk on ZAB's critical path, two on Raft's.
func TestWrites(t *testing.T) {
	l := lab(t)
	for _, servers := range []int{3, 5} {
		list, err := l.Writes(context.Background(), servers, Fixed{Link: 2 * sim.Millisecond, Fsync: 10 * sim.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range list {
			t.Logf("%+v", w)
		}
	}
}

func TestFailovers(t *testing.T) {
	l := lab(t)
	for _, f := range Faults() {
		list, err := l.Failovers(context.Background(), 5, 1, f, func() {})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range list {
			t.Logf("%+v", w)
		}
	}
}
