package server

import (
	"slices"

	"github.com/zablab/zablab/tree"
)

// change is the state in which a proposed transaction will leave one path (ZooKeeper's
// ChangeRecord). The leader judges a request against the state in which the request's transaction
// will be applied, not against the current state.
type change struct {
	path     string
	zxid     int64
	gone     bool // the path will have no node
	version  int32
	cversion int32 // internal: counts creates
	aversion int32
	children int32
	owner    int64 // session
	idle     bool  // a container, or a node with a time to live
	acl      []tree.ACL
}

// changes has the changes of every transaction that is proposed and not yet applied (ZooKeeper's
// outstandingChanges), in the order of zxids, and the newest change of each path.
type changes struct {
	list   []*change
	latest map[string]*change
	free   []*change // memory of earlier ones, for later ones
}

// normal returns "/" for an empty path, and every other path unchanged: the parent of /a, cut
// before the last slash, is empty.
func normal(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// lookup returns the state of the node that path will have. ok is false if it will have no node.
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
		children: int32(n.NumChildren()), owner: n.EphemeralOwner(),
		idle: n.Transient(), acl: n.ACL(),
	}, true
}

// add records the state in which transaction zxid will leave a path.
func (c *changes) add(zxid int64, is change) {
	is.zxid = zxid
	r := new(change)
	if n := len(c.free); n > 0 {
		r, c.free = c.free[n-1], c.free[:n-1]
	}
	*r = is
	c.list = append(c.list, r)
	c.latest[r.path] = r
}

// applied drops the changes up to zxid, because the tree has them now.
func (c *changes) applied(zxid int64) {
	n := 0
	for n < len(c.list) && c.list[n].zxid <= zxid {
		r := c.list[n]
		if c.latest[r.path] == r {
			delete(c.latest, r.path)
		}
		c.free = append(c.free, r)
		n++
	}
	c.list = slices.Delete(c.list, 0, n)
}

// rollback drops the changes that a multi recorded before one of its parts failed. It brings back
// the changes of earlier transactions to the same paths, those of parents included
// (ZOOKEEPER-1624).
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
