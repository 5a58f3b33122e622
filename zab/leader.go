package zab

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// leading is a server that is LEADING: Leader, with the LearnerHandlers as its learners.
type leading struct {
	epoch    uint32 // proposed; final once chosen
	chosen   bool   // a quorum has told its acceptedEpoch, and epoch is being written
	released bool   // epoch is on our disk, and may be told (D2, ZOOKEEPER-1291)
	elected  bool   // the ACKEPOCH quorum is there
	ready    bool   // the NEWLEADER quorum is there: established

	connecting Set // who told an acceptedEpoch
	electing   Set // who acked the epoch
	synced     Set // who acked NEWLEADER
	amnesiac   Set // who came without a history: counted only in a later epoch, see onAckEpoch

	summary struct { // how recent our own history was when we began
		epoch uint32
		zxid  Zxid
	}

	learners    []*learner
	outstanding []proposal
	proposed    Zxid // lastProposed
	committed   Zxid // lastCommitted
	syncs       []pendingSync

	giveUpAt sim.Time // of the present phase; Never once established
	nextAt   sim.Time // the next of: ping, tick, giveUpAt, a piece of a snapshot
	pingAt   sim.Time
	tick     int
	odd      bool // every second ping is a tick
}

// proposal is a transaction that has no quorum yet.
type proposal struct {
	entry Entry
	acks  Set
}

// pendingSync is a SYNC that waits: for a commit, or for a quorum's word that we still lead.
type pendingSync struct {
	from   ID // 0: a client of our own server
	msg    *Sync
	behind Zxid
	asked  Set // of a quorum sync: who has answered a ping sent after it came
	quorum bool
}

// learner is the leader's end of one learner's connection.
type learner struct {
	id       ID
	conn     sim.ConnID
	observer bool
	known    bool // FOLLOWERINFO came
	told     bool // LEADERINFO went
	acked    bool // ACKEPOCH came
	syncing  bool // NEWLEADER is queued: it gets every proposal and commit from here on
	synced   bool // it acked NEWLEADER
	active   bool // UPTODATE went
	last     Zxid // its lastZxid in ACKEPOCH
	deadline int  // tick by which a packet must come
	ackedUpTo,
	sentUpTo Zxid
	unackedSince int // tick of the oldest proposal without an ack

	snapshot SnapshotReader // being sent
	queue    []sim.Message  // what waits behind it
	nextAt   sim.Time       // when its next piece goes
	pings    int            // sent and not answered
	marks    []int          // for each quorum sync it is asked for: pings still to be answered
}

// snapPieceEvery is how long a piece of a snapshot takes to be read and sent.
const snapPieceEvery = sim.Millisecond

func (p *Peer) becomeLeading() {
	l := &leading{giveUpAt: p.initDeadline(), pingAt: p.io.Now + p.config.TickTime/2}
	l.summary.epoch, l.summary.zxid = p.currentEpoch, p.lastZxid()
	p.lead = l
	p.setState(Leading, Discovery)
	if p.config.Flaw == flaw.SnapBeforeQuorum && p.snapper.phase == snapIdle {
		p.snapper.start()
	}
	p.schedule()
	p.onAcceptedEpochOf(p.config.ID, max(p.acceptedEpoch, p.promisedElsewhere))
}

func (p *Peer) initDeadline() sim.Time {
	return p.io.Now + sim.Time(p.config.InitLimit)*p.config.TickTime
}

// schedule finds the next moment at which the leader has something to do.
func (p *Peer) schedule() {
	l := p.lead
	l.nextAt = min(l.pingAt, l.giveUpAt)
	for _, k := range l.learners {
		if k.snapshot != nil {
			l.nextAt = min(l.nextAt, k.nextAt)
		}
	}
}

func (p *Peer) onLearnerEvent(e sim.Event) {
	if e.Kind == sim.Accepted {
		for _, k := range p.lead.learners {
			if k.id == e.From { // it has given up the connection that we still believe in
				p.dropLearner(k)
				break
			}
		}
		p.lead.learners = append(p.lead.learners, &learner{
			id: e.From, conn: e.Conn, observer: p.config.Observers.Has(e.From),
			deadline: p.lead.tick + p.config.InitLimit + p.config.SyncLimit,
		})
		return
	}
	k := p.lead.learnerOn(e.Conn)
	if k == nil {
		return // of a connection that we closed
	}
	if e.Kind != sim.Received {
		p.dropLearner(k)
		return
	}
	k.deadline = p.lead.tick + p.config.SyncLimit
	if !k.synced {
		k.deadline += p.config.InitLimit
	}
	p.onLearnerPacket(k, e.Msg)
}

func (p *Peer) onLearnerPacket(k *learner, msg sim.Message) {
	switch m := msg.(type) {
	case *FollowerInfo:
		p.onFollowerInfo(k, m)
	case *AckEpoch:
		p.onAckEpoch(k, m)
	case *Ack:
		p.onLearnerAck(k, m)
	case *Ping:
		p.onPingAnswer(k, m)
	case *Request, *Revalidate:
		if p.lead.ready {
			p.app.Forwarded(k.id, m.(Message))
		}
	case *Sync:
		p.onSync(k.id, m)
	default:
		p.assert(false, "messageIllegal", "learner S%d sent %s, which no learner sends", k.id, msg.Name())
	}
}

