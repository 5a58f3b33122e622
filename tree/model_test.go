package tree

import (
	"fmt"

	"pgregory.net/rapid"
)

// history is a small leader: it picks requests, checks them against its own tree as the real leader
// does, and keeps the transactions. It uses few names and sessions, so that nodes are often deleted
// and created again in other roles.
type history struct {
	tree    *Tree
	txns    []*Txn
	digests []uint64 // after each transaction
	zxid    int64
	nextID  int64
}

func newHistory() *history {
	return &history{tree: New(), zxid: 1 << 32, nextID: 1}
}

func (h *history) commit(t *rapid.T, txn *Txn) {
	h.zxid++
	txn.Zxid = h.zxid
	txn.TimeMs = 1_000_000 + int64(len(h.txns))*10
	txn.Cxid = int32(len(h.txns))
	r := h.tree.Apply(txn)
	if txn.Type != OpError && r.Code != OK && !failed(txn) {
		t.Fatalf("%v failed in the order of the history: %v", txn, r.Code)
	}
	h.txns = append(h.txns, txn)
	h.digests = append(h.digests, h.tree.Digest())
}

func failed(txn *Txn) bool {
	if m, ok := txn.Body.(*MultiTxn); ok {
		for _, sub := range m.Txns {
			if sub.Type == OpError {
				return true
			}
		}
	}
	return false
}

// paths are picked so that parents and children often meet.
func drawPath(t *rapid.T, label string) string {
	depth := rapid.IntRange(1, 3).Draw(t, label+" depth")
	path := ""
	for range depth {
		path += "/" + rapid.SampledFrom([]string{"a", "b", "c", "a-"}).Draw(t, label)
	}
	return path
}

func (h *history) step(t *rapid.T) {
	session := h.drawSession(t)
	switch kind := rapid.IntRange(0, 15).Draw(t, "kind"); {
	case kind == 0:
		h.commit(t, &Txn{TxnHeader{Session: h.nextID, Type: OpCreateSession},
			&CreateSessionTxn{int32(1000 * h.nextID)}})
		h.nextID++
	case kind == 1 && session != 0:
		paths := h.tree.AppendEphemerals(nil, session)
		h.commit(t, &Txn{TxnHeader{Session: session, Type: OpCloseSession},
			&CloseSessionTxn{paths}})
	case kind == 2:
		code := rapid.SampledFrom([]Code{NoNode, BadVersion}).Draw(t, "code")
		h.commit(t, &Txn{TxnHeader{Session: session, Type: OpError}, &ErrorTxn{code}})
	case kind <= 4:
		h.multi(t, session)
	default:
		op, body := prepare(t, h.tree, session)
		h.commit(t, &Txn{TxnHeader{Session: session, Type: op}, body})
	}
}

func (h *history) drawSession(t *rapid.T) int64 {
	list := h.tree.AppendSessions(nil)
	if len(list) == 0 {
		return 0
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(t, "session")].ID
}

// multi picks each part against the state after the part before it, on a copy of the tree. A part
// that fails makes the whole multi an error, as in PrepRequestProcessor.
func (h *history) multi(t *rapid.T, session int64) {
	scratch := clone(t, h.tree)
	b := &MultiTxn{}
	for range rapid.IntRange(0, 5).Draw(t, "parts") {
		op, body := prepare(t, scratch, session)
		b.Txns = append(b.Txns, SubTxn{op, body})
		if op == OpError && rapid.Bool().Draw(t, "keep failing") {
			break
		} else if op == OpError {
			b.Txns = b.Txns[:len(b.Txns)-1]
			continue
		}
		header := TxnHeader{Session: session, Zxid: h.zxid + 1, Type: op}
		scratch.Apply(&Txn{header, body})
	}
	if len(b.Txns) == 0 {
		b.Txns = nil // as it will be decoded
	}
	h.commit(t, &Txn{TxnHeader{Session: session, Type: OpMulti}, b})
}

