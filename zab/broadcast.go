package zab

import "github.com/zablab/zablab/zab/flaw"

// A write, step by step. A follower F forwards it to the leader L; O is an observer.
//
//	F      Forward      REQUEST to the leader
//	L      onForwarded  hands it to the App, which proposes
//	L      Propose      PROPOSAL to every follower, and to the own log at the same time
//	F      onProposal   waits for its commit, and goes to the log
//	F, L   logEntry     to the writer: one fsync for all that wait (writer.go)
//	F, L   onLogged     on disk: F sends ACK, L counts its own
//	L      onAck        notes what a follower acked
//	L      countAck     counts voters, in zxid order
//	L      commit       COMMIT to followers, INFORM to observers
//	F      onCommit     the first that waits is committed
//	O      onInform     proposal and commit in one
//	F,L,O  deliver      the App applies it, and answers the client that asked

// Forward sends a REQUEST, REVALIDATE or SYNC to the leader of this server. It returns false, and
// sends nothing, if the server has no leader, or does not serve clients yet.
func (p *Peer) Forward(m Message) bool {
	if p.learn == nil || p.phase != Broadcast {
		return false
	}
	p.io.Send(p.learn.conn, m)
	return true
}

// onForwarded passes a learner's REQUEST or REVALIDATE to the App, once the epoch is established.
func (p *Peer) onForwarded(k *learner, m Message) {
	if p.lead.stage < established {
		p.refuse(RequestNotEstablished, k.id, NoZxid)
		return
	}
	p.app.Forwarded(k.id, m)
}

// NextZxid returns the zxid that the next proposal will have. ok is false if this server may not
// propose, because it is not an established leader.
func (p *Peer) NextZxid() (z Zxid, ok bool) {
	if p.lead == nil || p.lead.stage < established {
		return 0, false
	}
	return p.after(p.lead.proposed), true
}

// after returns the zxid that follows z. From the largest counter the carry goes into the epoch.
func (p *Peer) after(z Zxid) Zxid {
	if z.Counter() >= p.config.MaxCounter {
		return MakeZxid(z.Epoch()+1, 0)
	}
	return z + 1
}

// Propose sends data to the followers as a transaction, and returns its zxid: the one that
// [Peer.NextZxid] has promised. Call Propose between [IO.Begin] and the end of a step, and never
// change data afterwards. If the epoch has no counter left for another transaction, Propose returns
// false, data is not proposed, and the peer steps down.
func (p *Peer) Propose(data []byte) (z Zxid, ok bool) {
	l := p.lead
	p.assert(l != nil && l.stage == established, "stateInconsistent",
		"this server proposes, but is not an established leader")
	if l.proposed.Counter() >= p.config.MaxCounter-1 && !p.rollsOver() {
		// The zxid after the largest counter would be e+1/0, in an epoch for which no leader was
		// elected (ZOOKEEPER-1277). Like ZooKeeper, we do not use the largest counter either.
		p.becomeLooking("the zxid counter of this epoch is used up")
		return NoZxid, false
	}
	e := Entry{Zxid: p.after(l.proposed), Data: data}
	l.proposed = e.Zxid
	l.outstanding = append(l.outstanding, proposal{entry: e})
	p.probe.Proposed(p, e)
	m := &Proposal{e}
	for _, k := range l.learners {
		if k.stage >= catchingUp && !k.observer && !p.waitsForAck(k) {
			p.sendProposal(k, m)
		}
	}
	// The log write comes after the send, and runs in parallel: network and disk need not wait for
	// each other, as long as our own ack waits for the disk (rule D6).
	p.logEntry(e)
	return e.Zxid, true
}

func (p *Peer) sendProposal(k *learner, m *Proposal) {
	if k.ackedUpTo == k.sentUpTo {
		k.unackedSince = p.lead.tick
	}
	k.sentUpTo = m.Entry.Zxid
	p.toLearner(k, m)
}

// onProposal logs a transaction. The ACK waits until it is durable (rule D5): an ACK counts towards
// a commit, which must survive our loss of power. A proposal that comes while we catch up is kept
// for later. A gap breaks the connection, because no later check would find the hole in the log
// (rule R3; ZooKeeper only warns).
func (p *Peer) onProposal(e Entry) {
	l := p.learn
	if p.state != Following || l.mode == byNothing {
		p.broken("stateInconsistent",
			"unexpected PROPOSAL %v in state %v, phase %v", e.Zxid, p.state, p.phase)
	}
	if last := l.newest(p); !e.Zxid.follows(last) {
		p.leaveInconsistent("the leader skipped a proposal", "proposalInconsistent",
			"PROPOSAL %v cannot follow %v", e.Zxid, last)
		return
	}
	if p.phase != Broadcast {
		l.unlogged = append(l.unlogged, e)
		return
	}
	l.pending = append(l.pending, e)
	p.logEntry(e)
}

