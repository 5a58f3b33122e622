package tree

// Tree is one replica of the coordination state: the nodes, the session table and the zxid up
// to which transactions have been applied.
type Tree struct {
	nodes    map[string]*Node // for lookups only: the lists of children give the order
	root     *Node
	sessions sessionTable
	owners   map[int64]*owned
	watches  *Watches // nil if none are attached

	lastProcessed int64
	digest        uint64
}

// New returns the tree with which a new ensemble starts, as in DataTree's constructor: the root,
// /zookeeper, /zookeeper/quota and /zookeeper/config. Clients may only read /zookeeper/config
// (ZOOKEEPER-2014). The four nodes have zxid 0 and time 0, and the cversion of their parents does
// not count them.
func New() *Tree {
	t := &Tree{nodes: make(map[string]*Node), owners: make(map[int64]*owned)}
	t.root = t.addInitial("/", OpenACL)
	t.addInitial("/zookeeper", OpenACL)
	t.addInitial("/zookeeper/config", ReadACL).aversion = -1
	t.addInitial("/zookeeper/quota", OpenACL)
	t.rehash(t.nodes["/zookeeper/config"])
	return t
}

func (t *Tree) addInitial(path string, acl []ACL) *Node {
	n := &Node{path: path, data: []byte{}, acl: acl}
	parent, _, _ := SplitPath(path)
	t.insert(t.nodes[parent], n)
	return n
}

// Node returns the node at a path, or nil if the tree has no such node. An empty path means the
// root, as in ZooKeeper, whose servers do not check the paths of reads.
func (t *Tree) Node(path string) *Node {
	if path == "" {
		return t.root
	}
	return t.nodes[path]
}

// Root returns the root.
func (t *Tree) Root() *Node { return t.root }

// NumNodes returns the number of nodes, including the root and the nodes of /zookeeper.
func (t *Tree) NumNodes() int { return len(t.nodes) }

// NumDescendants returns the number of nodes below a path (getAllChildrenNumber). ok is false if
// the tree has no such node.
func (t *Tree) NumDescendants(path string) (n int, ok bool) {
	top := t.Node(path)
	if top == nil {
		return 0, false
	}
	if top == t.root {
		return len(t.nodes) - 1, true
	}
	return top.descendants(), true
}

func (n *Node) descendants() int {
	sum := len(n.children)
	for _, c := range n.children {
		sum += c.descendants()
	}
	return sum
}

// LastProcessed returns the zxid of the last transaction that was applied completely. During a
// replay over a fuzzy snapshot, the tree may already have effects of later transactions.
func (t *Tree) LastProcessed() int64 { return t.lastProcessed }

// Watch attaches the watches w to the tree: later transactions fire them. If w is nil, Watch
// detaches the watches.
func (t *Tree) Watch(w *Watches) { t.watches = w }

// insert adds a new node under its parent, which is nil for the root.
func (t *Tree) insert(parent, n *Node) {
	n.hashParts()
	n.hash = n.digest()
	t.digest += n.hash
	t.nodes[n.path] = n
	if parent != nil {
		parent.link(n)
	}
	t.own(n)
}

// remove removes a node and its descendants.
//
// In the order of the history a deleted node has no children. In a replay over a fuzzy snapshot it
// can have some, which were created later:
//
//	log        delete /a · create /a · create /a/b
//	snapshot           (starts before)           reads /a and /a/b here
//
// Replaying delete /a must remove /a/b too; create /a/b will bring it back. Otherwise /a/b would
// remain as a node that no list of children names.
func (t *Tree) remove(n *Node) {
	n.parent.unlink(n)
	t.forget(n)
}

func (t *Tree) forget(n *Node) {
	for _, c := range n.children {
		t.forget(c)
	}
	t.digest -= n.hash
	delete(t.nodes, n.path)
	t.disown(n)
}
