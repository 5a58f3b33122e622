package zab

import "github.com/zablab/zablab/sim"

// StateParts is a set of parts of a peer's state that a search may leave out, if they do not change
// what the peer does in that search.
type StateParts uint8

const (
	// ElectionState is the part of a peer's state that only elections by votes need: rounds,
	// received votes, and the connections that carry votes. A search that decides elections without
	// votes ([Peer.Decide]) can leave it out.
	ElectionState StateParts = 1 << iota
	// SnapshotState is the part of a peer's state that counts the transactions since the peer last
	// made a snapshot of its own state. A search in which this number never reaches
	// [Config.SnapCount] can leave it out.
	SnapshotState
)

// Stateful is an interface that a [SnapshotReader] must also implement if [Peer.AppendState] is
// used.
type Stateful interface {
	AppendState(dst []byte) []byte
}

// AppendState appends the state of a booted peer to dst. If all events come at local time 0, two
// peers with the same configuration and the same state handle the same events in the same way. The
// time must be 0, because the state records whether a deadline is set, but not when it expires. The
// state leaves out:
//
//   - what is only reported (the counts of refusals)
//   - the counters of role changes and of fsyncs, which begin again when the process restarts (see
//     [Peer.Awaits])
//   - how long the peer waits before it sends its vote again
//   - the parts in without
//
// The test TestState lists every field that AppendState leaves out, with the reason.
func (p *Peer) AppendState(dst []byte, without StateParts) []byte {
	s := stateWriter{sim.StateWriter{B: dst}}
	s.Flags(p.blank, p.needSnap, p.waiting, p.exited)
	s.Numbers(uint64(p.state), uint64(p.phase), uint64(p.promisedElsewhere),
		uint64(p.acceptedEpoch), uint64(p.currentEpoch), uint64(p.mark), uint64(p.applied))
	s.snaps(p.history.snaps)
	s.entries(p.history.entries)
	s.entries(p.committed)
	s.writer(&p.writer)
	s.snapper(&p.snapper, without)
	s.flawed(&p.flawed, p.learn)
	s.vote(p.currentVote)
	s.message(pingOrNil(p.pingOut))
	if without&ElectionState == 0 {
		s.Numbers(p.round, p.voteRound)
		s.links(&p.links)
	}
	switch {
	case p.elect != nil:
		s.Numbers(1)
		s.electing(p.elect, without)
	case p.learn != nil:
		s.Numbers(2)
		s.learning(p.learn)
	case p.lead != nil:
		s.Numbers(3)
		s.leading(p.lead)
	default:
		s.Numbers(0)
	}
	return s.B
}

// Awaits reports whether the peer still waits for the fsync with this token. The peer's two writers
// of files, writer.go and snapper.go, each wait only for the last fsync that they have requested.
func (p *Peer) Awaits(token uint64) bool {
	return token == p.writer.token && p.writer.busy > 0 || token == p.snapper.token
}

// AppendMessage appends the content of a message between peers. It panics for any other message.
func AppendMessage(dst []byte, m sim.Message) []byte {
	s := stateWriter{sim.StateWriter{B: dst}}
	s.message(m)
	return s.B
}

// stateWriter appends the parts of a peer.
type stateWriter struct{ sim.StateWriter }

func (s *stateWriter) entry(e Entry) {
	s.Numbers(uint64(e.Zxid))
	s.Bytes(e.Data)
}

func (s *stateWriter) entries(list []Entry) {
	s.Numbers(uint64(len(list)))
	for _, e := range list {
		s.entry(e)
	}
}

func (s *stateWriter) zxids(list []Zxid) {
	s.Numbers(uint64(len(list)))
	for _, z := range list {
		s.Numbers(uint64(z))
	}
}

func (s *stateWriter) snaps(list []snap) {
	s.Numbers(uint64(len(list)))
	for _, n := range list {
		s.Numbers(uint64(n.zxid), uint64(n.replaces))
		s.Bytes(n.data)
	}
}

func (s *stateWriter) vote(v Vote) {
	s.Numbers(uint64(v.Leader), uint64(v.Zxid), uint64(v.Epoch))
}

func (s *stateWriter) reader(r SnapshotReader) {
	if r == nil {
		s.Numbers(0)
		return
	}
	s.Numbers(1)
	s.Bytes(r.(Stateful).AppendState(nil))
}

func (s *stateWriter) writer(w *writer) {
	s.Numbers(uint64(len(w.jobs)))
	for i := range w.jobs {
		s.job(&w.jobs[i], w.p.generation)
	}
	s.Numbers(uint64(w.busy), uint64(w.phase), uint64(w.end), uint64(w.durable))
	s.Flags(w.roll)
	s.Numbers(uint64(len(w.files)))
	for i := range w.files {
		f := &w.files[i]
		s.Text(f.name)
		s.Numbers(uint64(f.size), uint64(f.before), uint64(f.first))
	}
}

func (s *stateWriter) job(j *job, generation uint32) {
	s.Flags(j.generation == generation, j.quiet, j.swept)
	s.Numbers(uint64(j.kind), uint64(j.epoch), uint64(j.zxid), uint64(j.end))
	s.entry(j.entry)
	s.Text(j.name)
	s.entries(j.kept)
	s.snaps(j.snaps)
	s.Bytes(j.data)
	s.Numbers(uint64(len(j.garbage)))
	for _, name := range j.garbage {
		s.Text(name)
	}
}

