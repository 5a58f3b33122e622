package calm

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// These are the names of the properties that are checked here. They never change, because files of
// results contain them.
const (
	ElectionInTime  = "ElectionInTime"
	EpochInTime     = "EpochInTime"
	NoVainEpoch     = "NoVainEpoch"
	ReignInCalm     = "ReignInCalm"
	ConnectedInTime = "ConnectedInTime"
	StaysConnected  = "StaysConnected"
	AnswerInTime    = "AnswerInTime"
	WakeInTime      = "WakeInTime"
)

// Names lists the properties.
func Names() []string {
	return []string{ElectionInTime, EpochInTime, NoVainEpoch, ReignInCalm, ConnectedInTime,
		StaysConnected, AnswerInTime, WakeInTime}
}

// Breach is a violation of a property: something took too long or went wrong, although no fault
// acted.
type Breach struct {
	Name string
	Text string
	At   sim.Time // when it was due
}

// judge collects breaches, and what it measured for [Figures].
type judge struct {
	*Log
	spans
	end      sim.Time
	breaches []Breach
	figures  Figures
}

// Judge returns the breaches of a run, in no particular order, and the figures of the run. It
// judges the run up to the time a.Now. The account a has the calls of the clients and what they
// received up to that time; changes has all changes of nodes.
func (l *Log) Judge(a *engine.Account, changes []engine.Change) ([]Breach, Figures) {
	j := judge{Log: l, spans: l.spans(), end: a.Now}
	j.elections()
	j.epochs()
	j.reigns()
	j.desertions()
	for i := range a.Heard {
		j.client(a, &a.Heard[i], changes)
	}
	return j.breaches, j.figures
}

func (j *judge) breach(name string, at sim.Time, format string, args ...any) {
	j.breaches = append(j.breaches, Breach{name, fmt.Sprintf(format, args...), at})
}

// during calls f for each part of a span that lies in a calm period.
func (j *judge) during(s *span, f func(p *Period, from, to sim.Time)) {
	last := min(s.to, j.end)
	for i := range j.servers.periods {
		p := &j.servers.periods[i]
		from, to := max(s.from, p.From), min(last, p.To)
		if from < to {
			f(p, from, to)
		}
	}
}

// join returns how long the protocol takes from a quorum that follows a leader to an established
// epoch. The messages of the longest path are
//
//	dial, its refusal, ConnectRetry, dial, its answer            4 messages (the first dial may
//	                                                             find that the leader is not ready)
//	FOLLOWERINFO, LEADERINFO, ACKEPOCH, DIFF, NEWLEADER, ACK     6 messages
//
// and two more for the connection of another learner on which the first waits: 12. The fsyncs are
//
//	acceptedEpoch of the leader, of the learner     2 each: the file and its directory
//	the learner's log: truncation, records          3: the cut file, a new file, its directory
//	currentEpoch of the learner                     2
//
// 9 in all, and as many of another file, for each may find one under way on the disk.
func (l *Log) join() sim.Time {
	return connectRetry + 12*l.config.Latency.Max + 2*9*l.config.Fsync.Max
}

// What the protocol's own waits are: package zab has the same defaults.
const (
	connectRetry = 100 * sim.Millisecond
	connectTries = 5
	finalizeWait = 200 * sim.Millisecond
	minNotify    = 200 * sim.Millisecond
	dialRetry    = sim.Second // TCP's: a lost SYN is sent again
)

func (l *Log) ticks(n int) sim.Time { return sim.Time(n) * l.config.Tick }

// elections judges ElectionInTime. After a moment t of calm, without a working leader, these
// follow:
//
//	D  every server leaves a role that has died, or that it takes on because a server that has
//	   died since was elected with its last votes: initLimit ticks (a server that has not caught up
//	   waits longer than any other)
//	B  a server that has been LOOKING for a time b resends its vote after b + 200 ms at most, for
//	   its wait doubles with every resend. Each message that it gets puts that off, and the other's
//	   resends do so until their wait is as long: 2 (b + 200 ms), and then its own
//	S  a lost SYN is sent again after 1 s
//	J  a quorum has the same vote for 200 ms, and joins the leader: see join. The first leader may
//	   find that another history is ahead, or a later epoch was promised: twice
//
// The bound is D + 3 (b + D + 200 ms) + S + 2 (200 ms + J).
func (j *judge) elections() {
	for i := range j.leaderless {
		s := &j.leaderless[i]
		j.during(s, func(p *Period, from, to sim.Time) {
			bound := j.electionBound(from)
			j.figures.Leaderless += to - from
			j.figures.Elections++
			if to-from > bound {
				duration, calm := to-from, p.From
				j.breach(ElectionInTime, from+bound, "there was no leader with a quorum for %s, "+
					"from %s on (the bound is %s), although no fault has acted since %s and a "+
					"quorum of the voters runs", duration.Seconds(), from.Seconds(), bound.Seconds(),
					calm.Seconds())
			}
		})
	}
}

