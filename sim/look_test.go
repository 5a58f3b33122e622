package sim

import (
	"fmt"
	"slices"
	"testing"
)

// looker looks at its clock three times in each step, and ends the step when a fault waits for the
// look. It then wants to go on at once.
type looker struct {
	m     *Machine
	looks int
	log   []string
	again bool
}

func (p *looker) Step(now Time, e Event, out []Effect) []Effect {
	p.again = false
	p.log = append(p.log, fmt.Sprintf("%d@%s late=%t", e.Kind, now, e.Late))
	for p.looks < 3 {
		p.looks++
		if p.m.world.Look(p.m) {
			p.again = true
			return out
		}
	}
	return out
}

func (p *looker) Deadline() Time {
	if p.again {
		return p.m.Local()
	}
	return Never
}

// A fault falls between two looks of one step: the program stands still in the middle of it.
// Events of the pause arrive when it ends, marked as late.
func TestLook(t *testing.T) {
	w := NewWorld(Config{Seed: 1})
	var p *looker
	m := w.Add("S1", "server", func(m *Machine) Program {
		p = &looker{m: m}
		return p
	})
	plan, err := ParsePlan("plan", "at S1 looks 2 pause S1 3s\n")
	if err == nil {
		err = w.Schedule(plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Start(m)
	w.TellAt(Second, m, word("hello"))
	if w.Run(2*Second, nil); p.looks != 2 || !m.Paused() {
		t.Errorf("%d looks, paused %t: want the pause at the second look", p.looks, m.Paused())
	}
	w.Run(5*Second, nil)
	want := []string{
		fmt.Sprintf("%d@0s late=false", Boot), fmt.Sprintf("%d@3s late=true", Told),
	}
	if p.looks != 3 || !slices.Equal(p.log, want) {
		t.Errorf("%d looks, steps %q: want 3 and %q", p.looks, p.log, want)
	}
}
