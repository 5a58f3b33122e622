package ensemble

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// probe is notified of what the peer of one server does, until the server's process ends. It passes
// everything to the audit, whose probe it embeds, then to the records, and to what the ensemble
// keeps of the run.
//
// World.Emit always counts a record for the fingerprint, and returns it only while records are
// kept: only then is its body made.
type probe struct {
	zab.Probe
	e      *Ensemble
	m      *sim.Machine
	id     zab.ID
	server *server.Server
	stood  standing // before the last change
}

func (p *probe) emit(kind sim.RecordKind, key uint64) *sim.Record {
	return p.e.World.Emit(kind, p.m.ID, key)
}

func (p *probe) Changed(z *zab.Peer) {
	p.Probe.Changed(z)
	p.e.calm.Changed(p.e.World.Now(), z)
	p.stands(z)
	key := uint64(z.State())<<8 | uint64(z.Phase()) | uint64(z.Epoch())<<16 | uint64(z.Leader())<<48
	if r := p.emit(narration.KindRole, key); r != nil {
		r.Body = narration.Role{
			State: z.State(), Phase: z.Phase(), Leader: z.Leader(), Epoch: z.Epoch(),
			Round: z.Round(), LastZxid: z.LastZxid(), AcceptedZero: z.Blank(),
		}
	}
	if z.State() != zab.Leading {
		p.e.endReign(p.id)
	}
	var word string
	switch {
	case z.State() == zab.Leading && z.Phase() == zab.Broadcast:
		word = "leading"
	case z.State() == zab.Following && z.Phase() == zab.Broadcast:
		word = "following"
	case z.State() == zab.Observing && z.Phase() == zab.Broadcast:
		word = "observing"
	case z.State() == zab.Looking:
		word = "looking"
	default:
		return
	}
	p.e.World.Become(p.m, word)
}

func (p *probe) Voted(z *zab.Peer, v zab.Vote) {
	p.Probe.Voted(z, v)
	if r := p.emit(narration.KindRole, uint64(v.Leader)<<32^uint64(v.Zxid)); r != nil {
		r.Body = narration.Voted{Vote: v, Round: z.Round()}
	}
}

func (p *probe) Elected(z *zab.Peer, epoch uint32) {
	p.Probe.Elected(z, epoch)
	p.e.calm.Elected(p.e.World.Now(), z)
	if r := p.emit(sim.KindNote, uint64(epoch)); r != nil {
		r.Body = narration.Elected{Epoch: epoch}
	}
}

func (p *probe) Established(z *zab.Peer, epoch uint32) {
	p.Probe.Established(z, epoch)
	p.e.reign(p.m, z, epoch)
	if r := p.emit(sim.KindNote, uint64(epoch)<<32); r != nil {
		r.Body = narration.Established{Epoch: epoch, Zxid: z.LastLogged()}
	}
}

func (p *probe) Proposed(z *zab.Peer, entry zab.Entry) {
	p.Probe.Proposed(z, entry)
	p.e.proposed(p.m, entry)
}

func (p *probe) Logged(z *zab.Peer, entry zab.Entry) {
	p.Probe.Logged(z, entry)
	if r := p.emit(narration.KindLog, uint64(entry.Zxid)); r != nil {
		txn, _ := tree.DecodeTxn(entry.Data)
		r.Body = narration.Logged{Zxid: entry.Zxid, Txn: txn}
	}
}

func (p *probe) Durable(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Durable(z, zxid)
	p.e.audit.Durable(p.m, zxid)
	if r := p.emit(narration.KindPersist, uint64(zxid)); r != nil {
		r.Body = narration.Durable{Zxid: zxid}
	}
}

func (p *probe) Promised(z *zab.Peer, accepted, current uint32) {
	p.Probe.Promised(z, accepted, current)
	p.e.calm.Changed(p.e.World.Now(), z)
	if r := p.emit(narration.KindPersist, uint64(accepted)<<32|uint64(current)); r != nil {
		r.Body = narration.Promised{Accepted: accepted, Current: current}
	}
}

func (p *probe) Acked(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Acked(z, zxid)
	if r := p.emit(sim.KindNote, uint64(zxid)); r != nil {
		r.Body = narration.Acked{Zxid: zxid}
	}
}

func (p *probe) Committed(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Committed(z, zxid)
	if r := p.emit(narration.KindCommit, uint64(zxid)); r != nil {
		r.Body = narration.Committed{Zxid: zxid}
	}
}

func (p *probe) Booted(z *zab.Peer) {
	p.Probe.Booted(z)
	if r := p.emit(sim.KindNote, uint64(z.LastLogged())); r != nil {
		body := narration.Recovered{
			Accepted: z.AcceptedEpoch(), Current: z.CurrentEpoch(),
			Base: z.Base(), Last: z.LastLogged(),
		}
		for _, entry := range z.Entries() {
			if entry.Zxid > body.Base {
				txn, _ := tree.DecodeTxn(entry.Data)
				body.Log = append(body.Log, narration.Logged{Zxid: entry.Zxid, Txn: txn})
			}
		}
		r.Body = body
	}
}

