package script

import "github.com/zablab/zablab/tree"

// callbacks are the methods by which recipes such as Curator's LeaderLatch and LeaderSelector tell
// an application of its office. Drawings show them as arrows of the ensemble, which sends none: a
// recipe lists the children and looks where its own node stands.
//
// Source: Curator's LeaderLatch.checkLeadership, LeaderLatchListener, LeaderSelectorListener.
var (
	gainsOffice = lexiconOf([]string{"isleader", "takeleadership"})
	losesOffice = lexiconOf([]string{"notleader"})
)

// callback reads an arrow that tells a client whether it has the lock or leads. The client has made
// a sequential node: it lists the children of the node's parent, and its node is the first of them,
// or is not.
func (c *compiler) callback(a *Act, l line) bool {
	create := c.creates[a.To]
	leads, trails := gainsOffice.in(l.words), losesOffice.in(l.words)
	if leads == trails || create == nil || !create.Op.Flags.IsSequential() || c.script.strict ||
		l.cross || c.scene.world.Runs(a.To) {
		return false
	}
	for i := range l.words {
		if startsIn(l.words[i:], gainsOffice) && denied(l.words, i) {
			return false
		}
	}
	if leads && c.queued[a.To] {
		c.heard = c.add(&Act{Pos: a.Pos, From: a.From, To: a.To, Text: a.Text, Kind: Event,
			Notice: Notice{Event: tree.NodeDeleted}}, a.Pos, nil)
		c.heard.told("%s is notified, and its recipe then lists the children "+
			"again", c.cast.Drawn(a.To))
		delete(c.queued, a.To)
	}
	a.Kind, a.From, a.To = Call, a.To, a.From
	a.Op = tree.Op{Type: tree.OpGetChildren2, Path: parentOf(create.Op.Path),
		Version: tree.AnyVersion}
	a.Reply, a.Claims, a.sibling, a.Trails = Answer{Outcome: WentWell}, true, create, trails
	caller, first := a.From, "is first in the list"
	if trails {
		first = "is not first in the list"
	}
	a.told("this arrow is read as a call: %s lists the children, as the recipe does, and the "+
		"client's own node %s",
		caller, first)
	return true
}

// queues returns the call after a callback that says that a client is not the first: its recipe
// watches the node before its own.
func (c *compiler) queues(a *Act) *Act {
	c.queued[a.From] = true
	w := &Act{Pos: a.Pos, From: a.From, To: a.To, Text: a.Text, Kind: Call, Op: watchOf(""),
		noted: true, sibling: a.sibling, ahead: true, end: a.To}
	return c.add(w, a.Pos, nil)
}

// predecessor is the last sequential node above a line that another client has made below the same
// parent; empty if there is none.
func (s *supplier) predecessor(i int, a *Act) string {
	parent := parentOf(a.sibling.Op.Path)
	for k := i - 1; k >= max(0, i-reach); k-- {
		b := s.acts[k]
		if b.Kind == Call && b.Op.Type == tree.OpCreate2 && b.Op.Flags.IsSequential() &&
			b != a.sibling && b.From != a.From && parentOf(b.Op.Path) == parent {
			return s.owned(b.From, i)
		}
	}
	return ""
}