// prepare picks a write and makes its transaction, or an error if it would fail.
func prepare(t *rapid.T, tree *Tree, session int64) (OpCode, Body) {
	path := drawPath(t, "path")
	n := tree.Node(path)
	refuse := func(c Code) (OpCode, Body) { return OpError, &ErrorTxn{c} }
	kind := rapid.IntRange(0, 9).Draw(t, "write")
	switch {
	case kind <= 4: // create
		up, _, _ := SplitPath(path)
		parent := tree.Node(up)
		if parent == nil {
			return refuse(NoNode)
		}
		if parent.EphemeralOwner() != 0 {
			return refuse(NoChildrenForEphemerals)
		}
		if kind == 4 {
			path = SequentialName(path, parent.CVersion())
		}
		if tree.Node(path) != nil {
			return refuse(NodeExists)
		}
		return rapid.SampledFrom([]OpCode{OpCreate, OpCreate2}).Draw(t, "create"), &CreateTxn{
			Path: path, Data: drawData(t), ACL: drawACL(t),
			Ephemeral:      session != 0 && rapid.Bool().Draw(t, "ephemeral"),
			ParentCVersion: parent.CVersion() + 1,
		}
	case n == nil:
		return refuse(NoNode)
	case kind <= 7:
		if n.NumChildren() > 0 {
			return refuse(NotEmpty)
		}
		return OpDelete, &DeleteTxn{path}
	case kind == 8:
		return OpSetData, &SetDataTxn{path, drawData(t), n.Version() + 1}
	}
	if rapid.Bool().Draw(t, "check") {
		return OpCheck, &CheckVersionTxn{path, n.Version()}
	}
	return OpSetACL, &SetACLTxn{path, drawACL(t), n.AVersion() + 1}
}

func drawData(t *rapid.T) []byte {
	if rapid.Bool().Draw(t, "nil data") {
		return nil
	}
	return rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "data")
}

func drawACL(t *rapid.T) []ACL {
	return rapid.SampledFrom([][]ACL{OpenACL, ReadACL, {{PermAll, "digest", "bob:x"},
		{PermRead, "ip", "10.0.0.0/8"}}}).Draw(t, "acl")
}

// clone restores a snapshot, which is exact because no transaction is applied in between.
func clone(t interface{ Fatalf(string, ...any) }, tree *Tree) *Tree {
	s, r := NewSnapshotter(tree), NewRestorer()
	for {
		chunk, done := s.Next(nil, 1<<20)
		if err := r.Add(chunk); err != nil {
			t.Fatalf("add: %v", err)
		}
		if done {
			break
		}
	}
	copied, err := r.Finish()
	if err != nil {
		t.Fatalf("finish: %v", err)
	}
	return copied
}

// audit checks everything that must be true of a tree, with as little of the tree's own code as
// possible.
func audit(tree *Tree) error {
	if got, want := tree.Digest(), tree.ComputeDigest(); got != want {
		return fmt.Errorf("digest %x kept, %x computed", got, want)
	}
	count, owned := 0, map[int64][]string{}
	var walk func(n *Node) error
	walk = func(n *Node) error {
		count++
		if tree.Node(n.Path()) != n {
			return fmt.Errorf("%s: the lookup finds another node", n.Path())
		}
		if n.owner != 0 {
			owned[n.owner] = append(owned[n.owner], n.path)
		}
		last := ""
		for i := range n.NumChildren() {
			c := n.Child(i)
			if c.Parent() != n || c.Name() <= last {
				return fmt.Errorf("%s: child %s out of place", n.Path(), c.Path())
			}
			last = c.Name()
			if err := walk(c); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(tree.Root()); err != nil {
		return err
	}
	if count != tree.NumNodes() {
		return fmt.Errorf("%d nodes in the lookup, %d in the tree", tree.NumNodes(), count)
	}
	for id, paths := range owned {
		if tree.NumEphemerals(id) != len(paths) {
			return fmt.Errorf("session %d owns %d nodes, the table says %d", id, len(paths),
				tree.NumEphemerals(id))
		}
	}
	if len(owned) != len(tree.owners) {
		return fmt.Errorf("%d owners of nodes, %d in the table", len(owned), len(tree.owners))
	}
	return nil
}
