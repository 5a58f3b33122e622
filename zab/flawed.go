package zab

import (
	"slices"

	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of a peer, which are bugs to inject, apart from the protocol. The protocol calls has,
// or one of the predicates below, where a flaw acts. Code of a flaw that is longer than a line, and
// the state that it needs, is here.

// has is true if f is the injected flaw, and then counts a hit. A condition calls has last, after
// it has found that the flaw would make a difference, so that each hit is a difference made. (Where
// a flaw always makes one, the condition is has alone.)
func (p *Peer) has(f flaw.Flaw) bool {
	if p.config.Places != nil {
		p.config.Places[f]++
	}
	return p.config.Flaw.At(f, p.config.Hits)
}

// asks reports whether code that only flaws need is to run: to act, or to be counted.
func (p *Peer) asks() bool { return p.config.Flaw != flaw.None || p.config.Places != nil }

// flawed is the state that flaws need.
type flawed struct {
	orphans []Entry   // KeepWriter: queued in a role that is over
	hole    int64     // TruncKeepsOffset: bytes between the end of the log and the writer's offset
	role    *learning // AckBeforeLog: the role that late belongs to
	late    []Entry   // acked with NEWLEADER, and not given to the writer
	logged  []Zxid    // logged with NEWLEADER, not committed, and not acked: see order
}

// addQuietly asks for a write whose completion has no consequence.
func (w *writer) addQuietly(j job) {
	j.quiet = true
	w.add(j)
}

// storeFlawed handles NEWLEADER as one of five flaws does: one step of onNewLeader comes too early,
// too late or not at all. For any other flaw it does nothing and returns false.
func (p *Peer) storeFlawed(epoch uint32) bool {
	switch p.config.Flaw {
	default:
		if o, ok := orders[p.config.Flaw]; ok {
			p.storeInOrder(epoch, o)
			return true
		}
		p.countStore()
		return false
	case flaw.EpochFirst, flaw.AckBeforeLog, flaw.DrainUncommitted, flaw.AckBeforeFsync,
		flaw.EpochAtUpToDate:
	}
	l, log := p.learn, p.logEntry
	p.storeSnapshot()
	if p.has(flaw.EpochFirst) {
		p.writer.addQuietly(job{kind: jobCurrent, epoch: epoch})
	}
	if len(l.committed) > 0 && p.has(flaw.AckBeforeLog) {
		log = p.logLate
	}
	if !p.logCommitted(log) {
		return true
	}
	if len(l.unlogged) > 0 && p.has(flaw.DrainUncommitted) {
		l.unlogged = nil
	}
	p.fastForward()
	p.blank = false
	later := p.has(flaw.EpochAtUpToDate)
	if later || p.has(flaw.AckBeforeFsync) {
		p.ackNewLeader()
	}
	if !later {
		p.storeCurrentEpoch(epoch)
	}
	return true
}

// order is what a follower does at NEWLEADER in some versions of ZooKeeper's Learner.syncWithLeader.
// The zero order is right.
type order struct {
	epochFirst bool // writes currentEpoch before the records, not after them
	early      bool // acks when currentEpoch is on disk, whether the records are or not
	all        bool // logs also the proposals that are not committed
	forgets    bool // and takes a COMMIT for them, before UPTODATE, for one without a proposal
	ackNow     bool // acks these when they are on disk, not after UPTODATE
}

// orders has the versions: those that were released, and those that pull requests proposed.
var orders = map[flaw.Flaw]order{
	flaw.Asynchronous: {epochFirst: true, early: true, all: true, forgets: true, ackNow: true},
	flaw.AckOrder:     {all: true, ackNow: true},
	flaw.Pull1848:     {epochFirst: true},
	flaw.Pull1930:     {epochFirst: true, early: true, all: true, ackNow: true},
	flaw.Pull1993:     {epochFirst: true, all: true, forgets: true},
	flaw.Pull2111:     {all: true, forgets: true},
}

// storeInOrder handles NEWLEADER as one of these versions does.
func (p *Peer) storeInOrder(epoch uint32, o order) {
	l := p.learn
	p.flawed.logged = p.flawed.logged[:0]
	p.storeSnapshot()
	if o.epochFirst && p.has(p.config.Flaw) {
		p.writer.add(job{kind: jobCurrent, epoch: epoch, quiet: !o.early})
	}
	log := p.logEntry
	if o.early { // the fsync may come when the learner serves, and the leader expects no ACK of these
		log = func(e Entry) {
			p.remember(e)
			p.writer.addQuietly(job{kind: jobAppend, entry: e})
		}
	}
	if !p.logCommitted(log) {
		return
	}
	p.fastForward()
	p.blank = false
	if o.all && len(l.unlogged) > 0 && (o.epochFirst || p.has(p.config.Flaw)) {
		for _, e := range l.unlogged {
			l.pending = append(l.pending, e)
			p.flawed.logged = append(p.flawed.logged, e.Zxid)
			p.logEntry(e)
		}
		l.unlogged = nil
	}
	if !o.early {
		p.storeCurrentEpoch(epoch)
	}
}

// forgotProposal is true if a COMMIT comes before UPTODATE for a proposal that was logged with
// NEWLEADER, and the learner has forgotten it.
func (p *Peer) forgotProposal() bool {
	return orders[p.config.Flaw].forgets && len(p.learn.pending) > 0 && len(p.learn.unlogged) == 0
}

// acksNow is true if the record at z is acked although the learner does not serve yet.
func (p *Peer) acksNow(z Zxid) bool {
	if !orders[p.config.Flaw].ackNow || !slices.Contains(p.flawed.logged, z) {
		return false
	}
	p.flawed.logged = p.flawed.logged[1:]
	return true
}

// countStore counts the places of the flaws that storeFlawed has.
func (p *Peer) countStore() {
	for _, f := range []flaw.Flaw{flaw.EpochFirst, flaw.AckBeforeFsync, flaw.EpochAtUpToDate} {
		p.has(f)
	}
	if n := len(p.learn.committed); n > 0 {
		p.has(flaw.AckBeforeLog)
	}
	if len(p.learn.unlogged) > len(p.learn.committed) {
		p.has(flaw.DrainUncommitted)
	}
}

// trustsHeader (DiffHeader, KeepPartialSnap) treats the zxid in the header of a DIFF or SNAP as
// this server's own.
func (p *Peer) trustsHeader(z Zxid, f flaw.Flaw) {
	if p.mark != z && p.has(f) {
		p.mark = z
	}
}

// waitsForAck (ForwardAfterAck) is true if a learner that is still catching up gets no proposals.
func (p *Peer) waitsForAck(k *learner) bool {
	return k.stage < caughtUp && p.has(flaw.ForwardAfterAck)
}

// overlooksGhost (DiffInWindow) is true if a DIFF is sent although the window lacks the learner's
// last zxid. i is the index in the window at which that zxid would be.
func (p *Peer) overlooksGhost(i int) bool { return i > 0 && p.has(flaw.DiffInWindow) }

// rollsOver (NoRollCheck) is true if the counter of an epoch may run into the next one.
func (p *Peer) rollsOver() bool { return p.has(flaw.NoRollCheck) }

// keepsFromLog (SkipCommittedLog) is true if what is delivered while catching up is left out of
// committedLog.
func (p *Peer) keepsFromLog() bool {
	return p.learn != nil && p.phase != Broadcast && p.has(flaw.SkipCommittedLog)
}

// keepOffset (TruncKeepsOffset) notes that the writer of a log file that ended at end, and ends at
// size now, continues at the old end.
func (p *Peer) keepOffset(end, size int64) {
	if end == size || p.has(flaw.TruncKeepsOffset) {
		p.flawed.hole = end - size
	}
}

// pretendEmpty (EmptyVotes) treats a lost history as an empty one.
func (p *Peer) pretendEmpty() {
	p.blank = false
	empty, _ := p.app.Snapshot().Next(nil, 1<<20)
	p.writer.add(job{kind: jobInstall, data: empty, name: snapName(0)})
}

// leavesUnapplied (NoFastForward) is true if memory lags behind the log and does not catch up with
// it.
func (p *Peer) leavesUnapplied() bool {
	return p.applied < p.history.last() && p.has(flaw.NoFastForward)
}

// better reports whether vote a beats vote b, by the protocol or by the flaw IDUnguarded or
// RankByZxid.
func (p *Peer) better(a, b Vote) bool {
	yes := better(a, b)
	if !yes && a.Zxid == b.Zxid && a.Leader > b.Leader && p.has(flaw.IDUnguarded) {
		return true
	}
	if a.Epoch, b.Epoch = 0, 0; better(a, b) != yes && p.has(flaw.RankByZxid) {
		return !yes
	}
	return yes
}

// ignoresCaller (NoCallBack) is true if a server closes the connection that an observer with a
// smaller number has opened, and does not dial back.
func (p *Peer) ignoresCaller(id ID) bool {
	return p.config.Observers.Has(id) && p.has(flaw.NoCallBack)
}

// countsObservers (CountObservers) is true if s is a quorum only with servers that have no vote.
func (p *Peer) countsObservers(s Set) bool {
	return 2*s.Len() > p.config.Voters.Len() && p.has(flaw.CountObservers)
}

// promiseEarly (AckBeforePersist) acks an epoch that is not on disk yet.
func (p *Peer) promiseEarly(epoch uint32) {
	p.writer.addQuietly(job{kind: jobAccepted, epoch: epoch})
	p.promise(false)
}

// logLate (AckBeforeLog) keeps a record in memory until UPTODATE.
func (p *Peer) logLate(e Entry) {
	f := &p.flawed
	if f.role != p.learn {
		f.role, f.late = p.learn, nil
	}
	f.late = append(f.late, e)
	p.remember(e)
}

// writeLate (AckBeforeLog) gives the writer the records that logLate has kept.
func (p *Peer) writeLate() {
	for _, e := range p.flawed.late {
		p.writer.addQuietly(job{kind: jobAppend, entry: e})
	}
}

// outlive (KeepWriter) keeps the records that the writer has not begun to write when its role ends:
// it writes them in the next role.
func (p *Peer) outlive() {
	w, f := &p.writer, &p.flawed
	if len(w.jobs) == w.busy && len(f.orphans) == 0 || !p.has(flaw.KeepWriter) {
		return
	}
	first := len(w.jobs)
	for first > w.busy {
		if j := &w.jobs[first-1]; j.kind != jobAppend || j.entry.Zxid <= p.applied {
			break
		}
		first--
	}
	for _, j := range w.jobs[first:] {
		f.orphans = append(f.orphans, j.entry)
	}
	w.jobs = w.jobs[:first]
	if len(f.orphans) > 0 {
		e := p.history.entries
		p.history.entries = e[:search(e, f.orphans[0].Zxid)]
	}
}

// revive (KeepWriter) gives the writer the records that outlive has kept.
func (p *Peer) revive() {
	for _, e := range p.flawed.orphans {
		p.writer.addQuietly(job{kind: jobAppend, entry: e})
	}
	p.flawed.orphans = nil
}

// atUpToDate does what some flaws postpone until UPTODATE.
func (p *Peer) atUpToDate() {
	f := &p.flawed
	if !orders[p.config.Flaw].ackNow {
		for _, z := range f.logged { // NEWLEADER was acked after they were on disk
			p.probe.Acked(p, z)
			p.io.Send(p.learn.conn, &Ack{z})
		}
		f.logged = f.logged[:0]
	}
	switch {
	case p.has(flaw.EpochAtUpToDate):
		p.writer.addQuietly(job{kind: jobCurrent, epoch: p.learn.epoch})
	case len(f.late) > 0 && f.role == p.learn && p.has(flaw.AckBeforeLog):
		p.writeLate()
	case len(f.orphans) > 0 && p.has(flaw.KeepWriter):
		p.revive()
	}
}

// fillHole (TruncKeepsOffset) appends the zeros between the end of the log and the writer's offset.
func (w *writer) fillHole(f *logFile) {
	hole := w.p.flawed.hole
	w.put(f.name, make([]byte, hole))
	f.size, w.p.flawed.hole = f.size+hole, 0
}
