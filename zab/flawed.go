package zab

import "github.com/zablab/zablab/zab/flaw"

// The flaws of a peer, away from the protocol. A place in the protocol asks has, or one of the
// predicates below; whatever a flaw does beyond a line, and the state it needs for that, is here.

// has is true if f is the injected flaw, and counts that its place was reached. A place asks for
// what makes a difference first, and has last.
func (p *Peer) has(f flaw.Flaw) bool { return p.config.Flaw.At(f, p.config.Hits) }

// flawed is the state that flaws need.
type flawed struct {
	orphans []Entry   // KeepWriter: queued in a role that is over
	hole    int64     // TruncKeepsOffset: bytes between the end of the log and the writer's offset
	role    *learning // AckBeforeLog: the role that late belongs to
	late    []Entry   // acked with NEWLEADER, and not given to the writer
}

// addQuietly asks for a write whose completion has no consequence.
func (w *writer) addQuietly(j job) {
	w.p.generation--
	w.add(j)
	w.p.generation++
}

// pretendEmpty (EmptyVotes) takes a lost history for an empty one.
func (p *Peer) pretendEmpty() {
	p.blank = false
	empty, _ := p.app.Snapshot().Next(1 << 20)
	p.writer.add(job{kind: jobInstall, data: empty})
}

// leavesUnapplied (NoFastForward) is true if memory lags behind the log and is not brought up.
func (p *Peer) leavesUnapplied() bool {
	return p.applied < p.history.last() && p.has(flaw.NoFastForward)
}

// better is the order on votes, or what IDUnguarded or RankByZxid make of it.
func (p *Peer) better(a, b Vote) bool {
	switch {
	case a.Zxid == b.Zxid && a.Leader > b.Leader && p.has(flaw.IDUnguarded):
		return true
	case a.Epoch != b.Epoch && p.has(flaw.RankByZxid):
		a.Epoch, b.Epoch = 0, 0
	}
	return better(a, b)
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

// writeLate gives the writer those records at last.
func (p *Peer) writeLate() {
	f := &p.flawed
	if f.role != p.learn {
		return
	}
	for _, e := range f.late {
		p.writer.addQuietly(job{kind: jobAppend, entry: e})
	}
}

// outlive (KeepWriter) sets aside what was queued and not begun to be written: the writer does not
// end with its role, and writes it in the next one.
func (p *Peer) outlive() {
	w, f := &p.writer, &p.flawed
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

// revive gives the writer what outlived its role.
func (p *Peer) revive() {
	for _, e := range p.flawed.orphans {
		p.writer.addQuietly(job{kind: jobAppend, entry: e})
	}
	p.flawed.orphans = nil
}

// atUpToDate is what three flaws put off until UPTODATE.
func (p *Peer) atUpToDate() {
	switch {
	case p.has(flaw.EpochAtUpToDate):
		p.writer.addQuietly(job{kind: jobCurrent, epoch: p.learn.epoch})
	case p.has(flaw.AckBeforeLog):
		p.writeLate()
	case p.has(flaw.KeepWriter):
		p.revive()
	}
}

// fillHole (TruncKeepsOffset) appends the zeros between the end of the log and the writer's offset.
func (w *writer) fillHole(f *logFile) {
	hole := w.p.flawed.hole
	w.put(f.name, make([]byte, hole))
	f.size, w.p.flawed.hole = f.size+hole, 0
}
