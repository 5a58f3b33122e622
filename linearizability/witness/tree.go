package witness

import (
	"fmt"
	"math"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// stamp is the zxid of a write: exact, or, if no reply has shown it, between two zxids, both
// excluded.
type stamp struct{ at, lo, hi lin.Zxid }

// value is the part of a node that changes.
type value struct {
	live    bool
	data    string
	version int32
	creates int32 // children ever created below this incarnation
	owner   lin.Session
	czxid   stamp
	mzxid   stamp

	acl      []lin.Grant // nil if everybody may do everything
	aversion int32
	pzxid    stamp // of the last create or delete of a child, or of the node's own create
}

// change is an entry in the diary of a node. The zxid of a floating change is not known: it is at
// most at.
type change struct {
	at       lin.Zxid
	kind     lin.EventKind
	floating bool
}

// happening is a change of a node, or of the list of its children.
type happening struct {
	change
	id   int32
	free bool // the end of a session made it: its nodes go in any order
}

// vertex is a path, and its node if it is live.
type vertex struct {
	value
	path    lin.Path
	parent  int32 // -1 for the root
	kids    []int32
	place   int32    // among its parent's kids
	changes []change // of the node: created, changed, deleted
	lists   []change // of the list of its children
}

// undo is what is needed to undo one step.
type undo struct {
	id      int32 // of a vertex, or -1: a session closed
	old     value
	session lin.Session
	logged  bool // a change was recorded
	listed  bool // and one of the parent's list
}

// world is the reference: a tree written from ZooKeeper's documentation. It is changed in place,
// keeps a diary of changes by zxid, and can go back.
type world struct {
	ids     map[lin.Path]int32
	nodes   []vertex
	closed  map[lin.Session]bool
	owned   map[lin.Session][]int32 // vertices that may be live ephemerals of the session
	diary   []happening             // everything that happened, in order
	journal []undo
	name    []byte
}

func newWorld(initial []lin.Node, closed []lin.Session, size int) *world {
	w := &world{
		ids: make(map[lin.Path]int32, size), nodes: make([]vertex, 0, size),
		closed: make(map[lin.Session]bool), owned: make(map[lin.Session][]int32),
	}
	root := w.id("/")
	w.nodes[root].live = true
	w.nodes[root].pzxid = stamp{lo: -1, hi: 1 << 62}
	for i := range initial {
		n := &initial[i]
		w.put(w.id(n.Path), value{live: true, data: n.Data, version: n.Version, creates: n.Creates,
			owner: n.Owner, acl: n.ACL, aversion: n.Aversion,
			czxid: known(n.Czxid), mzxid: known(n.Mzxid), pzxid: known(n.Pzxid)})
	}
	for _, s := range closed {
		w.closed[s] = true
	}
	w.journal = w.journal[:0]
	return w
}

// known returns the stamp of a zxid; 0 is that of a write before all others.
func known(z lin.Zxid) stamp {
	if z == 0 {
		return stamp{lo: -1, hi: 1 << 62}
	}
	return stamp{at: z}
}

// id returns the number of a path, and numbers the path and the paths above it if they are new.
func (w *world) id(p lin.Path) int32 {
	if i, ok := w.ids[p]; ok {
		return i
	}
	parent := int32(-1)
	if p != "/" {
		cut := strings.LastIndexByte(string(p), '/')
		parent = w.id(p[:max(cut, 1)])
	}
	i := int32(len(w.nodes))
	w.ids[p] = i
	w.nodes = append(w.nodes, vertex{path: p, parent: parent})
	return i
}

// put gives a vertex another value, and records how to undo this.
func (w *world) put(id int32, v value) *undo {
	n := &w.nodes[id]
	w.journal = append(w.journal, undo{id: id, old: n.value})
	w.swap(id, v)
	return &w.journal[len(w.journal)-1]
}

// swap keeps the lists of children and of ephemerals in step with the values.
func (w *world) swap(id int32, v value) {
	n := &w.nodes[id]
	if n.parent >= 0 && n.live != v.live {
		p := &w.nodes[n.parent]
		if v.live {
			n.place = int32(len(p.kids))
			p.kids = append(p.kids, id)
		} else {
			last := p.kids[len(p.kids)-1]
			p.kids[n.place] = last
			w.nodes[last].place = n.place
			p.kids = p.kids[:len(p.kids)-1]
		}
	}
	if v.live && v.owner != 0 && (!n.live || n.owner != v.owner) {
		w.owned[v.owner] = append(w.owned[v.owner], id)
	}
	n.value = v
}

// back undoes all steps after a mark, which is a length of the journal.
func (w *world) back(mark int) {
	for i := len(w.journal) - 1; i >= mark; i-- {
		u := &w.journal[i]
		if u.id < 0 {
			delete(w.closed, u.session)
			continue
		}
		n := &w.nodes[u.id]
		if u.logged {
			n.changes = n.changes[:len(n.changes)-1]
			w.diary = w.diary[:len(w.diary)-1]
		}
		if u.listed {
			p := &w.nodes[n.parent]
			p.lists = p.lists[:len(p.lists)-1]
			w.diary = w.diary[:len(w.diary)-1]
		}
		w.swap(u.id, u.old)
	}
	w.journal = w.journal[:mark]
}

// set gives a vertex another value, as put does, and adds the change to the diary.
func (w *world) set(id int32, v value, kind lin.EventKind, at stamp) {
	c := change{at: at.at, kind: kind}
	if c.at == 0 {
		c.at, c.floating = at.hi-1, true
	}
	u := w.put(id, v)
	u.logged = true
	n := &w.nodes[id]
	n.changes = append(n.changes, c)
	w.diary = append(w.diary, happening{change: c, id: id})
	if kind != lin.EventChanged && n.parent >= 0 {
		u.listed = true
		p := &w.nodes[n.parent]
		c.kind = lin.EventChildren
		p.lists = append(p.lists, c)
		w.diary = append(w.diary, happening{change: c, id: n.parent})
		if kind == lin.EventDeleted {
			above := p.value
			above.pzxid = at
			w.put(n.parent, above)
		}
	}
}

// answer is the reference's answer to an operation.
type answer struct {
	code lin.Code
	id   int32
	gone []int32
}

// do carries out a write or a read. A failure changes nothing.
func (w *world) do(op *lin.Operation, session lin.Session, at stamp) answer {
	switch op.Kind {
	case lin.Create:
		return w.create(op, session, at)
	case lin.CloseSession:
		return answer{id: -1, gone: w.closeSession(session, at)}
	case lin.Ephemerals:
		return answer{id: -1}
	case lin.SetACL:
		if _, ok := settle(op.ACL, op.Who); !ok {
			return answer{code: lin.InvalidACL, id: -1}
		}
	case lin.Delete:
		if code := w.mayChange(op, "d"); code != "" {
			return answer{code: code, id: -1}
		}
	}
	id, known := w.ids[op.Path]
	if !known || !w.nodes[id].live {
		return answer{code: lin.NoNode, id: -1}
	}
	n := &w.nodes[id]
	if perms := needs(op.Kind); perms != "" && !allows(n.acl, perms, op.Who) {
		return answer{code: lin.NotAuthorised, id: id}
	}
	switch op.Kind {
	case lin.SetACL:
		if op.Version != lin.AnyVersion && op.Version != n.aversion {
			return answer{code: lin.BadVersion, id: id}
		}
		v := n.value
		v.acl, _ = settle(op.ACL, op.Who)
		v.aversion = lin.NextVersion(v.aversion)
		w.put(id, v)
	case lin.Set, lin.Delete, lin.CheckVersion:
		if op.Version != lin.AnyVersion && op.Version != n.version {
			return answer{code: lin.BadVersion, id: id}
		}
	}
	switch op.Kind {
	case lin.Delete:
		if len(n.kids) > 0 {
			return answer{code: lin.NotEmpty, id: id}
		}
		w.set(id, value{}, lin.EventDeleted, at)
	case lin.Set:
		v := n.value
		v.data, v.mzxid = op.Data, at
		v.version = lin.NextVersion(v.version)
		w.set(id, v, lin.EventChanged, at)
	}
	return answer{id: id}
}

func (w *world) create(op *lin.Operation, session lin.Session, at stamp) answer {
	if op.Ephemeral && w.closed[session] {
		return answer{code: lin.SessionExpired, id: -1}
	}
	if op.Path == "/" && !op.Sequential {
		return answer{code: lin.NodeExists, id: 0}
	}
	acl, ok := settle(op.ACL, op.Who)
	if !ok {
		return answer{code: lin.InvalidACL, id: -1}
	}
	if code := w.mayChange(op, "c"); code != "" {
		return answer{code: code, id: -1}
	}
	above := w.above(op.Path)
	parent := &w.nodes[above]
	path := op.Path
	last := parent.creates == math.MaxInt32
	if op.Sequential {
		w.name = fmt.Appendf(append(w.name[:0], path...), "%010d", parent.creates)
		path = lin.Path(w.name)
		switch {
		case last && beyond(op):
			path = op.Result.Path
		case last && op.Code == lin.NodeExists:
			return answer{code: lin.NodeExists, id: above}
		}
	}
	id := w.id(path)
	parent = &w.nodes[above] // id may have moved the nodes
	switch {
	case w.nodes[id].live:
		return answer{code: lin.NodeExists, id: id}
	case parent.owner != 0:
		return answer{code: lin.NoChildrenForEphemerals, id: id}
	}
	if !last { // otherwise the counter stays, and with it the pzxid
		counted := parent.value
		counted.creates++
		counted.pzxid = at
		w.put(above, counted)
	}
	v := value{live: true, data: op.Data, czxid: at, mzxid: at, pzxid: at, acl: acl}
	if op.Ephemeral {
		v.owner = session
	}
	w.set(id, v, lin.EventCreated, at)
	return answer{id: id}
}

// beyond reports whether the name that a sequential create was given can be one that comes after
// the largest number: that number again or, while another such create is under way, a negative one.
func beyond(op *lin.Operation) bool {
	digits, ok := strings.CutPrefix(string(op.Result.Path), string(op.Path))
	return ok && (digits == "2147483647" || strings.HasPrefix(digits, "-214748"))
}

// above returns the vertex of a path's parent, or -1 if the parent does not exist.
func (w *world) above(path lin.Path) int32 {
	cut := strings.LastIndexByte(string(path), '/')
	above, known := w.ids[path[:max(cut, 1)]]
	if !known || !w.nodes[above].live {
		return -1
	}
	return above
}

// mayChange returns why the caller may not create or delete a child of the path's parent, or "".
func (w *world) mayChange(op *lin.Operation, perm string) lin.Code {
	switch above := w.above(op.Path); {
	case above < 0:
		return lin.NoNode
	case !allows(w.nodes[above].acl, perm, op.Who):
		return lin.NotAuthorised
	}
	return ""
}

func (w *world) closeSession(session lin.Session, at stamp) (gone []int32) {
	mark := len(w.diary)
	for _, id := range w.owned[session] {
		if n := &w.nodes[id]; n.live && n.owner == session {
			w.set(id, value{}, lin.EventDeleted, at)
			gone = append(gone, id)
		}
	}
	for i := mark; i < len(w.diary); i++ {
		w.diary[i].free = true
	}
	if !w.closed[session] {
		w.closed[session] = true
		w.journal = append(w.journal, undo{id: -1, session: session})
	}
	return gone
}
