package ensemble

import (
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// reign notes that a server is the established leader of an epoch.
func (e *Ensemble) reign(m *sim.Machine, z *zab.Peer, epoch uint32) {
	r := engine.Reign{
		Leader: m.ID, Epoch: epoch, From: e.World.Now(), To: -1, Index: e.World.Index(),
	}
	e.reigns = append(e.reigns, r)
	e.startLate()
	e.inherit(m, z)
	e.audit.Established(r)
	if s := e.Server(m.ID); s != nil {
		e.audit.Inherited(m, s.Tree())
	}
}

// endReign notes that a server no longer leads, if it did.
func (e *Ensemble) endReign(id zab.ID) {
	for i := range e.reigns {
		if r := &e.reigns[i]; r.Leader == id && r.To < 0 {
			r.To = e.World.Now()
		}
	}
	e.audit.Left(id)
}

// inherit notes the transactions that take effect because an epoch is established: the end of the
// leader's history, which no earlier leader had committed. From now on servers apply these
// transactions only as a replay.
//
// Some of these transactions may be missing from the leader's log: if it got a SNAP from a leader
// that then died, the snapshot contained proposals that the dead leader had logged. They are of the
// snapshot's epoch, because everything of earlier epochs was inherited when that epoch was
// established.
func (e *Ensemble) inherit(m *sim.Machine, z *zab.Peer) {
	base := z.Base()
	for _, entry := range slices.Clone(e.pending) {
		if entry.Zxid <= base && entry.Zxid.Epoch() == base.Epoch() {
			e.seen.Handed++
			e.inheritEntry(m, entry)
		}
	}
	for _, entry := range z.Entries() {
		e.inheritEntry(m, entry)
	}
}

func (e *Ensemble) inheritEntry(m *sim.Machine, entry zab.Entry) {
	if entry.Zxid <= e.newest {
		return
	}
	txn, err := tree.DecodeTxn(entry.Data)
	if err != nil {
		e.audit.Unreadable(m, entry.Zxid, err)
		return
	}
	e.tookEffect(entry.Zxid, txn, e.World.Index())
}

// proposed notes a leader's proposal, until it takes effect.
func (e *Ensemble) proposed(m *sim.Machine, entry zab.Entry) {
	if entry.Zxid > e.newest {
		e.pending = append(e.pending, entry)
	}
	if tree.TxnType(entry.Data) != tree.OpCloseSession {
		return
	}
	txn, err := tree.DecodeTxn(entry.Data)
	if err != nil {
		e.audit.Unreadable(m, entry.Zxid, err)
		return
	}
	e.audit.EndProposed(txn.Session, entry.Zxid)
	if txn.Cxid == 0 {
		e.closing(txn, entry.Zxid)
	}
}

// expiring is the session that the leader is about to end, and how long the session has been
// silent.
type expiring struct {
	session int64
	silent  sim.Time
}

// closing notes that a leader ends a session whose client did not ask for it.
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
	e.audit.Closed(&c)
	e.expiring = expiring{}
	e.closings = append(e.closings, c)
}

// tookEffect notes that a transaction takes effect now: the first server has applied it.
func (e *Ensemble) tookEffect(z zab.Zxid, txn *tree.Txn, index int64) {
	e.newest = z
	done := 0
	for done < len(e.pending) && e.pending[done].Zxid <= z {
		done++
	}
	e.pending = append(e.pending[:0], e.pending[done:]...)
	e.change(z, txn.Session, txn.Body, index)
	e.audit.TookEffect(z, txn)
	if txn.Cxid == 0 {
		for i := range e.closings {
			if c := &e.closings[i]; c.Zxid == z && c.AppliedAt < 0 {
				c.AppliedAt, c.Index = e.World.Now(), index
			}
		}
		return
	}
	took := func(o *engine.Op) bool {
		if o.Session != txn.Session || o.Xid != txn.Cxid || !o.Op.Type.Writes() {
			return false
		}
		o.AppliedAt, o.ApplyIndex, o.AppliedZ = e.World.Now(), index, z
		o.Refused = refused(txn.Body)
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

// refused reports whether a transaction changes nothing: an error, or a multi of which a part is
// one.
func refused(body tree.Body) bool {
	switch b := body.(type) {
	case *tree.ErrorTxn:
		return true
	case *tree.MultiTxn:
		return slices.ContainsFunc(b.Txns, func(t tree.SubTxn) bool { return t.Type == tree.OpError })
	}
	return false
}

// change notes what a transaction did to nodes.
func (e *Ensemble) change(z zab.Zxid, session int64, body tree.Body, index int64) {
	add := func(path string, event tree.EventType) {
		e.changes = append(e.changes, engine.Change{
			Path: path, Event: event, Zxid: z, At: e.World.Now(), Index: index, Session: session,
		})
	}
	switch b := body.(type) {
	case *tree.CreateTxn:
		add(b.Path, tree.NodeCreated)
		e.changes[len(e.changes)-1].Ephemeral = b.Ephemeral
	case *tree.DeleteTxn:
		add(b.Path, tree.NodeDeleted)
		e.changes[len(e.changes)-1].Idle = session == 0
	case *tree.SetDataTxn:
		add(b.Path, tree.NodeDataChanged)
	case *tree.CloseSessionTxn:
		for _, path := range b.Paths {
			add(path, tree.NodeDeleted)
			e.changes[len(e.changes)-1].Closing = true
		}
	case *tree.MultiTxn:
		if refused(b) {
			return
		}
		for i := range b.Txns {
			e.change(z, session, b.Txns[i].Body, index)
		}
	}
}
