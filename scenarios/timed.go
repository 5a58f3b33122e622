package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
)

// timed is a fault or a call at a time, on an engine without a schedule of its own.
type timed struct {
	at   sim.Time
	text string
	do   func() error
}

// timeReal notes the timed faults and calls of a document that is played on real servers. Their
// times count from now, when the servers are up. A fault that real servers cannot have is refused,
// with its line.
func (p *player) timeReal() error {
	began := p.now()
	p.timed = began
	for _, f := range p.spec.Faults {
		at, fault := began+f.Fault.When.At, f.Fault
		fault.When = sim.When{}
		var notHere *engine.NotHere
		switch err := p.e.CheckFault(f.Fault); {
		case errors.As(err, &notHere):
			p.refused = append(p.refused,
				fmt.Sprintf("line %d: %s: %s", f.Pos.Line, f.Fault, notHere.Why))
			continue
		case err != nil:
			return p.errorAt(f.Pos, "%s: use one of these names", err)
		}
		what := strings.TrimPrefix(fault.String(), sim.Time(0).Seconds()+" ")
		p.timers = append(p.timers, timed{at, what, func() error {
			return p.e.Apply(fault)
		}})
	}
	for _, c := range p.spec.Calls {
		p.asked--
		tag := p.asked
		p.timers = append(p.timers, timed{began + c.At, "call of " + c.Who + ": " + c.Text, func() error {
			client := p.e.Actor(c.Who)
			if !client.Up() {
				return fmt.Errorf("client %s is down at this time: restart it before its "+
					"call", c.Who)
			}
			client.Do(c.Op, tag)
			return nil
		}})
	}
	slices.SortStableFunc(p.timers, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
	return nil
}

// timely carries out the timed faults and calls whose time has come.
func (p *player) timely() {
	for len(p.timers) > 0 && p.timers[0].at <= p.now() {
		t := p.timers[0]
		p.timers = p.timers[1:]
		said := fmt.Sprintf("%s %s (%s after the servers were up)", whole(p.now()), t.text,
			(t.at - p.timed).Brief())
		if err := t.do(); err != nil {
			why := strings.TrimPrefix(err.Error(), sim.Time(0).Seconds()+" ")
			said = fmt.Sprintf("%s %s (no effect: %s)", whole(p.now()), t.text, why)
		}
		p.carried = append(p.carried, said)
	}
}

// whole prints a real moment in whole milliseconds.
func whole(t sim.Time) string { return (t / sim.Millisecond * sim.Millisecond).Seconds() }

// late returns the timed faults and calls of the document that the run did not reach.
func (p *player) late() (list []string) {
	for _, t := range p.timers {
		list = append(list, fmt.Sprintf("%s %s (no effect: the run ended earlier)", whole(t.at),
			t.text))
	}
	if p.sim == nil {
		return list
	}
	for _, f := range p.spec.Faults {
		if f.Fault.When.Trigger == 0 && f.Fault.When.At > p.now() {
			list = append(list, f.Fault.String()+" (no effect: the run ended earlier)")
		}
	}
	for _, c := range p.spec.Calls {
		if c.At > p.now() {
			list = append(list, fmt.Sprintf("%s call of %s: %s (no effect: the run ended earlier)",
				c.At.Seconds(), c.Who, c.Text))
		}
	}
	return list
}