func (p *probe) Truncated(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Truncated(z, zxid)
	p.e.audit.Shortened(p.m)
	if r := p.emit(narration.KindTrunc, uint64(zxid)); r != nil {
		r.Body = narration.Truncated{Zxid: zxid}
	}
}

func (p *probe) Installed(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Installed(z, zxid)
	p.e.audit.Shortened(p.m)
	if r := p.emit(narration.KindSnap, uint64(zxid)); r != nil {
		r.Body = narration.Installed{Zxid: zxid}
	}
}

func (p *probe) Snapped(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Snapped(z, zxid)
	if r := p.emit(narration.KindSnap, ^uint64(zxid)); r != nil {
		r.Body = narration.Snapped{Zxid: zxid}
	}
}

func (p *probe) CatchUp(z *zab.Peer, to zab.ID, kind string) {
	p.Probe.CatchUp(z, to, kind)
	switch kind {
	case "DIFF":
		p.e.seen.Diffs++
	case "TRUNC":
		p.e.seen.Truncs++
	case "SNAP":
		p.e.seen.Snaps++
		p.e.calm.Snap(p.e.World.Now(), z)
	}
	if r := p.emit(sim.KindNote, uint64(to)^sim.HashString(kind)); r != nil {
		r.Body = narration.CatchUp{To: to, Kind: kind}
	}
}

func (p *probe) Refused(format string, args []any) {
	p.Probe.Refused(format, args)
	if r := p.emit(sim.KindNote, 0); r != nil {
		r.Body = narration.Refused{Why: fmt.Sprintf(format, args...)}
	}
}

func (p *probe) Inconsistent(z *zab.Peer, name, text string) {
	if !p.e.audit.Excuses(p.id, name) {
		p.Probe.Inconsistent(z, name, text)
	}
}

// serverProbe is notified of what the server does besides its peer: sessions, watches, its tree.
type serverProbe probe

func (p *serverProbe) emit(kind sim.RecordKind, key uint64) *sim.Record {
	return p.e.World.Emit(kind, p.m.ID, key)
}

func (p *serverProbe) Applied(z zab.Zxid, txn *tree.Txn, result *tree.Result, replayed bool) {
	e := p.e
	index := e.World.Index()
	if r := p.emit(narration.KindCommit, ^uint64(z)); r != nil {
		r.Body = narration.NewApplied(p.server.Tree(), z, txn, result, replayed)
	}
	if !replayed && z > e.newest {
		e.tookEffect(z, txn, index)
	}
	e.counting.applied(txn.Type, replayed)
	e.audit.Applied(p.m, p.server.Tree(), p.server.Peer().Base(), z, txn, replayed)
}

func (p *serverProbe) Restored() {
	// While it synchronises, the server may also restore what its leader has sent.
	if s := p.server; s != nil && s.Peer().Phase() != zab.Synchronization {
		p.e.audit.Restored(p.m, s.Tree(), s.Peer().Base())
	}
	if r := p.emit(narration.KindSnap, 1); r != nil {
		r.Body = narration.NewRestored(p.server.Tree())
	}
}

func (p *serverProbe) Replied(session int64, r *tree.Reply) {
	p.e.audit.Replied(p.m, p.server, session)
}

func (p *serverProbe) Expiring(id int64, silent sim.Time) {
	p.e.audit.Expiring(p.m, p.server, id, silent)
	p.e.expiring = expiring{id, silent}
	if r := p.emit(narration.KindSessionExpire, uint64(id)); r != nil {
		r.Body = narration.Expired{Session: id, Silent: silent}
	}
	w := p.e.World
	w.SetCause(w.Index() - 1) // the rest of this step follows from it
}

func (p *serverProbe) SessionOpened(id int64, timeoutMs int32) {
	if r := p.emit(narration.KindSessionOpen, uint64(id)); r != nil {
		r.Body = narration.SessionOpened{Session: id, TimeoutMs: timeoutMs}
	}
}

func (p *serverProbe) SessionClosed(id int64, expired bool) {
	if r := p.emit(narration.KindSessionExpire, ^uint64(id)); r != nil {
		r.Body = narration.SessionClosed{Session: id, Expired: expired}
	}
}

func (p *serverProbe) SessionMoved(id int64) {
	p.e.seen.Moved++
	if r := p.emit(narration.KindSessionMove, uint64(id)); r != nil {
		r.Body = narration.SessionMoved{Session: id}
	}
}

func (p *serverProbe) WatchSet(session int64, path string, kind server.WatchKind) {
	p.e.counting.watchSet(kind)
	if r := p.emit(narration.KindWatchSet, uint64(session)^sim.HashString(path)); r != nil {
		r.Body = narration.WatchSet{Session: session, Path: path, Kind: kind}
	}
}

func (p *serverProbe) WatchFired(session int64, event tree.WatchEvent) {
	p.e.counting.watchFired(event.Type)
	if r := p.emit(narration.KindWatchFire, uint64(session)^sim.HashString(event.Path)); r != nil {
		r.Body = narration.WatchFired{Session: session, Event: event}
	}
}

func (p *serverProbe) Refused(session int64, why string) {
	if r := p.emit(sim.KindNote, uint64(session)); r != nil {
		r.Body = narration.Refused{Why: why}
	}
}
