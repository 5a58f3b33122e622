package zab

import (
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// writer writes log records, epoch files and received snapshots, one after another: what is asked
// for first is durable first (rules D1 to D8). It does the work of ZooKeeper's
// SyncRequestProcessor, with the epoch files in the same queue. Log records that wait together
// share one fsync.
//
// A record passes through add, run, appendBatch and fsync. When the fsync is complete, it passes
// through onFsynced, advance, finish and onWritten, which calls onLogged (broadcast.go).
type writer struct {
	p       *Peer
	jobs    []job
	busy    int // how many jobs at the head of the queue are being written
	phase   int // of the job at the head
	token   uint64
	files   []logFile
	roll    bool // the next record begins a new file
	end     Zxid // of the history on disk: its last record, or the snapshot without a record after it
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
	generation uint32 // of the role that asked
	quiet      bool   // its completion has no consequence beyond being on disk
	entry      Entry
	epoch      uint32
	zxid       Zxid
	name       string  // of an installation: the file's
	end        Zxid    // of a truncation: the last zxid that is kept
	kept       []Entry // of a truncation: the history up to zxid
	snaps      []snap  // those that a truncation or an installation makes void
	swept      bool    // of an installation: they are removed, and the logs
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

// recovered writes an epoch that recovery found to be larger than the epoch file says, and then
// starts the peer.
func (w *writer) recovered(current, accepted uint32) {
	if accepted != w.p.acceptedEpoch {
		w.add(job{kind: jobAccepted, epoch: accepted})
	}
	if current != w.p.currentEpoch {
		w.add(job{kind: jobCurrent, epoch: current})
	}
	w.add(job{kind: jobStart})
}

// run begins the job at the head of the queue.
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

// fsync asks for one fsync. The job at the head of the queue waits for the last fsync that it asked
// for.
func (w *writer) fsync(file string) {
	w.token++
	w.p.io.Emit(sim.Effect{Kind: sim.Fsync, File: file, Token: w.token})
}

func (w *writer) put(file string, data []byte) {
	w.p.io.Emit(sim.Effect{Kind: sim.Append, File: file, Data: data})
}

// putFixed puts data that nobody will change.
func (w *writer) putFixed(file string, data []byte) {
	w.p.io.Emit(sim.Effect{Kind: sim.Append, File: file, Data: data, Fixed: true})
}

func (w *writer) remove(file string) {
	w.p.io.Emit(sim.Effect{Kind: sim.Remove, File: file})
}

// appendBatch writes every record that waits at the head of the queue, with one fsync. A new file
// needs an fsync of the directory too (rules R1 and D10).
func (w *writer) appendBatch() {
	created := false
	if len(w.files) == 0 || w.roll {
		w.files = append(w.files, logFile{name: logName(w.jobs[0].entry.Zxid, w.end)})
		w.roll, created = false, true
	}
	f := &w.files[len(w.files)-1]
	if w.p.flawed.hole > 0 {
		w.fillHole(f)
	}
	n := 0
	for n < len(w.jobs) && n < maxBatch && w.jobs[n].kind == jobAppend {
		io := w.p.io
		at := len(io.scratch)
		io.scratch = AppendRecord(io.scratch, w.jobs[n].entry)
		record := io.scratch[at:len(io.scratch):len(io.scratch)]
		f.size += int64(len(record))
		w.put(f.name, record)
		w.end = w.jobs[n].entry.Zxid
		n++
	}
	w.busy = n
	w.fsync(f.name)
	if created {
		w.fsync("")
	}
}

// onFsynced handles the completion of an fsync.
func (p *Peer) onFsynced(token uint64) {
	if token&snapperToken != 0 {
		p.snapper.onFsynced(token)
		return
	}
	if token != p.writer.token || p.writer.busy == 0 {
		p.refuse(StaleFsync, p.config.ID, NoZxid)
		return // not the one that the job waits for
	}
	p.writer.phase++
	p.writer.advance()
}

// advance does the next phase of the job at the head of the queue, or finishes the job.
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

// finish reports what the first jobs in the queue have made durable, and only then begins the next
// job: that job may start the peer, which must know what the disk holds.
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

// writeEpoch replaces an epoch file as AtomicFileOutputStream does, and fsyncs the directory too,
// which ZooKeeper does not (rule D10).
func (w *writer) writeEpoch(name string, epoch uint32) (done bool) {
	tmp := name + tmpSuffix
	switch w.phase {
	case 0:
		w.remove(tmp)
		w.putFixed(tmp, strconv.AppendUint(nil, uint64(epoch), 10))
		w.fsync(tmp)
	case 1:
		w.p.io.Emit(sim.Effect{Kind: sim.Rename, File: tmp, Name: name})
		w.fsync("")
	}
	return w.phase == 2
}

// truncate shortens the log to j.zxid, and fsyncs the file and the directory (rules D7 and R1).
// Before it shortens a file it removes the later ones, each when the removal of the one after it is
// durable: after a loss of power the log is still the beginning of what it was.
func (w *writer) truncate(j *job) (done bool) {
	switch {
	case len(j.snaps) > 0:
		for i := range j.snaps {
			if !w.p.has(flaw.SnapBeforeQuorum) {
				w.remove(j.snaps[i].name())
			}
		}
		j.snaps = nil
	case len(w.files) > 0 && w.last().begins() > j.zxid:
		w.remove(w.last().name)
		w.files = w.files[:len(w.files)-1]
	case w.end == j.end && w.phase > 0:
		return true
	default:
		w.end = j.end
		if len(w.files) == 0 {
			if w.phase > 0 {
				return true
			}
			break
		}
		f := w.last()
		end := f.size
		f.size = sizeUpTo(j.kept, f.begins(), j.zxid)
		w.p.keepOffset(end, f.size)
		w.p.io.Emit(sim.Effect{Kind: sim.Truncate, File: f.name, N: f.size})
		w.fsync(f.name)
	}
	w.fsync("")
	return false
}

// last returns the newest log file.
func (w *writer) last() *logFile { return &w.files[len(w.files)-1] }

// begins returns the zxid of the first record.
func (f *logFile) begins() Zxid {
	z, _, _ := FileZxid(f.name)
	return z
}

// sizeUpTo is the size of a log file from its first record to the one at z.
func sizeUpTo(entries []Entry, first, z Zxid) int64 {
	var size int64
	for _, e := range entries[search(entries, first):search(entries, z+1)] {
		size += recordHeader + int64(len(e.Data))
	}
	return size
}

// install puts a received snapshot on disk piece by piece, and only then removes what it replaces:
// logs that do not continue it (ZOOKEEPER-2832) and older snapshots.
func (w *writer) install(j *job) (done bool) {
	tmp := snapName(j.zxid) + tmpSuffix
	chunk := w.p.config.SnapChunk
	pieces := max(1, (len(j.data)+chunk-1)/chunk)
	switch {
	case w.phase < pieces:
		if w.phase == 0 {
			w.remove(tmp)
		}
		at := w.phase * chunk
		w.putFixed(tmp, j.data[at:min(at+chunk, len(j.data))])
		if w.p.has(flaw.NoSnapFsync) {
			tmp = "" // the directory instead
		}
		w.fsync(tmp)
	case w.phase == pieces:
		w.p.io.Emit(sim.Effect{Kind: sim.Rename, File: tmp, Name: j.name})
		w.fsync("")
	case !j.swept:
		w.sweep(j)
		w.fsync("")
	default:
		return true
	}
	return false
}

// sweep removes what an installed snapshot replaces. A snapshot that is newer than the installed one
// goes first, and its removal must be durable: no server could start from it without the log that
// follows it.
func (w *writer) sweep(j *job) {
	newer := false
	for i := range j.snaps {
		if s := &j.snaps[i]; s.name() != j.name {
			w.remove(s.name())
			newer = newer || s.zxid > j.zxid
		}
	}
	if j.snaps = nil; newer {
		return
	}
	for _, f := range w.files {
		w.remove(f.name)
	}
	w.files, w.end, j.swept = nil, j.zxid, true
}

// repair cuts the torn end off the log, makes durable what was read back (rule R7), and removes
// what an interrupted installation left.
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
		w.fsync(last.name)
	}
	w.fsync("")
	return false
}

