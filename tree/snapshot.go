package tree

import (
	"encoding/binary"
	"slices"
)

// A snapshot is a signature and then records, each a uvarint length and that many bytes:
//
//	zxid     'Z' epoch counter: replay the log from the next transaction on
//	session  'S' id timeout, in order of ids
//	table    'A' acls: those that name users, at the moment when the table is written; no record
//	         if there are none
//	node     'N' shared suffix data acl czxid mzxid pzxid ctime mtime version cversion aversion
//	         owner, in preorder, children by name; the path is what it shares with the node
//	         before it, in bytes, and a suffix
//	         'R' the same with a place in the table, from 1, instead of acl; 0 if the ACL is not
//	         there: a later transaction made it, and the log has that
//	end      'E' sessions nodes sum: counts, and a hash of all records before
const snapshotSignature = "zablab/tree/1\n"

const (
	recordZxid    = 'Z'
	recordSession = 'S'
	recordTable   = 'A'
	recordNode    = 'N'
	recordUsers   = 'R' // a node whose ACL names users
	recordEnd     = 'E'
)

// Snapshotter serialises a tree in chunks, while transactions are applied between the chunks. Each
// chunk shows its nodes as they are when the chunk is made. So the nodes in a snapshot are from
// different moments, and together they may be a state that never existed: the snapshot is fuzzy. To
// get a correct tree, restore the snapshot, and replay the log from the snapshot's zxid up to the
// zxid at which the last chunk was made, or further. This works because Apply is idempotent.
type Snapshotter struct {
	tree *Tree
	zxid int64

	phase    byte   // the type of the next record
	afterID  int64  // the last session written
	path     string // of the last node written
	at       walk   // at the last node written, if this chunk has it
	sessions uint64
	table    [][]ACL
	places   map[uint64]int // by an ACL's hash: its place in the table, from 1
	nodes    uint64
	sum      mixer

	record []byte    // composed and not written yet
	room   [160]byte // of most records
	data   []byte    // of the record's node, which goes into the record
	split  int       // where data goes
}

// NewSnapshotter begins a snapshot of t. The present LastProcessed of t becomes the snapshot's
// zxid. NewSnapshotter copies nothing. To abandon the snapshot, stop calling Next.
func NewSnapshotter(t *Tree) *Snapshotter {
	s := &Snapshotter{tree: t, zxid: t.lastProcessed, phase: recordZxid}
	s.record = s.room[:0]
	return s
}

// Zxid returns the snapshot's zxid, which is part of its file name. The snapshot has the effects of
// all transactions up to that zxid, and perhaps of later transactions.
func (s *Snapshotter) Zxid() int64 { return s.zxid }

// Next appends the next chunk to dst: as many whole records as fit into maxBytes, but at least one.
// done is true for the last chunk; calls after that append nothing.
func (s *Snapshotter) Next(dst []byte, maxBytes int) (result []byte, done bool) {
	most := len(dst) + maxBytes
	if s.phase == recordZxid {
		dst = append(dst, snapshotSignature...)
	}
	s.at = walk{} // transactions may have changed the tree since the last chunk
	for first := true; s.phase != 0; first = false {
		if len(s.record) == 0 {
			s.compose()
		}
		size := len(s.record) + len(s.data)
		whole := size + uvarintLen(uint64(size))
		if !first && len(dst)+whole > most {
			break // the composed record goes into the next chunk
		}
		dst = s.write(dst, size, whole)
	}
	return dst, s.phase == 0
}

// write appends the composed record, which has size bytes, and whole bytes with its length.
func (s *Snapshotter) write(dst []byte, size, whole int) []byte {
	if free := cap(dst) - len(dst); free < whole {
		dst = slices.Grow(dst, whole+len(dst)/4) // room for more, after a large record too
	}
	dst = binary.AppendUvarint(dst, uint64(size))
	at := len(dst)
	dst = append(dst, s.record[:s.split]...)
	dst = append(dst, s.data...)
	dst = append(dst, s.record[s.split:]...)
	if s.record[0] == recordEnd {
		s.phase = 0
	} else {
		s.sum.add(hashOf(dst[at:]))
	}
	s.record, s.data, s.split = s.record[:0], nil, 0
	return dst
}

// Size returns an estimate of the snapshot's size, in bytes.
func (s *Snapshotter) Size() int {
	return len(snapshotSignature) + 64 + 16*len(s.tree.sessions.list) + s.tree.root.size()
}

// size returns about how many bytes a node and all below it have in a snapshot.
func (n *Node) size() int {
	sum := len(n.path) + len(n.data) + nodeRoom
	if n.parent != nil && len(n.parent.path) > 1 {
		sum -= len(n.parent.path) // most nodes share that with the node before
	}
	for _, c := range n.children {
		sum += c.size()
	}
	return sum
}

// nodeRoom is about what the record of a node has besides path and data.
const nodeRoom = 56

