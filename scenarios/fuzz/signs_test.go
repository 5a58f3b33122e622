package fuzz

import (
	"bytes"
	"testing"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/why"
)

// TestNoSigns: a run of the sound engine shows no sign of a wrong step. A sign that may appear there
// would accuse a sound server.
func TestNoSigns(t *testing.T) {
	n := uint64(signRuns)
	if testing.Short() {
		n /= 6
	}
	for seed := uint64(1); seed <= n; seed++ {
		s := Common.Generate(seed)
		if seed%2 == 0 {
			s = Swarm.Generate(seed)
		}
		r, err := s.Play(Playing{Keep: true})
		if err != nil || r.Property != "" {
			t.Fatal(seed, err, r.Property, r.Text)
		}
		var b bytes.Buffer
		if err := s.WriteTrace(&b, &r); err != nil {
			t.Fatal(err)
		}
		r.Ensemble.Close()
		run, err := trace.Read("seed", bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range why.Signs(&run.Header, run.Events) {
			t.Errorf("seed %d: %s at step %d: %s", seed, g.Kind, g.Step, g.Text)
		}
	}
}

const signRuns = 40
