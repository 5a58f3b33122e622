package fuzz

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/rates"
	"github.com/zablab/zablab/sim"
)

// panics is a program with a bug of the lab's own: it reads beyond the end of a list.
type panics struct{ sim.Program }

func (p *panics) Unwrap() sim.Program { return p.Program }

func (p *panics) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if now > 5*sim.Second {
		var none []sim.Effect
		return none[:cap(none)+1]
	}
	return p.Program.Step(now, e, out)
}

// TestHarnessCrash: a panic of the lab is a failure with a seed, a place and a shrunk schedule. It
// does not take the batch along.
func TestHarnessCrash(t *testing.T) {
	stop, found := false, 0
	b, err := Run(1, 4, Options{Tamper: func(m *sim.Machine, p sim.Program) sim.Program {
		if m.Name != "S1" {
			return p
		}
		return &panics{p}
	}, Found: func(*Failure) { found++; stop = found > 1 }, Stop: func() bool { return stop }})
	if err != nil || len(b.Failures) == 0 || b.Failures[0].Property != HarnessCrash ||
		!strings.Contains(b.Failures[0].Text, "slice bounds out of range") ||
		!strings.Contains(b.Failures[0].Text, "scenarios/fuzz.(*panics).Step line ") {
		t.Errorf("%v: %+v", err, b.Failures)
	}
}

// TestShrinkStops: Stop ends a shrinking before its next run.
func TestShrinkStops(t *testing.T) {
	s := Generate(1)
	asked := 0
	least, _ := Shrink(s, "Nothing", Playing{Stop: func() bool { asked++; return asked > 3 }})
	if len(least.Plan) != len(s.Plan) {
		t.Errorf("%d lines of %d are left, although nothing was found", len(least.Plan), len(s.Plan))
	}
	if asked < 4 {
		t.Errorf("asked %d times", asked)
	}
}

// TestBaseline: the baseline is of the present generator of schedules, deviates in nothing from
// itself, and in a rate that is not its own.
func TestBaseline(t *testing.T) {
	all, err := Baselines()
	if err != nil {
		t.Fatal(err)
	}
	for _, mix := range []Mix{Swarm, Common} {
		base := all[mix]
		if base.Generator != mix.Generator() {
			t.Errorf("the baseline of the mix %s is of another generator of schedules: record it "+
				"again: %s", mix, record)
		}
		if base.Rates.Runs < 1000 {
			t.Errorf("the baseline of the mix %s has %d runs", mix, base.Rates.Runs)
		}
		b := Batch{Mix: mix, Rates: base.Rates.Clone()}
		if list, why := b.Deviations(); len(list) > 0 || why != "" {
			t.Errorf("the baseline deviates from itself: %v %s", list, why)
		}
		b.Unlike = "reason"
		if list, why := b.Deviations(); len(list) > 0 || why != "reason" {
			t.Errorf("compared: %v %s", list, why)
		}
		b = Batch{Mix: mix}
		for range 300 {
			b.Rates.Add([]rates.Quantity{{Name: "an epoch had no quorum", N: 1}})
		}
		list, _ := b.Deviations()
		if !slices.ContainsFunc(list, func(d rates.Deviation) bool {
			return d.Name == "an epoch had no quorum" && d.Runs == 300 &&
				strings.HasPrefix(d.String(), "a leader was elected but not established: the value is 1 or more in ")
		}) {
			t.Errorf("an epoch without a quorum in each of 300 runs is no deviation: %v", list)
		}
	}
}
