package zab

import "github.com/zablab/zablab/zab/flaw"

// A client's sync: SYNC goes to the leader and comes back after every COMMIT that the leader had
// sent before. A read after the sync sees all those transactions.

// pendingSync is a SYNC that waits: for a commit, or for a quorum's word that we still lead.
type pendingSync struct {
	from   ID // 0: a client of our own server
	msg    *Sync
	after  Zxid // that must be committed first
	asked  Set  // of a quorum sync: who has answered a ping sent after it came
	quorum bool
}

// LocalSync starts a sync for a client that is connected to this leader itself. The leader calls
// [App.Answered] when the sync is complete.
func (p *Peer) LocalSync(m *Sync) { p.onSync(0, m) }

// onSync answers a sync when everything proposed so far is committed. With QuorumSync, a quorum
// must also confirm that the leader still leads (rule R10).
func (p *Peer) onSync(from ID, m *Sync) {
	l := p.lead
	if l.stage < established {
		p.refuse(SyncNotEstablished, from, NoZxid)
		return
	}
	s := pendingSync{from: from, msg: m, after: l.proposed}
	if p.config.QuorumSync && !p.has(flaw.SyncAlone) {
		s.quorum, s.asked = true, SetOf(p.config.ID)
		p.pingOut = &Ping{Zxid: l.proposed}
		for _, k := range l.learners {
			if k.stage == active && !k.observer && !l.amnesiac.Has(k.id) {
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

// answerSyncs answers, in order, every sync that need not wait any longer.
func (p *Peer) answerSyncs(committed Zxid) {
	l := p.lead
	for len(l.syncs) > 0 {
		s := l.syncs[0]
		if s.after > committed || s.quorum && !s.asked.Majority(p.config.Voters) {
			return
		}
		l.syncs = l.syncs[1:]
		if s.from == 0 {
			p.app.Answered(s.msg)
			continue
		}
		for _, k := range l.learners {
			if k.id == s.from && k.stage == active {
				p.toLearner(k, s.msg)
			}
		}
	}
}