func (l *leading) learnerOn(conn sim.ConnID) *learner {
	for _, k := range l.learners {
		if k.conn == conn {
			return k
		}
	}
	return nil
}

// dropLearner ends one learner's session with us.
func (p *Peer) dropLearner(k *learner) {
	p.io.Close(k.conn)
	l := p.lead
	for i, other := range l.learners {
		if other == k {
			l.learners = append(l.learners[:i:i], l.learners[i+1:]...)
			break
		}
	}
	p.schedule()
}

// toLearner sends m, or queues it behind a snapshot that is being sent.
func (p *Peer) toLearner(k *learner, m sim.Message) {
	if k.snapshot != nil {
		k.queue = append(k.queue, m)
		return
	}
	p.io.Send(k.conn, m)
}

// onFollowerInfo begins a learner's discovery.
func (p *Peer) onFollowerInfo(k *learner, m *FollowerInfo) {
	if k.known {
		p.assert(false, "stateInconsistent", "S%d sent FOLLOWERINFO twice", k.id)
	}
	k.known = true
	if p.lead.chosen && m.AcceptedEpoch > p.lead.epoch {
		// It has promised a later epoch and can never join this one; ZooKeeper leaves it
		// outside until the leader falls for another reason. An observer too: whoever else knew of that
		// epoch may have lost its disk. Our next epoch is larger: were it the next number only, we might
		// step down as often as there are numbers between.
		p.promisedElsewhere = m.AcceptedEpoch
		p.becomeLooking("a participant has promised a later epoch than ours")
		return
	}
	p.onAcceptedEpochOf(k.id, m.AcceptedEpoch)
	if p.lead != nil && p.lead.released && !k.told {
		p.tellEpoch(k)
	}
}

// onAcceptedEpochOf is getEpochToPropose: the new epoch is larger than any that a quorum, this
// server among it, has accepted. ">=" is ZOOKEEPER-1343.
func (p *Peer) onAcceptedEpochOf(id ID, accepted uint32) {
	l := p.lead
	if l.chosen {
		return
	}
	if accepted >= l.epoch {
		l.epoch = accepted + 1
	}
	if p.config.Voters.Has(id) {
		l.connecting = l.connecting.With(id)
	}
	if l.connecting.Has(p.config.ID) && l.connecting.Majority(p.config.Voters) {
		l.chosen = true
		l.giveUpAt = p.initDeadline()
		p.writer.add(job{kind: jobAccepted, epoch: l.epoch})
	}
}

// releaseEpoch tells the epoch to all who wait, now that it is on our own disk (D2).
func (p *Peer) releaseEpoch() {
	l := p.lead
	l.released = true
	p.setPhase(Discovery) // as before, but the epoch is known now
	for _, k := range l.learners {
		if k.known && !k.told {
			p.tellEpoch(k)
		}
	}
	p.schedule()
	p.countEpochAck(p.config.ID)
}

func (p *Peer) tellEpoch(k *learner) {
	k.told = true
	p.io.Send(k.conn, &LeaderInfo{p.lead.epoch})
}

// onAckEpoch is waitForEpochAck. A participant that is ahead of us makes us step down at once
// (R11): whoever leads must hold what a quorum may have committed.
func (p *Peer) onAckEpoch(k *learner, m *AckEpoch) {
	l := p.lead
	p.assert(k.told && !k.acked, "ackInconsistent", "S%d acked an epoch that it was not told", k.id)
	k.acked, k.last = true, m.LastZxid
	if m.LastZxid == NoZxid && m.CurrentEpoch == 0 {
		// It has lost its disk, and with it what it may have promised to the leader of a later epoch. It
		// learns, and what it acks is no vote before that is over: of the next epoch it knows.
		l.amnesiac = l.amnesiac.With(k.id)
	}
	if !l.elected && !m.Again && !k.observer && m.LastZxid != NoZxid {
		ahead := m.CurrentEpoch > l.summary.epoch ||
			m.CurrentEpoch == l.summary.epoch && m.LastZxid > l.summary.zxid
		if p.config.Flaw == flaw.RankByZxid {
			ahead = m.LastZxid > l.summary.zxid
		}
		if ahead {
			p.becomeLooking("a participant is ahead of us")
			return
		}
		p.countEpochAck(k.id)
	}
	if p.lead == l && l.elected && !k.syncing {
		p.synchronise(k)
	}
}

func (p *Peer) countEpochAck(id ID) {
	l := p.lead
	if l.elected {
		return
	}
	l.electing = l.electing.With(id)
	if !l.electing.Has(p.config.ID) || !l.electing.Majority(p.config.Voters) {
		return
	}
	l.elected = true
	l.giveUpAt = p.initDeadline()
	l.proposed = MakeZxid(l.epoch, 0)
	if p.config.Flaw == flaw.ZxidEarly {
		p.mark = l.proposed
	}
	if p.probe != nil {
		p.probe.Elected(p, l.epoch)
	}
	p.setPhase(Synchronization)
	p.writer.add(job{kind: jobCurrent, epoch: l.epoch}) // D3: then we count ourselves
	for _, k := range append([]*learner(nil), l.learners...) {
		if k.acked && !k.syncing {
			p.synchronise(k)
		}
	}
	p.schedule()
}

