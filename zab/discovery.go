package zab

import "github.com/zablab/zablab/zab/flaw"

// Discovery, step by step: leader and learners agree on a new epoch, and each learner promises to
// join no older epoch. Paper: CEPOCH, NEWEPOCH, ACK-E.
//
//	learner  introduce        FOLLOWERINFO: the epoch that it accepted last
//	leader   onFollowerInfo   of a quorum: chooses the next epoch, and writes it
//	leader   releaseEpoch     on disk: LEADERINFO to every learner that waits
//	learner  onLeaderInfo     writes the promise
//	learner  promise          on disk: ACKEPOCH, with the end of its history
//	leader   onAckEpoch       of a quorum: elected; catching up begins (catchup.go)

// introduce sends FOLLOWERINFO or OBSERVERINFO, with the epoch that we accepted last.
func (p *Peer) introduce() {
	p.io.Send(p.learn.conn, &FollowerInfo{p.acceptedEpoch, p.state == Observing})
}

// onFollowerInfo handles a learner's first message.
func (p *Peer) onFollowerInfo(k *learner, m *FollowerInfo) {
	if k.stage >= introduced {
		p.broken("stateInconsistent", "S%d sent FOLLOWERINFO twice", k.id)
	}
	l := p.lead
	k.stage = introduced
	if l.stage >= chosen && m.AcceptedEpoch > l.epoch {
		// The learner has promised a later epoch and can never join ours. ZooKeeper leaves it out
		// until the leader steps down for another reason. An observer's promise counts too: the
		// other servers that knew of that epoch may have lost their disks. Our next epoch must be
		// larger than this promise: if it were only larger by one than our last, we might step down
		// once for each number in between.
		p.promisedElsewhere = m.AcceptedEpoch
		p.becomeLooking("a learner has accepted a later epoch than this leader's")
		return
	}
	p.countAccepted(k.id, m.AcceptedEpoch)
	if l.stage >= released && k.stage < invited {
		p.invite(k)
	}
}

// countAccepted records the acceptedEpoch of a server. Once a quorum that includes this server has
// sent theirs, it chooses an epoch larger than all of them (getEpochToPropose; the ">=" is from
// ZOOKEEPER-1343).
func (p *Peer) countAccepted(id ID, accepted uint32) {
	l := p.lead
	if l.stage >= chosen {
		return
	}
	if accepted >= l.epoch {
		l.epoch = accepted + 1
	}
	if p.config.Voters.Has(id) {
		l.connecting = l.connecting.With(id)
	}
	if l.connecting.Has(p.config.ID) && l.connecting.Majority(p.config.Voters) {
		l.stage = chosen
		l.giveUpAt = p.initDeadline()
		p.writer.add(job{kind: jobAccepted, epoch: l.epoch})
	}
}

// onAcceptedWritten runs when acceptedEpoch is on disk, unless the role that wrote it has ended.
func (p *Peer) onAcceptedWritten() {
	switch {
	case p.lead != nil:
		p.releaseEpoch()
	case p.learn != nil:
		p.promise(false)
	}
}

// releaseEpoch sends LEADERINFO to every learner that waits, now that the epoch is on our own disk
// (rule D2): if a crash made us forget the epoch, we could give it out twice.
func (p *Peer) releaseEpoch() {
	l := p.lead
	l.stage = released
	p.setPhase(Discovery) // as before, but the epoch is known now
	for _, k := range l.learners {
		if k.stage == introduced {
			p.invite(k)
		}
	}
	l.schedule()
	p.countPromise(p.config.ID)
}

func (p *Peer) invite(k *learner) {
	k.stage = invited
	p.io.Send(k.conn, &LeaderInfo{p.lead.epoch})
}

// onLeaderInfo handles LEADERINFO. An epoch later than any accepted one goes to disk before
// ACKEPOCH leaves (rule D1). If a crash took that promise back, an older leader could count us
// again.
func (p *Peer) onLeaderInfo(m *LeaderInfo) {
	l := p.learn
	p.assert(l.stage == awaitsEpoch, "stateInconsistent", "LEADERINFO came twice")
	l.stage = awaitsHistory
	if m.Epoch < p.acceptedEpoch {
		p.becomeLooking("the leader's epoch is older than the epoch that this server accepted last")
		return
	}
	l.epoch = m.Epoch
	switch {
	case m.Epoch == p.acceptedEpoch:
		p.promise(true)
	case p.has(flaw.AckBeforePersist):
		p.promiseEarly(m.Epoch)
	default:
		p.setPhase(Discovery) // as before, but the epoch is known now
		p.writer.add(job{kind: jobAccepted, epoch: m.Epoch})
	}
}

// promise sends ACKEPOCH. again is true if we had accepted the epoch before: then the ACKEPOCH
// counts for no quorum, because no server may ack an epoch twice.
func (p *Peer) promise(again bool) {
	last := p.lastZxid()
	if again && p.needSnap { // our snapshot is later than the TRUNC: ask for another (truncate)
		last = NoZxid
	}
	p.probe.Pledged(p, p.learn.epoch)
	p.io.Send(p.learn.conn, &AckEpoch{last, p.currentEpoch, again})
	p.setPhase(Synchronization)
}

// onAckEpoch handles ACKEPOCH (waitForEpochAck in ZooKeeper). If a voter's history is ahead of
// ours, we step down at once (rule R11): a leader must hold everything that a quorum may have
// committed.
func (p *Peer) onAckEpoch(k *learner, m *AckEpoch) {
	l := p.lead
	p.assert(k.stage == invited, "ackInconsistent",
		"S%d sent ACKEPOCH, but got no LEADERINFO", k.id)
	k.stage, k.last = promised, m.LastZxid
	if m.LastZxid == NoZxid && m.CurrentEpoch == 0 {
		// The learner has lost its disk, and perhaps a promise to the leader of a later epoch. It
		// catches up, but its acks count only from the next epoch on, because it will know of that
		// epoch.
		l.amnesiac = l.amnesiac.With(k.id)
	}
	if l.stage < elected && !m.Again && !k.observer && m.LastZxid != NoZxid {
		if p.better(Vote{Zxid: m.LastZxid, Epoch: m.CurrentEpoch}, l.own) {
			p.becomeLooking("a follower's history is ahead of this leader's")
			return
		}
		p.countPromise(k.id)
	}
	if p.lead == l && l.stage >= elected && k.stage < catchingUp {
		p.catchUp(k)
	}
}

// countPromise counts the voters that have promised the epoch. With a quorum we are elected: we
// write the epoch as our current one, and bring every learner to our history.
func (p *Peer) countPromise(id ID) {
	l := p.lead
	if l.stage >= elected {
		return
	}
	l.electing = l.electing.With(id)
	if !l.electing.Has(p.config.ID) || !l.electing.Majority(p.config.Voters) {
		return
	}
	l.stage = elected
	l.giveUpAt = p.initDeadline()
	l.proposed = MakeZxid(l.epoch, 0)
	if p.has(flaw.ZxidEarly) {
		p.mark = l.proposed
	}
	p.probe.Elected(p, l.epoch)
	p.setPhase(Synchronization)
	// We count ourselves only when that is on disk (rule D3): a crash must not take back a vote
	// that was counted, our own included.
	p.storeCurrentEpoch(l.epoch)
	for _, k := range append([]*learner(nil), l.learners...) {
		if k.stage == promised {
			p.catchUp(k)
		}
	}
	l.schedule()
}
