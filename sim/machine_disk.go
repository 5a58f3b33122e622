package sim

import "fmt"

// fsync is one fsync that a program has asked for.
type fsync struct {
	asked FsyncRequest
	state fsyncState
	token uint64
	cause int64 // index of the record that asked
}

type fsyncState uint8

const (
	fsyncPending  fsyncState = iota
	fsyncFailed              // nothing became durable
	fsyncDone                // it is durable, and the news waits for a paused process
	fsyncRecorded            // the same, and it is on record already
)

// fsync starts an fsync. A disk completes its fsyncs one after another.
func (m *Machine) fsync(e *Effect) {
	w := m.world
	asked, ok := m.disk.Fsync(e.File)
	if !ok && !w.config.SlowFailures {
		m.failFsync(e.Token)
		return
	}
	if ok && asked.missing() {
		m.failMissing("fsyncs", e.File)
	}
	span := m.fsyncSpan
	if span == 0 {
		chance := keyed(w.net.seed, uint64(m.ID)<<32|0xd15c, asked.number)
		span = spread(chance, w.config.Fsync.Min, w.config.Fsync.Max)
	}
	if b := w.config.DiskBandwidth; b != 0 && ok {
		span += microseconds(b.nanoseconds(asked.size))
	}
	m.fsyncFree = max(w.now, m.fsyncFree) + span
	f := fsync{asked: asked, token: e.Token, cause: w.cause}
	if !ok {
		f.state = fsyncFailed
	}
	m.planFsynced(m.fsyncFree, f)
}

// failMissing ends the run because a program names a file that does not exist.
func (m *Machine) failMissing(verb, file string) {
	if !m.world.config.IgnoreMissing {
		m.world.Fail(fmt.Errorf("sim: %s %s the file %q, which does not exist: the disk has %v",
			m.Name, verb, file, m.disk.Names()))
	}
}

func (m *Machine) failFsync(token uint64) {
	m.planFsynced(m.world.now, fsync{state: fsyncFailed, token: token, cause: m.world.cause})
}

func (m *Machine) planFsynced(at Time, f fsync) {
	m.later(at, entryFsynced, m.fsyncs.put(f))
}

// fsynced ends an fsync. The kernel completes it even if the process has died since; only a loss of
// power stops it.
func (m *Machine) fsynced(e entry) {
	w := m.world
	if m.power == paused && e.inc == m.incarnation {
		// The bytes become durable while the process is paused; only its notification waits.
		if f := m.fsyncs.at(e.ref); f.state == fsyncPending {
			m.complete(&f.asked)
			m.fsyncs.at(e.ref).state = fsyncDone
		}
		m.parked = append(m.parked, e)
		return
	}
	f := m.fsyncs.take(e.ref)
	w.cause = f.cause
	if f.state == fsyncPending && !m.complete(&f.asked) {
		return
	}
	if e.inc != m.incarnation || !m.Up() {
		return
	}
	if f.state == fsyncFailed {
		w.Emit(KindDisk, m.ID, f.token)
		w.causeIsLast()
		m.step(Event{Kind: DiskFailed, Token: f.token})
		return
	}
	if f.state == fsyncRecorded || m.recordFsync(e, &f) {
		m.step(Event{Kind: Fsynced, Token: f.token})
	}
}

// recordFsync records an fsync and carries out the faults that waited for it. It returns false if
// the process cannot be notified now.
func (m *Machine) recordFsync(e entry, f *fsync) bool {
	w := m.world
	w.stats.Fsyncs++
	w.Emit(KindFsync, m.ID, f.token)
	w.causeIsLast()
	m.happened(TriggerFsync, nil)
	w.fireDue()
	if e.inc != m.incarnation {
		return false // it died between the write and the news of it
	}
	if m.power == paused {
		f.state, f.cause = fsyncRecorded, w.cause
		e.ref = m.fsyncs.put(*f)
		m.parked = append(m.parked, e)
		return false
	}
	return true
}

// complete makes durable the content that the fsync was requested for, and tells the audit.
func (m *Machine) complete(asked *FsyncRequest) bool {
	if !m.disk.Complete(asked) {
		return false
	}
	if hook := m.world.OnDurable; hook != nil {
		hook(m, asked.File)
	}
	return true
}

// losePower leaves on the disk what is durable, and by chance some of the other changes.
func (m *Machine) losePower() {
	w := m.world
	chance := Rand{state: keyed(w.net.seed, uint64(m.ID)<<32|0x105e, m.disk.losses+1)}
	m.disk.LosePower(&chance, w.config.Writeback)
	m.fsyncFree = w.now
}