// onLearnerAck is an ACK: the first answers NEWLEADER, the one after UPTODATE says nothing new,
// every later one is for a proposal.
func (p *Peer) onLearnerAck(k *learner, m *Ack) {
	if m.Zxid.Counter() != 0 {
		if !k.synced {
			p.assert(false, "ackInconsistent", "S%d acked %v before NEWLEADER", k.id, m.Zxid)
		}
		p.noteAck(k, m.Zxid)
		if !k.observer {
			p.onAck(k.id, m.Zxid)
		}
		return
	}
	p.assert(m.Zxid.Epoch() == p.lead.epoch, "ackInconsistent", "S%d acked NEWLEADER of epoch %d", k.id, m.Zxid.Epoch())
	if k.synced {
		return
	}
	k.synced = true
	k.deadline = p.lead.tick + p.config.SyncLimit
	p.onNewLeaderAck(k.id, m.Zxid)
	if p.lead != nil && p.lead.ready {
		p.activate(k)
	}
}

// onNewLeaderAck counts who holds the initial history of the epoch on disk. With a quorum the
// epoch is established, and all of that history is committed.
func (p *Peer) onNewLeaderAck(id ID, z Zxid) {
	l := p.lead
	if !p.config.Voters.Has(id) && p.config.Flaw != flaw.CountObservers || l.amnesiac.Has(id) {
		return
	}
	l.synced = l.synced.With(id)
	if l.ready || !l.synced.Has(p.config.ID) || !p.quorum(l.synced) {
		return
	}
	l.ready = true
	l.giveUpAt = sim.Never
	l.committed = z
	p.mark = z // only now (ZOOKEEPER-790)
	p.currentVote.Epoch = l.epoch
	if p.probe != nil {
		p.probe.Established(p, l.epoch)
	}
	p.setPhase(Broadcast)
	for _, k := range l.learners {
		if k.synced {
			p.activate(k)
		}
	}
	p.schedule()
}

// quorum is more than half of the voters; others in s do not count (ZOOKEEPER-1294).
func (p *Peer) quorum(s Set) bool {
	if p.config.Flaw == flaw.CountObservers {
		return 2*s.Len() > p.config.Voters.Len()
	}
	return s.Majority(p.config.Voters)
}

func (p *Peer) activate(k *learner) {
	if !k.active {
		k.active = true
		p.toLearner(k, &UpToDate{p.lead.committed})
	}
}

// leaderTimers pings, ticks, gives up waiting, and sends pieces of snapshots.
func (p *Peer) leaderTimers() {
	l := p.lead
	if p.io.Now >= l.giveUpAt {
		p.becomeLooking("no quorum within initLimit")
		return
	}
	for _, k := range l.learners {
		if k.snapshot != nil && p.io.Now >= k.nextAt {
			p.sendPiece(k)
		}
	}
	if p.io.Now >= l.pingAt {
		l.pingAt += p.config.TickTime / 2
		if l.pingAt <= p.io.Now { // after a pause: no burst
			l.pingAt = p.io.Now + p.config.TickTime/2
		}
		p.pingLearners()
		if l.odd = !l.odd; !l.odd && !p.onTick() {
			return
		}
	}
	p.schedule()
}

func (p *Peer) pingLearners() {
	if p.pingOut == nil || p.pingOut.Zxid != p.lead.proposed {
		p.pingOut = &Ping{Zxid: p.lead.proposed}
	}
	for _, k := range p.lead.learners {
		if k.syncing {
			p.ping(k)
		}
	}
}

func (p *Peer) ping(k *learner) {
	k.pings++
	p.toLearner(k, p.pingOut)
}

// onTick closes learners that are silent, or sit on a proposal, for syncLimit ticks, and steps
// down without a quorum of the others, of those who are counted in this epoch.
func (p *Peer) onTick() bool {
	l := p.lead
	l.tick++
	alive := SetOf(p.config.ID)
	for i := 0; i < len(l.learners); i++ {
		k := l.learners[i]
		late := k.sentUpTo > k.ackedUpTo && !k.observer && k.synced && l.tick-k.unackedSince > p.config.SyncLimit
		if l.tick > k.deadline || late {
			p.refuse("S%d is silent for too long", k.id)
			p.dropLearner(k)
			i--
			continue
		}
		if k.synced && !l.amnesiac.Has(k.id) {
			alive = alive.With(k.id)
		}
	}
	if l.ready && !p.quorum(alive) {
		p.becomeLooking("no quorum of followers")
		return false
	}
	return true
}

func (p *Peer) onPingAnswer(k *learner, m *Ping) {
	if k.pings > 0 {
		k.pings--
	}
	if len(m.Touched) > 0 && p.lead.ready {
		p.app.Heard(k.id, m.Touched)
	}
	if len(k.marks) > 0 {
		p.answerMarks(k)
	}
}
