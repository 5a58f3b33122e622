package ensemble

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Stuck returns the name of a client whose program waits, without a timeout, for an event that
// cannot come or that has come already, and says what it waits for. Both results are empty if there
// is no such client. Right after a change of a node, Stuck may name a client whose watch event is
// still on its way.
func (e *Ensemble) Stuck() (name, why string) {
	l := e.Leader()
	if l == nil {
		return "", ""
	}
	var waits []client.Wait
	for _, c := range e.clients {
		p := c.Program()
		if p == nil {
			continue
		}
		waits = p.Waiting(waits[:0])
		if why := forGood(p, len(waits)); why != "" {
			return c.Name, why
		}
		for i := range waits {
			if why := e.inVain(l.Tree(), c, &waits[i]); why != "" {
				return c.Name, why
			}
		}
	}
	return "", ""
}

// forGood says why a client that does nothing more of its own accord waits for ever; empty if it
// does not. waits is how many of its programs wait for a watch.
func forGood(p *client.Client, waits int) string {
	switch {
	case p.Declares(): // what programs of others wait for is their business
	case p.Finished() && waits > 0:
		return "for an event, although all its programs have returned"
	case p.Finished() || p.Deadline() != sim.Never:
	case p.State().Final():
		return "although its session is over"
	case p.Server() == 0:
		return "for a connection, but does not try to connect to any server"
	}
	return ""
}

// inVain says why a wait is in vain, by the leader's tree; empty if it is not.
func (e *Ensemble) inVain(t *tree.Tree, c *Client, w *client.Wait) string {
	parent, base, _ := tree.SplitPath(w.Path)
	exists := t.Node(w.Path) != nil
	if ok, _ := client.Ticket(base); ok {
		if !exists { // numbers are not reused
			return fmt.Sprintf("for the deletion of %s, which does not exist", w.Path)
		}
		return e.orphan(t, w.Path)
	}
	m := &w.Said
	switch {
	case m.Kind == client.Waits && (m.Office == w.Path || m.For == w.Path):
		if !exists {
			return fmt.Sprintf("for the deletion of %s, which does not exist", w.Path)
		} else if m.Office == w.Path && t.Node(w.Path).EphemeralOwner() == c.Session() {
			return fmt.Sprintf("for the deletion of %s, which is the program's own node", w.Path)
		}
		return e.orphan(t, w.Path)
	case m.Kind == client.Takes && m.Office == w.Path:
		if n := count(t, w.Path, "item-"); n > 0 {
			return fmt.Sprintf("for an item of the queue %s, although the queue is not empty (items: %d)",
				w.Path, n)
		}
	case m.Kind == client.Enters && m.Node == w.Path:
		if !exists {
			return fmt.Sprintf("for the deletion of %s, which does not exist", w.Path)
		}
	case m.Kind == client.Enters && m.Office == parent:
		if exists {
			return fmt.Sprintf("for %s to be created, although the node exists already", w.Path)
		} else if n := count(t, parent, ""); n >= m.Size {
			return fmt.Sprintf("for %s to be created, although enough programs (%d) have "+
				"entered the barrier %s", w.Path, n, parent)
		}
	case m.Kind == client.Leaves && m.Office == w.Path:
		if n := t.Node(m.Node); n != nil && n.EphemeralOwner() == c.Session() {
			return fmt.Sprintf("for the other programs to leave the barrier %s, although the "+
				"node of %s is still in the barrier", w.Path, c.Name)
		}
		if count(t, w.Path, "") == count(t, w.Path, "ready") {
			return fmt.Sprintf("for the other programs to leave the barrier %s, but no other program is "+
				"in it", w.Path)
		}
	}
	return ""
}

// count counts the children of a node whose names have a prefix.
func count(t *tree.Tree, path, prefix string) (n int) {
	node := t.Node(path)
	if node == nil {
		return 0
	}
	for i := range node.NumChildren() {
		if strings.HasPrefix(node.Child(i).Name(), prefix) {
			n++
		}
	}
	return n
}

// orphan says whether a node belongs to a living client of which no program knows the node.
// Programs that declare what they are need not say which nodes they know.
func (e *Ensemble) orphan(t *tree.Tree, node string) string {
	owner := t.Node(node).EphemeralOwner()
	c := e.Client(e.ClientOf(owner))
	if c == nil || !c.Connected() || c.Session() != owner || c.Program().Knows(node) ||
		c.Program().Declares() {
		return ""
	}
	return fmt.Sprintf("for the deletion of %s, which nobody will delete: the session of %s "+
		"created this node, but no program of %[2]s knows of it", node, c.Name)
}
