package fuzztest

import (
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"pgregory.net/rapid"
)

// Schedule generates a schedule of the mix [fuzz.Swarm]. The module rapid can shrink it line by
// line, because any fault may be left out.
func Schedule(t *rapid.T) fuzz.Schedule {
	s := fuzz.Swarm.GenerateBy(rapidChance{t}, rapid.Uint64().Draw(t, "seed"))
	kept := s.Plan[:0]
	for _, f := range s.Plan {
		if rapid.IntRange(0, 7).Draw(t, f.String()) > 0 {
			kept = append(kept, f)
		}
	}
	s.Plan = kept
	return s
}

// rapidChance is randomness that rapid can shrink.
type rapidChance struct{ t *rapid.T }

func (d rapidChance) Intn(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "n") }

func (d rapidChance) Between(low, high sim.Time) sim.Time {
	return sim.Time(rapid.Int64Range(int64(low), max(int64(low), int64(high))).Draw(d.t, "time"))
}
