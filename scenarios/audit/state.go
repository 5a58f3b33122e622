package audit

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// states are digests of the tree by epoch and counter, each from the first server that applied the
// transaction. Counters have no holes.
type states struct{ digests [][]uint64 }

// at returns the place of the digest at a zxid; the digest is 0 before the first server applies the
// transaction.
func (s *states) at(z zab.Zxid) *uint64 {
	for int(z.Epoch()) >= len(s.digests) {
		s.digests = append(s.digests, nil)
	}
	d := &s.digests[z.Epoch()]
	for int(z.Counter()) >= len(*d) {
		*d = append(*d, 0)
	}
	return &(*d)[z.Counter()]
}

// Applied reports to the audit that the tree t of a server has applied a committed transaction.
//
// Applied checks StateAtZxid: t equals the tree of the first server that applied the same
// transaction.
func (a *Audit) Applied(m *sim.Machine, t *tree.Tree, z zab.Zxid, txn *tree.Txn) {
	if first := a.states.at(z); *first == 0 {
		*first = t.Digest()
	} else if *first != t.Digest() {
		a.broken(StateAtZxid,
			"the tree of %s at zxid %v differs from the tree of the first server at this zxid",
			m.Name, z)
	}
	a.ephemerals(m, t, z, txn)
}

// ephemerals checks EphemeralLifetime: no ephemeral node is left when its session ends, and none is
// made for a session that does not exist.
func (a *Audit) ephemerals(m *sim.Machine, t *tree.Tree, z zab.Zxid, txn *tree.Txn) {
	switch body := txn.Body.(type) {
	case *tree.CloseSessionTxn:
		if n := t.NumEphemerals(txn.Session); n > 0 {
			a.broken(EphemeralLifetime,
				"%s: session %x ends at zxid %v, but %d ephemeral nodes are left",
				m.Name, txn.Session, z, n)
		}
	case *tree.CreateTxn:
		if _, ok := t.Session(txn.Session); body.Ephemeral && !ok {
			a.broken(EphemeralLifetime,
				"%s: node %s, created at zxid %v, belongs to session %x, which does not exist",
				m.Name, body.Path, z, txn.Session)
		}
	}
}
