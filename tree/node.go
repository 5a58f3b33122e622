package tree

import "slices"

// Node is one node of a tree. Do not keep a Node beyond the next [Tree.Apply], which may change it.
// You may keep its data and its ACL: Apply replaces them, and never changes their memory.
type Node struct {
	path     string
	data     []byte
	acl      []ACL
	parent   *Node
	children []*Node // by name

	czxid, mzxid, pzxid int64
	ctime, mtime        int64 // ms
	version             int32
	cversion            int32 // number of creates of children, ever
	aversion            int32
	owner               int64 // see owner.go

	// The hashes of the parts that are expensive to hash, so that a create does not hash its
	// parent's data.
	pathHash, dataHash, aclHash uint64
	hash                        uint64
}

// Path returns the node's full path.
func (n *Node) Path() string { return n.path }

// Name returns the last part of the path. It is empty for the root.
func (n *Node) Name() string {
	if n.parent == nil {
		return ""
	}
	if n.parent.parent == nil {
		return n.path[1:]
	}
	return n.path[len(n.parent.path)+1:]
}

// Data returns the node's data. Nil data and empty data are different values: a client that wrote
// nil reads nil, and a client that wrote empty data reads empty data.
func (n *Node) Data() []byte { return n.data }

// ACL returns the node's access list.
func (n *Node) ACL() []ACL { return n.acl }

// Parent returns the node's parent, or nil for the root.
func (n *Node) Parent() *Node { return n.parent }

// Version counts the setData operations since the create.
func (n *Node) Version() int32 { return n.version }

// CVersion returns how many children were ever created below the node. A sequential create takes
// its number from this count. Clients see another number, [Stat.Cversion], which also counts the
// deletes.
func (n *Node) CVersion() int32 { return n.cversion }

// AVersion counts the setACL operations since the create.
func (n *Node) AVersion() int32 { return n.aversion }

// EphemeralOwner returns the id of the session that owns the node, or 0 if no session owns it, as
// for a container. Clients see this value in the Stat (DataNode.getClientEphemeralOwner).
func (n *Node) EphemeralOwner() int64 { return ownerSession(n.owner) }

// Transient reports whether the node is a container or has a time to live, so that the leader may
// delete it without a request.
func (n *Node) Transient() bool { return n.owner != n.EphemeralOwner() }

// Czxid returns the zxid of the transaction that created the node.
func (n *Node) Czxid() int64 { return n.czxid }

// Mzxid returns the zxid of the last setData, or of the create if there was no setData.
func (n *Node) Mzxid() int64 { return n.mzxid }

// Pzxid returns the zxid of the transaction that last created or deleted a child of the node. If
// the node never had a child, it returns Czxid.
func (n *Node) Pzxid() int64 { return n.pzxid }

// NumChildren returns the number of the node's children.
func (n *Node) NumChildren() int { return len(n.children) }

// Child returns the i-th child, in the order of names.
func (n *Node) Child(i int) *Node { return n.children[i] }

// AppendChildren appends the names of the children, sorted by their bytes.
func (n *Node) AppendChildren(dst []string) []string {
	for _, c := range n.children {
		dst = append(dst, c.Name())
	}
	return dst
}

// Stat returns the node's metadata as clients see it (DataNode.copyStat). Cversion in it counts the
// created and the deleted children: if c children were created and n are left, Cversion is c +
// (c-n). For the root of a new tree, c is 0 and n is 1, because no transaction created /zookeeper,
// so Cversion is -1.
func (n *Node) Stat() Stat {
	children := int32(len(n.children))
	return Stat{
		Czxid: n.czxid, Mzxid: n.mzxid, Pzxid: n.pzxid,
		Ctime: n.ctime, Mtime: n.mtime,
		Version: n.version, Cversion: n.cversion*2 - children, Aversion: n.aversion,
		EphemeralOwner: n.EphemeralOwner(),
		DataLength:     int32(len(n.data)),
		NumChildren:    children,
	}
}

// find returns the index of the child with that name and true, or the index at which to insert such
// a child and false.
func (n *Node) find(name string) (int, bool) {
	// Sequential names grow, so most new children go to the end.
	if last := len(n.children) - 1; last >= 0 && n.children[last].Name() < name {
		return last + 1, false
	}
	low, high := 0, len(n.children)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if n.children[mid].Name() < name {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(n.children) && n.children[low].Name() == name
}

func (n *Node) link(child *Node) {
	child.parent = n
	i, _ := n.find(child.Name())
	n.children = slices.Insert(n.children, i, child)
}

func (n *Node) unlink(child *Node) {
	if i, ok := n.find(child.Name()); ok {
		n.children = slices.Delete(n.children, i, i+1)
	}
}
