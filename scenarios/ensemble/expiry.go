package ensemble

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// ExpiryInTime: a session whose client is gone ends in time. Nobody hears of a process that is dead,
// so the leader, whatever it is told, has to propose the session's end:
//
//	the client's last word    reaches the leader within 3 messages (CONNECT, REVALIDATE and its
//	                          answer), half a tick until the next PING, and 2 messages more
//	the session's timeout     and then to the end of that tick (server.touch)
//
// which is a timeout, a tick and a half, and five messages; two ticks are allowed. It counts from
// the client's death, from the establishment of the leader, which gives every session a full
// timeout, or from the last fault of a server or of the network, whichever came last. While one
// lasts that may hold up a word or a clock, nobody can say what is in time.
//
// Sessions of clients that live, and are cut off, are not asked for: they end by the same clock.

// orphan is a session whose client's process is gone.
type orphan struct {
	session int64
	since   sim.Time
}

// expiry is what is kept for ExpiryInTime.
type expiry struct {
	orphans []orphan
	due     sim.Time // when to look next
	ends    []ending

	paused    sim.Time // until when a server stands still
	cut, held bool     // messages do not arrive, or later
	slow      bool     // for good: a delay, or a clock that runs otherwise
}

// ending is a closeSession that a leader has proposed.
type ending struct {
	session int64
	epoch   uint32
}

func (x *expiry) calm() bool { return !x.cut && !x.held && !x.slow }

// orphaned: the client of a session has died.
func (e *Ensemble) orphaned(session int64) {
	e.expiry.orphans = append(e.expiry.orphans, orphan{session, max(e.World.Now(), e.expiry.paused)})
	e.await()
}

// disturbed: what was in time before says nothing any more.
func (e *Ensemble) disturbed() {
	for i := range e.expiry.orphans {
		e.expiry.orphans[i].since = max(e.World.Now(), e.expiry.paused)
	}
	e.await()
}

// await looks at the orphans again when the first of them may be late. Without any, no step of the
// world pays for them.
func (e *Ensemble) await() {
	x := &e.expiry
	x.due = sim.Never
	e.World.AfterStep = nil
	if len(x.orphans) > 0 && x.calm() {
		x.due = e.World.Now()
		e.World.AfterStep = func(*sim.Machine) {
			if e.World.Now() >= x.due {
				e.expiries()
			}
		}
	}
}

// onFault notes what may keep a word from arriving, or a clock from running.
func (e *Ensemble) onFault(f sim.Fault) {
	x := &e.expiry
	var m *sim.Machine
	if len(f.Who) > 0 {
		m = e.World.Find(f.Who[0])
	}
	of := func(kind string, up bool) bool { return m != nil && m.Kind == kind && m.Up() == up }
	if m != nil && m.Kind == "server" {
		switch f.Kind {
		case sim.FaultCorrupt:
			e.spoilt = e.spoilt.With(m.ID)
		case sim.FaultWipe:
			e.spoilt = e.spoilt.Without(m.ID)
			e.seen.Lost++
		}
	}
	switch f.Kind {
	case sim.FaultExpire, sim.FaultWall, sim.FaultFailFsync, sim.FaultFsync, sim.FaultTear, sim.FaultCorrupt, sim.FaultFull, sim.FaultReset:
		return
	case sim.FaultCrash, sim.FaultPower, sim.FaultWipe:
		if !of("server", true) {
			return
		}
	case sim.FaultRestart:
		if !of("server", false) {
			return
		}
	case sim.FaultPause:
		if !of("server", true) {
			return
		}
		x.paused = max(x.paused, e.World.Now()+f.Span)
	case sim.FaultSplit, sim.FaultCut:
		x.cut = true
	case sim.FaultMend: // others may be cut still
	case sim.FaultHeal:
		if !x.cut {
			return
		}
		x.cut = false
	case sim.FaultHold:
		x.held = true
	case sim.FaultRelease:
		if !x.held {
			return
		}
		x.held = false
	default:
		x.slow = true
	}
	e.disturbed()
}

// expiries looks for sessions that should be over.
func (e *Ensemble) expiries() {
	x := &e.expiry
	x.due = sim.Never
	if len(e.reigns) == 0 || e.reigns[len(e.reigns)-1].To >= 0 {
		return // the next establishment asks again
	}
	reign := &e.reigns[len(e.reigns)-1]
	s := e.Server(reign.Leader)
	if s == nil || !s.Leads() {
		return
	}
	c := e.config
	allowed := 2*c.Tick + 5*e.World.Config().Latency.Max
	x.orphans = slices.DeleteFunc(x.orphans, func(o orphan) bool {
		timeoutMs, ok := s.Tree().Session(o.session)
		if !ok {
			return true
		}
		if slices.Contains(x.ends, ending{o.session, reign.Epoch}) {
			return false
		}
		late := o.since + sim.Time(timeoutMs)*sim.Millisecond + allowed
		if e.World.Now() > late {
			e.broken("ExpiryInTime", "%s leads since %s, and the session %x of %s, who is dead, has not ended by %s",
				e.World.Machine(reign.Leader).Name, reign.From.Seconds(), o.session, e.ClientOf(o.session), late.Seconds())
		}
		x.due = min(x.due, late+1)
		return false
	})
}

// ends notes that the end of a session is proposed.
func (e *Ensemble) ends(session int64, z zab.Zxid) {
	e.expiry.ends = append(e.expiry.ends, ending{session, z.Epoch()})
}
