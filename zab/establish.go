package zab

import (
	"github.com/zablab/zablab/sim"
)

// How an epoch is established, step by step. Paper: NEWLEADER, ACK-LD, COMMIT-LD.
//
//	learner  onNewLeader     writes snapshot, committed records and epoch, in that order
//	learner  ackNewLeader    on disk: ACK of e/0
//	leader   onNewLeaderAck  counts a quorum: the epoch is established, its history committed
//	leader   activate        UPTODATE
//	learner  onUpToDate      begins to serve, and takes up what was proposed meanwhile

// onNewLeader writes the initial history of the epoch to disk in a safe order (rule D4): the
// snapshot, the records committed so far, then the epoch; after that the ACK leaves. The epoch
// ranks the history, so the history must be on disk first. The leader counts the ACK, so both must
// be on disk first. Proposals without a COMMIT wait for UPTODATE (ZOOKEEPER-4394).
func (p *Peer) onNewLeader(m *NewLeader) {
	l := p.learn
	due := l.mode != byNothing && l.stage == awaitsHistory && m.Epoch == l.epoch
	p.assert(due, "stateInconsistent",
		"unexpected NEWLEADER of epoch %d: this server expects only one NEWLEADER, of epoch %d, "+
			"after a DIFF, TRUNC or SNAP", m.Epoch, l.epoch)
	l.stage = storesHistory
	if p.asks() && p.storeFlawed(m.Epoch) {
		return
	}
	p.storeSnapshot()
	if !p.logCommitted(p.logEntry) {
		return
	}
	p.fastForward() // DIFF or TRUNC: the end of our own log is part of the initial history
	p.blank = false // the leader's history is ours now, and we may vote with it
	p.storeCurrentEpoch(m.Epoch)
}

// storeSnapshot makes a snapshot that only memory holds, if there is one, the base of our history.
// It clears what no longer fits: the log, mark (the e/0 of an epoch that we led) and needSnap.
func (p *Peer) storeSnapshot() {
	l := p.learn
	if !l.unsaved {
		return
	}
	s, replaced := snap{l.snapshot, l.data, p.history.last()}, p.history.snaps
	p.history.install(s)
	p.probe.Installed(p, l.snapshot)
	p.writer.add(job{kind: jobInstall, zxid: s.zxid, data: s.data, name: s.name(), snaps: replaced})
	l.unsaved, l.data = false, nil
	p.mark, p.needSnap = 0, false
}

// logCommitted logs and applies what was committed while we caught up. It returns false if a COMMIT
// does not match the oldest proposal: then we have left the leader.
func (p *Peer) logCommitted(log func(Entry)) bool {
	l := p.learn
	n := 0
	for _, z := range l.committed {
		if n >= len(l.unlogged) || l.unlogged[n].Zxid != z {
			p.leaveInconsistent("the leader sent a COMMIT without its PROPOSAL",
				"commitInconsistent",
				"COMMIT %v is not for the oldest pending proposal", z)
			return false
		}
		e := l.unlogged[n]
		n++
		log(e)
		p.deliver(e, true) // it is committed only when the epoch is established
	}
	l.unlogged, l.committed = l.unlogged[n:], nil
	return true
}

// storeCurrentEpoch writes currentEpoch, which claims the initial history of that epoch. The writer
// makes the history, which it got before, durable first.
func (p *Peer) storeCurrentEpoch(epoch uint32) {
	p.writer.add(job{kind: jobCurrent, epoch: epoch})
}

// onCurrentWritten runs when currentEpoch is on disk, unless the role that wrote it has ended. The
// initial history is on disk before it.
func (p *Peer) onCurrentWritten(epoch uint32) {
	switch {
	case p.lead != nil:
		p.onNewLeaderAck(p.config.ID, MakeZxid(epoch, 0))
	case p.learn != nil:
		p.ackNewLeader()
	}
}

// ackNewLeader sends the ACK of NEWLEADER.
func (p *Peer) ackNewLeader() {
	l := p.learn
	l.stage = ackedHistory
	z := MakeZxid(l.epoch, 0)
	p.probe.Acked(p, z)
	p.io.Send(l.conn, &Ack{z})
	p.heard()
}

// onNewLeaderAck counts the servers that hold the initial history of the epoch on disk. With a
// quorum the epoch is established, and all of that history is committed.
func (p *Peer) onNewLeaderAck(id ID, z Zxid) {
	l := p.lead
	if l.amnesiac.Has(id) { // it may have forgotten that it promised a later epoch
		p.refuse(AckNoVote, id, z)
		return
	}
	l.caughtUp = l.caughtUp.With(id)
	if l.stage == established || !l.caughtUp.Has(p.config.ID) || !p.quorum(l.caughtUp) {
		return
	}
	l.stage = established
	l.giveUpAt = sim.Never
	l.committed = z
	// From now on we vote with e/0. An earlier vote with it would claim a history that no quorum
	// had (ZOOKEEPER-790).
	p.mark = z
	p.currentVote.Epoch = l.epoch
	p.probe.Established(p, l.epoch)
	p.setPhase(Broadcast)
	for _, k := range l.learners {
		if k.stage >= caughtUp {
			p.activate(k)
		}
	}
	l.schedule()
}

// activate sends UPTODATE: from then on the learner may serve.
func (p *Peer) activate(k *learner) {
	if k.stage < active {
		k.stage = active
		p.toLearner(k, &UpToDate{p.lead.committed})
	}
}

// onUpToDate begins to serve, and logs the proposals that came while we caught up.
func (p *Peer) onUpToDate(m *UpToDate) {
	l := p.learn
	p.assert(l.stage == ackedHistory, "stateInconsistent",
		"UPTODATE came before this server acked NEWLEADER")
	if p.asks() {
		p.atUpToDate()
	}
	p.currentVote.Epoch = l.epoch // all members report the same vote (ZOOKEEPER-1732)
	p.setPhase(Broadcast)
	p.io.Send(l.conn, &Ack{MakeZxid(l.epoch, 0)})
	unlogged, committed := l.unlogged, l.committed
	l.unlogged, l.committed = nil, nil
	for _, e := range unlogged {
		if p.state != Observing {
			l.pending = append(l.pending, e)
		}
		p.logEntry(e)
	}
	for _, z := range committed {
		if p.learn != l {
			return // a COMMIT did not match the oldest proposal, which ended the role
		}
		if p.state == Observing {
			p.deliver(p.history.entries[search(p.history.entries, z)], false)
			continue
		}
		p.onCommit(z)
	}
}
