package script

import "github.com/zablab/zablab/sim"

// Heir returns the number of the follower that leads next in the drawing, after a fault has hit the
// leader. If the drawing shows no such follower, Heir returns 0.
func (w *World) Heir() int {
	fallen := false
	for _, s := range w.Scenes {
		for _, a := range s.Arrows {
			switch a.Kind {
			case Fault:
				fallen = fallen || w.fells(a)
			case Happening:
				if r := w.Cast.Roles[a.Happening.Server]; fallen && r.Follows > 0 &&
					(a.Happening.What == BecomesLeader || a.Happening.What == IsLeading) {
					return r.Follows
				}
			case Packet:
				if r := w.Cast.Roles[a.From]; fallen && r.Follows > 0 && leaderSends[a.Packet] {
					return r.Follows
				}
			}
		}
	}
	return 0
}

// leaderSends are the messages that only a leader sends.
var leaderSends = map[string]bool{"LEADERINFO": true, "NEWLEADER": true, "UPTODATE": true,
	"DIFF": true, "SNAP": true, "TRUNC": true, "PROPOSAL": true, "COMMIT": true} // for lookups only

// fells reports whether a fault ends the reign of the drawn leader.
func (w *World) fells(a *Act) bool {
	f := &a.Fault
	switch f.Fault.Kind {
	case sim.FaultCrash, sim.FaultPower, sim.FaultPause, sim.FaultSplit:
	default:
		return false
	}
	if f.Target == LeaderServer {
		return true
	}
	for _, who := range f.Fault.Who {
		if w.Cast.Roles[who].Leads {
			return true
		}
	}
	for _, g := range f.Fault.Groups {
		if len(g) == 1 && w.Cast.Roles[g[0]].Leads {
			return true
		}
	}
	return false
}
