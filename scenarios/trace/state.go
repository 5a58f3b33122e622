package trace

import (
	"hash/fnv"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// State is the state of every node and of the network after the events applied so far.
type State struct {
	Nodes  []NodeState // in the order of the header
	Groups [][]string  // of a split network; empty if all links work
	index  map[string]int
}

// NodeState is the state of one node. The node's kind decides which fields are used.
type NodeState struct {
	Node
	Role     string
	Epoch    uint32
	Leader   string
	Acc, Cur uint32
	Durable  string
	Base     string
	Log      []Record
	Com      string
	Tree     []TreeChange // by path
	Watches  []string     // "path client", sorted
	Sessions []string     // "id client", sorted
	Belief   bool
	Server   string
}

// NewState returns the state before the first event.
func NewState(nodes []Node) *State {
	s := &State{index: make(map[string]int)}
	for i, n := range nodes {
		s.Nodes = append(s.Nodes, NodeState{Node: n})
		s.index[n.ID] = i
	}
	return s
}

// Find returns the state of one node, or nil if there is no such node.
func (s *State) Find(id string) *NodeState {
	if i, ok := s.index[id]; ok {
		return &s.Nodes[i]
	}
	return nil
}

// Apply changes the state as one event's patch says.
func (s *State) Apply(e *Event) {
	p := &e.Patch
	if p.Groups != nil {
		s.Groups = p.Groups
	}
	n := s.Find(e.N)
	if n == nil {
		return
	}
	if p.Role != "" {
		n.Role = p.Role
	}
	setNumber(&n.Epoch, p.Epoch)
	setNumber(&n.Acc, p.Acc)
	setNumber(&n.Cur, p.Cur)
	setWord(&n.Leader, p.Leader)
	setWord(&n.Durable, p.Durable)
	setWord(&n.Com, p.Com)
	setWord(&n.Server, p.Server)
	if p.Belief != nil {
		n.Belief = *p.Belief
	}
	n.log(p)
	n.tree(p)
	switch w := p.Watch; {
	case w == nil:
	case w.All:
		n.Watches = slices.DeleteFunc(n.Watches, func(line string) bool {
			return w.Client == "" || strings.HasSuffix(line, " "+w.Client)
		})
	default:
		n.Watches = keep(n.Watches, w.Path+" "+w.Client, w.Set)
	}
	for _, c := range p.Sess {
		n.Sessions = keep(n.Sessions, c.ID+" "+c.Client, c.Open)
	}
}

func setNumber(v, to *uint32) {
	if to != nil {
		*v = *to
	}
}

func setWord(v, to *string) {
	if to != nil {
		*v = *to
	}
}

func (n *NodeState) log(p *Patch) {
	if p.Log != nil {
		n.Log = append(n.Log, *p.Log)
	}
	if p.Reload != nil {
		n.Base, n.Log = p.Reload.Base, slices.Clone(p.Reload.Records)
	}
	if p.Trunc != nil {
		for len(n.Log) > 0 && follows(n.Log[len(n.Log)-1].Z, *p.Trunc) {
			n.Log = n.Log[:len(n.Log)-1]
		}
	}
}

// follows is true if zxid a is larger than zxid b.
func follows(a, b string) bool {
	ae, ac, _ := strings.Cut(a, "/")
	be, bc, _ := strings.Cut(b, "/")
	if ae != be {
		return larger(ae, be)
	}
	return larger(ac, bc)
}

// larger is true if a > b; both are decimal numbers without leading zeros.
func larger(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }

func (n *NodeState) tree(p *Patch) {
	if p.Wipe {
		n.Tree, n.Watches, n.Sessions = nil, nil, nil
	}
	for i := range p.Tree {
		c := p.Tree[i]
		at := sort.Search(len(n.Tree), func(k int) bool { return n.Tree[k].Path >= c.Path })
		there := at < len(n.Tree) && n.Tree[at].Path == c.Path
		switch {
		case c.Deleted && there:
			n.Tree = slices.Delete(n.Tree, at, at+1)
		case c.Deleted:
		case there:
			n.Tree[at] = c
		default:
			n.Tree = slices.Insert(n.Tree, at, c)
		}
	}
}

// keep adds line to a sorted list if the argument there is true, and removes it otherwise.
func keep(list []string, line string, there bool) []string {
	at, found := slices.BinarySearch(list, line)
	switch {
	case there && !found:
		return slices.Insert(list, at, line)
	case !there && found:
		return slices.Delete(list, at, at+1)
	}
	return list
}

// Canonical returns the state as JSON text. Equal states have equal texts.
func (s *State) Canonical() string {
	var b []byte
	b = appendGroups(append(b, `{"groups":`...), s.Groups)
	b = append(b, `,"nodes":[`...)
	for i := range s.Nodes {
		b = s.Nodes[i].append(comma(b, i))
	}
	return string(append(b, "]}"...))
}

func (n *NodeState) append(b []byte) []byte {
	b = text(append(b, `{"id":`...), n.ID)
	b = text(append(b, `,"role":`...), n.Role)
	b = strconv.AppendUint(append(b, `,"ep":`...), uint64(n.Epoch), 10)
	b = text(append(b, `,"ldr":`...), n.Leader)
	b = strconv.AppendUint(append(b, `,"acc":`...), uint64(n.Acc), 10)
	b = strconv.AppendUint(append(b, `,"cur":`...), uint64(n.Cur), 10)
	b = text(append(b, `,"durable":`...), n.Durable)
	b = text(append(b, `,"base":`...), n.Base)
	b = append(b, `,"log":[`...)
	for i := range n.Log {
		b = text(comma(b, i), n.Log[i].Z)
	}
	b = text(append(b, `],"com":`...), n.Com)
	b = (&Patch{Tree: n.Tree}).appendTree(append(b, `,"tree":`...))
	b = texts(append(b, `,"watch":`...), n.Watches)
	b = texts(append(b, `,"sess":`...), n.Sessions)
	b = strconv.AppendBool(append(b, `,"lead":`...), n.Belief)
	b = text(append(b, `,"srv":`...), n.Server)
	return append(b, '}')
}

// Hash returns the 64-bit FNV-1a hash of the canonical text, in hexadecimal.
func (s *State) Hash() string {
	h := fnv.New64a()
	h.Write([]byte(s.Canonical()))
	return hex16(h.Sum64())
}
