package trace

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// chain is the chain of causes that led to an event.
type chain struct {
	steps   []int64 // the causes, ascending, with the event itself last
	parents []int64 // for each step of the run, the step that caused it
	asides  []trace.Aside
	reader  *trace.Reader // at the end of the trace
}

// causesOf reads a trace twice. The first pass finds the cause of every event; the second finds
// asides, which explain an event without causing it, and calls visit with each event and whether
// the chain has it.
func causesOf(name string, step int64, visit func(e *trace.Event, in bool)) (*chain, error) {
	c := &chain{}
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		c.parents = append(c.parents, e.Cause)
		return true
	})
	if err != nil {
		return nil, err
	}
	if step < 0 || step >= r.Count() {
		return nil, noStep(name, "causes", step, r)
	}
	c.reader, c.steps = r, trace.Causes(c.parents, step)
	slices.Reverse(c.steps)
	asides := trace.Asides{Chain: c.steps}
	_, err = each(name, func(e *trace.Event, r *trace.Reader) bool {
		visit(e, c.has(e.I))
		asides.Add(e, r.State())
		return true
	})
	c.asides = asides.Found
	return c, err
}

func (c *chain) has(step int64) bool {
	_, in := slices.BinarySearch(c.steps, step)
	return in
}

// chooseCauses returns the events that led to the step of --causes, nearest first.
func (f *showFlags) chooseCauses(name string) (*shown, error) {
	var list []trace.Event
	c, err := causesOf(name, f.causes, func(e *trace.Event, in bool) {
		if in {
			list = append(list, *e)
		}
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(list)
	return &shown{
		first: list, asides: c.asides, word: "causes",
		total: c.reader.Count(), header: c.reader.Header, ended: c.reader.Ended,
	}, nil
}

// story prints a chain of causes, nearest first. It leaves out the middle of a long chain.
func (p *printer) story(name string, s *shown, most int) {
	list := s.first
	p.line("%s  %s", p.Bold("Why: "+list[0].Say),
		p.Faint(fmt.Sprintf("%s · step %d at %s", name, list[0].I, seconds(list[0].T))))
	t := terminal.NewTable(p.out, "Step", "Time", "Since its cause", "What happened (the latest "+
		"event first)")
	most = cmp.Or(most, fewEvents)
	rows := p.storyRows(s)
	for i, cells := range rows {
		switch hidden := len(rows) - most; {
		case hidden <= 0 || i < most-most/3 || i >= len(rows)-most/3:
			t.Row(cells...)
		case i == most-most/3:
			t.Row("", "", "", p.Faint("  … "+terminal.Thousands(int64(hidden))+" more …"))
		}
	}
	t.Render()
	spent := trace.SpentOn(list)
	p.line("\n%s passed between the first cause and this event: %s waiting for timers, %s on the "+
		"network, %s at disks, %s for other reasons",
		sim.Time(list[0].T-list[len(list)-1].T).Brief(), sim.Time(spent.Timers).Brief(),
		sim.Time(spent.Network).Brief(), sim.Time(spent.Disk).Brief(),
		sim.Time(spent.Other).Brief())
	p.whys(s)
}

// storyRows returns the rows of a chain. The sending of a message has no row, because its arrival
// has one. Of consecutive timers only the first and the last have rows.
func (p *printer) storyRows(s *shown) (rows [][]string) {
	list, timers := s.first, 0
	timer := func(i int) bool { return list[i].K == "timer.fire" }
	for i := range list {
		e := &list[i]
		within := i > 0 && i+1 < len(list)
		if within && e.K == "send" {
			continue
		}
		if within && timer(i-1) && timer(i) && timer(i+1) {
			timers++
			continue
		}
		if timers > 0 {
			text := fmt.Sprintf("  … %s of %s not shown",
				terminal.Plural(timers, "timer", "timers"), e.N)
			rows = append(rows, []string{"", "", "", p.Faint(text)})
			timers = 0
		}
		since := ""
		if i+1 < len(list) && e.T > list[i+1].T {
			since = "+" + sim.Time(e.T-list[i+1].T).Brief()
		}
		rows = append(rows, []string{p.Faint(fmt.Sprint(e.I)), seconds(e.T), since, p.say(e)})
		for _, a := range s.asides {
			if a.For == e.I {
				text := p.Yellow("  ↳ " + because(e) + ": " + a.Event.Say)
				rows = append(rows,
					[]string{p.Faint(fmt.Sprint(a.Event.I)), seconds(a.Event.T), "", text})
			}
		}
	}
	return rows
}

// because says how an event explains another event that it did not cause.
func because(e *trace.Event) string {
	if e.K == "watch.fire" {
		return "the watch was set here"
	}
	return "last message from this client"
}
