package audit

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// manners is how one life of a client behaves towards servers, and what its library promises to its
// programs.
type manners struct {
	sent   sim.Time // when the client sent a message last, by its own clock
	packed int      // bytes of paths in the last setWatches of this step; -1 before
	linked bool     // before this step: the client had a connection, or was opening one
	up     bool     // before this step: a server had confirmed the session

	unsent  []*client.Call // that a library may drop
	dropped []*client.Call // that it has dropped
	alone   sim.Time       // since when the client is Disconnected; -1 otherwise
	due     sim.Time       // when its library must end the session
}

// mostPaths is the most bytes of paths that a client puts into one setWatches (ZOOKEEPER-706): the
// default of [client.Config].SetWatchesMax.
const mostPaths = 128 << 10

// before notes what is so before a step.
func (n *manners) before(c *clientConduct) {
	n.packed = -1
	n.linked = c.client.Server() != 0
	n.up = c.up && n.linked
}

// sends checks a message of a client.
//
// It checks SparesMessages: a client pings only when it has sent nothing for a third of the session
// timeout, and needs no two setWatches whose paths fit into one. It checks AsksAsItIs: CONNECT says
// which session the client has and what it has seen. (Step checks that a client whose session is
// over, and that opens no new one, has no connection.) And it checks KeepsQueue: a call that has
// failed is not sent later.
func (c *clientConduct) sends(now sim.Time, msg sim.Message) {
	n := &c.manners
	switch m := msg.(type) {
	case *tree.ConnectRequest:
		switch {
		case m.SessionID != c.client.Session():
			c.a.broken(AsksAsItIs, "%s asks for session %x at %s, but has session %x", c.m.Name,
				m.SessionID, c.a.world.Now().Seconds(), c.client.Session())
		case m.SessionID == 0 && m.LastZxidSeen != 0:
			c.a.broken(AsksAsItIs, "%s asks for a new session at %s, but its ConnectRequest has "+
				"the lastZxidSeen %s: it must be 0",
				c.m.Name, c.a.world.Now().Seconds(), tree.FormatZxid(m.LastZxidSeen))
		case m.SessionID == 0 && len(m.Passwd) > 0:
			c.a.broken(AsksAsItIs, "%s asks for a new session at %s, but its ConnectRequest has "+
				"a password: a request for a new session must have none", c.m.Name,
				c.a.world.Now().Seconds())
		}
	case *tree.Request:
		switch {
		case m.SetWatches != nil:
			c.setsWatches(m)
			c.packs(m.SetWatches)
		case m.Xid == tree.XidPing && now < n.sent+c.client.Timeout()/3:
			c.a.broken(SparesMessages, "%s pings at %s, only %s after its last message: a client "+
				"pings when it has sent nothing for %s, a third of the session timeout", c.m.Name,
				c.a.world.Now().Seconds(), (now - n.sent).Seconds(),
				(c.client.Timeout() / 3).Seconds())
		case len(n.dropped) > 0 && slices.ContainsFunc(n.dropped, func(d *client.Call) bool {
			return &d.Request == m
		}):
			c.a.broken(KeepsQueue, "%s sends a %s at %s, although it has already told its "+
				"program that this request failed and was not sent",
				c.m.Name, m.Type, c.a.world.Now().Seconds())
		}
	}
	n.sent = now
}

// packs checks SparesMessages for a setWatches. It also checks SetsWatches: one request has no more
// paths than servers take.
func (c *clientConduct) packs(w *tree.SetWatches) {
	size := 0
	for _, paths := range [][]string{w.Data, w.Exist, w.Child, w.Persistent, w.Recursive} {
		for _, path := range paths {
			size += 4 + len(path)
		}
	}
	if n := len(w.Data) + len(w.Exist) + len(w.Child) + len(w.Persistent) + len(w.Recursive); n > 1 &&
		size > mostPaths {
		c.a.broken(SetsWatches, "%s sets %d watches again with one request at %s, with %d bytes of "+
			"paths: one request may have at most %d bytes of paths", c.m.Name, n,
			c.a.world.Now().Seconds(), size, mostPaths)
	}
	if n := &c.manners; n.packed >= 0 && n.packed+size <= mostPaths {
		c.a.broken(SparesMessages, "%s sets its watches again at %s with two requests, which "+
			"have %d and %d bytes of paths, although one request may have up to %d bytes of "+
			"paths: one request is enough", c.m.Name,
			c.a.world.Now().Seconds(), n.packed, size,
			mostPaths)
	}
	c.manners.packed = size
}

