package audit

import (
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// ExpiryInTime: a session whose client is dead ends in time. A dead process says nothing, so the
// leader, whatever else it hears, has to propose the end of the session:
//
//	the client's last word    reaches the leader within 3 messages (CONNECT, REVALIDATE and its
//	                          answer), half a tick until the next PING, and 2 messages more
//	the session's timeout     and then to the end of that tick (server.touch)
//
// which is a timeout, a tick and a half, and five messages; two ticks are allowed. Time counts from
// the client's death, from the establishment of the leader (which gives every session a full
// timeout), or from the last fault of a server or of the network, whichever comes last. While a
// fault lasts that may delay a message or a clock, there is no deadline.
//
// Sessions of live clients that are cut off are not checked: only the network knows when their last
// message went out. They end by the same clock, and [engine.Engine].AtRest wants them gone.

// orphan is a session whose client is dead.
type orphan struct {
	session int64
	since   sim.Time
}

// expiry is the state of the check ExpiryInTime.
type expiry struct {
	orphans []orphan
	due     sim.Time // when to look next
	ends    []ending
	reign   engine.Reign // the last one; Epoch is 0 before the first

	paused    sim.Time // until when some server is paused
	cut, held bool     // messages are lost or delayed, until heal and release
	slow      bool     // for good: a bandwidth, a delay, or a clock at another rate
}

// ending is a closeSession that a leader has proposed.
type ending struct {
	session int64
	epoch   uint32
}

// Established reports to the audit that a server is the established leader of an epoch: a quorum
// has acknowledged its NEWLEADER.
func (a *Audit) Established(r engine.Reign) {
	a.expiry.reign = r
	a.disturbed()
}

// Left reports to the audit that a server has died or stopped leading. If the server did not lead,
// Left does nothing.
func (a *Audit) Left(id zab.ID) {
	if r := &a.expiry.reign; r.Leader == id && r.To < 0 {
		r.To = a.world.Now()
	}
}

// ClientDied reports to the audit that the client of a session has died.
func (a *Audit) ClientDied(session int64) {
	x := &a.expiry
	x.orphans = append(x.orphans, orphan{session, max(a.world.Now(), x.paused)})
	a.await()
}

// EndProposed reports to the audit that a leader has proposed to end a session, for any reason.
func (a *Audit) EndProposed(session int64, z zab.Zxid) {
	a.expiry.ends = append(a.expiry.ends, ending{session, z.Epoch()})
}

// disturbed restarts the deadline of every orphan.
func (a *Audit) disturbed() {
	x := &a.expiry
	for i := range x.orphans {
		x.orphans[i].since = max(a.world.Now(), x.paused)
	}
	a.await()
}

// await looks at the orphans again when the first of them may be late. While there are no orphans,
// no step of the world pays for this check.
func (a *Audit) await() {
	x := &a.expiry
	x.due = sim.Never
	a.world.AfterStep = nil
	if len(x.orphans) > 0 && !x.cut && !x.held && !x.slow {
		x.due = a.world.Now()
		a.world.AfterStep = func(*sim.Machine) {
			if a.world.Now() >= x.due {
				a.expiries()
			}
		}
	}
}

// fault notes a fault that may delay a message or a clock; it returns true if the deadlines
// restart. m is the machine that the fault names first, or nil.
func (x *expiry) fault(f sim.Fault, m *sim.Machine, now sim.Time) (disturbs bool) {
	server := m != nil && m.Kind == "server"
	switch f.Kind {
	case sim.FaultExpire, sim.FaultWall, sim.FaultFailFsync, sim.FaultFsync, sim.FaultTear,
		sim.FaultCorrupt, sim.FaultFull, sim.FaultReset:
		return false
	case sim.FaultCrash, sim.FaultPower, sim.FaultWipe:
		return server && m.Up()
	case sim.FaultRestart:
		return server && !m.Up()
	case sim.FaultPause:
		if !server || !m.Up() {
			return false
		}
		x.paused = max(x.paused, now+f.Span)
	case sim.FaultSplit, sim.FaultCut:
		x.cut = true
	case sim.FaultMend: // others may still be cut
	case sim.FaultHeal:
		disturbs = x.cut
		x.cut = false
		return disturbs
	case sim.FaultHold:
		x.held = true
	case sim.FaultRelease:
		disturbs = x.held
		x.held = false
		return disturbs
	case sim.FaultDelay, sim.FaultClock, sim.FaultBandwidth:
		x.slow = true
	default:
		panic("audit: unknown fault " + f.Kind.String() + ": add it to expiry.fault, which says " +
			"whether it delays the end of a session")
	}
	return true
}

// expiries looks for sessions that should have ended.
func (a *Audit) expiries() {
	x := &a.expiry
	x.due = sim.Never
	if x.reign.Epoch == 0 || x.reign.To >= 0 {
		return // the next establishment asks again
	}
	s := a.run.Server(x.reign.Leader)
	if s == nil || !s.Leads() {
		return
	}
	allowed := 2*a.config.Tick + 5*a.world.Config().Latency.Max
	x.orphans = slices.DeleteFunc(x.orphans, func(o orphan) bool {
		timeoutMs, ok := s.Tree().Session(o.session)
		if !ok {
			return true
		}
		if slices.Contains(x.ends, ending{o.session, x.reign.Epoch}) {
			return false
		}
		late := o.since + sim.Time(timeoutMs)*sim.Millisecond + allowed
		if a.world.Now() > late {
			a.broken(ExpiryInTime,
				"%s has led since %s, but has not ended session %x of the dead client %s by %s",
				a.world.Machine(x.reign.Leader).Name, x.reign.From.Seconds(), o.session,
				a.run.ClientOf(o.session), late.Seconds())
		}
		x.due = min(x.due, late+1)
		return false
	})
}
