package zab

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// leading is the role of a server that is LEADING: ZooKeeper's Leader, with its LearnerHandlers as
// learners.
type leading struct {
	stage leadStage
	epoch uint32 // proposed; final once chosen

	connecting Set // servers that sent FOLLOWERINFO
	electing   Set // servers that sent ACKEPOCH
	caughtUp   Set // servers that acked NEWLEADER
	amnesiac   Set // servers without a history, which may have forgotten a promise: see onAckEpoch

	own Vote // how recent our history was when we began; it names no leader

	learners    []*learner
	outstanding []proposal
	proposed    Zxid // lastProposed
	committed   Zxid // lastCommitted
	syncs       []pendingSync

	giveUpAt sim.Time // when the leader gives up on this stage; Never once established
	nextAt   sim.Time // the next of: ping, tick, giveUpAt, a piece of a snapshot
	pingAt   sim.Time
	tick     int
	odd      bool // every second ping is a tick
}

// leadStage is how far a leader has come with its epoch. Each stage includes those before it.
type leadStage uint8

const (
	choosing    leadStage = iota // waits for the acceptedEpoch of a quorum
	chosen                       // a quorum has sent it; the new epoch is being written
	released                     // the epoch is on our disk, so LEADERINFO may leave (rule D2)
	elected                      // a quorum has promised the epoch: ACKEPOCH
	established                  // a quorum holds the epoch's initial history: ACK of NEWLEADER
)

// proposal is a transaction that does not yet have a quorum.
type proposal struct {
	entry Entry
	acks  Set
}

// learner is what a leader knows of one learner and its connection.
type learner struct {
	id       ID
	conn     sim.ConnID
	observer bool
	stage    learnerStage
	last     Zxid // its lastZxid in ACKEPOCH
	deadline int  // tick by which a packet must come
	ackedUpTo,
	sentUpTo Zxid
	unackedSince int // tick since which nothing was acked, while a proposal waits for its ack

	snapshot SnapshotReader // being sent
	queue    []sim.Message  // messages that wait until it is sent
	nextAt   sim.Time       // when the next piece is sent
	pings    int            // sent and not answered
	marks    []int          // for each quorum sync that waits for it: pings still to be answered
}

// learnerStage is how far a leader has come with a learner. Each stage includes those before it.
type learnerStage uint8

const (
	connected  learnerStage = iota
	introduced              // FOLLOWERINFO came
	invited                 // LEADERINFO went
	promised                // ACKEPOCH came
	catchingUp              // DIFF, TRUNC or SNAP went; proposals and commits follow
	caughtUp                // the ACK of NEWLEADER came
	active                  // UPTODATE went
)

func (p *Peer) becomeLeading() {
	l := &leading{giveUpAt: p.initDeadline(), pingAt: p.io.Now + p.config.TickTime/2}
	l.own = Vote{Zxid: p.lastZxid(), Epoch: p.currentEpoch}
	p.lead = l
	p.setState(Leading, Discovery)
	if p.snapper.phase == snapIdle && p.has(flaw.SnapBeforeQuorum) {
		p.snapper.start()
	}
	l.schedule()
	p.countAccepted(p.config.ID, max(p.acceptedEpoch, p.promisedElsewhere))
}

func (p *Peer) initDeadline() sim.Time {
	return p.io.Now + sim.Time(p.config.InitLimit)*p.config.TickTime
}

// schedule sets nextAt to the next moment at which the leader has something to do.
func (l *leading) schedule() {
	l.nextAt = min(l.pingAt, l.giveUpAt)
	for _, k := range l.learners {
		if k.snapshot != nil {
			l.nextAt = min(l.nextAt, k.nextAt)
		}
	}
}

// quorum is true if s holds more than half of the voters; others in s do not count (rule L10).
func (p *Peer) quorum(s Set) bool {
	return s.Majority(p.config.Voters) || p.countsObservers(s)
}

func (p *Peer) onLearnerEvent(e sim.Event) {
	if e.Kind == sim.Accepted {
		p.admit(e)
		return
	}
	k := p.lead.learnerOn(e.Conn)
	if k == nil {
		p.refuse(StaleConnection, e.From, NoZxid)
		return
	}
	if e.Kind != sim.Received {
		p.dropLearner(k)
		return
	}
	k.deadline = p.lead.tick + p.config.SyncLimit
	if k.stage < caughtUp {
		k.deadline += p.config.InitLimit
	}
	p.onLearnerPacket(k, e.Msg)
}