// after checks what a client does about a lost connection, and what it believes.
//
// It checks FailsQueue: a library that fails queued calls when a connection breaks fails all of
// them. It checks EndsByClock: a library that ends the session by its own clock does so in time.
// And it checks BeliefIsSaid: a program that believes that it holds the office that it declares (a
// lock or a leadership) says so with a mark.
func (c *clientConduct) after(now sim.Time, e *sim.Event) {
	n := &c.manners
	if c.office && c.client.Believes() && !c.client.Holding() && c.client.Programs() == 1 &&
		!c.client.Finished() {
		c.a.broken(BeliefIsSaid, "%s believes at %s that it holds its lock or leadership, but "+
			"its program has not reported that (with Proc.Mark or Proc.Hold)", c.m.Name,
			c.a.world.Now().Seconds())
	}
	if !c.client.Library().Drops() {
		return
	}
	if c.client.State() == client.Connected { // what the library had queued is sent by now
		clear(n.dropped)
		n.dropped = n.dropped[:0]
	}
	n.unsent = slices.DeleteFunc(n.unsent, func(call *client.Call) bool {
		return call.SentAt >= 0 || call.Outcome != client.Pending
	})
	all := n.up || c.client.Library() != client.Kazoo
	if n.linked && c.client.Server() == 0 && all && !c.client.State().Final() {
		for _, call := range n.unsent {
			if call.CalledAt < now {
				c.a.broken(FailsQueue, "%s keeps a %s in its queue at %s, although it has lost "+
					"its connection: a client with the library %s must end such a call with an "+
					"error", c.m.Name, call.Op.Type,
					c.a.world.Now().Seconds(), c.client.Library())
			}
		}
	}
	if m, ok := e.Msg.(*tree.ConnectResponse); ok && m.TimeoutMs > 0 {
		n.alone = -1 // a program may leave the new server in the same step
	}
	switch {
	case c.client.State() != client.Disconnected:
		n.alone = -1
	case n.alone < 0:
		n.alone, n.due = now, now+c.client.Timeout()
	case c.client.Library() == client.Curator && e.Kind == sim.Wake && now >= n.due:
		c.a.broken(EndsByClock, "%s still waits for a connection at %s, although it has had none "+
			"for %s: the library %s ends the session after %s", c.m.Name,
			c.a.world.Now().Seconds(), (now - n.alone).Seconds(), c.client.Library(),
			(n.due - n.alone).Seconds())
	}
}

// Called reports to the audit that a call begins.
func (a *Audit) Called(c *client.Client, call *client.Call) {
	v := a.visits[c]
	if v == nil {
		return
	}
	if call.Op.Type == tree.OpAuth {
		v.logins.open = append(v.logins.open, call)
	}
	if c.Library().Drops() {
		v.manners.unsent = append(v.manners.unsent, call)
	}
}

// VisitEnds reports to the audit that the process of a client has ended.
func (a *Audit) VisitEnds(c *client.Client) {
	delete(a.visits, c)
}

// drops notes that a library has failed a call without sending it.
func (a *Audit) drops(c *client.Client, call *client.Call) {
	if v := a.visits[c]; v != nil && call.Outcome == client.NotSent && !c.State().Final() &&
		c.Library().Drops() {
		v.manners.dropped = append(v.manners.dropped, call)
	}
}

// Acts reports to the audit that a program of a client acts. The parameter what says how, by a verb
// such as "calls". Acts checks DeadActs: the client's process must not have ended.
func (a *Audit) Acts(m *sim.Machine, ended bool, what string) {
	if ended {
		a.broken(DeadActs, "a program of %s %s at %s, although the process has ended", m.Name, what,
			a.world.Now().Seconds())
	}
}
