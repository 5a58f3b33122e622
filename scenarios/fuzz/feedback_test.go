package fuzz

import (
	"fmt"
	"slices"
	"testing"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// TestFeedback: with feedback a batch does not depend on the number of workers, its schedules can be
// parsed and played, at most one disk of each is lost, and most of them are varied.
func TestFeedback(t *testing.T) {
	n := 96
	if testing.Short() {
		n = 48
	}
	var want string
	for _, workers := range []int{1, 3} {
		b, err := Run(1, n, Options{Workers: workers, Feedback: true, Whole: true})
		if err != nil || b.Done != n || len(b.Failures) > 0 {
			t.Fatalf("%v: %d done, %+v", err, b.Done, b.Failures)
		}
		got := fmt.Sprintf("%+v", b)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("with %d workers\n%s\nwith one\n%s", workers, got, want)
		}
	}
	var p pool
	varied := 0
	for seed := uint64(1); seed <= uint64(n); seed++ {
		s := p.next(Swarm, seed)
		text := s.String()
		back, err := Parse("s", text)
		if err != nil || back.String() != text {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		wipes := 0
		for _, f := range s.Plan {
			if f.Kind == sim.FaultWipe {
				wipes++
			}
		}
		if wipes > 1 {
			t.Errorf("seed %d: %d disks are lost\n%s", seed, wipes, text)
		}
		if plain := Generate(seed); plain.String() != text {
			varied++
		}
		f, err := s.Play(Playing{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(f.Reached, ensemble.Reached.ComparePlace) {
			t.Errorf("seed %d: %+v are not sorted", seed, f.Reached)
		}
		p.add(s, f.Reached)
		if seed%round == 0 {
			p.turn()
		}
	}
	if varied < n/3 || len(p.kept) == 0 {
		t.Errorf("%d of %d are varied, %d kept", varied, n, len(p.kept))
	}
	t.Logf("%d of %d varied, %d kept, %d places", varied, n, len(p.kept), len(p.places))
}
