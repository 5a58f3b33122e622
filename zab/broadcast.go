package zab

import "github.com/zablab/zablab/zab/flaw"

// NextZxid is the zxid that the next proposal will get, or false if this server may not propose:
// it is not an established leader.
func (p *Peer) NextZxid() (Zxid, bool) {
	if p.lead == nil || !p.lead.ready {
		return 0, false
	}
	return p.after(p.lead.proposed), true
}

// after is z and one, as a counter of that width has it: behind its last number the carry goes into
// the epoch.
func (p *Peer) after(z Zxid) Zxid {
	if z.Counter() >= p.config.MaxCounter {
		return MakeZxid(z.Epoch()+1, 0)
	}
	return z + 1
}

// Propose broadcasts a transaction under NextZxid. The data is not changed afterwards. It is
// called between IO.Begin and the end of a step, by the peer's holder.
func (p *Peer) Propose(data []byte) {
	l := p.lead
	p.assert(l != nil && l.ready, "stateInconsistent", "proposes without being an established leader")
	if l.proposed.Counter() >= p.config.MaxCounter-1 && p.config.Flaw != flaw.NoRollCheck {
		// Behind the last counter would come e+1/0: an epoch that nobody was elected for
		// (ZOOKEEPER-1277). ZooKeeper does not use the last one either.
		p.becomeLooking("the counter of this epoch is used up")
		return
	}
	e := Entry{Zxid: p.after(l.proposed), Data: data}
	l.proposed = e.Zxid
	l.outstanding = append(l.outstanding, proposal{entry: e})
	if p.probe != nil {
		p.probe.Proposed(p, e)
	}
	m := &Proposal{e}
	for _, k := range l.learners {
		if k.syncing && !k.observer && (k.synced || p.config.Flaw != flaw.ForwardAfterAck) {
			p.sendProposal(k, m)
		}
	}
	p.logEntry(e) // D6: sent first, written in parallel; our own ack comes from the writer
}

func (p *Peer) sendProposal(k *learner, m *Proposal) {
	if k.ackedUpTo == k.sentUpTo {
		k.unackedSince = p.lead.tick
	}
	k.sentUpTo = m.Entry.Zxid
	p.toLearner(k, m)
}

// noteAck keeps the age of the oldest proposal that a learner sits on.
func (p *Peer) noteAck(k *learner, z Zxid) {
	if z > k.sentUpTo { // asked first: what is put together for the message costs more than the look
		p.assert(false, "ackInconsistent", "S%d acked %v, but was sent only up to %v", k.id, z, k.sentUpTo)
	}
	if z <= k.ackedUpTo {
		p.assert(false, "ackInconsistent", "S%d acked %v after %v on a FIFO link", k.id, z, k.ackedUpTo)
	}
	k.ackedUpTo = z
	k.unackedSince = p.lead.tick
}

// onAck records that one voter holds everything up to z on disk.
//
// Links are FIFO and followers write in order, so an ack for 2/8 speaks for 2/7 too, and commits
// leave in zxid order. (Reconfiguration would end this: 2/7 might need other voters than 2/8.)
func (p *Peer) onAck(id ID, z Zxid) {
	l := p.lead
	if !l.ready || z <= l.committed || len(l.outstanding) == 0 || !p.config.Voters.Has(id) || l.amnesiac.Has(id) {
		return
	}
	first := l.outstanding[0].entry.Zxid
	if z < first {
		return
	}
	i := int(z - first)
	if i >= len(l.outstanding) {
		p.assert(false, "ackInconsistent", "S%d acked %v, which is not proposed (up to %v)", id, z, l.proposed)
	}
	l.outstanding[i].acks = l.outstanding[i].acks.With(id)
	for p.lead == l && len(l.outstanding) > 0 && l.outstanding[0].acks.Majority(p.config.Voters) {
		p.commit()
	}
}

// commit commits the first outstanding proposal: COMMIT to followers, INFORM to observers, and
// then it is applied here.
func (p *Peer) commit() {
	l := p.lead
	e := l.outstanding[0].entry
	if !e.Zxid.follows(l.committed) {
		p.assert(false, "commitInconsistent", "commits %v behind %v", e.Zxid, l.committed)
	}
	l.outstanding = dropFirst(l.outstanding)
	l.committed = e.Zxid
	if p.probe != nil {
		p.probe.Committed(p, e.Zxid)
	}
	commit := &Commit{e.Zxid}
	var inform *Inform
	for _, k := range l.learners {
		if !k.syncing {
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

// LocalSync is a sync by a client of the leader's own server. It comes back through Answered.
func (p *Peer) LocalSync(m *Sync) { p.onSync(0, m) }

// onSync answers behind everything proposed so far. That the leader is still leader is not
// asked, unless QuorumSync is on (R10).
func (p *Peer) onSync(from ID, m *Sync) {
	l := p.lead
	if !l.ready {
		return
	}
	s := pendingSync{from: from, msg: m, behind: l.proposed}
	if p.config.QuorumSync && p.config.Flaw != flaw.SyncAlone {
		s.quorum, s.asked = true, SetOf(p.config.ID)
		p.pingOut = &Ping{Zxid: l.proposed}
		for _, k := range l.learners {
			if k.active && !k.observer && !l.amnesiac.Has(k.id) {
				p.ping(k)
				k.marks = append(k.marks, k.pings)
			}
		}
	}
	l.syncs = append(l.syncs, s)
	p.answerSyncs(l.committed)
}

// answerMarks counts an answered ping for the quorum syncs that wait for it.
func (p *Peer) answerMarks(k *learner) {
	passed := 0
	for i := range k.marks {
		k.marks[i]--
		if k.marks[i] == 0 {
			passed = i + 1
		}
	}
	if passed == 0 {
		return
	}
	k.marks = k.marks[passed:]
	waiting := len(k.marks)
	quorums := 0
	for i := len(p.lead.syncs) - 1; i >= 0; i-- {
		s := &p.lead.syncs[i]
		if !s.quorum {
			continue
		}
		if quorums++; quorums > waiting {
			s.asked = s.asked.With(k.id)
		}
	}
	p.answerSyncs(p.lead.committed)
}

// answerSyncs lets go, in order, of every sync whose time has come.
func (p *Peer) answerSyncs(committed Zxid) {
	l := p.lead
	for len(l.syncs) > 0 {
		s := l.syncs[0]
		if s.behind > committed || s.quorum && !s.asked.Majority(p.config.Voters) {
			return
		}
		l.syncs = l.syncs[1:]
		if s.from == 0 {
			p.app.Answered(s.msg)
			continue
		}
		for _, k := range l.learners {
			if k.id == s.from && k.active {
				p.toLearner(k, s.msg)
			}
		}
	}
}

// Reply sends the leader's answer to a learner: a REVALIDATE that came from it.
func (p *Peer) Reply(to ID, m Message) {
	if p.lead == nil {
		return
	}
	for _, k := range p.lead.learners {
		if k.id == to && k.active {
			p.toLearner(k, m)
			return
		}
	}
}

// Forward sends a REQUEST, REVALIDATE or SYNC to the leader that this server follows. It is
// false if there is none to send it to.
func (p *Peer) Forward(m Message) bool {
	if p.learn == nil || p.phase != Broadcast {
		return false
	}
	p.io.Send(p.learn.conn, m)
	return true
}
