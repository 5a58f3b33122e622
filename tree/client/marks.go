package client

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// Mark is what a program says of its recipe at one moment: that it waits for an office, holds it,
// or has taken an item. Nothing in the client depends on marks. They are evidence for a judge,
// which compares what programs say with the nodes that existed at that moment. The recipes of this
// package make their marks themselves; other programs call [Proc.Mark].
type Mark struct {
	Kind   MarkKind
	Office string // the path of the lock, election, queue or barrier
	Node   string // the program's own node, or the item; empty if there is none yet
	For    string // of Waits in a line: the earlier node whose end it waits for
	As     Access // how it holds or wants an office; zero for queues and barriers
	Token  int64  // the fencing token, of Holds; 0 without one
	Size   int    // of a barrier
	// Looks is, of Holds, the longest time, by the client's clock, that the program may work before
	// it checks whether it still holds the office; 0 if unknown. [Config].Looks is its default.
	Looks sim.Time
	// Attends promises, of Holds, that the program lets go in the step in which its client learns
	// that the session is over.
	Attends bool
	// Careful promises, of Holds, that the program lets go in the step in which its client loses its
	// connection.
	Careful bool
	// Line promises, of Holds, that the nodes below Office are numbered, that the program holds the
	// office only when no earlier one excludes it, and that it has a token.
	Line bool
	// ByAge promises, of Holds and Waits, that candidates have ephemeral nodes below Office, and that
	// the program holds the office only when no older one than its own exists (by the czxid).
	ByAge bool
	// Guards promises, of Holds, that only holders write the node at this path, that each write begins
	// with the decimal token of its holder, and that no write of an earlier holder follows one of a
	// later holder.
	Guards string
	// Renews promises, of Holds of a Lease, that the program lets go when it has tried in vain for
	// that long, by its client's clock, to renew the lease: to write the node Office.
	Renews sim.Time
}

// MarkKind is the kind of a mark, such as: the program waits, or holds an office.
type MarkKind uint8

// The kinds of marks.
const (
	Waits       MarkKind = iota + 1 // waits for an office
	Holds                           // believes from now on that it holds the office
	LetsGo                          // believes so no longer, or no longer waits
	Puts                            // begins to put an item into a queue
	HasPut                          // the item is in the queue
	PerhapsPut                      // the answer was lost: the item may be in the queue, once
	NotPut                          // the item is certainly not in the queue
	Takes                           // begins to wait for an item
	Took                            // has taken the item Node: nobody else gets it
	PerhapsTook                     // the answer was lost: it has taken Node, or others can
	Enters                          // begins to wait at a barrier
	Passes                          // has entered it, as have Size programs
	Leaves                          // begins to wait until all leave
	HasLeft                         // all have left, or want to
)

// Access says how an office is held.
type Access string

// How an office is held. An exclusive holder excludes all other holders; a reader excludes only
// exclusive holders. A lease excludes no holder: it ends by its holder's own clock, so the judge
// leaves leases out.
const (
	Exclusive Access = "exclusive"
	Shared    Access = "shared"
	Lease     Access = "lease"
)

// Mark reports to observers what the program does with a recipe.
func (p *Proc) Mark(m Mark) {
	p.live()
	if m.Kind == Holds && m.Looks == 0 {
		m.Looks = p.c.config.Looks
	}
	switch p.said = m; m.Kind {
	case Holds:
		p.held = append(p.held, m.Node)
	case LetsGo:
		p.held = slices.DeleteFunc(p.held, func(node string) bool { return node == m.Node })
	}
	if len(p.c.config.Is) > 0 {
		p.tell(&m)
	}
	p.c.hooks.Marked(p.c, p.id, m)
}

// Wait is a program that waits without a limit for a watch to fire.
type Wait struct {
	Path string // that it watches
	Said Mark   // what it said last
}

// Waiting appends the waits of the client's programs.
func (c *Client) Waiting(list []Wait) []Wait {
	for _, p := range c.procs {
		if w := p.waits; w != nil && !p.done && !w.fired && !w.ended {
			list = append(list, Wait{w.Path, p.said})
		}
	}
	return list
}

// Knows reports whether a program of the client holds an office by this node, or
// waits for an office with it.
func (c *Client) Knows(node string) bool {
	for _, p := range c.procs {
		if !p.done && (slices.Contains(p.held, node) || p.said.Kind == Waits && p.said.Node == node) {
			return true
		}
	}
	return false
}

// access is how a kind of ticket holds an office.
func access(kind string) Access {
	if kind == reader {
		return Shared
	}
	return Exclusive
}
