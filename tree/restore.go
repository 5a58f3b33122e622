package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Restorer builds a tree from the chunks of a snapshot. Add the chunks in order; a record may be
// divided between two chunks. Its methods return an error for a damaged or truncated snapshot, and
// never panic.
type Restorer struct {
	tree     *Tree
	rest     []byte // an incomplete record
	signed   bool
	ended    bool
	started  bool   // the zxid record has been read
	path     string // of the last node
	lastID   int64
	table    [][]ACL
	sessions uint64
	nodes    uint64
	free     []Node // room for the next ones
	sum      mixer
	err      error
}

// NewRestorer returns a restorer to which no chunk has been added yet.
func NewRestorer() *Restorer {
	return &Restorer{tree: &Tree{nodes: make(map[string]*Node), owners: make(map[int64]*owned)}}
}

var errSnapshot = errors.New("restore another copy of the snapshot")

// fail records the first error. The errors become the reasons of an exit, which fingerprints hash:
// do not change their words.
func (r *Restorer) fail(cause string) error {
	if r.err == nil {
		r.err = fmt.Errorf("restore snapshot: after %d nodes, the last of which is %q: %s: %w",
			r.nodes, r.path, cause, errSnapshot)
	}
	return r.err
}

// Add reads the next chunk, and copies it: the caller may reuse the chunk's memory. After a
// failure, every further call of Add fails too.
func (r *Restorer) Add(chunk []byte) error {
	return r.add(append(append(make([]byte, 0, len(r.rest)+len(chunk)), r.rest...), chunk...))
}

// AddFixed works like Add, but nobody may change the chunk afterwards: the tree's data may share
// its memory.
func (r *Restorer) AddFixed(chunk []byte) error {
	if len(r.rest) > 0 {
		return r.Add(chunk)
	}
	if r.nodes == 0 {
		r.room(chunk)
	}
	return r.add(chunk)
}

// leastRecord is less than a node has bytes in a snapshot.
const leastRecord = 24

// room makes room for as many nodes as the end record says, if the chunk is a whole snapshot. It
// takes nothing but the number from there, and none that the chunk cannot hold.
func (r *Restorer) room(chunk []byte) {
	const least, most = 1 + 1 + 1 + 8, 1 + 2*binary.MaxVarintLen64 + 8 // bytes of the record
	for size := least; size <= most && size < len(chunk); size++ {
		end := chunk[len(chunk)-size-1:]
		if int(end[0]) != size || end[1] != recordEnd {
			continue
		}
		d := decoder{rest: end[2:]}
		d.uvarint() // sessions
		n := d.uvarint()
		if d.err != nil || len(d.rest) != 8 || n > uint64(len(chunk)/leastRecord) {
			continue
		}
		r.tree.nodes = make(map[string]*Node, n+n/4)
		r.free = make([]Node, n)
		return
	}
}

// newNode returns an empty node, from the room that there is.
func (r *Restorer) newNode() *Node {
	if len(r.free) == 0 {
		return &Node{}
	}
	n := &r.free[0]
	r.free = r.free[1:]
	return n
}

// add reads the next chunk, after the bytes that earlier chunks have left over. The tree's data
// share the memory of b.
func (r *Restorer) add(b []byte) error {
	if r.err != nil {
		return r.err
	}
	if !r.signed {
		n := min(len(b), len(snapshotSignature))
		if string(b[:n]) != snapshotSignature[:n] {
			return r.fail("the snapshot's signature is missing")
		}
		if n < len(snapshotSignature) {
			r.rest = b
			return nil
		}
		r.signed, b = true, b[n:]
	}
	for len(b) > 0 {
		if r.ended {
			return r.fail("the snapshot goes on after its end record")
		}
		size, n := binary.Uvarint(b)
		if n < 0 || n > 0 && size == 0 {
			return r.fail("the length of a record is invalid")
		}
		if n == 0 || size > uint64(len(b)-n) {
			break
		}
		record := b[n : n+int(size) : n+int(size)]
		b = b[n+int(size):]
		if err := r.read(record); err != nil {
			return err
		}
	}
	r.rest = b
	return nil
}

// Finish returns the tree, with the snapshot's zxid as LastProcessed. Before you answer clients
// from the tree, apply all transactions of the log that follow this zxid. Do not use the restorer
// afterwards.
func (r *Restorer) Finish() (*Tree, error) {
	if r.err != nil {
		return nil, r.err
	}
	if !r.ended {
		return nil, r.fail("the snapshot has no end record")
	}
	r.err = errors.New("restore snapshot: this restorer has finished: make a new one")
	return r.tree, nil
}

