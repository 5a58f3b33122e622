package ensemble

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// probe is one life of a server's line to the ensemble: first to the audit, which it embeds, then
// to the records.
type probe struct {
	zab.Probe
	e      *Ensemble
	m      *sim.Machine
	id     zab.ID
	server *server.Server
}

func (p *probe) emit(kind sim.RecordKind, key uint64) *sim.Record {
	return p.e.World.Emit(kind, p.m.ID, key)
}

func (p *probe) Changed(z *zab.Peer) {
	p.Probe.Changed(z)
	key := uint64(z.State())<<8 | uint64(z.Phase()) | uint64(z.Epoch())<<16 | uint64(z.Leader())<<48
	if r := p.emit(KindRole, key); r != nil {
		r.Body = Role{z.State(), z.Phase(), z.Leader(), z.Epoch(), z.Round(), z.LastZxid(), z.Blank()}
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
	if r := p.emit(KindRole, uint64(v.Leader)<<32^uint64(v.Zxid)); r != nil {
		r.Body = Voted{v, z.Round()}
	}
}

func (p *probe) Elected(z *zab.Peer, epoch uint32) {
	p.Probe.Elected(z, epoch)
	if r := p.emit(sim.KindNote, uint64(epoch)); r != nil {
		r.Body = Elected{epoch}
	}
}

func (p *probe) Established(z *zab.Peer, epoch uint32) {
	p.Probe.Established(z, epoch)
	e := p.e
	e.reigns = append(e.reigns, engine.Reign{
		Leader: p.id, Epoch: epoch, From: e.World.Now(), To: -1, Index: e.World.Index(),
	})
	p.inherits(z)
	e.disturbed()
	if r := p.emit(sim.KindNote, uint64(epoch)<<32); r != nil {
		r.Body = Established{epoch, z.LastLogged()}
	}
}

// inherits notes what takes effect because its epoch is established: the end of a history that no
// earlier leader had committed. Nobody applies it any more but as what is read back. Its log may not
// have all of it: with a SNAP of a leader that then died, what that one had logged came as a state. Those
// are proposals of the epoch in which the snapshot was taken; for of earlier epochs all was inherited
// when that one was established.
func (p *probe) inherits(z *zab.Peer) {
	base := z.Base()
	for _, entry := range slices.Clone(p.e.pending) {
		if entry.Zxid <= base && entry.Zxid.Epoch() == base.Epoch() {
			p.e.seen.Handed++
			p.inherit(entry)
		}
	}
	for _, entry := range z.Entries() {
		p.inherit(entry)
	}
}

func (p *probe) inherit(entry zab.Entry) {
	if entry.Zxid <= p.e.noted {
		return
	}
	txn, err := tree.DecodeTxn(entry.Data)
	if err != nil {
		p.e.broken("Integrity", "%s holds at %v what nobody can read: %v", p.m.Name, entry.Zxid, err)
		return
	}
	p.e.firstApplied(entry.Zxid, txn, p.e.World.Index())
}

func (e *Ensemble) endReign(id zab.ID) {
	for i := range e.reigns {
		if r := &e.reigns[i]; r.Leader == id && r.To < 0 {
			r.To = e.World.Now()
		}
	}
}

func (p *probe) Proposed(z *zab.Peer, entry zab.Entry) {
	p.Probe.Proposed(z, entry)
	if entry.Zxid > p.e.noted {
		p.e.pending = append(p.e.pending, entry)
	}
	if tree.TxnType(entry.Data) != tree.OpCloseSession {
		return
	}
	txn, err := tree.DecodeTxn(entry.Data)
	if err != nil {
		p.e.broken("Integrity", "%s proposes at %v what nobody can read: %v", p.m.Name, entry.Zxid, err)
		return
	}
	p.e.ends(txn.Session, entry.Zxid)
	if txn.Cxid == 0 {
		p.e.closing(txn, entry.Zxid)
	}
}

// expiring is the session that the leader is about to end, and how long it was silent.
type expiring struct {
	session int64
	silent  sim.Time
}

func (e *Ensemble) closing(txn *tree.Txn, z zab.Zxid) {
	c := engine.Closing{
		Session: txn.Session, Zxid: z, ProposedAt: e.World.Now(), AppliedAt: -1, Index: -1,
		Paths: txn.Body.(*tree.CloseSessionTxn).Paths,
	}
	switch {
	case e.expiring.session == txn.Session:
		c.Why, c.Silent = engine.TimedOut, e.expiring.silent
	case slices.Contains(e.told, txn.Session):
		c.Why = engine.Told
	}
	if c.Why == engine.Dropped && !e.config.ExpireOnDisconnect {
		e.broken("NoEarlyExpiry", "session %x is ended at %v, and nobody asked for it", txn.Session, z)
	}
	e.expiring = expiring{}
	e.closings = append(e.closings, c)
}

func (p *probe) Logged(z *zab.Peer, entry zab.Entry) {
	p.Probe.Logged(z, entry)
	if r := p.emit(KindLog, uint64(entry.Zxid)); r != nil {
		txn, _ := tree.DecodeTxn(entry.Data)
		r.Body = Logged{entry.Zxid, txn}
	}
}

func (p *probe) Durable(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Durable(z, zxid)
	if r := p.emit(KindPersist, uint64(zxid)); r != nil {
		r.Body = Durable{zxid}
	}
}

func (p *probe) Promised(z *zab.Peer, accepted, current uint32) {
	p.Probe.Promised(z, accepted, current)
	if r := p.emit(KindPersist, uint64(accepted)<<32|uint64(current)); r != nil {
		r.Body = Promised{accepted, current}
	}
}

func (p *probe) Acked(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Acked(z, zxid)
	if r := p.emit(sim.KindNote, uint64(zxid)); r != nil {
		r.Body = Acked{zxid}
	}
}

func (p *probe) Committed(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Committed(z, zxid)
	if r := p.emit(KindCommit, uint64(zxid)); r != nil {
		r.Body = Committed{zxid}
	}
}

func (p *probe) Booted(z *zab.Peer) {
	p.Probe.Booted(z)
	if r := p.emit(sim.KindNote, uint64(z.LastLogged())); r != nil {
		body := Recovered{Accepted: z.AcceptedEpoch(), Current: z.CurrentEpoch(), Base: z.Base(), Last: z.LastLogged()}
		for _, entry := range z.Entries() {
			if entry.Zxid > body.Base {
				txn, _ := tree.DecodeTxn(entry.Data)
				body.Log = append(body.Log, Logged{entry.Zxid, txn})
			}
		}
		r.Body = body
	}
}

func (p *probe) Truncated(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Truncated(z, zxid)
	if r := p.emit(KindTrunc, uint64(zxid)); r != nil {
		r.Body = Truncated{zxid}
	}
}

func (p *probe) Installed(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Installed(z, zxid)
	if r := p.emit(KindSnap, uint64(zxid)); r != nil {
		r.Body = Installed{zxid}
	}
}

func (p *probe) Snapped(z *zab.Peer, zxid zab.Zxid) {
	p.Probe.Snapped(z, zxid)
	if r := p.emit(KindSnap, ^uint64(zxid)); r != nil {
		r.Body = Snapped{zxid}
	}
}

func (p *probe) Synced(z *zab.Peer, to zab.ID, kind string) {
	p.Probe.Synced(z, to, kind)
	switch kind {
	case "DIFF":
		p.e.seen.Diffs++
	case "TRUNC":
		p.e.seen.Truncs++
	case "SNAP":
		p.e.seen.Snaps++
	}
	if r := p.emit(sim.KindNote, uint64(to)^sim.HashString(kind)); r != nil {
		r.Body = Synced{to, kind}
	}
}

func (p *probe) Refused(format string, args []any) {
	p.Probe.Refused(format, args)
	if r := p.emit(sim.KindNote, 0); r != nil {
		r.Body = Refused{fmt.Sprintf(format, args...)}
	}
}

// Inconsistent is a verdict, but of a disk that a fault has spoilt: to refuse that one is right.
func (p *probe) Inconsistent(z *zab.Peer, name, text string) {
	if name == "LogContiguous" && p.e.spoilt.Has(p.id) {
		return
	}
	p.Probe.Inconsistent(z, name, text)
}

// serverProbe is the same line for what the server says above its peer.
type serverProbe probe

func (p *serverProbe) emit(kind sim.RecordKind, key uint64) *sim.Record {
	return p.e.World.Emit(kind, p.m.ID, key)
}

// Applied holds every replica to the state that the first one had at that zxid.
func (p *serverProbe) Applied(z zab.Zxid, txn *tree.Txn, result *tree.Result, replayed bool) {
	e := p.e
	index := e.World.Index()
	if r := p.emit(KindCommit, ^uint64(z)); r != nil {
		kept := *txn
		r.Body = Applied{z, &kept, result.Code, result.Path, replayed, changesOf(p.server.Tree(), nil, txn.Body)}
	}
	if replayed {
		return
	}
	t := p.server.Tree()
	if z > e.noted {
		e.firstApplied(z, txn, index)
	}
	if digest := e.digest(z); *digest == 0 {
		*digest = t.Digest()
	} else if *digest != t.Digest() {
		e.broken("StateAtZxid", "the tree of %s at %v is not what it was elsewhere", p.m.Name, z)
	}
	switch body := txn.Body.(type) {
	case *tree.CloseSessionTxn:
		if n := t.NumEphemerals(txn.Session); n > 0 {
			e.broken("EphemeralLifetime", "%s: session %x is over at %v and %d ephemeral nodes of it are left",
				p.m.Name, txn.Session, z, n)
		}
	case *tree.CreateTxn:
		if _, ok := t.Session(txn.Session); body.Ephemeral && !ok {
			e.broken("EphemeralLifetime", "%s: %s at %v is owned by session %x, which there is none of",
				p.m.Name, body.Path, z, txn.Session)
		}
	}
}

// Restored keeps the whole tree where somebody will read it.
func (p *serverProbe) Restored() {
	r := p.emit(KindSnap, 1)
	if r == nil {
		return
	}
	t := p.server.Tree()
	r.Body = Restored{appendNodes(nil, t.Root()), t.AppendSessions(nil)}
}

func appendNodes(list []NodeState, n *tree.Node) []NodeState {
	if !tree.IsSpecialPath(n.Path()) {
		list = append(list, stateOf(n))
	}
	for i := range n.NumChildren() {
		list = appendNodes(list, n.Child(i))
	}
	return list
}

func stateOf(n *tree.Node) NodeState {
	return NodeState{
		Path: n.Path(), Data: string(n.Data()), Owner: n.EphemeralOwner(), Version: n.Version(),
		Czxid: n.Czxid(), Mzxid: n.Mzxid(),
	}
}

// changesOf is what a transaction has made of a tree.
func changesOf(t *tree.Tree, list []NodeState, body tree.Body) []NodeState {
	add := func(path string) {
		if n := t.Node(path); n != nil {
			list = append(list, stateOf(n))
		} else {
			list = append(list, NodeState{Path: path, Deleted: true})
		}
	}
	switch b := body.(type) {
	case *tree.CreateTxn:
		add(b.Path)
	case *tree.DeleteTxn:
		add(b.Path)
	case *tree.SetDataTxn:
		add(b.Path)
	case *tree.CloseSessionTxn:
		for _, path := range b.Paths {
			add(path)
		}
	case *tree.MultiTxn:
		for i := range b.Txns {
			list = changesOf(t, list, b.Txns[i].Body)
		}
	}
	return list
}

// digest is the place of the digest at a zxid; 0 is none yet. Counters have no holes.
func (e *Ensemble) digest(z zab.Zxid) *uint64 {
	for int(z.Epoch()) >= len(e.digests) {
		e.digests = append(e.digests, nil)
	}
	d := &e.digests[z.Epoch()]
	for int(z.Counter()) >= len(*d) {
		*d = append(*d, 0)
	}
	return &(*d)[z.Counter()]
}

// firstApplied notes the moment at which a transaction had its effect.
func (e *Ensemble) firstApplied(z zab.Zxid, txn *tree.Txn, index int64) {
	e.noted = z
	done := 0
	for done < len(e.pending) && e.pending[done].Zxid <= z {
		done++
	}
	e.pending = append(e.pending[:0], e.pending[done:]...)
	e.change(z, txn.Session, txn.Body, index)
	if txn.Cxid == 0 {
		for i := range e.closings {
			if c := &e.closings[i]; c.Zxid == z && c.AppliedAt < 0 {
				c.AppliedAt, c.Index = e.World.Now(), index
			}
		}
		return
	}
	if txn.Type != tree.OpError {
		if last := e.executed[txn.Session]; txn.Cxid <= last {
			e.broken("FIFOClientOrder", "request %d of session %x takes effect at %v, behind its request %d",
				txn.Cxid, txn.Session, z, last)
		}
		e.executed[txn.Session] = txn.Cxid
	}
	took := func(o *engine.Op) bool {
		if o.Session != txn.Session || o.Xid != txn.Cxid || !o.Op.Type.Writes() {
			return false
		}
		o.AppliedAt, o.ApplyIndex, o.AppliedZ = e.World.Now(), index, z
		o.Refused = txn.Type == tree.OpError
		return true
	}
	for _, u := range e.open {
		if took(e.take(u)) {
			return
		}
	}
	for _, i := range e.unknown {
		if took(e.ops[i]) {
			return
		}
	}
}

// change notes what a transaction did to nodes.
func (e *Ensemble) change(z zab.Zxid, session int64, body tree.Body, index int64) {
	add := func(path string, event tree.EventType) {
		e.changes = append(e.changes, engine.Change{
			Path: path, Event: event, Zxid: z, At: e.World.Now(), Index: index,
		})
	}
	switch b := body.(type) {
	case *tree.CreateTxn:
		add(b.Path, tree.NodeCreated)
		if b.Ephemeral {
			e.recipes.made(e, b.Path, session)
		}
	case *tree.DeleteTxn:
		add(b.Path, tree.NodeDeleted)
		e.recipes.gone(b.Path)
	case *tree.SetDataTxn:
		add(b.Path, tree.NodeDataChanged)
	case *tree.CloseSessionTxn:
		for _, path := range b.Paths {
			add(path, tree.NodeDeleted)
			e.recipes.gone(path)
		}
	case *tree.MultiTxn:
		for i := range b.Txns {
			e.change(z, session, b.Txns[i].Body, index)
		}
	}
}

func (p *serverProbe) Replied(session int64, r *tree.Reply) {
	if !p.server.Serving() {
		p.e.broken("NoServiceUnlessEstablished", "%s answers session %x and is in phase %v",
			p.m.Name, session, p.server.Peer().Phase())
	}
}

func (p *serverProbe) Expiring(id int64, silent sim.Time) {
	timeoutMs, ok := p.server.Tree().Session(id)
	if timeout := sim.Time(timeoutMs) * sim.Millisecond; ok && silent < timeout {
		p.e.broken("NoEarlyExpiry", "%s expires session %x after %s of silence, its timeout is %s",
			p.m.Name, id, silent, timeout)
	}
	w := p.e.World
	p.e.expiring = expiring{id, silent}
	if r := p.emit(KindSessionExpire, uint64(id)); r != nil {
		r.Body = Expired{id, silent}
	}
	w.SetCause(w.Index() - 1) // what follows in this step follows from it
}

func (p *serverProbe) SessionOpened(id int64, timeoutMs int32) {
	if r := p.emit(KindSessionOpen, uint64(id)); r != nil {
		r.Body = SessionOpened{id, timeoutMs}
	}
}

func (p *serverProbe) SessionClosed(id int64, expired bool) {
	if r := p.emit(KindSessionExpire, ^uint64(id)); r != nil {
		r.Body = SessionClosed{id, expired}
	}
}

func (p *serverProbe) SessionMoved(id int64) {
	p.e.seen.Moved++
	if r := p.emit(KindSessionMove, uint64(id)); r != nil {
		r.Body = SessionMoved{id}
	}
}

func (p *serverProbe) WatchSet(session int64, path string, kind server.WatchKind) {
	if r := p.emit(KindWatchSet, uint64(session)^sim.HashString(path)); r != nil {
		r.Body = WatchSet{session, path, kind}
	}
}

func (p *serverProbe) WatchFired(session int64, event tree.WatchEvent) {
	if r := p.emit(KindWatchFire, uint64(session)^sim.HashString(event.Path)); r != nil {
		r.Body = WatchFired{session, event}
	}
}

func (p *serverProbe) Refused(session int64, why string) {
	if r := p.emit(sim.KindNote, uint64(session)); r != nil {
		r.Body = Refused{why}
	}
}
