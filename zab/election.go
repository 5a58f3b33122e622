package zab

import "github.com/zablab/zablab/sim"

// electing is the role of a server that is LOOKING: FastLeaderElection.lookForLeader.
type electing struct {
	proposal   Vote
	own        Vote     // the vote with which this server began
	received   []ballot // recvset, by ID: votes of this round
	settled    []ballot // outofelection, by ID: votes of servers that follow or lead
	resendAt   sim.Time
	resendWait sim.Time // doubles each time it passes without a message
	finalizeAt sim.Time // when the proposal becomes final; Never without a quorum
}

// ballot is the last vote of one server.
type ballot struct {
	set   bool
	state State
	round uint64
	vote  Vote
}

// minNotify is how long an election waits before it first resends its vote
// (minNotificationInterval).
const minNotify = 200 * sim.Millisecond

// better reports whether vote a beats vote b: by epoch, then zxid, then server number. Each of
// these counts only if all before it are equal (ZOOKEEPER-1419 lacked such a condition). The order
// is total: of two different votes exactly one is better.
func better(a, b Vote) bool {
	if a.Epoch != b.Epoch {
		return a.Epoch > b.Epoch
	}
	if a.Zxid != b.Zxid {
		return a.Zxid > b.Zxid
	}
	return a.Leader > b.Leader
}

// prefers reports whether a beats b, and checks that exactly one of two different votes beats the
// other (rule L9).
func (p *Peer) prefers(a, b Vote) bool {
	yes := p.better(a, b)
	if a != b && yes == p.better(b, a) {
		if yes {
			p.inconsistent("VoteOrder", "of the votes %v and %v, each beats the other", a, b)
		} else {
			p.inconsistent("VoteOrder", "of the votes %v and %v, neither beats the other", a, b)
		}
	}
	return yes
}

// becomeLooking ends the present role and starts an election. It reports why.
func (p *Peer) becomeLooking(why string) {
	p.leave()
	if p.exited {
		return
	}
	if !p.leavesUnapplied() {
		p.fastForward()
	}
	p.report("looking for a leader: %s", why)
	p.setState(Looking, Election)
	p.startElection()
}

// startElection begins the next round, once the writer has nothing left to do. A vote must say what
// is on disk (rule L1), because the winner's history becomes everybody's; and an epoch that reached
// the disk unnoticed would make our vote rank too low.
func (p *Peer) startElection() {
	if p.waiting = len(p.writer.jobs) > 0; p.waiting {
		return
	}
	p.round++
	n := len(p.links.to)
	p.elect = &electing{
		received: make([]ballot, n), settled: make([]ballot, n),
		own: p.ownVote(), resendWait: minNotify, finalizeAt: sim.Never,
	}
	p.propose(p.elect.own)
	p.restartResend()
}

// ownVote returns a vote for this server; or the zero vote if this server must not be elected,
// because it is an observer or has lost its history (ZOOKEEPER-261).
func (p *Peer) ownVote() Vote {
	if !p.config.Voters.Has(p.config.ID) || p.blank {
		return Vote{}
	}
	return Vote{p.config.ID, p.lastZxid(), p.currentEpoch}
}

func (p *Peer) restartResend() {
	p.elect.resendAt = p.io.Now + p.elect.resendWait
}

// propose makes v our vote, sends it to every voter, and counts it at once.
func (p *Peer) propose(v Vote) {
	p.elect.proposal = v
	p.elect.finalizeAt = sim.Never
	p.probe.Voted(p, v)
	p.sendNotifications()
	if p.mayVote() {
		p.elect.received[p.config.ID] = ballot{true, Looking, p.round, v}
	}
	p.countVotes()
}

func (p *Peer) mayVote() bool { return p.config.Voters.Has(p.config.ID) && !p.blank }

func (p *Peer) notification() *Notification {
	if p.elect != nil {
		return &Notification{State: Looking, Vote: p.elect.proposal, Round: p.round}
	}
	return &Notification{State: p.state, Vote: p.currentVote, Round: p.voteRound}
}

func (p *Peer) sendNotifications() {
	n := p.notification()
	for id := ID(1); int(id) < len(p.links.to); id++ {
		if p.config.Voters.Has(id) && id != p.config.ID {
			p.links.send(id, n)
		}
	}
}

// electionTimers sends our vote again after silence, less and less often. It ends the election when
// a quorum has had the same vote for FinalizeWait, and no better vote has come.
func (p *Peer) electionTimers() {
	e := p.elect
	if p.io.Now >= e.finalizeAt {
		p.decide(e.proposal, p.round)
		return
	}
	if p.io.Now >= e.resendAt {
		e.resendWait = min(2*e.resendWait, p.config.MaxNotify)
		p.restartResend()
		p.sendNotifications()
	}
}

