package ensemble

import (
	"cmp"
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Reach is the place in the protocol at which a fault happened: what the server was doing at that
// moment. Two faults with equal Reach test the same place.
type Reach struct {
	// Message is the kind of message that the fault waited for, or else the last one that the
	// server had received in this life; empty if there was none.
	Message string
	State   zab.State
	Phase   zab.Phase
	Started bool // the server had restarted less than freshTicks ticks ago
	Lagging bool // its log lacked something that a quorum's disks hold
	First   bool // no leader had been established yet
	Fault   sim.FaultKind
}

// freshTicks is how long a server counts as just restarted: an election takes a few ticks.
const freshTicks = 10

// Reached is a place in the protocol at which faults of a run happened, and N is the number of
// these faults.
type Reached struct {
	Reach
	N int
}

// Compare returns the order of two places, for sorting: by Message, then by State, then by Phase,
// then by the other fields in their order.
func (r Reach) Compare(o Reach) int {
	flag := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(r.Message, o.Message), cmp.Compare(r.State, o.State),
		cmp.Compare(r.Phase, o.Phase), flag(r.Started)-flag(o.Started),
		flag(r.Lagging)-flag(o.Lagging), flag(r.First)-flag(o.First),
		cmp.Compare(r.Fault, o.Fault))
}

// ComparePlace compares two places as [Reach.Compare] does, and ignores the counts.
func (r Reached) ComparePlace(o Reached) int { return r.Compare(o.Reach) }

// Merge adds the counts in the parameter more to those in the parameter all, and returns the
// result, which has one entry for each place. The parameter all must be sorted by place
// ([Reached.ComparePlace]).
func Merge(all []Reached, more ...Reached) []Reached {
	for _, r := range more {
		i, ok := slices.BinarySearchFunc(all, r, Reached.ComparePlace)
		if !ok {
			all = slices.Insert(all, i, Reached{Reach: r.Reach})
		}
		all[i].N += r.N
	}
	return all
}

// Reached returns the places in the protocol at which faults have happened so far, sorted by place
// ([Reached.ComparePlace]).
func (e *Ensemble) Reached() []Reached { return e.reached }

// reach notes where a fault falls that is about to be carried out: for every running server that it
// crashes, stops, or cuts off. A fault that heals falls nowhere.
func (e *Ensemble) reach(f *sim.Fault) {
	e.counting.fault(f)
	switch f.Kind {
	case sim.FaultRestart, sim.FaultMend, sim.FaultHeal, sim.FaultRelease, sim.FaultExpire:
		return
	case sim.FaultSplit:
		if f.When.Trigger != 0 {
			e.reachAt(f, f.When.Who)
			return
		}
		for _, group := range f.Groups {
			for _, who := range group {
				e.reachAt(f, who)
			}
		}
		return
	}
	e.reachAt(f, f.Who[0])
}

func (e *Ensemble) reachAt(f *sim.Fault, who string) {
	m := e.World.Find(who)
	if m == nil || !m.Up() || m.Kind != "server" {
		return
	}
	s := e.Server(m.ID)
	if s == nil {
		return
	}
	e.reached = Merge(e.reached, Reached{e.placeOf(f, m, s), 1})
}

func (e *Ensemble) placeOf(f *sim.Fault, m *sim.Machine, s *server.Server) Reach {
	p := s.Peer()
	r := Reach{State: p.State(), Phase: p.Phase(), First: len(e.reigns) == 0, Fault: f.Kind}
	r.Started = m.Incarnation() > 1 && e.World.Now()-e.booted[m.ID] < freshTicks*e.config.Tick
	r.Lagging = p.LastLogged() < e.Audit().Chosen()
	switch w := &f.When; {
	case (w.Trigger == sim.TriggerSend || w.Trigger == sim.TriggerReceive) && w.Who == m.Name:
		r.Message = w.Arg
	case m.Heard() != nil:
		r.Message = m.Heard().Name()
	}
	return r
}
