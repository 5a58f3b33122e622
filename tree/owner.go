package tree

import "math"

// A node's owner is one of four things, as in ZooKeeper's EphemeralType:
//
//	0               a persistent node
//	a session's id  an ephemeral node
//	containerOwner  a container: the leader deletes it some time after its last child is gone
//	ttlOwner(ms)    a node with a time to live: the leader deletes it if it has no child, and the
//	                last setData, or else the create, is longer ago than that
//
// Clients see only a session's id ([Node.EphemeralOwner]).
const containerOwner int64 = math.MinInt64

// MaxTTL is the longest time to live of a node, in ms: about 35 years.
const MaxTTL int64 = 1<<40 - 1

// ttlPrefix has the upper 24 bits of the owner of a node with a time to live: the mark of
// ZooKeeper's extended types, and the number of the type, which is 0.
const ttlPrefix = 0xff0000

// ttlOwner returns the owner of a node with a time to live of 1 to [MaxTTL] ms.
func ttlOwner(ms int64) int64 { return int64(-1)<<56 | ms }

// ttlOf returns the time to live, in ms, that an owner stands for. ok is false if it stands for
// something else.
func ttlOf(owner int64) (ms int64, ok bool) {
	if uint64(owner)>>40 != ttlPrefix {
		return 0, false
	}
	return owner & MaxTTL, true
}

// ownerSession returns the session that an owner stands for, or 0 if it stands for none.
func ownerSession(owner int64) int64 {
	if _, ok := ttlOf(owner); ok || owner == containerOwner {
		return 0
	}
	return owner
}

// ownerKey returns the key of an owner in Tree.owners, which has one list of all nodes with a time
// to live.
func ownerKey(owner int64) int64 {
	if _, ok := ttlOf(owner); ok {
		return ttlOwner(0)
	}
	return owner
}

// HasTransient reports whether the tree has a container or a node with a time to live.
func (t *Tree) HasTransient() bool {
	return t.owners[containerOwner] != nil || t.owners[ttlOwner(0)] != nil
}

// AppendIdle appends the paths of the nodes that the leader may delete at the time nowMs of its
// wall clock. These are the containers that once had children and have no child now, and the nodes
// without children whose time to live is over (ContainerManager.getCandidates).
func (t *Tree) AppendIdle(dst []string, nowMs int64) []string {
	if o := t.owners[containerOwner]; o != nil {
		for _, path := range o.paths {
			if n := t.nodes[path]; len(n.children) == 0 && n.cversion > 0 {
				dst = append(dst, path)
			}
		}
	}
	if o := t.owners[ttlOwner(0)]; o != nil {
		for _, path := range o.paths {
			n := t.nodes[path]
			if ms, _ := ttlOf(n.owner); len(n.children) == 0 && nowMs-n.mtime > ms {
				dst = append(dst, path)
			}
		}
	}
	return dst
}
