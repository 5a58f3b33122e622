package client

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// Mark is what a program reports about itself at one moment: that it waits for a lock, that it
// holds the lock, or that it has taken an item. Nothing in the client depends on marks. After the
// run, a checker compares what the programs reported with the nodes that existed at that moment.
// The recipes of this package make marks; a program of your own calls [Proc.Mark].
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
	// Renews promises, of Holds of a Lease, that the program lets go when it has failed to renew
	// the lease, by writing the node Office, for that long by its client's clock.
	Renews sim.Time
}

// MarkKind is the kind of a mark, for example that the program waits for an office (a lock or a
// leadership), or holds it.
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

// Access says how a program holds a lock or a leadership: alone, shared with other readers, or as a
// lease.
type Access string

// These are the ways to hold a lock or a leadership. An exclusive holder excludes all other
// holders. A reader has shared access and excludes only exclusive holders. A lease excludes nobody:
// its holder decides by its own clock when the lease ends, so checkers do not compare its holder
// with other holders.
const (
	Exclusive Access = "exclusive"
	Shared    Access = "shared"
	Lease     Access = "lease"
)

// Mark reports to the client's [Hooks] what the program does with a recipe.
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

// Wait describes a program that waits for a watch to fire, without a time limit.
type Wait struct {
	Path string // that it watches
	Said Mark   // what it said last
}

// Waiting appends one Wait for each of the client's programs that waits for a watch without a time
// limit.
func (c *Client) Waiting(list []Wait) []Wait {
	for _, p := range c.procs {
		if w := p.waits; w != nil && !p.done && !w.fired && !w.ended {
			list = append(list, Wait{w.Path, p.said})
		}
	}
	return list
}

// Knows reports whether the given node is the one by which a program of the client holds a lock,
// leads, or waits in line. The client knows this from the [Mark]s of its programs.
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
