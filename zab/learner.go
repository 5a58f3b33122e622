package zab

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// learning is a server that is FOLLOWING or OBSERVING: Learner.
type learning struct {
	leader   ID
	conn     sim.ConnID
	dialling bool
	tries    int
	epoch    uint32 // from LEADERINFO; 0 before
	told     bool
	retryAt  sim.Time // the next try to connect
	deadline sim.Time // of the read timeout, or of connecting

	mode      syncMode
	piece     []byte // of the snapshot that comes in
	snapshot  Zxid
	data      []byte  // a whole snapshot that the disk was not given yet
	unsaved   bool    // memory holds it all the same
	unlogged  []Entry // packetsNotLogged: proposed, and not yet given to the writer
	committed []Zxid  // packetsCommitted: to be applied when it is logged
	late      []Entry // acked with NEWLEADER, and not given to the writer (a flaw)
	installed bool    // NEWLEADER came
	acked     bool    // ACK of NEWLEADER went

	pending []Entry // pendingTxns: logged, and not committed
}

type syncMode uint8

const (
	syncNone syncMode = iota
	syncDiff
	syncSnap
	syncTrunc
)

// connectTries is how often a learner tries to reach its leader.
const connectTries = 5

func (p *Peer) becomeLearner(leader ID) {
	p.learn = &learning{leader: leader, retryAt: sim.Never, deadline: p.initDeadline()}
	s := Following
	if p.config.Observers.Has(p.config.ID) {
		s = Observing
	}
	p.setState(s, Discovery)
	p.connectLeader()
}

func (p *Peer) connectLeader() {
	l := p.learn
	l.tries++
	l.retryAt = sim.Never
	l.dialling = true
	l.conn = p.io.Dial(l.leader, PortQuorum, sim.Time(p.config.InitLimit)*p.config.TickTime)
}

func (p *Peer) onLeaderEvent(e sim.Event) {
	l := p.learn
	if e.Conn != l.conn {
		return // of an earlier try
	}
	switch e.Kind {
	case sim.Connected:
		l.dialling = false
		p.io.Send(l.conn, &FollowerInfo{p.acceptedEpoch, p.state == Observing})
		p.heard()
	case sim.Refused, sim.Closed:
		p.lostLeader()
	case sim.Received:
		p.heard()
		p.onLeaderPacket(e.Msg)
	}
}

// lostLeader tries again while the leader may not have found out yet that it leads; later, a
// lost connection ends the role.
func (p *Peer) lostLeader() {
	l := p.learn
	l.conn = 0
	if !l.told && l.tries < connectTries {
		l.dialling = false
		l.retryAt = p.io.Now + p.config.ConnectRetry
		return
	}
	p.becomeLooking("the leader is gone")
}

// heard moves the read timeout: initLimit until NEWLEADER is acked, syncLimit from then on.
func (p *Peer) heard() {
	limit := p.config.InitLimit
	if p.learn.acked {
		limit = p.config.SyncLimit
	}
	p.learn.deadline = p.io.Now + sim.Time(limit)*p.config.TickTime
}

func (p *Peer) learnerTimers() {
	l := p.learn
	switch {
	case p.io.Now >= l.deadline:
		p.becomeLooking("the leader is silent")
	case p.io.Now >= l.retryAt:
		p.connectLeader()
	}
}

func (p *Peer) onLeaderPacket(msg sim.Message) {
	switch m := msg.(type) {
	case *LeaderInfo:
		p.onLeaderInfo(m)
	case *Diff, *Trunc, *Snap:
		p.onSyncMode(m.(Message))
	case *SnapData:
		p.onSnapData(m)
	case *NewLeader:
		p.onNewLeader(m)
	case *UpToDate:
		p.onUpToDate(m)
	case *Proposal:
		p.onProposal(m.Entry)
	case *Commit:
		p.onCommit(m.Zxid)
	case *Inform:
		p.onInform(m.Entry)
	case *Ping:
		p.answerPing(m)
	case *Revalidate:
		p.app.Answered(m)
	case *Sync:
		p.app.Answered(m)
	default:
		p.assert(false, "messageIllegal", "leader S%d sent %s, which no leader sends", p.learn.leader, msg.Name())
	}
}

// onLeaderInfo is the promise: an epoch later than any accepted is on disk before it is acked
// (D1).
func (p *Peer) onLeaderInfo(m *LeaderInfo) {
	l := p.learn
	p.assert(!l.told, "stateInconsistent", "LEADERINFO came twice")
	l.told = true
	switch {
	case m.Epoch < p.acceptedEpoch:
		p.becomeLooking("the leader's epoch is older than our promise")
	case m.Epoch == p.acceptedEpoch:
		l.epoch = m.Epoch
		p.promise(true)
	case p.config.Flaw == flaw.AckBeforePersist:
		l.epoch = m.Epoch
		p.writer.addQuietly(job{kind: jobAccepted, epoch: m.Epoch})
		p.promise(false)
	default:
		l.epoch = m.Epoch
		p.setPhase(Discovery) // as before, but the epoch is known now
		p.writer.add(job{kind: jobAccepted, epoch: m.Epoch})
	}
}

