package linearizability

import (
	"slices"
	"strings"
)

// node is a znode in a model. It is never changed.
type node struct {
	path    Path
	data    string
	version int32
	owner   Session // of an ephemeral node
	creates int32   // children ever created, if sequential names are asked for here
	czxid   Zxid    // 0 until an operation has shown it
	mzxid   Zxid
	hash    uint64
}

// state is a tree. It is not changed once an operation has made it, because porcupine goes back to
// earlier states. While an operation makes it, or if nobody goes back, it is the walker's own: then
// put, remove and close change it.
type state struct {
	nodes  []*node // in order of their paths
	closed []Session
	hash   uint64 // the sum of all nodes' hashes, so that a change updates it
}

func (n *node) seal() *node {
	h := hash(0, string(n.path))
	h = hash(h, n.data)
	h = mix(h ^ uint64(uint32(n.version))<<32 ^ uint64(uint32(n.creates)))
	h = mix(h ^ uint64(n.owner))
	h = mix(h ^ uint64(n.czxid))
	h = mix(h ^ uint64(n.mzxid))
	n.hash = h
	return n
}

func hash(h uint64, s string) uint64 {
	h ^= 0xcbf29ce484222325
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return mix(h ^ uint64(len(s)))
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// find returns the index of the node at a path, or the index at which to insert it.
func (s *state) find(p Path) (int, *node) {
	i, ok := slices.BinarySearchFunc(s.nodes, p, func(n *node, p Path) int {
		return strings.Compare(string(n.path), string(p))
	})
	if !ok {
		return i, nil
	}
	return i, s.nodes[i]
}

// put returns the state with one node added, or replaced. It changes s if s is the caller's own.
func (s *state) put(n *node, own bool) *state {
	n.seal()
	i, old := s.find(n.path)
	if own {
		if old == nil {
			s.nodes = slices.Insert(s.nodes, i, n)
		} else {
			s.nodes[i] = n
			s.hash -= old.hash
		}
		s.hash += n.hash
		return s
	}
	next := &state{closed: s.closed, hash: s.hash + n.hash}
	next.nodes = make([]*node, 0, len(s.nodes)+1)
	next.nodes = append(append(next.nodes, s.nodes[:i]...), n)
	if old != nil {
		next.hash -= old.hash
		i++
	}
	next.nodes = append(next.nodes, s.nodes[i:]...)
	return next
}

// replace replaces the node at a path, in a state that is not shared yet.
func (s *state) replace(n *node) {
	n.seal()
	i, old := s.find(n.path)
	s.hash += n.hash - old.hash
	s.nodes[i] = n
}

// remove returns the state without the node at i. It changes s if s is the caller's own.
func (s *state) remove(i int, own bool) *state {
	if own {
		s.hash -= s.nodes[i].hash
		s.nodes = slices.Delete(s.nodes, i, i+1)
		return s
	}
	next := &state{closed: s.closed, hash: s.hash - s.nodes[i].hash}
	next.nodes = make([]*node, 0, len(s.nodes)-1)
	next.nodes = append(append(next.nodes, s.nodes[:i]...), s.nodes[i+1:]...)
	return next
}

// descendants returns the nodes below p.
func (s *state) descendants(p Path) []*node {
	prefix := p.below()
	i, _ := s.find(prefix)
	if i < len(s.nodes) && s.nodes[i].path == p { // the root is its own prefix
		i++
	}
	end := i
	for end < len(s.nodes) && strings.HasPrefix(string(s.nodes[end].path), string(prefix)) {
		end++
	}
	return s.nodes[i:end]
}

// empty reports whether p has no children.
func (s *state) empty(p Path) bool {
	prefix := p.below()
	i, _ := s.find(prefix)
	if i < len(s.nodes) && s.nodes[i].path == p {
		i++
	}
	return i == len(s.nodes) || !strings.HasPrefix(string(s.nodes[i].path), string(prefix))
}

// children returns the names of the children of p, in order.
func (s *state) children(p Path) []string {
	var names []string
	cut := len(p.below())
	for _, n := range s.descendants(p) {
		if name := string(n.path[cut:]); !strings.Contains(name, "/") {
			names = append(names, name)
		}
	}
	return names
}

// close returns the state with a session closed, and the nodes that were deleted with it.
func (s *state) close(session Session) (*state, []Path) {
	next := &state{closed: s.closed, hash: s.hash, nodes: make([]*node, 0, len(s.nodes))}
	var gone []Path
	for _, n := range s.nodes {
		if n.owner == session {
			gone = append(gone, n.path)
			next.hash -= n.hash
		} else {
			next.nodes = append(next.nodes, n)
		}
	}
	if i, ok := slices.BinarySearch(s.closed, session); !ok {
		next.closed = slices.Insert(slices.Clone(s.closed), i, session)
		next.hash += mix(uint64(session))
	}
	return next, gone
}

func (s *state) isClosed(session Session) bool {
	_, ok := slices.BinarySearch(s.closed, session)
	return ok
}

func (s *state) equal(t *state) bool {
	if s == t {
		return true
	}
	if s.hash != t.hash || len(s.nodes) != len(t.nodes) || !slices.Equal(s.closed, t.closed) {
		return false
	}
	for i, n := range s.nodes {
		if m := t.nodes[i]; n != m && *n != *m {
			return false
		}
	}
	return true
}
