package ensemble

import (
	"github.com/zablab/zablab/sim"

	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// Working reports whether there is an established leader, and a quorum is in broadcast with it.
func (e *Ensemble) Working() bool {
	l := e.Leader()
	if l == nil {
		return false
	}
	var with zab.Set
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil && s.Serving() && s.Peer().Leader() == l.Peer().ID() {
			with = with.With(m.ID)
		}
	}
	return with.Majority(e.voters)
}

// AtRest reports whether nothing is left to do: every server serves under one leader, and all trees
// are equal; every running client is idle, and is connected or has no session any more; the
// sessions of dead clients have ended.
func (e *Ensemble) AtRest() bool {
	for _, m := range e.Servers() {
		if !m.Up() {
			return false
		}
	}
	return e.UpAtRest()
}

// UpAtRest is like AtRest, but only the servers that are up count: a quorum of all at least.
func (e *Ensemble) UpAtRest() bool {
	l := e.Leader()
	if l == nil {
		return false
	}
	for _, m := range e.Servers() {
		if !m.Up() {
			continue
		}
		s := e.Server(m.ID)
		if s == nil || m.Paused() || !s.Serving() || s.Peer().Leader() != l.Peer().ID() ||
			s.Tree().LastProcessed() != l.Tree().LastProcessed() ||
			s.Tree().Digest() != l.Tree().Digest() {
			return false
		}
	}
	sessions := 0
	for _, c := range e.clients {
		switch idle, state := c.standing(); {
		case !idle:
			return false
		case state == client.Connected:
			sessions++
		case !state.Final():
			return false
		}
	}
	return l.Tree().NumSessions() == sessions
}

// standing returns what a client's program is about: whether it waits for no answer, and the state
// of its session. A program that is down, or that has not connected from outside, is idle and has
// no session.
func (c *Client) standing() (idle bool, s client.State) {
	switch p := c.Program(); {
	case c.remote != nil && c.Connected():
		return c.remote.open == 0, client.Connected
	case p == nil:
		return true, client.Closed
	default:
		return p.Idle(), p.State()
	}
}

// Rested has the audit look at the tree of every server. Call it when all is at rest.
func (e *Ensemble) Rested() {
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil {
			e.audit.Rested(m, s.Tree())
		}
	}
}

// GiveUp is how long to wait for the ensemble to recover: see [engine.Stage].
func (e *Ensemble) GiveUp() sim.Time { return e.config.GiveUp() }