func (s *stateWriter) snapper(n *snapper, without StateParts) {
	s.reader(n.reader)
	s.Numbers(uint64(n.zxid), uint64(n.phase))
	s.Bytes(n.data)
	s.Text(n.tmp)
	if without&SnapshotState == 0 {
		s.Numbers(uint64(n.since), uint64(n.nextDue))
	}
}

func (s *stateWriter) flawed(f *flawed, role *learning) {
	s.entries(f.orphans)
	s.Numbers(uint64(f.hole))
	s.zxids(f.logged)
	if f.role != nil && f.role == role {
		s.entries(f.late) // what another role left is never read
	} else {
		s.entries(nil)
	}
}

func (s *stateWriter) links(l *links) {
	for i := range l.to {
		k := &l.to[i]
		s.Numbers(uint64(k.conn), uint64(k.dialled))
		if k.last == nil {
			s.message(nil)
		} else {
			s.message(k.last)
		}
	}
}

func (s *stateWriter) electing(e *electing, without StateParts) {
	s.vote(e.own)
	if without&ElectionState != 0 {
		return
	}
	s.vote(e.proposal)
	s.ballots(e.received)
	s.ballots(e.settled)
	s.Flags(e.finalizeAt == sim.Never)
}

func (s *stateWriter) ballots(list []ballot) {
	for i := range list {
		b := &list[i]
		s.Flags(b.set)
		if b.set {
			s.Numbers(uint64(b.state), b.round)
			s.vote(b.vote)
		}
	}
}

func (s *stateWriter) learning(l *learning) {
	s.Numbers(uint64(l.stage), uint64(l.leader), uint64(l.conn), uint64(l.tries), uint64(l.epoch),
		uint64(l.mode), uint64(l.snapshot))
	s.Flags(l.retryAt == sim.Never, l.unsaved, l.data == nil)
	s.Bytes(l.piece)
	s.Bytes(l.data)
	s.entries(l.unlogged)
	s.zxids(l.committed)
	s.entries(l.pending)
}

func (s *stateWriter) leading(l *leading) {
	s.Numbers(uint64(l.stage), uint64(l.epoch), uint64(l.connecting), uint64(l.electing),
		uint64(l.caughtUp), uint64(l.amnesiac), uint64(l.proposed), uint64(l.committed))
	s.vote(l.own)
	s.Flags(l.giveUpAt == sim.Never)
	s.Numbers(uint64(len(l.outstanding)))
	for i := range l.outstanding {
		s.entry(l.outstanding[i].entry)
		s.Numbers(uint64(l.outstanding[i].acks))
	}
	s.Numbers(uint64(len(l.syncs)))
	for i := range l.syncs {
		w := &l.syncs[i]
		s.Numbers(uint64(w.from), w.msg.Key(), uint64(w.after), uint64(w.asked))
		s.Flags(w.quorum)
	}
	s.Numbers(uint64(len(l.learners)))
	for _, k := range l.learners { // in the order in which messages leave
		s.learner(k)
	}
}

func (s *stateWriter) learner(k *learner) {
	s.Numbers(uint64(k.id), uint64(k.conn), uint64(k.stage), uint64(k.last), uint64(k.ackedUpTo),
		uint64(k.sentUpTo), uint64(k.pings))
	s.Flags(k.observer)
	s.reader(k.snapshot)
	s.Numbers(uint64(len(k.queue)))
	for _, m := range k.queue {
		s.message(m)
	}
	s.Numbers(uint64(len(k.marks)))
	for _, n := range k.marks {
		s.Numbers(uint64(n))
	}
}

// pingOrNil keeps a nil pointer from becoming an interface that is not nil.
func pingOrNil(m *Ping) sim.Message {
	if m == nil {
		return nil
	}
	return m
}

// message appends a number for the kind of m, and then what m says.
func (s *stateWriter) message(m sim.Message) {
	switch m := m.(type) {
	case nil:
		s.Numbers(0)
	case *Notification:
		s.Numbers(1, uint64(m.State), m.Round)
		s.vote(m.Vote)
	case *FollowerInfo:
		s.Numbers(2, uint64(m.AcceptedEpoch))
		s.Flags(m.Observer)
	case *LeaderInfo:
		s.Numbers(3, uint64(m.Epoch))
	case *AckEpoch:
		s.Numbers(4, uint64(m.LastZxid), uint64(m.CurrentEpoch))
		s.Flags(m.Again)
	case *Diff:
		s.Numbers(5, uint64(m.Zxid))
	case *Trunc:
		s.Numbers(6, uint64(m.Zxid))
	case *Snap:
		s.Numbers(7, uint64(m.Zxid))
	case *SnapData:
		s.Numbers(8)
		s.Bytes(m.Data)
		s.Flags(m.Last)
	case *NewLeader:
		s.Numbers(9, uint64(m.Epoch))
	case *UpToDate:
		s.Numbers(10, uint64(m.Zxid))
	case *Proposal:
		s.Numbers(11)
		s.entry(m.Entry)
	case *Ack:
		s.Numbers(12, uint64(m.Zxid))
	case *Commit:
		s.Numbers(13, uint64(m.Zxid))
	case *Inform:
		s.Numbers(14)
		s.entry(m.Entry)
	case *Ping:
		s.Numbers(15, uint64(m.Zxid), uint64(len(m.Touched)))
		for _, t := range m.Touched {
			s.Numbers(uint64(t.Session), uint64(t.TimeoutMs))
		}
	default:
		panic("zab: AppendState does not know messages of the type " + m.Name())
	}
}