// promise acks the epoch. again is true if it was accepted before: then the answer counts for
// no quorum, for nobody may ack an epoch twice.
func (p *Peer) promise(again bool) {
	last := p.lastZxid()
	if again && p.needSnap {
		last = NoZxid
	}
	if p.probe != nil {
		p.probe.Pledged(p, p.learn.epoch)
	}
	p.io.Send(p.learn.conn, &AckEpoch{last, p.currentEpoch, again})
	p.setPhase(Synchronization)
}

// onSyncMode is the first packet of the synchronisation.
func (p *Peer) onSyncMode(msg Message) {
	l := p.learn
	p.assert(l.mode == syncNone && p.phase == Synchronization, "stateInconsistent", "%s in phase %v", msg.Name(), p.phase)
	switch m := msg.(type) {
	case *Diff:
		if p.config.Flaw == flaw.DiffHeader {
			p.mark = m.Zxid
		}
		l.mode = syncDiff // our state is still our own: the header moves nothing (ZOOKEEPER-2355)
	case *Snap:
		l.mode, l.snapshot = syncSnap, m.Zxid
		if p.config.Flaw == flaw.KeepPartialSnap {
			p.mark = m.Zxid
		}
	case *Trunc:
		l.mode = syncTrunc
		p.truncate(m.Zxid)
	}
}

// truncate drops the end of our log and rebuilds the state without it. The point must be one of
// our history (R4): otherwise leader and learner do not share what both believe they do.
//
// A history that stands on a snapshot may not reach back so far: a leader that never became
// established had sent it, with the uncommitted end of its own history in it, or under the mark
// of an epoch. Then only another snapshot helps. We come back to the same leader and ask for one
// as who holds nothing would; the epoch is promised already, so that answer counts for no quorum.
func (p *Peer) truncate(z Zxid) {
	if !p.history.reachesBack(z) {
		p.refuse("truncate to %v: our snapshot is at %v", z, p.history.snaps[0].zxid)
		leader := p.learn.leader
		p.needSnap = true
		p.leave()
		p.becomeLearner(leader)
		return
	}
	dropped := append([]snap(nil), p.history.snaps...)
	if !p.history.truncate(z) {
		p.exit("truncate to " + z.String() + ": no such point in the log")
		return
	}
	p.mark = 0
	if p.probe != nil {
		p.probe.Truncated(p, z)
	}
	p.writer.add(job{
		kind: jobTruncate, zxid: z, kept: p.history.entries,
		snaps: dropped[len(p.history.snaps):],
	})
	p.reload()
}

// onSnapData collects a snapshot and, when it is whole, replaces memory by it. The disk is given
// it at NEWLEADER; if the connection breaks before, memory goes back to the disk's state (R2).
func (p *Peer) onSnapData(m *SnapData) {
	l := p.learn
	p.assert(l.mode == syncSnap && l.data == nil, "stateInconsistent", "a piece of a snapshot that was not announced")
	l.piece = append(l.piece, m.Data...)
	if !m.Last {
		return
	}
	l.data, l.piece = l.piece, nil
	l.unsaved = true
	p.snapper.cancel()
	if err := p.app.Restore(l.data); err != nil {
		p.refuse("snapshot %v: %v", l.snapshot, err)
		p.becomeLooking("the snapshot is damaged")
		return
	}
	p.applied = l.snapshot
	p.committed = p.committed[:0]
}

// expect is the zxid behind which the next proposal must stand.
func (l *learning) expect(p *Peer) Zxid {
	switch {
	case len(l.unlogged) > 0:
		return l.unlogged[len(l.unlogged)-1].Zxid
	case l.unsaved:
		return l.snapshot
	}
	return p.history.last()
}

// onProposal logs a transaction and acks it when it is durable (D5); during synchronisation it
// waits. A gap breaks the connection: ZooKeeper only warns (R3).
func (p *Peer) onProposal(e Entry) {
	l := p.learn
	if last := l.expect(p); !e.Zxid.follows(last) {
		p.inconsistent("proposalInconsistent", "proposal %v behind %v", e.Zxid, last)
		p.becomeLooking("a proposal is missing")
		return
	}
	if p.phase != Broadcast {
		l.unlogged = append(l.unlogged, e)
		return
	}
	l.pending = append(l.pending, e)
	p.logEntry(e)
}