// newest returns the last zxid that the leader has sent, which the next proposal must follow.
func (l *learning) newest(p *Peer) Zxid {
	switch {
	case len(l.unlogged) > 0:
		return l.unlogged[len(l.unlogged)-1].Zxid
	case l.unsaved:
		return l.snapshot
	}
	return p.history.last()
}

// logEntry appends a transaction to the history and asks the writer to make it durable.
func (p *Peer) logEntry(e Entry) {
	p.remember(e)
	p.writer.add(job{kind: jobAppend, entry: e})
}

func (p *Peer) remember(e Entry) {
	p.history.append(e)
	p.probe.Logged(p, e)
}

// onLogged runs when the record at z is durable, unless the role that logged it has ended.
func (p *Peer) onLogged(z Zxid) {
	switch {
	case p.lead != nil:
		p.countAck(p.config.ID, z)
	case p.learn != nil:
		p.ackLogged(z)
	}
}

// ackLogged sends the ACK of a proposal that is durable. What was logged before BROADCAST gets no
// ACK: that of NEWLEADER covers it.
func (p *Peer) ackLogged(z Zxid) {
	if p.state == Observing || p.phase != Broadcast && !(p.config.Flaw != flaw.None && p.acksNow(z)) {
		return
	}
	p.probe.Acked(p, z)
	p.io.Send(p.learn.conn, &Ack{z})
}

// onAck handles an ACK. A learner's first ACK answers NEWLEADER (establish.go), its second answers
// UPTODATE and has no effect, and every later one is for a proposal.
func (p *Peer) onAck(k *learner, z Zxid) {
	l := p.lead
	if z.Counter() != 0 {
		if k.stage < caughtUp {
			p.broken("ackInconsistent", "S%d acked %v before it acked NEWLEADER", k.id, z)
		}
		p.noteAck(k, z)
		if !k.observer {
			p.countAck(k.id, z)
		}
		return
	}
	p.assert(z.Epoch() == l.epoch, "ackInconsistent",
		"S%d acked NEWLEADER of epoch %d, but this leader's epoch is %d", k.id, z.Epoch(), l.epoch)
	if k.stage >= caughtUp {
		p.refuse(AckAgain, k.id, z)
		return
	}
	p.assert(k.stage == catchingUp, "ackInconsistent",
		"S%d acked NEWLEADER, which this leader has not sent to it yet", k.id)
	k.stage = caughtUp
	k.deadline = l.tick + p.config.SyncLimit
	p.onNewLeaderAck(k.id, z)
	if p.lead == l && l.stage == established {
		p.activate(k)
	}
}

// noteAck records the zxid that a learner has acked, and when: sitsOnProposal measures the time
// since then. (If it measured the age of the oldest proposal without an ACK, a learner that lags
// but acks would be dropped.)
func (p *Peer) noteAck(k *learner, z Zxid) {
	if z > k.sentUpTo {
		p.broken("ackInconsistent",
			"S%d acked %v, but this leader has sent it proposals only up to %v",
			k.id, z, k.sentUpTo)
	}
	if z <= k.ackedUpTo {
		p.broken("ackInconsistent",
			"S%d acked %v after %v: its ACKs are out of zxid order", k.id, z, k.ackedUpTo)
	}
	k.ackedUpTo = z
	k.unackedSince = p.lead.tick
}

// countAck records that a voter has everything up to z on its disk, and commits each proposal that
// has a quorum.
//
// Connections are FIFO, and followers write in order and ack each proposal: a voter that has acked
// 2/8 has acked 2/7. So it is enough to mark 2/8, no proposal has a quorum before the previous one,
// and commits leave in zxid order. (Reconfiguration would end this: 2/7 might need other voters
// than 2/8.)
func (p *Peer) countAck(id ID, z Zxid) {
	l := p.lead
	switch {
	case l.stage < established:
		p.refuse(AckNotEstablished, id, z)
		return
	case z <= l.committed || len(l.outstanding) == 0 || z < l.outstanding[0].entry.Zxid:
		p.refuse(AckCommitted, id, z)
		return
	case !p.config.Voters.Has(id) || l.amnesiac.Has(id):
		p.refuse(AckNoVote, id, z)
		return
	}
	i := int(z - l.outstanding[0].entry.Zxid)
	if i >= len(l.outstanding) {
		p.broken("ackInconsistent",
			"S%d acked %v, but the newest proposal is %v", id, z, l.proposed)
	}
	l.outstanding[i].acks = l.outstanding[i].acks.With(id)
	for p.lead == l && len(l.outstanding) > 0 && l.outstanding[0].acks.Majority(p.config.Voters) {
		p.commit()
	}
}

