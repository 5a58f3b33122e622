package ensemble

import (
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// rewatching is how long a client from outside may take, after a reconnection, to set its watches
// again. Until then nobody knows whether its library remembers them.
const rewatching = 2 * sim.Second

// Settled reports whether the history up to now can be judged by itself, and then forgotten: no
// client waits for an answer, no server can answer from a state older than the last write, and of no
// client is it unknown whether it has kept its watches. All clients must be remote.
func (e *Ensemble) Settled() bool {
	if len(e.open) > 0 {
		return false
	}
	l := e.Leader()
	if l == nil || zab.Zxid(l.Tree().LastProcessed()) < e.newest {
		return false
	}
	for _, m := range e.Servers() {
		s := e.Server(m.ID)
		if s != nil && s.Serving() && zab.Zxid(s.Tree().LastProcessed()) < e.newest {
			return false
		}
	}
	for _, c := range e.clients {
		if c.remote == nil || !c.rewatched(l.Tree()) {
			return false
		}
	}
	return true
}

// rewatched returns false if the client has got a new connection for its session, and may still set
// its watches again, there or on a later connection.
func (c *Client) rewatched(t *tree.Tree) bool {
	last, again := c.connected()
	if last == nil || !again || !last.Unwatched {
		return true
	}
	if _, lives := t.Session(last.Session); !lives {
		return true
	}
	return c.Connected() && last.At+rewatching < c.e.World.Now()
}

// connected returns the last connection of a session, and whether it was not the session's first.
func (c *Client) connected() (last *engine.StateChange, again bool) {
	for i := len(c.states) - 1; i >= 0; i-- {
		s := &c.states[i]
		switch {
		case s.State != client.Connected:
		case last == nil:
			last = s
		default:
			return last, s.Session == last.Session
		}
	}
	return last, false
}

// Forget forgets the history of the clients up to now, which must be [Ensemble.Settled]: the caller
// has judged it, or has a copy. What may still matter stays: lost operations that may still take
// effect, the identities of clients, and the last connection of each session.
func (e *Ensemble) Forget() {
	for i, h := range e.account().Held() {
		e.clients[i].before = h
	}
	var kept []*engine.Op
	var lost []int
	l := e.Leader()
	unknown := make(map[int]bool)
	for _, i := range e.unknown {
		unknown[i] = e.ops[i].AppliedAt < 0 && (l == nil || lives(l.Tree(), e.ops[i].Session))
	}
	type identity struct{ client, secret string }
	signed := make(map[identity]bool)
	for i, o := range e.ops {
		who := identity{o.Client, string(o.Op.Data)}
		switch {
		case unknown[i]:
			lost = append(lost, len(kept))
		case o.Op.Type == tree.OpAuth && !signed[who]:
			signed[who] = true
		default:
			continue
		}
		own := *o // it shares its memory with others, which go
		kept = append(kept, &own)
	}
	if l != nil && l.Peer().LastZxid() == l.Peer().Applied() {
		e.audit.Forget(func(session int64) bool { return lives(l.Tree(), session) })
	}
	e.past += len(e.ops) - len(kept)
	e.ops, e.unknown, e.room = kept, lost, nil
	e.closings = slices.DeleteFunc(e.closings, func(c engine.Closing) bool { return c.AppliedAt >= 0 })
	e.changes = nil
	for _, c := range e.clients {
		c.events = nil
		if last, _ := c.connected(); last != nil {
			c.states = []engine.StateChange{*last}
		}
	}
}

func lives(t *tree.Tree, session int64) bool {
	_, ok := t.Session(session)
	return ok
}

// NumOps returns how many operations clients have called, with those that were forgotten.
func (e *Ensemble) NumOps() int { return e.past + len(e.ops) }
