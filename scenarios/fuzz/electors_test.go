package fuzz

import (
	"testing"

	"github.com/zablab/zablab/scenarios/workload"
)

// TestElectorsSound: the elections of package elect pass all checks under the fuzzer's faults.
func TestElectorsSound(t *testing.T) {
	n := 20
	if testing.Short() {
		n = 4
	}
	for _, w := range workload.OnRequest() {
		if w.Breaks != "" {
			continue
		}
		b, err := Run(1, n, Options{Works: []string{w.Name}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range b.Failures {
			t.Errorf("%s, seed %#x: %s: %s", w.Name, f.Seed, f.Property, f.Text)
		}
		if b.Promises.Holds < n {
			t.Errorf("%s: an office was held %d times in %d seeds", w.Name, b.Promises.Holds, n)
		}
	}
}

// TestMistakesAreFound: each well-known mistake breaks the check that its workload names. The seeds
// are the first of the fuzzer that find it.
func TestMistakesAreFound(t *testing.T) {
	found := map[string]uint64{
		"etcd-deaf": 0x4, "fence-by-holder": 0x10, "fence-in-memory": 0x31, "fence-none": 0x6,
		"hbase-hurry": 0x34a, "kafka-unfenced": 0x10, "latch-old-node": 0x21,
		"lease-no-deadline": 0x14, "selector-deaf": 0x1,
	}
	for _, w := range workload.OnRequest() {
		check := w.Breaks
		if check == "" {
			continue
		}
		s := Generate(found[w.Name])
		if err := s.Only(w.Name); err != nil {
			t.Fatal(err)
		}
		if f, err := s.Play(Playing{}); err != nil || f.Property != check {
			t.Errorf("%s, seed %#x: %v %s: %s", w.Name, s.Seed, err, f.Property, f.Text)
		}
		delete(found, w.Name)
	}
	if len(found) > 0 {
		t.Errorf("no such workload: %v", found)
	}
}

// TestElectorsRegressions: seeds that once found a fault of an elector.
func TestElectorsRegressions(t *testing.T) {
	for _, c := range []struct {
		workload string
		seed     uint64
	}{
		{"hbase", 0xbb}, // a master became active although its session had ended meanwhile
	} {
		s := Generate(c.seed)
		if err := s.Only(c.workload); err != nil {
			t.Fatal(err)
		}
		if f, err := s.Play(Playing{}); err != nil || f.Property != "" {
			t.Errorf("%s, seed %#x: %v %s: %s", c.workload, c.seed, err, f.Property, f.Text)
		}
	}
}

// TestNoSeedPicksElectors: workloads that run on request are in no generated schedule, so that what
// a seed generates stays what it was without them.
func TestNoSeedPicksElectors(t *testing.T) {
	onRequest := make(map[string]bool)
	for _, w := range workload.OnRequest() {
		onRequest[w.Name] = true
	}
	for _, mix := range Mixes() {
		for seed := range uint64(300) {
			for _, works := range mix.Generate(seed).Clients {
				for _, name := range works {
					if onRequest[name] {
						t.Errorf("%s, seed %d: %s", mix, seed, name)
					}
				}
			}
		}
	}
}
