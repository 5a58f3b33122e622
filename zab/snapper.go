package zab

import "github.com/zablab/zablab/sim"

// snapper writes a snapshot of the server's own state while everything else goes on: one piece, one
// fsync, the next piece, so that transactions and crashes fall between the pieces. The snapshot is
// fuzzy, and named by the zxid at which it began.
type snapper struct {
	p       *Peer
	reader  SnapshotReader
	zxid    Zxid
	data    []byte
	tmp     string // the file that it is written to
	phase   snapPhase
	token   uint64
	since   int // transactions since the last snapshot
	nextDue int
}

type snapPhase uint8

const (
	snapIdle snapPhase = iota
	snapPieces
	snapWhole // all pieces written; the last is being fsynced
	snapNamed // renamed; the directory is being fsynced
)

// snapperToken marks the fsyncs of snapshots.
const snapperToken = 1 << 63

// maybeStart counts a transaction and begins a snapshot when enough have passed: a random number in
// [snapCount/2+1, snapCount], so that the servers do not all do it at once. Only a serving server
// begins one, because its state is committed (rule R5).
func (s *snapper) maybeStart() {
	half := s.p.config.SnapCount / 2
	if s.nextDue == 0 {
		s.nextDue = half + 1 + s.p.config.Rand.Intn(max(1, half))
	}
	s.since++
	if s.since < s.nextDue || s.phase != snapIdle || s.p.phase != Broadcast {
		return
	}
	s.since, s.nextDue = 0, 0
	s.start()
}

func (s *snapper) start() {
	s.reader, s.zxid, s.phase = s.p.app.Snapshot(), s.p.applied, snapPieces
	s.tmp = fileName(snapPrefix, s.zxid, tmpSuffix)
	size := s.reader.Size()
	s.data = make([]byte, 0, size+size/8+128) // transactions may add to it
	s.p.writer.roll = true
	s.p.io.Emit(sim.Effect{Kind: sim.Remove, File: s.tmp})
	s.piece()
}

// cancel gives up a snapshot under way, and its file under either name: a file that the history
// does not know would never be removed, and would outlive the logs that it needs.
func (s *snapper) cancel() {
	if s.phase == snapIdle {
		return
	}
	s.p.io.Emit(sim.Effect{Kind: sim.Remove, File: s.tmp})
	if s.phase == snapNamed {
		s.p.io.Emit(sim.Effect{Kind: sim.Remove, File: snapName(s.zxid)})
	}
	s.reader, s.data, s.phase = nil, nil, snapIdle
	s.token++ // nobody waits for the fsync under way
}

func (s *snapper) fsync(file string) {
	s.token = (s.token + 1) | snapperToken
	s.p.io.Emit(sim.Effect{Kind: sim.Fsync, File: file, Token: s.token})
}

func (s *snapper) piece() {
	at, last := len(s.data), false
	s.data, last = s.reader.Next(s.data, s.p.config.SnapChunk)
	s.p.io.Emit(sim.Effect{Kind: sim.Append, File: s.tmp, Data: s.data[at:], Fixed: true})
	if last {
		s.reader = nil
		s.phase = snapWhole
	}
	s.fsync(s.tmp)
}

func (s *snapper) onFsynced(token uint64) {
	switch {
	case token != s.token:
	case s.phase == snapPieces:
		s.piece()
	case s.phase == snapWhole:
		s.phase = snapNamed
		s.p.io.Emit(sim.Effect{Kind: sim.Rename, File: s.tmp, Name: snapName(s.zxid)})
		s.fsync("")
	case s.phase == snapNamed:
		s.phase = snapIdle
		s.finish()
	}
}

// finish adds the snapshot to the history, and drops the logs and snapshots that are needed no
// longer.
func (s *snapper) finish() {
	p := s.p
	dropped := p.history.add(snap{zxid: s.zxid, data: s.data})
	s.data = nil
	p.probe.Snapped(p, s.zxid)
	if len(dropped) == 0 {
		return
	}
	for _, old := range dropped {
		p.io.Emit(sim.Effect{Kind: sim.Remove, File: old.name()})
	}
	w := &p.writer
	oldest := p.history.snaps[0].zxid
	// A log file is useless when the next one begins no later than right after the oldest snapshot.
	// Records are appended to the last file, so that the first may go meanwhile. All other writes may
	// change which files there are.
	for len(w.files) > 1 && (w.busy == 0 || w.jobs[0].kind == jobAppend) {
		next, _, _ := FileZxid(w.files[1].name)
		if next > oldest+1 {
			break
		}
		p.io.Emit(sim.Effect{Kind: sim.Remove, File: w.files[0].name})
		w.files = w.files[1:]
		p.history.purge(next)
	}
}
