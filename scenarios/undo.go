package scenarios

import (
	"slices"

	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// undoing is the end of a fault that the drawing gives a length: partitioned for 1s, crashes and
// restarts after 5s.
type undoing struct {
	at    sim.Time
	fault sim.Fault
}

// strike carries out the fault of a note, after its delay. At that moment there may be no leader,
// or no follower.
func (p *player) strike(t *thread, a *script.Act) {
	now := func() {
		t.wait = &waiting{
			until: p.now() + p.e.GiveUp(),
			ready: func() bool { _, _, err := p.victims(a); return err == nil && !p.pausing(a) },
			then:  func() { p.fault(a) },
		}
	}
	if a.Fault.Delay == 0 {
		now()
		return
	}
	t.wait = &waiting{until: p.now() + a.Fault.Delay, ready: func() bool { return false }, then: now}
}

// lasts notes when the fault of a note ends.
func (p *player) lasts(a *script.Act, faults []sim.Fault) {
	for _, f := range faults {
		switch {
		case f.Kind == sim.FaultPause && !a.Fault.Open:
			p.spanEnds[f.Who[0]] = p.now() + f.Span
		case a.Fault.Back:
			p.undoings = append(p.undoings, undoing{p.now() + a.Fault.For, f})
			for _, who := range append(slices.Clone(f.Who), slices.Concat(f.Groups...)...) {
				p.spanEnds[who] = p.now() + a.Fault.For
			}
		}
	}
	if a.Fault.Back && a.Fault.For == 0 {
		p.undo()
	}
}

// due reports whether a fault ends now, or whether the time of a fault or a call has come.
func (p *player) due() bool {
	ends := func(u undoing) bool { return u.at <= p.now() }
	return len(p.timers) > 0 && p.timers[0].at <= p.now() || slices.ContainsFunc(p.undoings, ends)
}

// undo ends the faults whose time is over. A client that another line has restarted or connected
// meanwhile stays as it is.
func (p *player) undo() {
	p.undoings = slices.DeleteFunc(p.undoings, func(u undoing) bool {
		if u.at > p.now() {
			return false
		}
		f := &u.fault
		switch {
		case f.Kind == sim.FaultSplit && len(f.Groups) == 2:
			for _, a := range f.Groups[0] {
				delete(p.apart, a)
				for _, b := range f.Groups[1] {
					_ = p.e.Apply(sim.Mend(a, b)) // nothing to mend is no error of the drawing
					_ = p.e.Apply(sim.Mend(b, a))
				}
			}
		case f.Kind == sim.FaultSplit:
			_ = p.e.Heal()
		case !p.up(f.Who[0]):
			_ = p.e.Apply(sim.Restart(f.Who[0]))
		}
		return true
	})
}