// onNotification handles a vote, as the receive thread of ZooKeeper's FastLeaderElection and its
// lookForLeader do.
func (p *Peer) onNotification(from ID, n *Notification) {
	if p.elect == nil {
		// Only a looking server needs an answer: our final vote.
		if n.State == Looking || !p.config.Voters.Has(from) {
			if p.state != Looking {
				p.links.send(from, p.notification())
			}
		}
		return
	}
	if !p.config.Voters.Has(from) {
		p.links.send(from, p.notification()) // an observer learns from us, and we ignore its vote
		return
	}
	// A server in an older round must learn of our round, whatever its vote is.
	if n.State == Looking && n.Round < p.round && p.mayVote() {
		p.links.send(from, p.notification())
	}
	if !p.config.Voters.Has(n.Vote.Leader) {
		p.report("vote of S%d names S%d, which is no voter", from, n.Vote.Leader)
		return
	}
	p.restartResend() // a message came; resendWait itself never shrinks within an election
	switch n.State {
	case Looking:
		p.onLookingVote(from, n)
	case Following, Leading:
		p.onSettledVote(from, n)
	}
}

func (p *Peer) onLookingVote(from ID, n *Notification) {
	e := p.elect
	if p.blank && p.config.Voters.Has(p.config.ID) {
		// We may join an ensemble that works, but not help to form one.
		p.refuse(VoteWithoutHistory, from, n.Vote.Zxid)
		return
	}
	switch {
	case n.Round < p.round:
		p.report("vote of S%d refused: its round is %d, but this server is in round %d", from, n.Round,
			p.round)
		return
	case n.Round > p.round:
		p.round = n.Round
		clear(e.received)
		e.received[from] = ballot{true, Looking, n.Round, n.Vote}
		best := e.own
		if p.prefers(n.Vote, best) {
			best = n.Vote
		}
		p.propose(best)
		return
	}
	e.received[from] = ballot{true, Looking, n.Round, n.Vote}
	if p.prefers(n.Vote, e.proposal) {
		p.propose(n.Vote)
		return
	}
	p.countVotes()
}

// countVotes starts the final wait when a quorum has our proposal. Only a better vote of this
// round, or a later round, ends that wait (rule R9).
func (p *Peer) countVotes() {
	e := p.elect
	var agree Set
	for id := range e.received {
		if b := &e.received[id]; b.set && b.round == p.round && b.vote == e.proposal {
			agree = agree.With(ID(id))
		}
	}
	if !agree.Majority(p.config.Voters) {
		e.finalizeAt = sim.Never
	} else if e.finalizeAt == sim.Never {
		e.finalizeAt = p.io.Now + p.config.FinalizeWait
	}
}

// onSettledVote handles the vote of a server that already follows or leads.
func (p *Peer) onSettledVote(from ID, n *Notification) {
	e := p.elect
	b := ballot{true, n.State, n.Round, n.Vote}
	if n.Round == p.round {
		e.received[from] = b
		if p.settledQuorum(e.received, b) && p.checkLeader(e.received, n.Vote.Leader, n.Round) {
			p.decide(n.Vote, n.Round)
			return
		}
	}
	e.settled[from] = b
	if p.settledQuorum(e.settled, b) && p.checkLeader(e.settled, n.Vote.Leader, n.Round) {
		p.round = n.Round
		p.decide(n.Vote, n.Round)
	}
}

// settledQuorum is true if a quorum agrees with b. For servers that are not LOOKING only leader and
// epoch are compared: their zxids and rounds may differ within one ensemble (ZOOKEEPER-1805).
func (p *Peer) settledQuorum(votes []ballot, b ballot) bool {
	var agree Set
	for id := range votes {
		v := &votes[id]
		same := v.set && v.vote.Leader == b.vote.Leader && v.vote.Epoch == b.vote.Epoch
		if same && v.state == Looking {
			same = v.round == b.round && v.vote == b.vote
		}
		if same {
			agree = agree.With(ID(id))
		}
	}
	return agree.Majority(p.config.Voters)
}

// checkLeader is true if the leader itself says that it leads: otherwise followers that have not
// noticed its death would elect it for ever. This server, as the leader, is accepted only in its
// present round (ZOOKEEPER-1514).
func (p *Peer) checkLeader(votes []ballot, leader ID, round uint64) bool {
	if leader == p.config.ID {
		return p.round == round
	}
	return int(leader) < len(votes) && votes[leader].set && votes[leader].state == Leading
}

// decide ends the election with the final vote v.
func (p *Peer) decide(v Vote, round uint64) {
	p.elect = nil
	p.currentVote, p.voteRound = v, round
	if v.Leader == p.config.ID {
		p.becomeLeading()
		return
	}
	p.becomeLearner(v.Leader)
}
