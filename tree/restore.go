package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Restorer builds a tree from the chunks of a snapshot, in order, however they are cut. A
// snapshot that is damaged or lacks its end is an error, and no input makes it panic.
type Restorer struct {
	tree     *Tree
	rest     []byte // the beginning of a record whose end has not come
	signed   bool
	ended    bool
	started  bool   // the zxid record has been read
	path     string // of the last node
	lastID   int64
	sessions uint64
	nodes    uint64
	sum      mixer
	err      error
}

// NewRestorer begins with nothing.
func NewRestorer() *Restorer {
	return &Restorer{tree: &Tree{nodes: make(map[string]*Node), owners: make(map[int64]*owned)}}
}

var errSnapshot = errors.New("take another copy of the snapshot")

func (r *Restorer) fail(cause string) error {
	if r.err == nil {
		r.err = fmt.Errorf("restore snapshot: node %d after %q: %s: %w",
			r.nodes, r.path, cause, errSnapshot)
	}
	return r.err
}

// Add takes the next bytes. The chunk may be reused afterwards. Once it has failed it fails for
// ever.
func (r *Restorer) Add(chunk []byte) error {
	if r.err != nil {
		return r.err
	}
	// A copy, so that the tree's data can alias it.
	b := append(append(make([]byte, 0, len(r.rest)+len(chunk)), r.rest...), chunk...)
	if !r.signed {
		n := min(len(b), len(snapshotSignature))
		if string(b[:n]) != snapshotSignature[:n] {
			return r.fail("it does not begin as a snapshot")
		}
		if n < len(snapshotSignature) {
			r.rest = b
			return nil
		}
		r.signed, b = true, b[n:]
	}
	for len(b) > 0 {
		if r.ended {
			return r.fail("bytes after its end")
		}
		size, n := binary.Uvarint(b)
		if n < 0 || n > 0 && size == 0 {
			return r.fail("a record without a length")
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

// Finish gives the tree. Its LastProcessed is the snapshot's zxid: apply the log from there on
// before you trust it. The restorer must not be used afterwards.
func (r *Restorer) Finish() (*Tree, error) {
	if r.err != nil {
		return nil, r.err
	}
	if !r.ended {
		return nil, r.fail("it is cut off")
	}
	r.err = fmt.Errorf("restore snapshot: finished already: make a new restorer: %w", errSnapshot)
	return r.tree, nil
}

func (r *Restorer) read(record []byte) error {
	d := decoder{rest: record}
	kind := d.byte()
	if (kind == recordZxid) == r.started {
		return r.fail("records out of order")
	}
	switch kind {
	case recordZxid:
		r.started = true
		r.tree.lastProcessed = d.zxid()
	case recordSession:
		r.readSession(&d)
	case recordNode:
		r.readNode(&d)
	case recordEnd:
		r.readEnd(&d)
	default:
		return r.fail("a record of no known kind")
	}
	if r.err == nil && d.err != nil {
		return r.fail(d.err.Error())
	}
	if r.err == nil && len(d.rest) > 0 {
		return r.fail("bytes left over in a record")
	}
	r.sum.add(hashOf(record))
	return r.err
}

func (r *Restorer) readSession(d *decoder) {
	id := int64(d.uint64())
	if r.nodes > 0 || r.sessions > 0 && id <= r.lastID {
		r.fail("sessions out of order")
		return
	}
	r.sessions++
	r.lastID = id
	r.tree.openSession(id, d.int32())
}

func (r *Restorer) readNode(d *decoder) {
	shared := d.uvarint()
	suffix := d.text()
	if shared > uint64(len(r.path)) {
		r.fail("a path that shares more than there is")
		return
	}
	n := &Node{path: r.path[:shared] + suffix}
	n.data, n.acl = d.data(), d.acl()
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
			r.fail("it does not begin with the root")
			return
		}
		r.tree.root = n
	} else {
		up, _, ok := SplitPath(n.path)
		parent = r.tree.nodes[up]
		if !ok || parent == nil || r.tree.nodes[n.path] != nil || strings.Contains(n.path, "//") {
			r.fail("node " + n.path + " without its parent, or twice")
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
		r.fail("it has no root")
	case sessions != r.sessions || nodes != r.nodes:
		r.fail("records are missing")
	case sum != r.sum.sum():
		r.fail("its checksum is wrong")
	default:
		r.ended = true
	}
}
