package audit

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// states are digests of the tree by epoch and counter, each from the first server that applied the
// transaction. Counters have no holes.
type states struct{ epochs []digests }

// digests are those of one epoch, from the counter first on: earlier ones were forgotten.
type digests struct {
	first uint32
	list  []uint64
}

// at returns the place of the digest at a zxid; the digest is 0 before the first server applies the
// transaction. Of a digest that was forgotten it returns nil.
func (s *states) at(z zab.Zxid) *uint64 {
	for int(z.Epoch()) >= len(s.epochs) {
		s.epochs = append(s.epochs, digests{})
	}
	d := &s.epochs[z.Epoch()]
	if z.Counter() < d.first {
		return nil
	}
	i := int(z.Counter() - d.first)
	for i >= len(d.list) {
		d.list = append(d.list, 0)
	}
	return &d.list[i]
}

// forget forgets the digests before a zxid, which no server can have again.
func (s *states) forget(z zab.Zxid) {
	for e := range s.epochs {
		d := &s.epochs[e]
		n := len(d.list)
		if e == int(z.Epoch()) {
			n = min(n, int(max(z.Counter(), d.first)-d.first))
		}
		if e <= int(z.Epoch()) {
			d.first += uint32(n)
			d.list = append([]uint64(nil), d.list[n:]...)
		}
	}
}

// Applied reports to the audit that the tree t of a server has applied a transaction. base is the
// zxid of the server's newest snapshot. replayed is true if the server has read the transaction
// from its own log, where it may be uncommitted.
//
// Applied checks StateAtZxid: t equals the tree of the first server that applied the same
// transaction. A replayed transaction is checked only if it is chosen (a quorum had it on disk),
// and if the snapshot with zxid base, from which the replay started, contains no later transaction.
func (a *Audit) Applied(
	m *sim.Machine, t *tree.Tree, base, z zab.Zxid, txn *tree.Txn, replayed bool,
) {
	if !replayed && int(m.ID) < len(a.conducts) && a.conducts[m.ID] != nil {
		a.conducts[m.ID].turn.applied++
	}
	if replayed && (a.config.NoSafety || !a.safety.Exact(m.ID, base, z)) {
		return
	}
	a.equal(m, t, z)
	a.ephemerals(m, t, z, txn.Session, txn.Body, nil)
}

// Restored reports to the audit that a server has restored the tree t from its own snapshot, whose
// zxid is base, and has not replayed its log yet. Restored checks StateAtZxid as Applied does.
func (a *Audit) Restored(m *sim.Machine, t *tree.Tree, base zab.Zxid) {
	if base != 0 && !a.config.NoSafety && a.safety.Exact(m.ID, base, base) {
		a.equal(m, t, base)
	}
}

func (a *Audit) equal(m *sim.Machine, t *tree.Tree, z zab.Zxid) {
	switch first := a.states.at(z); {
	case first == nil:
		a.broken(StateAtZxid, "%s is at zxid %v, before the oldest snapshot on any disk", m.Name, z)
	case *first == 0:
		*first = t.Digest()
	case *first != t.Digest():
		a.broken(StateAtZxid,
			"the tree of %s at zxid %v differs from that of the server that reached this zxid first",
			m.Name, z)
	}
}

// ephemerals checks EphemeralLifetime. No ephemeral node is left when its session ends, and a new
// node belongs to the session that creates it, which exists. later has the parts of the multi that
// follow b.
func (a *Audit) ephemerals(m *sim.Machine, t *tree.Tree, z zab.Zxid, session int64, b tree.Body,
	later []tree.SubTxn) {
	switch body := b.(type) {
	case *tree.CloseSessionTxn:
		if n := t.NumEphemerals(session); n > 0 {
			a.broken(EphemeralLifetime, "%s: session %x ends at zxid %v, but %d ephemeral "+
				"nodes are left", m.Name, session, z, n)
		}
	case *tree.CreateTxn:
		if body.Ephemeral && !open(t, session) && !recreated(body, later) {
			a.broken(EphemeralLifetime, "%s: node %s, created at zxid %v, belongs to session "+
				"%x, which does not exist", m.Name, body.Path, z, session)
		}
		n := t.Node(body.Path)
		if n == nil || n.Czxid() != int64(z) {
			return // a later part of the same multi deletes it
		}
		owner, want := n.EphemeralOwner(), int64(0)
		if body.Ephemeral {
			want = session
		}
		if owner != want && !recreated(body, later) {
			a.broken(EphemeralLifetime, "%s: session %x creates node %s at zxid %v, but the "+
				"node belongs to session %x", m.Name, session, body.Path, z, owner)
		}
	case *tree.MultiTxn:
		for i := range body.Txns {
			a.ephemerals(m, t, z, session, body.Txns[i].Body, body.Txns[i+1:])
		}
	}
}

// open reports whether a tree has a session.
func open(t *tree.Tree, session int64) bool {
	_, ok := t.Session(session)
	return ok
}

// recreated reports whether a part of a multi creates a node that a later part deletes and another
// creates again: then the tree shows what the last of them did.
func recreated(c *tree.CreateTxn, later []tree.SubTxn) bool {
	return slices.ContainsFunc(later, func(s tree.SubTxn) bool {
		again, ok := s.Body.(*tree.CreateTxn)
		return ok && again.Path == c.Path
	})
}

// Inherited reports to the audit that a server is an established leader now, with the tree t.
//
// Inherited checks EphemeralLifetime: every ephemeral node in the tree belongs to a session that
// exists, even if an earlier leader created the node.
func (a *Audit) Inherited(m *sim.Machine, t *tree.Tree) { a.owners(m, t, t.Root()) }

// Rested reports to the audit that a server has nothing left to do, and has the tree t.
//
// Rested checks EphemeralLifetime: every ephemeral node belongs to a session that exists. It also
// checks StateAtZxid: the digest stored in the tree, which the audit uses to compare trees, is the
// digest of the tree's nodes.
func (a *Audit) Rested(m *sim.Machine, t *tree.Tree) {
	a.owners(m, t, t.Root())
	if t.Digest() != t.ComputeDigest() {
		a.broken(StateAtZxid, "the digest of the tree of %s at zxid %v does not match the nodes "+
			"of that tree",
			m.Name, zab.Zxid(t.LastProcessed()))
	}
}

// Tracks tells the audit how many sessions a leader tracks. Call it when the leader has nothing left
// to do.
//
// Tracks checks ForgetsSessions: such a leader tracks as many sessions as its tree has. A leader
// that kept sessions that are over (SessionTrackerImpl.removeSession) would need more and more
// memory.
func (a *Audit) Tracks(m *sim.Machine, n int, t *tree.Tree) {
	if n != t.NumSessions() {
		a.broken(ForgetsSessions, "the leader %s has nothing left to do, and tracks %d sessions, but "+
			"its tree has %d", m.Name, n, t.NumSessions())
	}
}

func (a *Audit) owners(m *sim.Machine, t *tree.Tree, n *tree.Node) {
	if owner := n.EphemeralOwner(); owner != 0 {
		if _, ok := t.Session(owner); !ok {
			a.broken(EphemeralLifetime, "%s at zxid %v: node %s belongs to session %x, which does not exist",
				m.Name, zab.Zxid(t.LastProcessed()), n.Path(), owner)
		}
	}
	for i := range n.NumChildren() {
		a.owners(m, t, n.Child(i))
	}
}