func (r *Restorer) read(record []byte) error {
	d := decoder{rest: record}
	kind := d.byte()
	if (kind == recordZxid) == r.started {
		return r.fail("the record with the snapshot's zxid is not the first record")
	}
	switch kind {
	case recordZxid:
		r.started = true
		r.tree.lastProcessed = d.zxid()
	case recordSession:
		r.readSession(&d)
	case recordTable:
		r.readTable(&d)
	case recordNode, recordUsers:
		r.readNode(&d, kind)
	case recordEnd:
		r.readEnd(&d)
	default:
		return r.fail("a record has an unknown type")
	}
	if r.err == nil && d.err != nil {
		return r.fail(d.err.Error())
	}
	if r.err == nil && len(d.rest) > 0 {
		return r.fail("a record goes on after its last field")
	}
	r.sum.add(hashOf(record))
	return r.err
}

func (r *Restorer) readSession(d *decoder) {
	id := int64(d.uint64())
	if r.nodes > 0 || r.table != nil || r.sessions > 0 && id <= r.lastID {
		r.fail("a session is in the wrong place: sessions come first, sorted by id")
		return
	}
	r.sessions++
	r.lastID = id
	r.tree.openSession(id, d.int32())
}

func (r *Restorer) readTable(d *decoder) {
	if r.nodes > 0 || r.table != nil {
		r.fail("unexpected table of ACLs: a snapshot has only one, before the nodes")
		return
	}
	r.table = make([][]ACL, d.count(1))
	for i := range r.table {
		if r.table[i] = d.acl(); !namesUsers(r.table[i]) {
			r.fail("the table of ACLs has an entry that is empty or has only the scheme world: " +
				"such ACLs do not belong in the table")
			return
		}
	}
}

// listed reads an ACL, which is written as its place in the table.
func (r *Restorer) listed(d *decoder) []ACL {
	place := d.uvarint()
	if place > uint64(len(r.table)) {
		r.fail("a node refers to an ACL that is not in the table")
		return nil
	}
	if place == 0 {
		return unlisted
	}
	return r.table[place-1]
}

// unlisted is the ACL of a node whose ACL was not in the table of a fuzzy snapshot. It permits
// nothing. The replay of the log replaces it before anybody reads the node.
var unlisted = []ACL{{Scheme: "unlisted"}}

// Unlisted reports whether the node's ACL is unknown: the fuzzy snapshot did not have it, and the
// transaction that sets it has not been replayed yet.
func (n *Node) Unlisted() bool { return len(n.acl) == 1 && &n.acl[0] == &unlisted[0] }

func (r *Restorer) readNode(d *decoder, kind byte) {
	shared := d.uvarint()
	suffix := d.take(d.uvarint())
	if shared > uint64(len(r.path)) {
		r.fail(fmt.Sprintf("a node's record says that its path shares %d bytes with the previous "+
			"path, but the previous path has only %d", shared, len(r.path)))
		return
	}
	n := r.newNode()
	n.path = r.path[:shared] + string(suffix)
	if n.data = d.data(); kind == recordUsers {
		n.acl = r.listed(d)
	} else {
		n.acl = d.acl()
	}
	n.czxid, n.mzxid, n.pzxid = d.zxid(), d.zxid(), d.zxid()
	n.ctime, n.mtime = d.varint(), d.varint()
	n.version, n.cversion, n.aversion = d.int32(), d.int32(), d.int32()
	n.owner = int64(d.uint64())
	if d.err != nil {
		return
	}
	var parent *Node
	if r.tree.root == nil {
		if n.path != "/" {
			r.fail("the first node is not the root")
			return
		}
		r.tree.root = n
	} else {
		up, _, ok := SplitPath(n.path)
		parent = r.tree.nodes[up]
		if !ok || parent == nil || r.tree.nodes[n.path] != nil || strings.Contains(n.path, "//") {
			r.fail("node " + n.path + ": its parent is missing, or the node is a duplicate")
			return
		}
	}
	r.nodes++
	r.path = n.path
	r.tree.insert(parent, n)
}

func (r *Restorer) readEnd(d *decoder) {
	sessions, nodes, sum := d.uvarint(), d.uvarint(), d.uint64()
	switch {
	case d.err != nil:
	case r.tree.root == nil:
		r.fail("the root node is missing")
	case sessions != r.sessions || nodes != r.nodes:
		r.fail("the snapshot does not have all the sessions and nodes that its end record counts")
	case sum != r.sum.sum():
		r.fail("the checksum is wrong")
	default:
		r.ended = true
	}
}
