package fuzz

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Difference is the first event at which two runs of one schedule differ. A difference is a bug of
// the lab: the run depended on more than the seed.
type Difference struct {
	Seed   uint64 `json:"seed"`
	Step   int64  `json:"step"`  // -1 if two further runs were equal
	First  string `json:"first"` // the event of the first run; Second has that of the second
	Second string `json:"second"`
}

func (d *Difference) String() string {
	if d.Step < 0 {
		return fmt.Sprintf("two runs of seed %#x differed, which is a bug of the lab; the first "+
			"difference is unknown, because two more runs, made to find it, were equal", d.Seed)
	}
	return fmt.Sprintf("two runs of seed %#x differ from step %d on, which is a bug of the lab: "+
		"first run: %s; second run: %s", d.Seed, d.Step, d.First, d.Second)
}

// told returns the events of one run, one a line.
func (s *Schedule) told(o Playing) (lines []string, err error) {
	o.Keep = true
	f, err := s.Play(o)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tell := func(e *trace.Event) {
		lines = append(lines, fmt.Sprintf("t=%s %s %s %s", sim.Time(e.T).Seconds(), e.N, e.K,
			e.Say))
	}
	if f.Run != nil {
		f.Run.Events(tell)
		return lines, nil
	}
	f.Ensemble.Recording().Events(len(f.Ensemble.World.Records()), tell)
	return lines, nil
}

// part plays a schedule twice more and finds the first event that differs between the two runs.
func (s *Schedule) part(o Playing) Difference {
	d := Difference{Seed: s.Seed, Step: -1}
	first, err1 := s.told(o)
	second, err2 := s.told(o)
	if err1 != nil || err2 != nil {
		return d
	}
	const over = "the run is over"
	for i := range max(len(first), len(second)) {
		a, b := over, over
		if i < len(first) {
			a = first[i]
		}
		if i < len(second) {
			b = second[i]
		}
		if a != b {
			d.Step, d.First, d.Second = int64(i), a, b
			return d
		}
	}
	return d
}
