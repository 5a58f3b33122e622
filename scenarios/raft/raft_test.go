package raft

import (
	"context"
	"testing"

	"github.com/zablab/zablab/scenarios/raft/spec"
	"github.com/zablab/zablab/sim"
)

func open(t testing.TB) *Host {
	t.Helper()
	ctx := context.Background()
	cache, err := Cache()
	if err != nil {
		t.Fatal(err)
	}
	g, err := Build(ctx, cache)
	if err != nil {
		t.Skip(err)
	}
	h, err := Open(ctx, g, cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close(ctx) })
	return h
}

func settings(seed uint64) *spec.Settings {
	ms := sim.Millisecond
	return &spec.Settings{
		Seed: seed, Servers: 5, Latency: sim.Span{Min: ms, Max: 5 * ms}, Fsync: sim.Span{Min: 500, Max: 3 * ms}, Length: 10 * sim.Second,
		Heartbeat: sim.Second, Election: sim.Second, Lease: 500 * ms, CommitTimeout: 50 * ms, MaxAppend: 64, Pipeline: 2,
		Timeout: 10 * sim.Second, SnapThreshold: 8192, TrailingLogs: 10240, LinearizeReads: true,
		Clients: []spec.Client{{Name: "A", Home: 1, Pause: 50 * ms, Size: 20, Keys: 3}, {Name: "B", Home: 2, Pause: 50 * ms, Reads: 50, Size: 20, Keys: 3}},
	}
}

func TestRuns(t *testing.T) {
	h := open(t)
	r, err := h.Run(context.Background(), settings(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %d events, %d ops, reigns %+v, syncs %v, sum %s", r.Fingerprint, r.Events, len(r.Ops), r.Reigns, r.Syncs, h.Sum)
	for _, c := range r.Counts {
		t.Logf("%+v", c)
	}
}

const storm = `2s crash S1
3s restart S1
4s power S2
4.500s pause S3 2s
5s split S1 S2 | S3 S4 S5 A B
6s restart S2
7s heal
8s cut S4 > S5
9s heal
`

// TestRepeats: a seed is a run, faults and all, and other seeds are others.
func TestRepeats(t *testing.T) {
	h := open(t)
	seen := map[string]uint64{}
	for seed := uint64(1); seed <= 3; seed++ {
		var first string
		for i := range 4 {
			s := settings(seed)
			s.Plan = storm
			r, err := h.Run(context.Background(), s)
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = r.Fingerprint
				ok := 0
				for _, o := range r.Ops {
					if o.Outcome == spec.OK {
						ok++
					}
				}
				t.Logf("seed %d: %s, %d events, %d of %d ok, reigns %+v", seed, first, r.Events, ok, len(r.Ops), r.Reigns)
			}
			if r.Fingerprint != first {
				t.Fatalf("seed %d: run %d is %s, the first was %s", seed, i, r.Fingerprint, first)
			}
		}
		if other, twice := seen[first]; twice {
			t.Errorf("seeds %d and %d are one run", seed, other)
		}
		seen[first] = seed
	}
}
