package audit

import (
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// recipes is the state of the checks of package client's recipes: locks, elections and queues.
type recipes struct {
	ephemerals map[made]bool // that were ever made
	tickets    map[made]int  // of a session, in the line below a path
	owners     map[string]int64
	woken      map[string]string // by ticket: the client that its end woke first
}

// made is a node of a session, or the parent of the nodes with which the session queues.
type made struct {
	path    string
	session int64
}

// tickets notes which nodes a transaction makes and deletes.
func (a *Audit) tickets(session int64, body tree.Body) {
	switch b := body.(type) {
	case *tree.CreateTxn:
		if b.Ephemeral {
			a.made(b.Path, session)
		}
	case *tree.DeleteTxn:
		a.recipes.gone(b.Path)
	case *tree.CloseSessionTxn:
		for _, path := range b.Paths {
			a.recipes.gone(path)
		}
	case *tree.MultiTxn:
		for i := range b.Txns {
			a.tickets(session, b.Txns[i].Body)
		}
	}
}

// made notes an ephemeral node.
//
// OneTicket (hazard H5 of package client): a session has one ticket per program in a line. A second
// one is known to no program, so none deletes it, and the line stops there. If the programs declare
// what they are, each may wait in any line without this package's recipes.
func (a *Audit) made(path string, session int64) {
	r := &a.recipes
	if r.ephemerals == nil {
		r.ephemerals, r.tickets = make(map[made]bool), make(map[made]int)
		r.owners, r.woken = make(map[string]int64), make(map[string]string)
	}
	r.ephemerals[made{path, session}] = true
	line, name, _ := tree.SplitPath(path)
	if ok, _ := client.Ticket(name); !ok {
		return
	}
	r.owners[path] = session
	at := made{line, session}
	r.tickets[at]++
	owner := a.run.ClientOf(session)
	c, own := a.run.Client(owner)
	if c == nil || own != session {
		return // no program is left that could know of it
	}
	most := c.Queuing(line)
	if c.Declares() {
		most = max(most, c.Programs())
	}
	if n := r.tickets[at]; n > max(most, 1) {
		a.broken(OneTicket,
			"session %x of %s has %d sequential nodes below %s, but only %d waiting programs: "+
				"the node %s is one too many",
			session, owner, n, line, most, path)
	}
}

// gone notes the end of a node.
func (r *recipes) gone(path string) {
	session, ok := r.owners[path]
	if !ok {
		return
	}
	delete(r.owners, path)
	line, _, _ := tree.SplitPath(path)
	r.tickets[made{line, session}]--
}

// Believes reports to the audit that a program of client c now believes that it leads.
//
// Believes checks Registration (hazard H4 of package client): if the program leads because it holds
// an ephemeral node, the client's current session created that node.
func (a *Audit) Believes(c *client.Client) {
	path := c.Office()
	if path != "" && !a.recipes.ephemerals[made{path, c.Session()}] {
		a.broken(Registration,
			"%s believes that it leads because of %s, which its session %x never created",
			c.Name(), path, c.Session())
	}
}

// Woke reports to the audit that a client has received a watch event.
//
// Woke checks NoHerd (hazard H1 of package client). In an exclusive lock or an election, each
// waiting client has a numbered node, its ticket. When a ticket is deleted, at most one client is
// notified. Clients whose program declares its own recipe (package recipe) are not checked.
func (a *Audit) Woke(name string, event tree.WatchEvent) {
	if event.Type != tree.NodeDeleted {
		return
	}
	if c, _ := a.run.Client(name); c != nil && c.Declares() {
		return
	}
	_, base, _ := tree.SplitPath(event.Path)
	if _, exclusively := client.Ticket(base); !exclusively {
		return
	}
	woken := a.recipes.woken
	if first, again := woken[event.Path]; again && first != name {
		a.broken(NoHerd,
			"the deletion of %s wakes %s, but has already woken %s: a release must wake only one "+
				"waiter",
			event.Path, name, first)
		return
	}
	if woken != nil {
		woken[event.Path] = name
	}
}
