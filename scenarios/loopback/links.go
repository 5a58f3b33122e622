package loopback

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/sim"
)

// LinkFaults are the kinds of faults that [Links] carries out.
var LinkFaults = []sim.FaultKind{sim.FaultSplit, sim.FaultCut, sim.FaultMend, sim.FaultHeal,
	sim.FaultReset, sim.FaultDelay, sim.FaultHold, sim.FaultRelease}

// Links carries out the faults on links: between servers, and between clients and servers.
type Links struct {
	Mesh   Mesh // nil if the lab does not control the links between servers
	Ways   Ways // between clients and servers
	Number func(server string) int
	// Open sets a client's relays as Ways requires; Reset breaks its connections to a server. Both
	// ignore a name that is not a client's.
	Open  func(client string)
	Reset func(client string, server int)
}

// Apply carries out a fault of a kind in [LinkFaults].
func (l *Links) Apply(f sim.Fault) error {
	switch f.Kind {
	case sim.FaultHeal, sim.FaultRelease:
		for _, between := range l.Ways.All() {
			l.way(between[0], between[1], func(w *Way) {
				if f.Kind == sim.FaultHeal {
					w.Shut = false
				} else {
					w.Held = nil
				}
			})
		}
		if f.Kind == sim.FaultHeal {
			l.Mesh.Heal()
		}
		return nil
	case sim.FaultSplit:
		l.split(f.Groups)
		return nil
	}
	if len(f.Who) != 2 {
		return fmt.Errorf("%s: name two servers or clients", f)
	}
	a, b := f.Who[0], f.Who[1]
	switch f.Kind {
	case sim.FaultCut, sim.FaultMend:
		l.shut(a, b, f.Kind == sim.FaultCut)
	case sim.FaultDelay:
		if m, n := l.Number(a), l.Number(b); m > 0 && n > 0 {
			l.Mesh.Delay(m, n, HostTime(f.Span))
			return nil
		}
		l.way(a, b, func(w *Way) { w.Delay = HostTime(f.Span) })
		l.way(b, a, func(w *Way) { w.Delay = HostTime(f.Span) })
	case sim.FaultHold:
		l.way(a, b, func(w *Way) { w.Held = append(slices.Clip(w.Held), f.Message) })
	case sim.FaultReset:
		switch m, n := l.Number(a), l.Number(b); {
		case m > 0 && n > 0:
			l.Mesh.Reset(m, n)
		case m > 0:
			l.Reset(b, m)
		case n > 0:
			l.Reset(a, n)
		}
	}
	return nil
}

// split cuts every link between participants of different groups.
func (l *Links) split(groups [][]string) {
	for i, group := range groups {
		for k, other := range groups {
			if i == k {
				continue
			}
			for _, a := range group {
				for _, b := range other {
					l.shut(a, b, true)
				}
			}
		}
	}
}

func (l *Links) shut(from, to string, shut bool) {
	switch a, b := l.Number(from), l.Number(to); {
	case a == 0 || b == 0:
		l.way(from, to, func(w *Way) { w.Shut = shut })
	case shut:
		l.Mesh.Cut(a, b)
	default:
		l.Mesh.Mend(a, b)
	}
}

// way changes the link between a client and a server, in one direction.
func (l *Links) way(from, to string, change func(*Way)) {
	l.Ways.change(from, to, change)
	l.Open(from)
	l.Open(to)
}