// onCommit applies the first pending transaction, which must be the one that is meant.
func (p *Peer) onCommit(z Zxid) {
	l := p.learn
	if p.phase != Broadcast {
		l.committed = append(l.committed, z)
		return
	}
	if len(l.pending) == 0 || l.pending[0].Zxid != z {
		p.inconsistent("commitInconsistent", "commit %v is not the first that is pending", z)
		p.becomeLooking("a commit without its proposal")
		return
	}
	e := l.pending[0]
	l.pending = dropFirst(l.pending)
	p.deliver(e, false)
	p.snapper.maybeStart()
}

// onInform is proposal and commit in one, for observers. They log it, and ack nothing.
func (p *Peer) onInform(e Entry) {
	l := p.learn
	if last := l.expect(p); !e.Zxid.follows(last) {
		p.inconsistent("proposalInconsistent", "inform %v behind %v", e.Zxid, last)
		p.becomeLooking("a transaction is missing")
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

// onNewLeader makes the initial history of the epoch our own, in the order that keeps it safe
// (D4): the base, the records committed so far, the epoch, and then the ack. What is proposed
// and not committed waits for UPTODATE (ZOOKEEPER-4394).
func (p *Peer) onNewLeader(m *NewLeader) {
	l := p.learn
	p.assert(l.mode != syncNone && !l.installed && m.Epoch == l.epoch, "stateInconsistent", "NEWLEADER of epoch %d in epoch %d", m.Epoch, l.epoch)
	l.installed = true
	if l.unsaved {
		replaced := p.history.snaps
		p.history.install(snap{l.snapshot, l.data})
		if p.probe != nil {
			p.probe.Installed(p, l.snapshot)
		}
		p.writer.add(job{kind: jobInstall, zxid: l.snapshot, data: l.data, snaps: replaced})
		l.unsaved, l.data = false, nil
		p.mark, p.needSnap = 0, false
	}
	if p.config.Flaw == flaw.EpochFirst {
		p.writer.addQuietly(job{kind: jobCurrent, epoch: m.Epoch})
	}
	n := 0
	for _, z := range l.committed {
		if n >= len(l.unlogged) || l.unlogged[n].Zxid != z {
			p.inconsistent("commitInconsistent", "commit %v is not the first that was proposed", z)
			p.becomeLooking("a commit without its proposal")
			return
		}
		e := l.unlogged[n]
		n++
		if p.config.Flaw == flaw.AckBeforeLog {
			l.late = append(l.late, e)
			p.remember(e)
		} else {
			p.logEntry(e)
		}
		p.deliver(e, true) // committed it is only when the epoch is established
	}
	l.unlogged, l.committed = l.unlogged[n:], nil
	if p.config.Flaw == flaw.DrainUncommitted {
		l.unlogged = nil
	}
	p.fastForward() // DIFF or TRUNC: the end of our own log is part of the initial history
	p.blank = false
	if p.config.Flaw == flaw.AckBeforeFsync || p.config.Flaw == flaw.EpochAtUpToDate {
		p.ackNewLeader()
	}
	if p.config.Flaw != flaw.EpochAtUpToDate {
		p.writer.add(job{kind: jobCurrent, epoch: m.Epoch})
	}
}

// ackNewLeader is the answer to NEWLEADER, now that all it claims is on disk.
func (p *Peer) ackNewLeader() {
	l := p.learn
	l.acked = true
	z := MakeZxid(l.epoch, 0)
	if p.probe != nil {
		p.probe.Acked(p, z)
	}
	p.io.Send(l.conn, &Ack{z})
	p.heard()
}

// onUpToDate begins to serve. What was proposed meanwhile goes the usual way now.
func (p *Peer) onUpToDate(m *UpToDate) {
	l := p.learn
	p.assert(l.acked, "stateInconsistent", "UPTODATE before NEWLEADER was acked")
	if p.config.Flaw == flaw.EpochAtUpToDate {
		p.writer.addQuietly(job{kind: jobCurrent, epoch: l.epoch})
	}
	for _, e := range l.late {
		p.writer.addQuietly(job{kind: jobAppend, entry: e})
	}
	p.writer.revive()
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
			return
		}
		if p.state == Observing {
			p.deliver(p.history.entries[search(p.history.entries, z)], false)
			continue
		}
		p.onCommit(z)
	}
}

// ackLogged acks what has become durable: only what was proposed in this role is acked one by
// one; NEWLEADER's ack spoke for what came before.
func (p *Peer) ackLogged(z Zxid) {
	if p.phase != Broadcast || p.state == Observing {
		return
	}
	if p.probe != nil {
		p.probe.Acked(p, z)
	}
	p.io.Send(p.learn.conn, &Ack{z})
}

// answerPing answers a PING with the sessions heard of since the last one.
func (p *Peer) answerPing(m *Ping) {
	touched := p.app.Touched()
	if len(touched) == 0 {
		p.io.Send(p.learn.conn, m)
		return
	}
	p.io.Send(p.learn.conn, &Ping{Zxid: m.Zxid, Touched: touched})
}