// onWritten does what a completed write allows. If an earlier role asked for the write, it does
// nothing more than record that the data is on disk.
func (p *Peer) onWritten(j *job) {
	mine := j.generation == p.generation && !j.quiet
	if j.generation != p.generation {
		p.refuse(StaleWrite, p.config.ID, j.entry.Zxid)
	}
	switch j.kind {
	case jobAppend:
		p.writer.isDurable(j.entry.Zxid)
		if mine {
			p.onLogged(j.entry.Zxid)
		}
	case jobAccepted:
		p.acceptedEpoch = j.epoch
		p.probe.Promised(p, p.acceptedEpoch, p.currentEpoch)
		if mine {
			p.onAcceptedWritten()
		}
	case jobCurrent:
		p.currentEpoch = j.epoch
		p.probe.Promised(p, p.acceptedEpoch, p.currentEpoch)
		if mine {
			p.onCurrentWritten(j.epoch)
		}
	case jobTruncate, jobInstall:
		p.writer.isDurable(j.zxid)
	case jobRepair:
		p.writer.isDurable(p.history.last())
	case jobStart:
		p.onStarted()
	}
}

// isDurable records that the history up to z is on disk.
func (w *writer) isDurable(z Zxid) {
	w.durable = z
	w.p.probe.Durable(w.p, z)
}
