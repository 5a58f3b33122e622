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
