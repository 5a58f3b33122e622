package zab

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Catching up, step by step (ZooKeeper's and the paper's phase SYNCHRONIZATION): the elected leader
// brings a learner to its own history, and queues NEWLEADER after it. What follows that is in
// establish.go.
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

// catchUp brings one learner to our history and registers it for everything that comes later, in
// one step: a transaction that fell between the two would never reach it (ZOOKEEPER-962).
// LearnerHandler.syncFollower.
func (p *Peer) catchUp(k *learner) {
	l := p.lead
	k.stage = catchingUp
	last, ok := p.chooseCatchUp(k)
	if !ok {
		// A snapshot is at lastProcessed, and the learner's queue goes on from there.
		last = p.sendSnapshot(k)
	}
	k.sentUpTo = max(last, MakeZxid(l.epoch, 0))
	k.ackedUpTo = k.sentUpTo
	if !k.observer {
		for i := range l.outstanding {
			o := &l.outstanding[i]
			if o.entry.Zxid > last {
				// It may have acked this on an earlier connection. That ack is void: catching up
				// removes from its disk whatever follows last.
				o.acks = o.acks.Without(k.id)
				p.sendProposal(k, &Proposal{o.entry})
			}
		}
	}
	// NEWLEADER follows all of that (ZOOKEEPER-3104). With a snapshot it goes when the snapshot is
	// whole: what commits while it is read may be in it, and must be replayed before the learner
	// claims to hold a state.
	if k.snapshot == nil {
		p.toLearner(k, &NewLeader{l.epoch})
	}
	l.schedule()
}

// processed is what the leader has applied: its lastProcessed.
func (p *Peer) processed() Zxid { return max(p.applied, p.mark) }

// chooseCatchUp sends DIFF or TRUNC and what the learner lacks, and returns the last zxid sent; or
// it returns false, and a snapshot is due.
//
// One number from the learner is enough, because of epoch discipline: a server that holds a
// transaction of an epoch holds that epoch's initial history too.
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

// diskLog is what the log on disk holds from z to the end of committedLog, if it reaches back to z
// and is no larger than a third of the snapshot that would be sent instead.
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

// walk sends what follows the learner's last zxid in a part of our history.
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
	// an epoch's beginning is no record; it holds what went before, as we do
	case peer.Counter() == 0:
		p.sendDiff(k, p.processed())
		last = peer
	case p.overlooksGhost(i):
		p.sendDiff(k, p.processed())
		last = peer
	case i == 0 || entries[i].Zxid.Epoch() != peer.Epoch():
		return 0, false // what it holds and we do not cannot be cut off across epochs
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

// snapPieceEvery is how long a piece of a snapshot takes to be read and sent.
const snapPieceEvery = sim.Millisecond

// sendSnapshot starts to send the whole state. The state is read piece by piece while we go on, so
// the snapshot is fuzzy; every later message waits in a queue until it is sent.
func (p *Peer) sendSnapshot(k *learner) Zxid {
	z := p.processed()
	p.toLearner(k, &Snap{z})
	p.probe.CatchUp(p, k.id, "SNAP")
	k.snapshot = p.app.Snapshot()
	k.nextAt = p.io.Now + snapPieceEvery
	return z
}

// sendPiece sends one piece of a snapshot; after the last one goes what was queued.
func (p *Peer) sendPiece(k *learner) {
	piece, last := k.snapshot.Next(p.config.SnapChunk)
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

// catchUpMode is how a learner is brought to its leader's history.
type catchUpMode uint8

const (
	byNothing catchUpMode = iota // the leader has not said yet
	byDiff
	bySnap
	byTrunc
)

// onCatchUpMode is the first packet of catching up.
func (p *Peer) onCatchUpMode(msg Message) {
	l := p.learn
	p.assert(l.mode == byNothing && p.phase == Synchronization, "stateInconsistent",
		"%s in phase %v", msg.Name(), p.phase)
	switch m := msg.(type) {
	case *Diff:
		l.mode = byDiff // our state is still our own: the header moves nothing (ZOOKEEPER-2355)
		p.trustsHeader(m.Zxid, flaw.DiffHeader)
	case *Snap:
		l.mode, l.snapshot = bySnap, m.Zxid
		p.trustsHeader(m.Zxid, flaw.KeepPartialSnap)
	case *Trunc:
		l.mode = byTrunc
		p.truncate(m.Zxid)
	}
}

// truncate drops the end of our log and rebuilds the state without it. The point must be one of
// our history (rule R4): otherwise leader and learner do not share what both believe they do.
//
// A history that stands on a snapshot may not reach back so far: a leader that never became
// established had sent it, with the uncommitted end of its own history in it, or at the mark of an
// epoch. Then only another snapshot helps. We come back to the same leader and ask for one as an
// empty server would; the epoch is promised already, so that answer counts for no quorum.
func (p *Peer) truncate(z Zxid) {
	if !p.history.reachesBack(z) {
		p.report("truncate to %v: our snapshot is at %v", z, p.history.snaps[0].zxid)
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
	p.mark = 0 // a shorter history is not that of the epoch that we led
	p.probe.Truncated(p, z)
	p.writer.add(job{
		kind: jobTruncate, zxid: z, kept: p.history.entries,
		snaps: dropped[len(p.history.snaps):],
	})
	p.reload()
}

// onSnapData collects a snapshot and, when it is whole, replaces memory with it. The disk is given
// it at NEWLEADER; if the connection breaks before, memory goes back to the disk's state (rule R2),
// so that we never vote with what we could not start from.
func (p *Peer) onSnapData(m *SnapData) {
	l := p.learn
	p.assert(l.mode == bySnap && l.data == nil, "stateInconsistent",
		"a piece of a snapshot that was not announced")
	l.piece = append(l.piece, m.Data...)
	if !m.Last {
		return
	}
	l.data, l.piece = l.piece, nil
	l.unsaved = true
	p.snapper.cancel()
	if err := p.app.Restore(l.data); err != nil {
		p.report("snapshot %v: %v", l.snapshot, err)
		p.becomeLooking("the snapshot is damaged")
		return
	}
	p.applied = l.snapshot
	p.committed = p.committed[:0]
}
