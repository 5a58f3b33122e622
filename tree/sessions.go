package tree

import (
	"cmp"
	"slices"
)

// Session is an entry of the replicated session table.
type Session struct {
	ID        int64
	TimeoutMs int32
}

// sessionTable is a list of the sessions, sorted by id. The ids that one server gives grow, so a
// new session goes to the end of that server's range.
type sessionTable struct{ list []Session }

func (s *sessionTable) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(s.list, id, func(e Session, id int64) int {
		return cmp.Compare(e.ID, id)
	})
}

// Session returns the timeout of a session in ms. ok is false if the tree has no such session.
func (t *Tree) Session(id int64) (timeoutMs int32, ok bool) {
	i, ok := t.sessions.find(id)
	if !ok {
		return 0, false
	}
	return t.sessions.list[i].TimeoutMs, true
}

// NumSessions returns the number of sessions in the session table.
func (t *Tree) NumSessions() int { return len(t.sessions.list) }

// AppendSessions appends the sessions of the session table, in the order of their ids.
func (t *Tree) AppendSessions(dst []Session) []Session { return append(dst, t.sessions.list...) }

func (t *Tree) openSession(id int64, timeoutMs int32) {
	entry := Session{id, timeoutMs}
	i, ok := t.sessions.find(id)
	if ok {
		t.digest -= hashSession(t.sessions.list[i])
		t.sessions.list[i] = entry
	} else {
		t.sessions.list = slices.Insert(t.sessions.list, i, entry)
	}
	t.digest += hashSession(entry)
}

func (t *Tree) endSession(id int64) {
	i, ok := t.sessions.find(id)
	if !ok {
		return
	}
	t.digest -= hashSession(t.sessions.list[i])
	t.sessions.list = slices.Delete(t.sessions.list, i, i+1)
}

// AppendEphemerals appends the paths of a session's ephemeral nodes, sorted.
func (t *Tree) AppendEphemerals(dst []string, session int64) []string {
	if o := t.owners[session]; o != nil {
		dst = append(dst, o.paths...)
	}
	return dst
}

// NumEphemerals returns the number of a session's ephemeral nodes.
func (t *Tree) NumEphemerals(session int64) int {
	if o := t.owners[session]; o != nil {
		return len(o.paths)
	}
	return 0
}

// owned has the paths of one session's ephemeral nodes. The session may be missing from the table:
// a fuzzy snapshot writes the sessions first, and may later meet a node of a newer session. The
// containers have such a list too, and the nodes with a time to live.
type owned struct{ paths []string }

func (t *Tree) own(n *Node) {
	if n.owner == 0 {
		return
	}
	key := ownerKey(n.owner)
	o := t.owners[key]
	if o == nil {
		o = &owned{}
		t.owners[key] = o
	}
	if i, ok := slices.BinarySearch(o.paths, n.path); !ok {
		o.paths = slices.Insert(o.paths, i, n.path)
	}
}

func (t *Tree) disown(n *Node) {
	key := ownerKey(n.owner)
	o := t.owners[key]
	if n.owner == 0 || o == nil {
		return
	}
	if i, ok := slices.BinarySearch(o.paths, n.path); ok {
		o.paths = slices.Delete(o.paths, i, i+1)
	}
	if len(o.paths) == 0 {
		delete(t.owners, key)
	}
}
