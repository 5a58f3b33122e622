package zab

import "github.com/zablab/zablab/zab/flaw"

// synchronise brings one learner to our history and registers it for everything that comes
// after, in one step: a transaction that fell between the two would never reach it
// (ZOOKEEPER-962). LearnerHandler.syncFollower.
func (p *Peer) synchronise(k *learner) {
	l := p.lead
	k.syncing = true
	last, ok := p.chooseSync(k)
	if !ok {
		// A snapshot is at lastProcessed, and its queue goes on from there.
		last = p.sendSnapshot(k)
	}
	k.sentUpTo, k.ackedUpTo = max(last, MakeZxid(l.epoch, 0)), max(last, MakeZxid(l.epoch, 0))
	if !k.observer {
		for i := range l.outstanding {
			o := &l.outstanding[i]
			if o.entry.Zxid > last {
				// It may have acked this on an earlier connection. That ack is void: the
				// synchronisation takes from its disk whatever stands behind last.
				o.acks = o.acks.Without(k.id)
				p.sendProposal(k, &Proposal{o.entry})
			}
		}
	}
	// NEWLEADER goes behind all of that (ZOOKEEPER-3104); behind a snapshot, when that is whole: what
	// commits while it is read may be in it, and must be replayed before the learner says that it
	// holds a state.
	if k.snapshot == nil {
		p.toLearner(k, &NewLeader{l.epoch})
	}
	p.schedule()
}

// processed is what the leader has applied: its lastProcessed.
func (p *Peer) processed() Zxid { return max(p.applied, p.mark) }

// chooseSync sends DIFF or TRUNC and what the learner lacks, and returns the last zxid sent; or
// it returns false, and a snapshot is due.
//
// One number from the learner is enough, because of epoch discipline: whoever holds a
// transaction of an epoch holds that epoch's initial history too.
func (p *Peer) chooseSync(k *learner) (last Zxid, ok bool) {
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

// diskLog is what the log on disk holds from z up to the end of committedLog, if it reaches back
// to z and is worth it: no larger than a third of the snapshot that would be sent instead.
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

// walk sends what stands behind the learner's last zxid in a part of our history.
func (p *Peer) walk(k *learner, entries []Entry) (last Zxid, ok bool) {
	peer := k.last
	i := search(entries, peer)
	switch {
	case i == len(entries):
		p.sendDiff(k, peer)
		return peer, true
	case p.config.Flaw == flaw.DiffInWindow && i > 0 && entries[i].Zxid != peer:
		p.sendDiff(k, p.processed())
		last = peer
	case entries[i].Zxid == peer:
		p.sendDiff(k, p.processed())
		last, i = peer, i+1
	case peer.Counter() == 0:
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
	p.noteSync(k, "DIFF")
}

func (p *Peer) sendTrunc(k *learner, z Zxid) {
	p.toLearner(k, &Trunc{z})
	p.noteSync(k, "TRUNC")
}

func (p *Peer) noteSync(k *learner, kind string) {
	if p.probe != nil {
		p.probe.Synced(p, k.id, kind)
	}
}

// sendSnapshot starts to send the whole state. It is read piece by piece while we go on, so it
// is fuzzy; everything from here on is queued behind it.
func (p *Peer) sendSnapshot(k *learner) Zxid {
	z := p.processed()
	p.toLearner(k, &Snap{z})
	p.noteSync(k, "SNAP")
	k.snapshot = p.app.Snapshot()
	k.nextAt = p.io.Now + snapPieceEvery
	return z
}

// sendPiece sends one piece of a snapshot; behind the last one goes what was queued.
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
