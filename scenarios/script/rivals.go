package script

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// A drawing of one client in a queue for a lock names nodes before its own that no line creates: a
// list is answered [n-3, n-5], and the client watches n-3. They belong to clients that are not
// drawn.

// rivals supplies the sequential nodes of clients that are not drawn. Where such a node is drawn as
// deleted, and no line deletes it, it is deleted there.
func (s *supplier) rivals() {
	if s.world.NoParents || s.strict {
		return
	}
	for _, q := range s.queues() {
		q.names = slices.DeleteFunc(q.names, func(name string) bool { return !q.ahead(name) })
		if len(q.names) == 0 || len(q.names) > mostRivals {
			continue
		}
		who := s.world.Cast.stranger()
		slices.SortFunc(q.names, byNumber)
		for _, name := range q.names {
			s.rival(q, who, name)
		}
		s.rivalsGo(q, who)
	}
}

// mostRivals is how many nodes of clients that are not drawn are supplied for one lock.
const mostRivals = 20

// queue is a series of sequential nodes, by their drawn names.
type queue struct {
	path  string
	first *Act            // the first drawn create
	own   map[string]*Act // the create of each node that a client of the drawing makes
	names []string        // that lines speak of
	at    map[string]int  // by name: the first line that speaks of it
}

// queues returns the series in which each drawn create has a drawn name.
func (s *supplier) queues() (list []*queue) {
	by := make(map[string]*queue)
	for _, a := range s.acts {
		if a.Kind != Call || a.Op.Type != tree.OpCreate2 || !a.Op.Flags.IsSequential() || a.Joint {
			continue
		}
		q := by[a.Op.Path]
		if q == nil {
			q = &queue{path: a.Op.Path, first: a, own: make(map[string]*Act),
				at: make(map[string]int)}
			by[a.Op.Path] = q
			list = append(list, q)
		}
		name := cmp.Or(a.named, s.shownName(a))
		if seriesOf(name) != q.path || name == q.path || q.own[name] != nil {
			name = "" // a node whose name is not known may be any
		}
		q.own[name] = a
	}
	list = slices.DeleteFunc(list, func(q *queue) bool { return q.own[""] != nil })
	for i, a := range s.acts {
		for _, path := range s.speaksOf(a) {
			if q := by[seriesOf(path)]; q != nil && path != q.path && !slices.Contains(q.names, path) &&
				len(q.names) <= mostRivals+len(q.own) {
				q.names = append(q.names, path)
				q.at[path] = i
			}
		}
	}
	return list
}

// shownName is the path of the node that the answer to a create shows, perhaps without its parent.
func (s *supplier) shownName(a *Act) string {
	r := s.answers[a]
	if r == nil || r.Reply.Outcome == WentWrong {
		return ""
	}
	if path := firstPath(r.words()); path != "" {
		return path
	}
	if len(r.Reply.Values) != 1 {
		return ""
	}
	return under(parentOf(a.Op.Path), r.Reply.Values[0])
}

// listed returns the paths of the nodes in a list of children.
func (a *Act) listed() (list []string) {
	for _, name := range a.Reply.Values {
		list = append(list, under(a.Of.Op.Path, strings.TrimPrefix(name, a.Of.Op.Path+"/")))
	}
	return list
}

// under is the path of a child.
func under(parent, name string) string {
	return strings.TrimSuffix(parent, "/") + "/" + strings.Trim(name, `"'`)
}

// speaksOf returns the paths of the nodes that an act shows to exist, or that it waits for to go.
func (s *supplier) speaksOf(a *Act) (list []string) {
	switch {
	case a.Kind == Reply && a.Of != nil && a.Of.Op.Type == tree.OpGetChildren2 && a.Lists():
		list = a.listed()
	case a.Kind == Call && a.Op.Watch && a.Op.Type != tree.OpGetChildren2:
		list = append(list, a.Op.Path)
	case a.Kind == Event && a.Notice.Event == tree.NodeDeleted:
		list = append(list, a.Notice.Path)
	}
	return list
}

// ahead says whether a name has a smaller number than all nodes that drawn clients make: such a
// node was there before them.
func (q *queue) ahead(name string) bool {
	for own := range q.own { // order: all count
		if byNumber(name, own) >= 0 {
			return false
		}
	}
	return true
}

// rival supplies a node before the first drawn create of its series.
func (s *supplier) rival(q *queue, who, name string) {
	at := q.first
	op := createOf(q.path, "")
	op.Flags = tree.Ephemeral | tree.PersistentSequential
	s.parents(at, q.path)
	at.Before = append(at.Before, Supply{Client: who, Op: op})
	at.beside("%s, a client that is not drawn, creates %s before this line", who, name)
}

// rivalsGo deletes the nodes of rivals where the drawing first says that they are gone.
func (s *supplier) rivalsGo(q *queue, who string) {
	for _, name := range q.names {
		for _, a := range s.acts[q.at[name]:] {
			deletes := a.Kind == Call && a.Op.Type == tree.OpDelete && a.Op.Path == name
			gone := a.Kind == Happening && a.Happening.What == NodeDeleted && a.Happening.Path == name ||
				a.Kind == Event && a.Notice.Event == tree.NodeDeleted && a.Notice.Path == name
			if deletes {
				break
			}
			if gone {
				op := tree.Op{Type: tree.OpDelete, Path: name, Version: tree.AnyVersion}
				a.Before = append(a.Before, Supply{Client: who, Op: op})
				a.beside("%s deletes %s before this line", who, name)
				break
			}
		}
	}
}

// byNumber compares two names of a series by their numbers.
func byNumber(a, b string) int {
	a, b = strings.TrimLeft(a[len(seriesOf(a)):], "0"), strings.TrimLeft(b[len(seriesOf(b)):], "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// stranger adds a client that a drawing supposes and does not show.
func (c *Cast) stranger() string {
	name := "Other"
	for _, taken := c.Roles[name]; taken; _, taken = c.Roles[name] {
		name += "0"
	}
	c.Roles[name] = Role{Kind: RoleClient, Label: name, Plays: true}
	c.index[name] = len(c.Order)
	c.Order = append(c.Order, name)
	return name
}
