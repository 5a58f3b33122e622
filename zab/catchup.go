package zab

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Catching up, step by step (the phase SYNCHRONIZATION of ZooKeeper and of the paper): the elected
// leader brings a learner's history to its own, and then queues NEWLEADER. The steps after that are
// in establish.go.
//
//	leader   catchUp         chooses and sends, and registers the learner for what comes later
//	leader   chooseCatchUp   DIFF, TRUNC or SNAP, from the learner's last zxid alone
//	leader   walk            DIFF or TRUNC, and then PROPOSAL and COMMIT of what the learner lacks
//	leader   sendSnapshot    SNAP, and the state piece by piece
//	learner  onCatchUpMode   takes the first packet; TRUNC cuts the log at once
//	learner  onSnapData      replaces memory when the snapshot is whole
//
// Proposals and commits that arrive meanwhile wait at the learner: onProposal and onCommit
// (broadcast.go) collect them.

// catchUp brings one learner to our history and registers it for all later proposals, in one step:
// a transaction proposed in between would never reach the learner (ZOOKEEPER-962). In ZooKeeper
// this is LearnerHandler.syncFollower.
func (p *Peer) catchUp(k *learner) {
	l := p.lead
	k.stage = catchingUp
	last, ok := p.chooseCatchUp(k)
	if !ok {
		// The snapshot ends at lastProcessed; later proposals follow in the learner's queue.
		last = p.sendSnapshot(k)
	}
	k.sentUpTo = max(last, MakeZxid(l.epoch, 0))
	k.ackedUpTo = k.sentUpTo
	if !k.observer {
		for i := range l.outstanding {
			o := &l.outstanding[i]
			if o.entry.Zxid > last {
				// The learner may have acked this proposal on an earlier connection. That ack is
				// void: catching up removes everything after last from the learner's disk.
				o.acks = o.acks.Without(k.id)
				p.sendProposal(k, &Proposal{o.entry})
			}
		}
	}
	// NEWLEADER comes last (ZOOKEEPER-3104). After a snapshot it waits for the last piece:
	// transactions that commit while the snapshot is read may be in it, and the learner must replay
	// them before its ACK claims a state.
	if k.snapshot == nil {
		p.toLearner(k, &NewLeader{l.epoch})
	}
	l.schedule()
}

// processed returns the last zxid that the leader has applied: ZooKeeper's lastProcessedZxid.
func (p *Peer) processed() Zxid { return max(p.applied, p.mark) }

// chooseCatchUp sends DIFF or TRUNC and the transactions that the learner lacks, and returns the
// last zxid sent. ok is false if the learner needs a snapshot.
//
// The learner's last zxid is enough to choose by: a server that holds a transaction of an epoch
// also holds that epoch's initial history.
func (p *Peer) chooseCatchUp(k *learner) (last Zxid, ok bool) {
	window := p.committedLog()
	processed := p.processed()
	lowest, highest := processed, processed
	if len(window) > 0 {
		lowest, highest = window[0].Zxid, window[len(window)-1].Zxid
	}
	peer := k.last
	newEpoch := peer.Counter() == 0
	switch {
	case peer == NoZxid:
		return 0, false
	case peer == processed:
		p.sendDiff(k, peer)
		return peer, true
	case peer > highest && !newEpoch:
		p.sendTrunc(k, highest)
		return highest, true
	case peer >= lowest && peer <= highest:
		return p.walk(k, window)
	case peer < lowest && !p.config.NoLogSync:
		if entries, ok := p.diskLog(peer, highest); ok {
			return p.walk(k, entries)
		}
	}
	return 0, false
}

// diskLog returns the log records from z to the end of committedLog. It returns false if the log
// does not reach back to z, or if the records are larger than a third of the snapshot that the
// leader would send instead.
func (p *Peer) diskLog(z, highest Zxid) ([]Entry, bool) {
	h := p.history.entries
	from, to := search(h, z), search(h, highest+1)
	if from >= to || h[from].Zxid != z && !(z.Counter() == 0 && from > 0) {
		return nil, false
	}
	size := 0
	for _, e := range h[from:to] {
		size += recordHeader + len(e.Data)
	}
	return h[from:to], 3*size <= len(p.history.base().data)
}

// walk sends DIFF or TRUNC and then the entries that follow the learner's last zxid. It returns the
// last zxid sent, or false if the learner needs a snapshot.
func (p *Peer) walk(k *learner, entries []Entry) (last Zxid, ok bool) {
	peer := k.last
	i := search(entries, peer)
	switch {
	case i == len(entries):
		p.sendDiff(k, peer)
		return peer, true
	case entries[i].Zxid == peer:
		p.sendDiff(k, p.processed())
		last, i = peer, i+1
	// e/0 is no record; the learner holds the epochs before e as we do
	case peer.Counter() == 0:
		p.sendDiff(k, p.processed())
		last = peer
	case p.overlooksGhost(i):
		p.sendDiff(k, p.processed())
		last = peer
	case i == 0 || entries[i].Zxid.Epoch() != peer.Epoch():
		return 0, false // a snapshot is needed: TRUNC must not go back across epochs
	default:
		last = entries[i-1].Zxid
		p.sendTrunc(k, last)
	}
	for _, e := range entries[i:] {
		if k.observer {
			p.toLearner(k, &Inform{e})
		} else {
			p.toLearner(k, &Proposal{e})
			p.toLearner(k, &Commit{e.Zxid})
		}
		last = e.Zxid
	}
	return last, true
}

