package fuzz

import (
	"bytes"
	"flag"
	"testing"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/why"
)

var signs = flag.Uint64("signs", 8, "the seeds that TestNoSigns plays")

// TestNoSigns: a run of the sound engine shows no sign of a wrong step. A sign that may appear there
// would accuse a sound server. After a change of signs, play many:
//
//	go test ./scenarios/fuzz -run TestNoSigns -signs 300
func TestNoSigns(t *testing.T) {
	for seed := uint64(1); seed <= *signs; seed++ {
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
