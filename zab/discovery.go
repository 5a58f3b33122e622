package zab

import "github.com/zablab/zablab/zab/flaw"

// Discovery, step by step: leader and learners agree on a new epoch, and each learner promises to
// join no older one. Paper: CEPOCH, NEWEPOCH, ACK-E.
//
//	learner  introduce        FOLLOWERINFO: the epoch that it accepted last
//	leader   onFollowerInfo   of a quorum: chooses the next epoch, and writes it
//	leader   releaseEpoch     on disk: LEADERINFO to every learner that waits
//	learner  onLeaderInfo     writes the promise
//	learner  promise          on disk: ACKEPOCH, with the end of its history
//	leader   onAckEpoch       of a quorum: elected; catching up begins (catchup.go)

// introduce tells the leader which epoch we accepted last.
func (p *Peer) introduce() {
	p.io.Send(p.learn.conn, &FollowerInfo{p.acceptedEpoch, p.state == Observing})
}

// onFollowerInfo begins a learner's discovery.
func (p *Peer) onFollowerInfo(k *learner, m *FollowerInfo) {
	if k.stage >= introduced {
		p.broken("stateInconsistent", "S%d sent FOLLOWERINFO twice", k.id)
	}
	l := p.lead
	k.stage = introduced
	if l.stage >= chosen && m.AcceptedEpoch > l.epoch {
		// It has promised a later epoch and can never join this one; ZooKeeper leaves it outside
		// until the leader falls for another reason. An observer counts too: the others that knew
		// of that epoch may have lost their disks. Our next epoch must be larger than this promise:
		// with the next number only, we might step down once for each number between.
		p.promisedElsewhere = m.AcceptedEpoch
		p.becomeLooking("a participant has promised a later epoch than ours")
		return
	}
	p.countAccepted(k.id, m.AcceptedEpoch)
	if l.stage >= released && k.stage < invited {
		p.invite(k)
	}
}

// countAccepted is getEpochToPropose: the new epoch is larger than any that a quorum, including
// this server, has accepted. The ">=" is that of ZOOKEEPER-1343.
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

// onAcceptedWritten follows when the epoch file that this role asked for is on disk.
func (p *Peer) onAcceptedWritten() {
	switch {
	case p.lead != nil:
		p.releaseEpoch()
	case p.learn != nil:
		p.promise(false)
	}
}

// releaseEpoch tells the epoch to every learner that waits, now that it is on our own disk
// (rule D2): if we forgot it in a crash, it could be given out twice.
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

// onLeaderInfo is the promise: an epoch later than any accepted is on disk before it is acked
// (rule D1). A promise that a crash takes back would let an older leader count us again.
func (p *Peer) onLeaderInfo(m *LeaderInfo) {
	l := p.learn
	p.assert(l.stage == awaitsEpoch, "stateInconsistent", "LEADERINFO came twice")
	l.stage = awaitsHistory
	if m.Epoch < p.acceptedEpoch {
		p.becomeLooking("the leader's epoch is older than our promise")
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

// promise acks the epoch. again is true if it was accepted before: then the answer counts for no
// quorum, because no server may ack an epoch twice.
func (p *Peer) promise(again bool) {
	last := p.lastZxid()
	if again && p.needSnap { // our snapshot is later than the TRUNC: ask for another (truncate)
		last = NoZxid
	}
	p.probe.Pledged(p, p.learn.epoch)
	p.io.Send(p.learn.conn, &AckEpoch{last, p.currentEpoch, again})
	p.setPhase(Synchronization)
}

// onAckEpoch is waitForEpochAck. A participant that is ahead of us makes us step down at once
// (rule R11): a leader must hold what a quorum may have committed.
func (p *Peer) onAckEpoch(k *learner, m *AckEpoch) {
	l := p.lead
	p.assert(k.stage == invited, "ackInconsistent",
		"S%d acked an epoch that it never received", k.id)
	k.stage, k.last = promised, m.LastZxid
	if m.LastZxid == NoZxid && m.CurrentEpoch == 0 {
		// It has lost its disk, and with it what it may have promised to the leader of a later
		// epoch. It learns, but its acks count only from the next epoch on: it knows of that one.
		l.amnesiac = l.amnesiac.With(k.id)
	}
	if l.stage < elected && !m.Again && !k.observer && m.LastZxid != NoZxid {
		if p.better(Vote{Zxid: m.LastZxid, Epoch: m.CurrentEpoch}, l.own) {
			p.becomeLooking("a participant is ahead of us")
			return
		}
		p.countPromise(k.id)
	}
	if p.lead == l && l.stage >= elected && k.stage < catchingUp {
		p.catchUp(k)
	}
}

// countPromise counts the voters that promised the epoch. With a quorum we are elected: we write
// the epoch as our current one and bring every learner to our history.
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
	// When that is on disk we count ourselves (rule D3): a vote that a crash takes back is no vote,
	// our own included.
	p.storeCurrentEpoch(l.epoch)
	for _, k := range append([]*learner(nil), l.learners...) {
		if k.stage == promised {
			p.catchUp(k)
		}
	}
	l.schedule()
}
