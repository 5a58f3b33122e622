package zab

import "github.com/zablab/zablab/zab/flaw"

// A start, step by step: Recover (storage.go) reads the disk, New takes what it read, Boot rebuilds
// the state machine from it and repairs what a crash left, and the election begins when that
// repair is on disk.

// onBoot restores the state machine and repairs what a crash left, before the peer says anything.
func (p *Peer) onBoot() {
	s := p.stored
	p.stored = nil
	if p.recoverError != nil {
		p.probe.Inconsistent(p, "LogContiguous", p.recoverError.Error())
		p.exit(p.recoverError.Error())
		return
	}
	p.blank = s.Blank
	p.acceptedEpoch, p.currentEpoch = s.AcceptedEpoch, s.CurrentEpoch
	garbage := p.history.load(s)
	p.probe.Booted(p)
	p.reload()
	if p.exited {
		return
	}
	p.writer.files, p.writer.end = s.files, p.history.last()
	// After a process crash, what is re-read may not be durable yet (rules R7 and D9). The torn
	// end of the log must go before anything is appended after it.
	p.writer.add(job{kind: jobRepair, garbage: garbage})
	if p.blank && p.has(flaw.EmptyVotes) {
		p.pretendEmpty()
	}
	// A crash may have come after the records of an epoch and before its epoch file. Records are
	// written in order, so a log with one record of an epoch has that epoch's whole initial
	// history: claiming the epoch is safe (rule R0).
	last := p.history.last().Epoch()
	p.writer.recovered(max(p.currentEpoch, last), max(p.acceptedEpoch, p.currentEpoch, last))
}

// onStarted runs when all writes that onBoot asked for are done.
func (p *Peer) onStarted() { p.becomeLooking("start") }

// reload rebuilds the state machine from what the disk holds, or will hold once the writer is done.
func (p *Peer) reload() {
	p.snapper.cancel()
	base := p.history.base()
	if err := p.app.Restore(base.data); err != nil {
		p.exit("restore snapshot " + base.zxid.String() + ": " + err.Error())
		return
	}
	p.applied = base.zxid
	p.committed = p.committed[:0]
	p.fastForward()
}

// fastForward applies transactions that are logged and not applied yet, so that memory and disk end
// at the same zxid before a vote (ZOOKEEPER-2845).
func (p *Peer) fastForward() {
	for _, e := range p.history.after(p.applied) {
		p.deliver(e, true)
	}
}
