package fuzztest

import (
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"pgregory.net/rapid"
)

// Schedule generates a schedule of the mix [fuzz.Swarm]. rapid can shrink it line by line: any
// fault may be dropped.
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

// Bytes decodes any bytes into a schedule of the mix [fuzz.Swarm]. Each choice takes one or four
// bytes; after the last byte, every choice is the simplest one.
func Bytes(data []byte) fuzz.Schedule {
	d := &decoded{data: data}
	seed := d.number(4)
	return fuzz.Swarm.GenerateBy(d, seed)
}

// decoded is randomness from bytes.
type decoded struct{ data []byte }

// number consumes n bytes.
func (d *decoded) number(n int) (x uint64) {
	for range n {
		x <<= 8
		if len(d.data) > 0 {
			x |= uint64(d.data[0])
			d.data = d.data[1:]
		}
	}
	return x
}

func (d *decoded) Intn(n int) int {
	if n <= 256 {
		return int(d.number(1) % uint64(n))
	}
	return int(d.number(4) % uint64(n))
}

func (d *decoded) Between(low, high sim.Time) sim.Time {
	if high <= low {
		return low
	}
	return low + sim.Time(d.number(4)%uint64(high-low+1))
}
