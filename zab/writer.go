package zab

import (
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// writer puts things on disk one after another: SyncRequestProcessor and the epoch files in one
// queue, so that the order of what is asked is the order of what is durable (D1-D8). Log records
// that wait together share one fsync.
type writer struct {
	p       *Peer
	jobs    []job
	busy    int // jobs of the queue's head that are being written
	phase   int // of the head
	token   uint64
	files   []logFile
	roll    bool    // the next record begins a new file
	hole    int64   // how far behind the end of the log a writer stands that has not seen it cut (a flaw)
	orphans []Entry // of a writer that outlived its role (a flaw)
	durable Zxid
}

type jobKind uint8

const (
	jobAppend jobKind = iota
	jobAccepted
	jobCurrent
	jobTruncate
	jobInstall
	jobRepair
	jobStart
)

type job struct {
	kind       jobKind
	generation uint32
	entry      Entry
	epoch      uint32
	zxid       Zxid
	kept       []Entry // of a truncation: the history up to zxid
	snaps      []snap  // that a truncation or an installation makes void
	data       []byte
	garbage    []string // of a repair: files to remove
}

// maxBatch is the most records that share an fsync (zookeeper.maxBatchSize).
const maxBatch = 1000

func (w *writer) add(j job) {
	j.generation = w.p.generation
	w.jobs = append(w.jobs, j)
	if w.busy == 0 {
		w.run()
	}
}

// addQuietly is add for what nobody waits for.
func (w *writer) addQuietly(j job) {
	w.p.generation--
	w.add(j)
	w.p.generation++
}

// recovered asks for the epochs that recovery found, where the files say less, and then starts.
func (w *writer) recovered(current, accepted uint32) {
	if accepted != w.p.acceptedEpoch {
		w.add(job{kind: jobAccepted, epoch: accepted})
	}
	if current != w.p.currentEpoch {
		w.add(job{kind: jobCurrent, epoch: current})
	}
	w.add(job{kind: jobStart})
}

// run begins the head of the queue.
func (w *writer) run() {
	for len(w.jobs) > 0 && w.busy == 0 {
		w.busy, w.phase = 1, 0
		if w.jobs[0].kind == jobAppend {
			w.appendBatch()
		} else {
			w.advance()
		}
	}
}

// sync asks for one fsync; the last one asked is the one waited for.
func (w *writer) sync(file string) {
	w.token++
	w.p.io.Emit(sim.Effect{Kind: sim.Sync, File: file, Token: w.token})
}

func (w *writer) put(file string, data []byte) {
	w.p.io.Emit(sim.Effect{Kind: sim.Append, File: file, Data: data})
}

func (w *writer) remove(file string) {
	w.p.io.Emit(sim.Effect{Kind: sim.Remove, File: file})
}

// appendBatch writes every record that waits at the head of the queue, and syncs once. A new
// file needs its name synced too (R1).
func (w *writer) appendBatch() {
	created := false
	if len(w.files) == 0 || w.roll {
		w.files = append(w.files, logFile{name: logName(w.jobs[0].entry.Zxid)})
		w.roll, created = false, true
	}
	f := &w.files[len(w.files)-1]
	if w.hole > 0 {
		w.put(f.name, make([]byte, w.hole))
		f.size, w.hole = f.size+w.hole, 0
	}
	n := 0
	for n < len(w.jobs) && n < maxBatch && w.jobs[n].kind == jobAppend {
		io := w.p.io
		at := len(io.scratch)
		io.scratch = AppendRecord(io.scratch, w.jobs[n].entry)
		record := io.scratch[at:len(io.scratch):len(io.scratch)]
		f.size += int64(len(record))
		w.put(f.name, record)
		n++
	}
	w.busy = n
	w.sync(f.name)
	if created {
		w.sync("")
	}
}

// onSynced is the completion of a sync.
func (p *Peer) onSynced(token uint64) {
	if token&snapperToken != 0 {
		p.snapper.onSynced(token)
		return
	}
	if token != p.writer.token || p.writer.busy == 0 {
		return // not the last one that the job waits for
	}
	p.writer.phase++
	p.writer.advance()
}

// advance does the next phase of the head, or finishes it.
func (w *writer) advance() {
	j := &w.jobs[0]
	done := false
	switch j.kind {
	case jobAppend:
		done = true
	case jobAccepted:
		done = w.writeEpoch(fileAccepted, j.epoch)
	case jobCurrent:
		done = w.writeEpoch(fileCurrent, j.epoch)
	case jobTruncate:
		done = w.truncate(j)
	case jobInstall:
		done = w.install(j)
	case jobRepair:
		done = w.repair(j)
	case jobStart:
		done = true
	}
	if done {
		w.finish()
	}
}

// outlive sets aside, with a flaw, what was asked for and not begun to be written: the writer does not
// end with its role, and comes to it in the next one.
func (w *writer) outlive() {
	p := w.p
	first := len(w.jobs)
	for first > w.busy && w.jobs[first-1].kind == jobAppend && w.jobs[first-1].entry.Zxid > p.applied {
		first--
	}
	for _, j := range w.jobs[first:] {
		w.orphans = append(w.orphans, j.entry)
	}
	w.jobs = w.jobs[:first]
	if len(w.orphans) > 0 {
		e := p.history.entries
		p.history.entries = e[:search(e, w.orphans[0].Zxid)]
	}
}

// revive is when it comes to that.
func (w *writer) revive() {
	for _, e := range w.orphans {
		w.addQuietly(job{kind: jobAppend, entry: e})
	}
	w.orphans = nil
}

// finish says what the head of the queue has made durable, and only then goes on: the job behind
// it may be the one that starts the peer, which must know what the disk says.
func (w *writer) finish() {
	var few [4]job // on the stack
	finished := append(few[:0], w.jobs[:w.busy]...)
	w.jobs = append(w.jobs[:0], w.jobs[w.busy:]...)
	w.busy, w.phase = 0, 0
	for i := range finished {
		w.p.onWritten(&finished[i])
	}
	w.run()
	if w.p.waiting {
		w.p.startElection()
	}
}

// writeEpoch replaces an epoch file as AtomicFileOutputStream does, and syncs the directory too,
// which ZooKeeper does not (D10).
func (w *writer) writeEpoch(name string, epoch uint32) (done bool) {
	tmp := name + tmpSuffix
	switch w.phase {
	case 0:
		w.remove(tmp)
		w.put(tmp, strconv.AppendUint(nil, uint64(epoch), 10))
		w.sync(tmp)
	case 1:
		w.p.io.Emit(sim.Effect{Kind: sim.Rename, File: tmp, Name: name})
		w.sync("")
	}
	return w.phase == 2
}

// truncate shortens the log to j.zxid, and syncs what it shortened and what it removed (D7, R1).
func (w *writer) truncate(j *job) (done bool) {
	if w.phase == 1 {
		return true
	}
	for _, s := range j.snaps {
		if w.p.config.Flaw != flaw.SnapBeforeQuorum {
			w.remove(snapName(s.zxid))
		}
	}
	for len(w.files) > 0 {
		f := &w.files[len(w.files)-1]
		first, _, _ := FileZxid(f.name)
		if first <= j.zxid {
			end := f.size
			f.size = sizeUpTo(j.kept, first, j.zxid)
			if w.p.config.Flaw == flaw.TruncKeepsOffset {
				w.hole = end - f.size
			}
			w.p.io.Emit(sim.Effect{Kind: sim.Truncate, File: f.name, N: f.size})
			w.sync(f.name)
			break
		}
		w.remove(f.name)
		w.files = w.files[:len(w.files)-1]
	}
	w.sync("")
	return false
}

// sizeUpTo is how long a log file that begins at first is when it ends with z.
func sizeUpTo(entries []Entry, first, z Zxid) int64 {
	var size int64
	for _, e := range entries[search(entries, first):search(entries, z+1)] {
		size += recordHeader + int64(len(e.Data))
	}
	return size
}

// install puts a received snapshot on disk piece by piece, and only then removes what it
// replaces: logs that it does not continue (ZOOKEEPER-2832) and older snapshots.
func (w *writer) install(j *job) (done bool) {
	name := snapName(j.zxid)
	tmp := name + tmpSuffix
	chunk := w.p.config.SnapChunk
	pieces := max(1, (len(j.data)+chunk-1)/chunk)
	switch {
	case w.phase < pieces:
		if w.phase == 0 {
			w.remove(tmp)
		}
		at := w.phase * chunk
		w.put(tmp, j.data[at:min(at+chunk, len(j.data))])
		if w.p.config.Flaw == flaw.NoSnapFsync {
			w.sync("")
			return false
		}
		w.sync(tmp)
	case w.phase == pieces:
		w.p.io.Emit(sim.Effect{Kind: sim.Rename, File: tmp, Name: name})
		w.sync("")
	case w.phase == pieces+1:
		// Snapshots first: a loss of power keeps a prefix of these removals, and a snapshot
		// without the log behind it could not be started from.
		for _, s := range j.snaps {
			if s.zxid != j.zxid {
				w.remove(snapName(s.zxid))
			}
		}
		for _, f := range w.files {
			w.remove(f.name)
		}
		w.files = nil
		w.sync("")
	default:
		return true
	}
	return false
}

// repair cuts the torn end off the log, makes durable what was re-read, and removes what an
// interrupted installation has left.
func (w *writer) repair(j *job) (done bool) {
	if w.phase == 1 {
		return true
	}
	for _, name := range j.garbage {
		w.remove(name)
	}
	if n := len(w.files); n > 0 {
		last := &w.files[n-1]
		w.p.io.Emit(sim.Effect{Kind: sim.Truncate, File: last.name, N: last.size})
		w.sync(last.name)
	}
	w.sync("")
	return false
}

// onWritten is what a completed write allows.
func (p *Peer) onWritten(j *job) {
	mine := j.generation == p.generation
	switch j.kind {
	case jobAppend:
		p.writer.durable = j.entry.Zxid
		if p.probe != nil {
			p.probe.Durable(p, j.entry.Zxid)
		}
		if mine {
			p.onLogged(j.entry.Zxid)
		}
	case jobAccepted:
		p.acceptedEpoch = j.epoch
		p.promised()
		if mine {
			p.onAcceptedEpoch(j.epoch)
		}
	case jobCurrent:
		p.currentEpoch = j.epoch
		p.promised()
		if mine {
			p.onCurrentEpoch(j.epoch)
		}
	case jobTruncate, jobInstall:
		p.writer.durable = j.zxid
		if p.probe != nil {
			p.probe.Durable(p, j.zxid)
		}
	case jobRepair:
		p.writer.durable = p.history.last()
		if p.probe != nil {
			p.probe.Durable(p, p.history.last())
		}
	case jobStart:
		p.onStarted()
	}
}

func (p *Peer) promised() {
	if p.probe != nil {
		p.probe.Promised(p, p.acceptedEpoch, p.currentEpoch)
	}
}

// logEntry puts a transaction at the end of the history and asks for it to be written.
func (p *Peer) logEntry(e Entry) {
	p.remember(e)
	p.writer.add(job{kind: jobAppend, entry: e})
}

func (p *Peer) remember(e Entry) {
	p.history.append(e)
	if p.probe != nil {
		p.probe.Logged(p, e)
	}
}

// onLogged is a record of ours that has become durable in the role that asked for it.
func (p *Peer) onLogged(z Zxid) {
	switch {
	case p.lead != nil:
		p.onAck(p.config.ID, z)
	case p.learn != nil:
		p.ackLogged(z)
	}
}

func (p *Peer) onAcceptedEpoch(epoch uint32) {
	switch {
	case p.lead != nil:
		p.releaseEpoch()
	case p.learn != nil:
		p.promise(false)
	}
}

func (p *Peer) onCurrentEpoch(epoch uint32) {
	switch {
	case p.lead != nil:
		p.onNewLeaderAck(p.config.ID, MakeZxid(epoch, 0))
	case p.learn != nil:
		p.ackNewLeader()
	}
}