// commit commits the oldest outstanding proposal. It sends COMMIT to followers and INFORM to
// observers, and then applies the transaction here.
func (p *Peer) commit() {
	l := p.lead
	e := l.outstanding[0].entry
	if !e.Zxid.follows(l.committed) {
		p.broken("commitInconsistent",
			"this leader commits %v, which cannot follow %v, the last transaction that it "+
				"committed",
			e.Zxid, l.committed)
	}
	l.outstanding = dropFirst(l.outstanding)
	l.committed = e.Zxid
	p.probe.Committed(p, e.Zxid)
	commit := &Commit{e.Zxid}
	var inform *Inform
	for _, k := range l.learners {
		if k.stage < catchingUp {
			continue
		}
		if !k.observer {
			p.toLearner(k, commit)
			continue
		}
		if inform == nil {
			inform = &Inform{e}
		}
		k.sentUpTo = e.Zxid
		p.toLearner(k, inform)
	}
	p.deliver(e, false)
	if p.lead == l {
		p.answerSyncs(e.Zxid)
		p.snapper.maybeStart()
	}
}

// onCommit applies the oldest pending transaction, whose zxid must be z.
func (p *Peer) onCommit(z Zxid) {
	l := p.learn
	if p.state != Following || l.mode == byNothing {
		p.broken("stateInconsistent",
			"unexpected COMMIT %v in state %v, phase %v", z, p.state, p.phase)
	}
	forgot := p.phase != Broadcast && p.config.Flaw != flaw.None && p.forgotProposal()
	if p.phase != Broadcast && !forgot {
		l.committed = append(l.committed, z)
		return
	}
	if forgot || len(l.pending) == 0 || l.pending[0].Zxid != z {
		p.leaveInconsistent("the leader sent a COMMIT without its PROPOSAL", "commitInconsistent",
			"COMMIT %v is not for the oldest pending proposal", z)
		return
	}
	e := l.pending[0]
	l.pending = dropFirst(l.pending)
	p.deliver(e, false)
	p.snapper.maybeStart()
}

// onInform logs and applies a committed transaction on an observer. An observer sends no ACK.
func (p *Peer) onInform(e Entry) {
	l := p.learn
	if p.state != Observing || l.mode == byNothing {
		p.broken("stateInconsistent",
			"unexpected INFORM %v in state %v, phase %v", e.Zxid, p.state, p.phase)
	}
	if last := l.newest(p); !e.Zxid.follows(last) {
		p.leaveInconsistent("the leader skipped a transaction", "proposalInconsistent",
			"INFORM %v cannot follow %v", e.Zxid, last)
		return
	}
	if p.phase != Broadcast {
		l.unlogged = append(l.unlogged, e)
		l.committed = append(l.committed, e.Zxid)
		return
	}
	p.logEntry(e)
	p.deliver(e, false)
	p.snapper.maybeStart()
}

// deliver passes a transaction to the App. Only deliver and snapshots change the App's state.
func (p *Peer) deliver(e Entry, replayed bool) {
	if e.Zxid <= p.applied {
		p.broken("commitInconsistent",
			"this server delivers %v, which cannot follow %v, the last transaction that it "+
				"delivered",
			e.Zxid, p.applied)
	}
	p.applied = e.Zxid
	if !p.keepsFromLog() {
		p.pushCommitted(e)
	}
	p.probe.Delivered(e, replayed)
	p.app.Deliver(e, replayed)
}

// pushCommitted appends a transaction to committedLog, which has no holes within an epoch
// (ZOOKEEPER-4925).
func (p *Peer) pushCommitted(e Entry) {
	if len(p.committed) >= 2*p.config.CommittedLog {
		n := copy(p.committed, p.committed[len(p.committed)-p.config.CommittedLog+1:])
		p.committed = p.committed[:n]
	}
	p.committed = append(p.committed, e)
}

// committedLog returns the newest committed transactions, from which the leader serves DIFF.
func (p *Peer) committedLog() []Entry {
	return p.committed[max(0, len(p.committed)-p.config.CommittedLog):]
}
