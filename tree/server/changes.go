package server

import "github.com/zablab/zablab/tree"

// change is the state in which a proposed transaction will leave one path (ChangeRecord): requests
// are judged against the state in which they will be applied, not against the current one.
type change struct {
	path     string
	zxid     int64
	gone     bool // the path will have no node
	version  int32
	cversion int32 // internal: counts creates
	aversion int32
	children int32
	owner    int64
	acl      []tree.ACL
}

// changes are those of every transaction that is proposed and not yet applied (outstandingChanges),
// in the order of zxids, and the newest for each path.
type changes struct {
	list   []*change
	latest map[string]*change
}

// normal gives the root one name: a path cut before its last slash may be empty, which means "/".
func normal(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// lookup is the state of the node that path will have; ok is false if it will have none.
func (c *changes) lookup(t *tree.Tree, path string) (is change, ok bool) {
	path = normal(path)
	if r := c.latest[path]; r != nil {
		return *r, !r.gone
	}
	n := t.Node(path)
	if n == nil {
		return change{}, false
	}
	return change{
		path: path, version: n.Version(), cversion: n.CVersion(), aversion: n.AVersion(),
		children: int32(n.NumChildren()), owner: n.EphemeralOwner(), acl: n.ACL(),
	}, true
}

// add records what transaction zxid will make of a path.
func (c *changes) add(zxid int64, is change) {
	is.zxid = zxid
	r := &is
	c.list = append(c.list, r)
	c.latest[r.path] = r
}

// applied drops the changes up to zxid: the tree has them now.
func (c *changes) applied(zxid int64) {
	n := 0
	for n < len(c.list) && c.list[n].zxid <= zxid {
		if r := c.list[n]; c.latest[r.path] == r {
			delete(c.latest, r.path)
		}
		c.list[n] = nil
		n++
	}
	if c.list = c.list[n:]; len(c.list) == 0 {
		c.list = nil
	}
}

// rollback drops the changes that a multi recorded before one of its parts failed, and brings back
// those of earlier transactions for the same paths, parents included (ZOOKEEPER-1624).
func (c *changes) rollback(zxid int64) {
	n := len(c.list)
	for n > 0 && c.list[n-1].zxid == zxid {
		n--
	}
	undone := c.list[n:]
	c.list = c.list[:n]
	for _, r := range undone {
		delete(c.latest, r.path)
	}
	for _, r := range undone {
		if c.latest[r.path] != nil {
			continue
		}
		for i := n - 1; i >= 0; i-- {
			if c.list[i].path == r.path {
				c.latest[r.path] = c.list[i]
				break
			}
		}
	}
}