// compose encodes the next record from the tree as it is now.
func (s *Snapshotter) compose() {
	switch s.phase {
	case recordZxid:
		s.record = append(s.record, recordZxid)
		s.record = appendZxid(s.record, s.zxid)
		s.phase = recordSession
	case recordSession:
		s.composeSession()
	case recordTable:
		s.composeTable()
	case recordNode:
		s.composeNode()
	}
}

func (s *Snapshotter) composeSession() {
	list := s.tree.sessions.list
	i := 0
	if s.sessions > 0 {
		var ok bool
		if i, ok = s.tree.sessions.find(s.afterID); ok {
			i++
		}
	}
	if i == len(list) {
		s.composeTable()
		return
	}
	s.sessions++
	s.afterID = list[i].ID
	s.record = append(s.record, recordSession)
	s.record = binary.BigEndian.AppendUint64(s.record, uint64(list[i].ID))
	s.record = appendInt(s.record, int64(list[i].TimeoutMs))
}

// composeTable writes the table of ACLs before the nodes, as ZooKeeper does
// (ReferenceCountedACLCache): a node that gets an ACL later may refer to one that is not in it.
func (s *Snapshotter) composeTable() {
	s.phase = recordNode
	for w := (walk{node: s.tree.root}); w.node != nil; w = w.next() {
		n := w.node
		if namesUsers(n.acl) && s.places[n.aclHash] == 0 {
			if s.places == nil {
				s.places = make(map[uint64]int)
			}
			s.table = append(s.table, n.acl)
			s.places[n.aclHash] = len(s.table)
		}
	}
	if len(s.table) == 0 {
		s.composeNode()
		return
	}
	s.record = append(s.record, recordTable)
	s.record = binary.AppendUvarint(s.record, uint64(len(s.table)))
	for _, acl := range s.table {
		s.record = appendACL(s.record, acl)
	}
}

// namesUsers is true of an ACL that is kept in the table of a snapshot. Others are in each node.
func namesUsers(acl []ACL) bool { return len(acl) > 1 || len(acl) == 1 && acl[0].Scheme != "world" }

func (s *Snapshotter) composeNode() {
	before := s.at.node
	if before != nil {
		s.at = s.at.next()
	} else {
		s.at = s.tree.after(s.path)
	}
	n := s.at.node
	if n == nil {
		s.phase = recordEnd
		s.record = append(s.record, recordEnd)
		s.record = binary.AppendUvarint(s.record, s.sessions)
		s.record = binary.AppendUvarint(s.record, s.nodes)
		s.record = binary.BigEndian.AppendUint64(s.record, s.sum.sum())
		return
	}
	shared := 0
	if before != nil && before.parent == n.parent {
		shared = len(n.parent.path) // of siblings
	}
	for shared < len(s.path) && shared < len(n.path) && s.path[shared] == n.path[shared] {
		shared++
	}
	kind := byte(recordNode)
	if namesUsers(n.acl) {
		kind = recordUsers
	}
	b := append(s.record, kind)
	b = binary.AppendUvarint(b, uint64(shared))
	b = appendText(b, n.path[shared:])
	b = appendDataLength(b, n.data)
	s.data, s.split = n.data, len(b)
	if kind == recordUsers {
		b = binary.AppendUvarint(b, uint64(s.places[n.aclHash]))
	} else {
		b = appendACL(b, n.acl)
	}
	b = appendZxid(b, n.czxid)
	b = appendZxid(b, n.mzxid)
	b = appendZxid(b, n.pzxid)
	b = appendInt(b, n.ctime)
	b = appendInt(b, n.mtime)
	b = appendInt(b, int64(n.version))
	b = appendInt(b, int64(n.cversion))
	b = appendInt(b, int64(n.aversion))
	s.record = binary.BigEndian.AppendUint64(b, uint64(n.owner))
	s.nodes++
	s.path = n.path
}

// walk is a place in a tree, on a way through it in preorder. The tree must not change on the way.
type walk struct {
	node *Node // nil after the last
	at   int   // its index among its siblings
}

// next returns the place after w.
func (w walk) next() walk {
	n := w.node
	if len(n.children) > 0 {
		return walk{n.children[0], 0}
	}
	for at := w.at + 1; n.parent != nil; at++ {
		if siblings := n.parent.children; at < len(siblings) {
			return walk{siblings[at], at}
		}
		if n = n.parent; n.parent != nil {
			at, _ = n.parent.find(n.Name())
		}
	}
	return walk{}
}

// after returns the place that follows a path in preorder, even if the path's own node is gone. For
// an empty path it returns the root. The walk misses a node that is created before the place that
// it has reached: the log has that node.
func (t *Tree) after(path string) walk {
	if path == "" {
		return walk{node: t.root}
	}
	if n := t.nodes[path]; n != nil && len(n.children) > 0 {
		return walk{n.children[0], 0}
	}
	for parent, name, ok := SplitPath(path); ok; parent, name, ok = SplitPath(parent) {
		up := t.nodes[parent]
		if up == nil {
			continue
		}
		i, found := up.find(name)
		if found {
			i++
		}
		if i < len(up.children) {
			return walk{up.children[i], i}
		}
	}
	return walk{}
}

func uvarintLen(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
