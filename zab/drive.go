package zab

import "github.com/zablab/zablab/sim"

// What an exhaustive search needs of a peer: to let any timer fire at any moment, to decide an
// election by other means than votes, and to name connections by itself. A world that a seed
// controls uses [Peer.Deadline] and Wake instead.

// Timer is one of the timers of a peer: when a timer fires, the peer acts without an event from
// outside.
type Timer uint8

// The timers.
const (
	FinalizeTimer Timer = iota // LOOKING: the wait for a better vote is over
	ResendTimer                // LOOKING: nobody has answered, so the vote is sent again
	RetryTimer                 // a learner tries again to reach its leader
	SilenceTimer               // a learner has not heard its leader for too long
	GiveUpTimer                // a leader has no quorum within initLimit
	PieceTimer                 // a leader sends the next piece of a snapshot
	TickTimer                  // a leader counts its followers
	LonelyTimer                // a leader has not heard its followers for too long
	timers
)

// timerNames say what happens when a timer fires.
var timerNames = [timers]string{
	FinalizeTimer: "the server stops waiting for a better vote, and ends the election",
	ResendTimer:   "the server resends its vote",
	RetryTimer:    "the learner tries again to connect to its leader",
	SilenceTimer:  "the learner has received nothing from its leader for too long",
	GiveUpTimer:   "the leader gives up, because no quorum has joined it within initLimit",
	PieceTimer:    "the leader sends the next piece of a snapshot",
	TickTimer:     "the leader checks whether it still has a quorum of followers",
	LonelyTimer:   "the leader has received nothing from its followers for too long",
}

// String says what happens when the timer fires.
func (t Timer) String() string { return timerNames[t] }

// Timers is a set of timers.
type Timers uint16

// Has reports whether t is in the set.
func (s Timers) Has(t Timer) bool { return s>>t&1 != 0 }

func (s Timers) with(t Timer, set bool) Timers {
	if set {
		s |= 1 << t
	}
	return s
}

// Timers returns the timers that are running. [TickTimer] is one of them only if the leader has
// lost its quorum, so that the next tick makes it step down.
func (p *Peer) Timers() (set Timers) {
	switch {
	case p.exited:
	case p.elect != nil:
		set = set.with(ResendTimer, true).with(FinalizeTimer, p.elect.finalizeAt != sim.Never)
	case p.learn != nil:
		set = set.with(SilenceTimer, true).with(RetryTimer, p.learn.retryAt != sim.Never)
	case p.lead != nil:
		set = set.with(GiveUpTimer, p.lead.giveUpAt != sim.Never).with(LonelyTimer, true)
		set = set.with(TickTimer, p.lead.stage == established && !p.quorum(p.alive()))
		for _, k := range p.lead.learners {
			set = set.with(PieceTimer, k.snapshot != nil)
		}
	}
	return set
}

// Fire makes the given running timer fire, and no other timer. First begin a step at time 0 with
// [IO.Begin], then call Fire, then end the step. If Fire makes the [TickTimer] fire, the leader
// only checks whether it still has a quorum: it sends no pings, and does not drop silent followers.
func (p *Peer) Fire(t Timer) {
	switch t {
	case FinalizeTimer:
		p.elect.finalizeAt = 0
		p.electionTimers()
	case ResendTimer:
		p.elect.resendAt, p.elect.resendWait = 0, minNotify
		p.electionTimers()
	case RetryTimer:
		p.learn.retryAt = 0
		p.learnerTimers()
	case SilenceTimer:
		p.learn.deadline = 0
		p.learnerTimers()
	case GiveUpTimer:
		p.lead.giveUpAt = 0
		p.leaderTimers()
	case PieceTimer:
		for _, k := range p.lead.learners {
			k.nextAt = 0
		}
		p.leaderTimers()
	case LonelyTimer:
		for _, k := range p.lead.learners {
			k.deadline = -1
		}
		p.fireTick()
	case TickTimer:
		p.fireTick()
	}
	if !p.exited {
		p.check()
	}
}

// fireTick is a tick that takes no time.
func (p *Peer) fireTick() {
	l := p.lead
	l.tick--
	p.onTick()
}

// OwnVote returns the vote with which this server begins an election: a vote for itself. If the
// server must not be elected, OwnVote returns the zero vote.
func (p *Peer) OwnVote() Vote { return p.ownVote() }

// Prefers reports whether vote a beats vote b.
func (p *Peer) Prefers(a, b Vote) bool { return p.prefers(a, b) }

// Decide ends the election with the final vote v, as if the servers' votes had decided it. Call it
// for a LOOKING peer, between [IO.Begin] and the end of a step.
func (p *Peer) Decide(v Vote) {
	p.decide(v, p.round)
	if !p.exited {
		p.check()
	}
}

// Elects reports whether the peer is in an election now. A LOOKING peer begins its election only
// after its earlier disk writes are complete.
func (p *Peer) Elects() bool { return p.elect != nil }

// HasLearner reports whether this peer is a leader and the server with the given id is connected to
// it as a learner.
func (p *Peer) HasLearner(id ID) bool {
	if p.lead == nil {
		return false
	}
	for _, k := range p.lead.learners {
		if k.id == id {
			return true
		}
	}
	return false
}

// NameConns sets the function that [IO.Dial] calls to get the ID of each new connection. Without
// such a function, Dial numbers the connections.
func (io *IO) NameConns(name func(to ID, port sim.Port) sim.ConnID) { io.name = name }

// Writes reports whether the peer is in the middle of a disk write that needs several fsyncs: at
// least one of them is complete, and at least one is not. Only the writes of an epoch file, of a
// truncation and of a received snapshot need several fsyncs.
func (p *Peer) Writes() bool {
	w := &p.writer
	return w.busy > 0 && w.jobs[0].kind != jobAppend && w.phase > 0
}