// admit accepts a learner that connects.
func (p *Peer) admit(e sim.Event) {
	for _, k := range p.lead.learners {
		if k.id == e.From { // the learner has given up its earlier connection, which we still keep
			p.dropLearner(k)
			break
		}
	}
	p.lead.learners = append(p.lead.learners, &learner{
		id: e.From, conn: e.Conn, observer: p.config.Observers.Has(e.From),
		deadline: p.lead.tick + p.config.InitLimit + p.config.SyncLimit,
	})
}

func (p *Peer) onLearnerPacket(k *learner, msg sim.Message) {
	switch m := msg.(type) {
	case *FollowerInfo:
		p.onFollowerInfo(k, m)
	case *AckEpoch:
		p.onAckEpoch(k, m)
	case *Ack:
		p.onAck(k, m.Zxid)
	case *Ping:
		p.onPingAnswer(k, m)
	case *Request, *Revalidate:
		p.onForwarded(k, m.(Message))
	case *Sync:
		p.onSync(k.id, m)
	default:
		p.broken("messageIllegal", "learner S%d sent %s, which no learner sends", k.id, msg.Name())
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

// dropLearner closes a learner's connection and forgets the learner.
func (p *Peer) dropLearner(k *learner) {
	p.io.Close(k.conn)
	l := p.lead
	for i, other := range l.learners {
		if other == k {
			l.learners = append(l.learners[:i:i], l.learners[i+1:]...)
			break
		}
	}
	l.schedule()
}

// toLearner sends m, or queues it while a snapshot is being sent.
func (p *Peer) toLearner(k *learner, m sim.Message) {
	if k.snapshot != nil {
		k.queue = append(k.queue, m)
		return
	}
	p.io.Send(k.conn, m)
}

// Reply sends m, the answer to a REVALIDATE, to the learner whose ID is to, if this learner is
// still active.
func (p *Peer) Reply(to ID, m Message) {
	if p.lead == nil {
		return
	}
	for _, k := range p.lead.learners {
		if k.id == to && k.stage == active {
			p.toLearner(k, m)
			return
		}
	}
}

// leaderTimers does what the leader's timers demand: it sends pings, ticks, sends pieces of
// snapshots, and steps down when a stage takes too long.
func (p *Peer) leaderTimers() {
	l := p.lead
	if p.io.Now >= l.giveUpAt {
		p.becomeLooking("no quorum of servers joined within initLimit")
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
	l.schedule()
}

func (p *Peer) pingLearners() {
	if p.pingOut == nil || p.pingOut.Zxid != p.lead.proposed {
		p.pingOut = &Ping{Zxid: p.lead.proposed}
	}
	for _, k := range p.lead.learners {
		if k.stage >= catchingUp {
			p.ping(k)
		}
	}
}

func (p *Peer) ping(k *learner) {
	k.pings++
	p.toLearner(k, p.pingOut)
}

func (p *Peer) onPingAnswer(k *learner, m *Ping) {
	if k.pings > 0 {
		k.pings--
	}
	if len(m.Touched) > 0 && p.lead.stage == established {
		p.app.Heard(k.id, m.Touched)
	}
	if len(k.marks) > 0 {
		p.answerMarks(k)
	}
}

// onTick drops learners that have sent nothing, or have not acked a proposal, for syncLimit ticks.
// If the others whose acks count in this epoch are no quorum, it steps down and returns false.
func (p *Peer) onTick() bool {
	l := p.lead
	l.tick++
	for i := 0; i < len(l.learners); i++ {
		k := l.learners[i]
		if l.tick > k.deadline || p.sitsOnProposal(k) {
			p.report("S%d is dropped: for longer than syncLimit, it has sent nothing, or has "+
				"acked no proposal although one waits for its ACK", k.id)
			p.dropLearner(k)
			i--
		}
	}
	if l.stage == established && !p.quorum(p.alive()) {
		p.becomeLooking("too few followers are left for a quorum")
		return false
	}
	return true
}

// alive returns this leader and the learners whose acks count in its epoch.
func (p *Peer) alive() Set {
	alive := SetOf(p.config.ID)
	for _, k := range p.lead.learners {
		if k.stage >= caughtUp && !p.lead.amnesiac.Has(k.id) {
			alive = alive.With(k.id)
		}
	}
	return alive
}

// sitsOnProposal is true if a follower that owes an ack has acked nothing for syncLimit ticks.
func (p *Peer) sitsOnProposal(k *learner) bool {
	return k.sentUpTo > k.ackedUpTo && !k.observer && k.stage >= caughtUp &&
		p.lead.tick-k.unackedSince > p.config.SyncLimit
}
