package ensemble

import (
	"fmt"

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

// AtRest reports whether nothing is left to do: every server serves under one leader, all trees are
// equal, every running client is idle and either connected or without a session, and the sessions
// of dead clients have ended.
func (e *Ensemble) AtRest() bool {
	for _, m := range e.Servers() {
		if !m.Up() {
			return false
		}
	}
	return e.UpAtRest()
}

// UpAtRest reports the same as AtRest, but only for the servers that are up, which must be a quorum
// of all.
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

// Unrest says in words why UpAtRest returns false: the first reason that it finds. The text is
// empty if UpAtRest returns true.
func (e *Ensemble) Unrest() string {
	l := e.Leader()
	if l == nil {
		return "no server leads" + e.lookers()
	}
	lead, zxid := l.Peer().ID(), zab.Zxid(l.Tree().LastProcessed())
	for _, m := range e.Servers() {
		s := e.Server(m.ID)
		switch {
		case !m.Up():
		case s == nil || m.Paused():
			return m.Name + " is paused"
		case !s.Serving():
			return fmt.Sprintf("%s does not serve: it is %v, in phase %v, while S%d leads", m.Name,
				s.Peer().State(), s.Peer().Phase(), lead)
		case s.Peer().Leader() != lead:
			return fmt.Sprintf("%s follows S%d, while S%d leads", m.Name, s.Peer().Leader(), lead)
		case zab.Zxid(s.Tree().LastProcessed()) != zxid:
			return fmt.Sprintf("the last zxid that %s has applied is %v, but its leader S%d has "+
				"applied %v", m.Name, zab.Zxid(s.Tree().LastProcessed()), lead, zxid)
		case s.Tree().Digest() != l.Tree().Digest():
			return fmt.Sprintf("the trees of %s and its leader S%d differ, although both have applied "+
				"%v", m.Name, lead, zxid)
		}
	}
	if e.UpAtRest() {
		return ""
	}
	return fmt.Sprintf("the tree has %d sessions, which are not those of the connected clients, "+
		"or a client still waits for an answer", l.Tree().NumSessions())
}

// lookers says which servers are in an election.
func (e *Ensemble) lookers() (text string) {
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); m.Up() && s != nil && s.Peer().State() == zab.Looking {
			text += fmt.Sprintf("; %s is in an election and votes for S%d", m.Name,
				s.Peer().Vote().Leader)
		}
	}
	return text
}

// Rested lets the audit check the tree of every server. Call it when the ensemble is at rest: see
// [Ensemble.AtRest].
func (e *Ensemble) Rested() {
	for _, m := range e.Servers() {
		if s := e.Server(m.ID); s != nil {
			e.audit.Rested(m, s.Tree())
		}
	}
	// A session whose beginning is proposed is tracked already.
	if l := e.Leader(); l != nil && l.Peer().LastZxid() == l.Peer().Applied() {
		e.audit.Tracks(e.World.Machine(l.Peer().ID()), l.Tracked(), l.Tree())
	}
}

// GiveUp returns how long to wait for the ensemble to recover: see [engine.Stage].
func (e *Ensemble) GiveUp() sim.Time {
	longest := sim.Time(0)
	for _, c := range e.clients {
		longest = max(longest, c.timeout)
	}
	return e.config.GiveUp(longest)
}
