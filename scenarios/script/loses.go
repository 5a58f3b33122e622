package script

import (
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// A message that is drawn as lost has to be lost. Before the call that makes somebody send it, the
// way that it takes is cut, and before the next message on that way the cut is mended.

// loses cuts the link of a message that is drawn as lost.
func (s *supplier) loses(i int, a *Act) {
	if !a.Lost || s.world.NoParents {
		return
	}
	var ways [][2]string
	k := -1
	switch d := a.Denied; {
	case s.heralds(i, d):
		s.losesEvent(i, a)
		return
	case d.Kind == Packet:
		ways = [][2]string{{d.From, d.To}}
		k = s.causing(i, d)
	case d.Kind == Reply:
		if s.world.Cast.Roles[d.To].Kind != RoleClient {
			return
		}
		ways = s.waysTo(d.To)
		k = s.unanswered(i, d.To)
	}
	if k < 0 {
		return
	}
	cause := s.acts[k]
	if cause.Loses = a.Denied.Kind == Reply; cause.Loses {
		a.Denied.Of = cause
	}
	cause.Before = append(faults(ways, sim.Cut), cause.Before...)
	a.told("the link is cut from line %d on, so that the message is lost", cause.Pos.Line)
	s.mended(i, a.Denied, ways)
}

// waysTo are the ways from all servers to a client.
func (s *supplier) waysTo(who string) (ways [][2]string) {
	for n := range s.world.Stage.Servers + s.world.Stage.Observers {
		ways = append(ways, [2]string{engine.ServerName(zab.ID(n + 1)), who})
	}
	return ways
}

// mended ends a cut before the next line that uses the same link.
func (s *supplier) mended(i int, lost *Act, ways [][2]string) {
	if next := s.nextOn(i, lost); next != nil {
		next.Before = append(faults(ways, sim.Mend), next.Before...)
		// What is on its way is lost with its connection.
		next.Before = append(faults(ways, sim.Reset), next.Before...)
		next.beside("the link works again from this line on")
	}
}

// heralds reports whether a lost message is a notification. "deleted" is one unless its client has
// a call without an answer that it suits.
func (s *supplier) heralds(i int, lost *Act) bool {
	if s.world.Cast.Roles[lost.To].Kind != RoleClient {
		return false
	}
	if lost.Kind != Reply || !lost.Either {
		return lost.Kind == Event
	}
	k := s.unanswered(i, lost.To)
	return k < 0 || s.acts[k].Op.Watch || lost.Suits(&s.acts[k].Op) == SuitsNot
}

// losesEvent cuts the links to a client at the moment at which its watch fires. Only the run knows
// that moment.
func (s *supplier) losesEvent(i int, a *Act) {
	d := a.Denied
	d.Kind, d.Either = Event, false
	told := len(d.Supplied)
	s.implied(i, d)
	a.Supplied = append(a.Supplied, d.Supplied[told:]...)
	c, ok := s.causeOf(i, d)
	if !ok {
		return
	}
	anchor := s.acts[s.anchor(c.at)]
	anchor.Before = append(anchor.Before, Supply{Lose: a})
	a.told("the link is cut as soon as the watch fires, at line %d or later, so that the "+
		"notification is lost", anchor.Pos.Line)
	s.mended(i, d, s.waysTo(d.To))
}

// faults are one fault for each way.
func faults(ways [][2]string, make func(from, to string) sim.Fault) (list []Supply) {
	for _, w := range ways {
		f := make(w[0], w[1])
		list = append(list, Supply{Fault: &f})
	}
	return list
}

// causing is the write above a message between servers that makes one send it to the other; -1 if
// there is none, or if the drawing shows another message on the same way in between.
func (s *supplier) causing(i int, lost *Act) int {
	switch lost.Packet {
	case "PROPOSAL", "ACK", "COMMIT", "INFORM":
	default:
		return -1
	}
	for k := i - 1; k >= max(0, i-reach); k-- {
		switch a := s.acts[k]; {
		case a.Kind == Packet && a.From == lost.From && a.To == lost.To:
			return -1
		case a.Kind == Call && a.Op.Type.Writes(), slices.ContainsFunc(a.Before,
			func(b Supply) bool { return b.Drawn }):
			return k
		}
	}
	return -1
}

// unanswered is the last call of a client above a line, if no answer to it is drawn.
func (s *supplier) unanswered(i int, who string) int {
	for k := i - 1; k >= max(0, i-reach); k-- {
		switch a := s.acts[k]; {
		case a.Kind == Call && a.From == who && a.Answer == nil:
			return k
		case a.Kind == Call && a.From == who, a.Kind == Reply && a.To == who:
			return -1
		}
	}
	return -1
}

// nextOn is the act before which a cut has to end: the next message on the same way, or the write
// that makes somebody send it; of a client the next that it does or hears.
func (s *supplier) nextOn(i int, lost *Act) *Act {
	for k := i + 1; k < min(len(s.acts), i+reach); k++ {
		a := s.acts[k]
		if lost.Kind == Packet && a.Kind == Packet && a.From == lost.From && a.To == lost.To {
			for n := k - 1; n > i; n-- {
				if b := s.acts[n]; b.Kind == Call && b.Op.Type.Writes() {
					return b
				}
			}
			return a
		}
		if lost.Kind != Packet && (a.Kind == Call || a.Kind == Heartbeat) && a.From == lost.To {
			return a
		}
		if lost.Kind != Packet && (a.Kind == Reply || a.Kind == Event) && a.To == lost.To {
			return a
		}
	}
	return nil
}