func (p *Peer) sendDiff(k *learner, z Zxid) {
	p.toLearner(k, &Diff{z})
	p.probe.CatchUp(p, k.id, "DIFF")
}

func (p *Peer) sendTrunc(k *learner, z Zxid) {
	p.toLearner(k, &Trunc{z})
	p.probe.CatchUp(p, k.id, "TRUNC")
}

// snapPieceEvery is how long reading and sending one piece of a snapshot takes.
const snapPieceEvery = sim.Millisecond

// sendSnapshot starts to send the whole state. The snapshot is fuzzy, because the leader works on
// while it reads the pieces. Every later message for the learner waits in a queue until the last
// piece is sent.
func (p *Peer) sendSnapshot(k *learner) Zxid {
	z := p.processed()
	p.toLearner(k, &Snap{z})
	p.probe.CatchUp(p, k.id, "SNAP")
	k.snapshot = p.app.Snapshot()
	k.nextAt = p.io.Now + snapPieceEvery
	return z
}

// sendPiece sends one piece of a snapshot, and after the last piece the messages that wait.
func (p *Peer) sendPiece(k *learner) {
	piece, last := k.snapshot.Next(nil, p.config.SnapChunk)
	p.io.Send(k.conn, &SnapData{Data: piece, Last: last})
	k.nextAt = p.io.Now + snapPieceEvery
	if !last {
		return
	}
	k.snapshot = nil
	for _, m := range k.queue {
		p.io.Send(k.conn, m)
	}
	k.queue = nil
	p.io.Send(k.conn, &NewLeader{p.lead.epoch})
}

// catchUpMode is the way in which a leader brings a learner to its history.
type catchUpMode uint8

const (
	byNothing catchUpMode = iota // the leader has not said yet
	byDiff
	bySnap
	byTrunc
)

// onCatchUpMode handles DIFF, TRUNC or SNAP, the first message of catching up.
func (p *Peer) onCatchUpMode(msg Message) {
	l := p.learn
	p.assert(l.mode == byNothing && p.phase == Synchronization, "stateInconsistent",
		"unexpected %s in phase %v", msg.Name(), p.phase)
	switch m := msg.(type) {
	case *Diff:
		l.mode = byDiff // only transactions move our state, not the zxid in DIFF (ZOOKEEPER-2355)
		p.trustsHeader(m.Zxid, flaw.DiffHeader)
	case *Snap:
		l.mode, l.snapshot = bySnap, m.Zxid
		p.trustsHeader(m.Zxid, flaw.KeepPartialSnap)
	case *Trunc:
		l.mode = byTrunc
		p.truncate(m.Zxid)
	}
}

// truncate drops our log after z and rebuilds the state without it. z must be a point of our
// history (rule R4): otherwise ours and the leader's differ before z too.
//
// Our oldest snapshot may be later than z: the leader that sent it was never established, and the
// snapshot ends at the mark e/0 of its epoch, or has uncommitted transactions in it. Then only
// another snapshot helps. We connect to the same leader again and ask for one, as an empty server
// would. We have already promised the epoch, so this second ACKEPOCH counts for no quorum.
func (p *Peer) truncate(z Zxid) {
	if !p.history.reachesBack(z) {
		p.report("this server cannot truncate to %v, because its oldest snapshot is at %v: "+
			"it asks the leader for a snapshot", z, p.history.snaps[0].zxid)
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
	p.mark = 0 // the shorter history is not that of the epoch that we led
	p.probe.Truncated(p, z)
	p.writer.add(job{
		kind: jobTruncate, zxid: z, kept: p.history.entries, end: p.history.last(),
		snaps: dropped[len(p.history.snaps):],
	})
	p.reload()
}

// onSnapData collects the pieces of a snapshot. After the last piece the snapshot replaces the
// state in memory, and NEWLEADER puts it on disk. If the connection breaks before that, memory
// returns to the state on disk (rule R2): we never vote with a state from which we could not
// restart.
func (p *Peer) onSnapData(m *SnapData) {
	l := p.learn
	p.assert(l.mode == bySnap && l.data == nil, "stateInconsistent",
		"SNAPDATA came without SNAP, or after the last piece")
	if len(m.Data) > cap(l.piece)-len(l.piece) {
		l.piece = slices.Grow(l.piece, max(len(l.piece), len(m.Data))) // it doubles
	}
	l.piece = append(l.piece, m.Data...)
	if !m.Last {
		return
	}
	l.data, l.piece = l.piece, nil
	l.unsaved = true
	p.snapper.cancel()
	if err := p.app.Restore(l.data); err != nil {
		p.report("received snapshot %v: %v", l.snapshot, err)
		p.becomeLooking("the received snapshot is damaged")
		return
	}
	p.applied = l.snapshot
	p.committed = p.committed[:0]
}
