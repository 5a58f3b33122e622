package ensemble

import (
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab/flaw"
)

// recipes holds the recipes of package client to what they promise (ZAB.md C.VI). They are client
// code: a server can be right and its client wrong.
//
//	NoHerd         the end of one ticket of an exclusive line wakes one client at most (H1)
//	fencing        a resource takes no token older than one that it has seen; by the witness (H2)
//	NoStuckWaiter  nobody waits for the end of a ticket that is gone already (H3), see [Ensemble.Stuck]
//	Registration   who believes in itself because of a node has made it in this session (H4)
//	OneTicket      a session has no two tickets in one line: of the first nobody knows (H5)
type recipes struct {
	ephemerals map[made]bool // made, whether they are there still
	tickets    map[made]int  // in the line below a path
	owners     map[string]int64
	woken      map[string]string // by ticket: the client that its end woke first
	fences     map[string]*client.Fence
	accesses   []lin.Access
	refused    int
}

// made is a node of a session, or a line that it stands in.
type made struct {
	path    string
	session int64
}

// made notes an ephemeral node.
func (r *recipes) made(e *Ensemble, path string, session int64) {
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
	c := e.Client(e.ClientOf(session))
	if c == nil || c.Program() == nil || c.Session() != session {
		return // nobody is there who could know of it
	}
	if n, own := r.tickets[at], c.Program().Queuing(line); n > max(own, 1) {
		e.broken("OneTicket", "session %x of %s has %d tickets in the line below %s, and one program there: %s is one too many",
			session, c.Name, n, line, path)
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

// believes is asked when a program of c has come to believe that it leads.
func (r *recipes) believes(e *Ensemble, c *client.Client) {
	if path := c.Office(); path != "" && !r.ephemerals[made{path, c.Session()}] {
		e.broken("Registration", "%s believes that it leads because of %s, which its session %x has never made",
			c.Name(), path, c.Session())
	}
}

// woke notes whom the end of a ticket has woken.
func (r *recipes) woke(e *Ensemble, name string, event tree.WatchEvent) {
	if event.Type != tree.NodeDeleted {
		return
	}
	_, base, _ := tree.SplitPath(event.Path)
	if _, exclusively := client.Ticket(base); !exclusively {
		return
	}
	first, again := r.woken[event.Path]
	if again && first != name {
		e.broken("NoHerd", "the end of %s wakes %s, and has woken %s: one release, one waiter", event.Path, name, first)
		return
	}
	if r.woken != nil {
		r.woken[event.Path] = name
	}
}

// use is a write to a resource that is fenced.
func (r *recipes) use(e *Ensemble, name, resource string, token int64) bool {
	if r.fences == nil {
		r.fences = make(map[string]*client.Fence)
	}
	f := r.fences[resource]
	if f == nil {
		f = new(client.Fence)
		r.fences[resource] = f
	}
	taken := f.Admit(token) || e.config.Flaw == flaw.NoFence
	if !taken {
		r.refused++
	}
	r.accesses = append(r.accesses, lin.Access{
		Client: lin.Client(name), Resource: resource, Fenced: true, At: int64(e.World.Now()), Token: token, Accepted: taken,
	})
	return taken
}

// Stuck is a client whose program waits for the end of a ticket that is not in the tree of the leader, and
// that ticket: tickets never come again. Right after the end there are some, until the word gets round.
func (e *Ensemble) Stuck() (name, path string) {
	l := e.Leader()
	if l == nil {
		return "", ""
	}
	var paths []string
	for _, c := range e.clients {
		p := c.Program()
		if p == nil {
			continue
		}
		for _, path := range p.Waiting(paths[:0]) {
			_, base, _ := tree.SplitPath(path)
			if ok, _ := client.Ticket(base); ok && l.Tree().Node(path) == nil {
				return c.Name, path
			}
		}
	}
	return "", ""
}