func (j *judge) electionBound(t sim.Time) sim.Time {
	longest := sim.Time(0)
	for i := range j.looking {
		if s := &j.looking[i]; s.from <= t && t < s.to {
			longest = max(longest, t-s.from)
		}
	}
	leave := j.ticks(max(j.config.InitLimit, j.config.SyncLimit+2))
	return leave + 3*(longest+leave+minNotify) + dialRetry + 2*(finalizeWait+j.join())
}

// epochs judges EpochInTime and NoVainEpoch. A leader with a quorum of followers in calm is
// established within join, or initLimit ticks if a learner gets a snapshot, which is as long as
// learners may take; and an epoch that a quorum has promised becomes established, unless another
// server has promised a later one.
func (j *judge) epochs() {
	for i := range j.gathered {
		s := &j.gathered[i]
		bound := j.join()
		if s.snap {
			bound = max(bound, j.ticks(j.config.InitLimit))
		}
		j.during(s, func(p *Period, from, to sim.Time) {
			j.figures.Joining += to - from
			j.figures.Joins++
			if s.from >= p.From && to-from > bound { // else a fault has come in between
				duration := to - from
				j.breach(EpochInTime, from+bound, "S%d has led a quorum since %s, and no fault "+
					"has acted since then, but the leader's epoch was not established within %s "+
					"(the bound is %s)",
					s.id, from.Seconds(), duration.Seconds(), bound.Seconds())
			}
		})
	}
	for i := range j.elected {
		s := &j.elected[i]
		left := s.to
		p := j.servers.at(s.to)
		if p == nil || s.done || s.excused || s.to >= min(p.To, j.end) || !j.joined(s, p) {
			continue
		}
		j.figures.Vain++
		j.breach(NoVainEpoch, s.to, "S%d gave up its epoch at %s, although a quorum had promised "+
			"that epoch at %s, and no fault has acted since %s",
			s.id, left.Seconds(), s.from.Seconds(),
			p.From.Seconds())
	}
}

// joined reports whether an epoch was promised by a quorum whose members all took their roles in a
// calm period: no fault has touched the connections on which it is to be established.
func (j *judge) joined(s *span, p *Period) bool {
	for i := range j.gathered {
		g := &j.gathered[i]
		if g.id == s.id && p.From <= g.from && g.from <= s.from && s.from <= g.to {
			return true
		}
	}
	return false
}

// settle returns how long after a fault a server may still lose its role because of that fault: a
// learner or a leader that heard nothing gives the other up after initLimit or syncLimit ticks, and
// one tick for the leader's clock, which counts only whole ones.
func (l *Log) settle() sim.Time {
	return l.ticks(max(l.config.InitLimit, l.config.SyncLimit)+2) + dialRetry
}

// reigns judges ReignInCalm. A server leaves broadcast only if its leader has ended the epoch, and
// a leader ends its epoch only for a reason that needs no fault.
func (j *judge) reigns() {
	for i := range j.served {
		s := &j.served[i]
		p := j.servers.at(s.to)
		if p == nil || s.to >= min(p.To, j.end) || s.to < max(s.from, p.From)+j.settle() {
			continue
		}
		j.figures.Left++
		if s.excused || s.leader != s.id && !j.leads(s.leader, s.to) {
			continue
		}
		j.breach(ReignInCalm, s.to, "S%d stopped serving under leader S%d at %s, although no "+
			"fault has acted since %s", s.id, s.leader, s.to.Seconds(), p.From.Seconds())
	}
}

// desertions judges the part of ReignInCalm that is about learners which do not serve yet. If a
// learner took its role in a calm period, and its leader has led since then and continues, the
// learner does not leave it. Nor does a learner leave before it has tried to connect connectTries
// times: its leader may not know yet that it leads.
func (j *judge) desertions() {
	for i := range j.followed {
		s := &j.followed[i]
		left := s.to
		p := j.servers.at(s.to)
		if p == nil || s.done || s.from < p.From || s.to >= min(p.To, j.end) {
			continue
		}
		if tried := s.to - s.from; !s.told && tried < (connectTries-1)*connectRetry {
			j.breach(ReignInCalm, s.to, "S%d gave up its leader S%d at %s, %s after its first try to "+
				"connect, although no fault has acted since %s: a learner must try %d times, with "+
				"%s between two tries", s.id, s.leader, left.Seconds(), tried.Seconds(),
				p.From.Seconds(), connectTries, connectRetry.Seconds())
			continue
		}
		for n := range j.led {
			if l := &j.led[n]; !s.excused && l.id == s.leader && l.from <= s.from && s.to < l.to {
				j.breach(ReignInCalm, s.to, "S%d left its leader S%d at %s, although that leader "+
					"has led since %s without a break, and no fault has acted since %s",
					s.id, s.leader,
					left.Seconds(), l.from.Seconds(), p.From.Seconds())
			}
		}
	}
}

// leads reports whether a server leads an established epoch, at a moment and after it.
func (j *judge) leads(id zab.ID, t sim.Time) bool {
	for i := range j.served {
		s := &j.served[i]
		if s.id == id && s.leader == id && s.from <= t && t < s.to {
			return true
		}
	}
	return false
}
