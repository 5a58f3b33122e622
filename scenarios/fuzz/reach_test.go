package fuzz

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/ensemble"
)

// reached plays some seeds of both mixes, and returns their map.
func reached(t *testing.T, n int) Reach {
	t.Helper()
	all := Reach{make(ensemble.Tally), Swarm}
	for _, mix := range []Mix{Swarm, Common} {
		b, err := Run(1, n, Options{Mix: mix, Reach: true})
		if err != nil {
			t.Fatal(err)
		}
		all.Merge(b.Reach.Tally)
	}
	return all
}

// TestReachMap: the tables know everything that runs reach, no reason is given for what runs do reach,
// and 24 seeds reach most of it. 1000 reach all: zablab fuzz --reach.
func TestReachMap(t *testing.T) {
	r := reached(t, 12)
	spots := 0
	for _, group := range regions() {
		if len(r.Tally[group.name]) == 0 {
			t.Errorf("%s: nothing is counted", group.name)
		}
		for name, n := range r.Tally[group.name] { // order: each name alone
			if why := group.never[name]; n > 0 && why != "" && !strings.HasPrefix(why, "seldom") {
				t.Errorf("%s: %s is reached, but the table says why it is not", group.name, name)
			}
			if !slices.Contains(group.all, name) && !always(name) {
				t.Errorf("%s: %s is reached, but the table does not have it", group.name, name)
			}
		}
		spots += len(group.all)
	}
	if zeros := r.Unexplained(); len(zeros)*4 > spots {
		t.Errorf("%d of %d are not reached:\n%s", len(zeros), spots, strings.Join(zeros, "\n"))
	}
}

// always reports whether an operation has an outcome that any may have.
func always(name string) bool {
	_, outcome, _ := strings.Cut(name, ": ")
	return slices.Contains(anyOutcome, outcome)
}

// TestReachChangesNothing: a run that counts is the run that does not.
func TestReachChangesNothing(t *testing.T) {
	s := Swarm.Generate(3)
	plain, err := s.Play(Playing{})
	if err != nil {
		t.Fatal(err)
	}
	counted, err := s.Play(Playing{Reach: true})
	if err != nil || counted.Fingerprint != plain.Fingerprint || counted.Tally == nil ||
		plain.Tally != nil {
		t.Errorf("%v: %x, and counted %x", err, plain.Fingerprint, counted.Fingerprint)
	}
}

// TestReachUnexplained: what is missing without a reason is named, and a reason is shown.
func TestReachUnexplained(t *testing.T) {
	r := Reach{ensemble.Tally{ensemble.TallyMessages: {"between servers: ACK": 2}}, Common}
	zeros := r.Unexplained()
	for name, want := range map[string]bool{
		"messages: between servers: TRUNC": true, "messages: between servers: ACK": false,
		"messages: between servers: INFORM": false, "faults: corrupt": false, "faults: power": true,
	} {
		if got := slices.Contains(zeros, name); got != want {
			t.Errorf("%s is missing: %v", name, got)
		}
	}
}

// TestReachByMix: what a mix never has is no gap of its map, and is one of the map of another mix.
func TestReachByMix(t *testing.T) {
	for _, name := range []string{"faults: bandwidth", "INFORM"} {
		for _, mix := range []Mix{Swarm, Common} {
			gap := slices.ContainsFunc(Reach{ensemble.Tally{}, mix}.Unexplained(),
				func(s string) bool { return strings.Contains(s, name) })
			if gap != (mix == Swarm) {
				t.Errorf("%s, mix %s: a gap: %v", name, mix, gap)
			}
		}
	}
}
