package tree

// Result says what a transaction has done. The reply to the client is made from it
// (DataTree.ProcessTxnResult).
type Result struct {
	TxnHeader
	Code  Code
	Path  string
	Stat  Stat     // after a create, setData or setACL
	Multi []Result // one for each part of a multi; if it failed, they carry the codes
}

// Apply carries out a transaction and raises LastProcessed. Applying a transaction twice has the
// same effect as applying it once. Apply never refuses a transaction: the leader has already
// decided whether the operation fails. If it fails, the leader has made an error transaction or a
// failed multi of it.
//
// Apply also works on a tree from a fuzzy snapshot, which already has some effects of later
// transactions. When all later transactions have been replayed, the tree has its correct state
// again. During the replay, a node to create may already exist, and a node to change may be gone.
// Apply then returns NodeExists or NoNode in the result, and the replay continues.
//
// Apply changes the session table before the nodes, so that no ephemeral node exists without its
// session (ZOOKEEPER-3144). It raises LastProcessed only after the last part of a multi. If it did
// so earlier, a snapshot that started between two parts would have the zxid of the whole multi, and
// a replay of the log over that snapshot would skip the later parts (ZOOKEEPER-1090).
func (t *Tree) Apply(txn *Txn) Result {
	r := t.apply(&txn.TxnHeader, txn.Type, txn.Body)
	if txn.Zxid > t.lastProcessed {
		t.lastProcessed = txn.Zxid
	}
	return r
}

// apply carries out one transaction, or one part of a multi. ZooKeeper calls the methods below
// createNode, deleteNode, setData, setACL and killSession.
func (t *Tree) apply(h *TxnHeader, op OpCode, body Body) Result {
	r := Result{TxnHeader: *h}
	r.Type = op
	switch b := body.(type) {
	case *CreateSessionTxn:
		t.openSession(h.Session, b.TimeoutMs)
	case *CloseSessionTxn:
		t.closeSession(h, b)
	case *CreateTxn:
		r.Path = b.Path
		r.Stat, r.Code = t.create(h, op, b)
	case *DeleteTxn:
		r.Path = b.Path
		r.Code = t.delete(b.Path, h.Zxid)
	case *SetDataTxn:
		r.Path = b.Path
		r.Stat, r.Code = t.setData(h, b)
	case *SetACLTxn:
		r.Path = b.Path
		r.Stat, r.Code = t.setACL(b)
	case *CheckVersionTxn:
		r.Path = b.Path
	case *MultiTxn:
		t.multi(h, b, &r)
	case *ErrorTxn:
		r.Code = b.Code
	}
	return r
}

// create creates a node. In a replay the node may exist already: create does not change it, because
// later transactions will, except that it gives the node an ACL that the snapshot lacked
// (ZOOKEEPER-4846). It updates the parent all the same (ZOOKEEPER-3249): the snapshot may
// have read the parent before the create and the node after it. The parent's cversion never
// decreases: in a replay over a later state the transaction has an older one.
func (t *Tree) create(h *TxnHeader, op OpCode, b *CreateTxn) (Stat, Code) {
	parentPath, _, ok := SplitPath(b.Path)
	if !ok {
		return Stat{}, BadArguments
	}
	parent := t.nodes[parentPath]
	if parent == nil {
		return Stat{}, NoNode
	}
	if b.ParentCVersion > parent.cversion {
		parent.cversion = b.ParentCVersion
		parent.pzxid = max(parent.pzxid, h.Zxid)
		t.rehash(parent)
	}
	if n := t.nodes[b.Path]; n != nil {
		if n.Unlisted() {
			n.acl, n.aclHash = b.ACL, hashACL(b.ACL)
			t.rehash(n)
		}
		return Stat{}, NodeExists
	}
	n := &Node{
		path: b.Path, data: b.Data, acl: b.ACL,
		czxid: h.Zxid, mzxid: h.Zxid, pzxid: h.Zxid,
		ctime: h.TimeMs, mtime: h.TimeMs,
	}
	switch {
	case op == OpCreateContainer:
		n.owner = containerOwner
	case op == OpCreateTTL:
		n.owner = ttlOwner(b.TTL)
	case b.Ephemeral:
		n.owner = h.Session
	}
	t.insert(parent, n)
	if t.watches.any() {
		t.watches.created(n)
	}
	return n.Stat(), OK
}

// delete removes a node. The parent's pzxid rises even if the node is gone already: the snapshot
// may have read the parent before the delete, and come to the node's place after it
// (ZOOKEEPER-3125).
func (t *Tree) delete(path string, zxid int64) Code {
	parentPath, _, ok := SplitPath(path)
	if !ok {
		return BadArguments
	}
	parent := t.nodes[parentPath]
	if parent == nil {
		return NoNode
	}
	if zxid > parent.pzxid {
		parent.pzxid = zxid
		t.rehash(parent)
	}
	n := t.nodes[path]
	if n == nil {
		return NoNode
	}
	t.remove(n)
	if t.watches.any() {
		t.watches.deleted(n, parent, zxid)
	}
	return OK
}

func (t *Tree) setData(h *TxnHeader, b *SetDataTxn) (Stat, Code) {
	n := t.nodes[b.Path]
	if n == nil {
		return Stat{}, NoNode
	}
	n.data, n.dataHash = b.Data, hashData(b.Data)
	n.version, n.mzxid, n.mtime = b.Version, h.Zxid, h.TimeMs
	t.rehash(n)
	if t.watches.any() {
		t.watches.dataChanged(n)
	}
	return n.Stat(), OK
}

func (t *Tree) setACL(b *SetACLTxn) (Stat, Code) {
	n := t.nodes[b.Path]
	if n == nil {
		return Stat{}, NoNode
	}
	n.acl, n.aclHash = b.ACL, hashACL(b.ACL)
	n.aversion = b.Version
	t.rehash(n)
	return n.Stat(), OK
}

// closeSession removes the session, then the nodes that the leader listed, then any other nodes
// that the session owns. If the leader is correct, no such node exists.
//
// The listed nodes are deleted by path, without a check of their owner: in a replay over a fuzzy
// snapshot a node may belong to a later session, whose create is replayed later and needs the path
// free.
func (t *Tree) closeSession(h *TxnHeader, b *CloseSessionTxn) {
	t.endSession(h.Session)
	for _, path := range b.Paths {
		t.delete(path, h.Zxid)
	}
	if o := t.owners[h.Session]; o != nil {
		for _, path := range append([]string(nil), o.paths...) {
			t.delete(path, h.Zxid)
		}
	}
}

// multi applies all parts, or none if one of them is an error.
func (t *Tree) multi(h *TxnHeader, b *MultiTxn, r *Result) {
	r.Multi = make([]Result, len(b.Txns))
	failed := b.Failed()
	for i := range b.Txns {
		part := &b.Txns[i]
		sub := &r.Multi[i]
		if failed {
			*sub = Result{TxnHeader: *h, Code: multiCode(b.Txns, i)}
			sub.Type = OpError
		} else {
			*sub = t.apply(h, part.Type, part.Body)
		}
		if r.Code == OK {
			r.Code = sub.Code
		}
	}
}

// multiCode returns the code of a part of a failed multi: the cause for the part that failed, OK
// for the parts before it, RuntimeInconsistency for the parts after it.
func multiCode(parts []SubTxn, i int) Code {
	if e, ok := parts[i].Body.(*ErrorTxn); ok {
		return e.Code
	}
	for _, part := range parts[:i] {
		if part.Type == OpError {
			return RuntimeInconsistency
		}
	}
	return OK
}
