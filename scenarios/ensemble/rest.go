package ensemble

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// Working is true if there is an established leader whose quorum is in broadcast with it.
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

// AtRest is true if every server serves under one leader, all have applied the same, every client
// that runs is connected, or done with its session, and waits for nothing, and there are no other
// sessions: those of the dead are over.
func (e *Ensemble) AtRest() bool {
	l := e.Leader()
	if l == nil {
		return false
	}
	for _, m := range e.Servers() {
		s := e.Server(m.ID)
		if s == nil || m.Paused() || !s.Serving() || s.Peer().Leader() != l.Peer().ID() ||
			s.Tree().LastProcessed() != l.Tree().LastProcessed() || s.Tree().Digest() != l.Tree().Digest() {
			return false
		}
	}
	sessions := 0
	for _, c := range e.clients {
		p := c.Program()
		switch {
		case p == nil:
		case !p.Idle():
			return false
		case p.State() == client.Connected:
			sessions++
		case !p.State().Final():
			return false
		}
	}
	return l.Tree().NumSessions() == sessions
}

// Heal undoes every fault that lasts: cuts, holds, and machines that are down.
func (e *Ensemble) Heal() error {
	for _, verb := range []string{"heal", "release"} {
		if err := e.World.Apply(sim.Fault{Verb: verb}); err != nil {
			return err
		}
	}
	for _, m := range e.World.Machines() {
		if !m.Up() {
			if err := e.World.Apply(sim.Fault{Verb: "restart", Who: []string{m.Name}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// GiveUp is how long somebody who waits for the ensemble should wait: a session timeout, two
// ticks, and an election. An election takes the time until a silent leader is given up (syncLimit)
// and one try at a leader who does not answer (initLimit); and as long again, for by then the
// servers' resending may have backed off so far that they hear of each other only after as much
// time as has passed (FastLeaderElection: notTimeout).
func (e *Ensemble) GiveUp() sim.Time {
	election := 2*sim.Time(e.config.SyncLimit+e.config.InitLimit)*e.config.Tick + 2*sim.Second
	return e.config.SessionTimeout + 2*e.config.Tick + election
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
