package client

import (
	"errors"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Election is a recipe by which programs elect one of them as leader. Each program runs until it
// has led for the time Hold, or until its session is over and its client opens no new session.
//
// The recipe has no fencing. A leader that is paused can go on believing that it leads after
// another program has become leader (hazard H2). The same holds for a leader that is cut off,
// unless Careful is set (hazard H8). The recipe exists to show these hazards.
type Election struct {
	Path string // the node itself, or the parent of the candidates' nodes
	Data []byte

	// Hold is how long a leader leads before it resigns, which ends its program; 0 means for ever.
	Hold sim.Time
	// Careful makes a leader step down when its connection is lost, not only when it learns that
	// its session is over.
	Careful bool
	// Lead, if set, is what a leader does. It should return when still returns false: then the
	// leader steps down or resigns.
	Lead func(p *Proc, still func() bool)
}

// Race elects a leader by one ephemeral node: the client that creates the node leads, the others
// watch it, and all race again when it is deleted. With n waiting clients each change of leader
// costs n creates (hazard H1).
func (e Election) Race(p *Proc) {
	for p.WaitConnected() {
		p.Mark(Mark{Kind: Waits, Office: e.Path, As: Exclusive})
		_, err := p.Create(e.Path, e.Data, tree.Ephemeral)
		if err == nil {
			if e.lead(p, &Held{Node: e.Path}) {
				return
			}
			continue
		}
		if !errors.Is(err, tree.NodeExists) && !Maybe(err) {
			p.PauseAfter(err)
			continue
		}
		// The node exists. It may be ours, from before the connection was lost: compare its owner
		// with our session (hazard H4).
		found, stat, w, err := p.ExistsW(e.Path)
		switch {
		case err != nil, !found:
		case stat.EphemeralOwner == p.Session(), p.mistakesForOwn(e.Path, e.Data):
			if e.lead(p, &Held{Node: e.Path}) {
				return
			}
		default:
			w.Wait()
		}
	}
	p.Mark(Mark{Kind: LetsGo, Office: e.Path, As: Exclusive})
}

// Queue elects a leader by sequential nodes: each program creates a numbered node below Path and
// watches the node before its own, so that a deletion wakes one program. Queue creates Path if it
// is missing.
func (e Election) Queue(p *Proc) {
	var at place
	for {
		held, err := p.queueUp(&at, e.Path, exclusive, e.Data, next)
		if err != nil || e.lead(p, held) {
			return
		}
	}
}

// PauseAfter waits for a second after a call that failed with err, if the same call would probably
// fail again at once. If the connection was lost or the outcome is unknown, it does not wait.
func (p *Proc) PauseAfter(err error) {
	var op *OpError
	if errors.As(err, &op) && op.Outcome == Failed && op.Code != tree.ConnectionLoss {
		p.Sleep(sim.Second)
	}
}

// lead leads until the session is over or, if Careful is set, until the connection is lost. It
// returns true if the leader has led for Hold and has resigned.
func (e Election) lead(p *Proc, held *Held) (resigned bool) {
	session, until := p.Session(), sim.Never
	*held = Held{Node: held.Node, Token: held.Token, p: p, session: session, office: e.Path,
		as: Exclusive}
	if e.Hold > 0 {
		until = p.Now() + e.Hold
	}
	over := func() bool {
		return p.isOver(session) || p.c.state.Final() || e.Careful && p.c.state != Connected
	}
	still := func() bool { return !over() && p.c.now < until }
	p.leads(held.Node)
	held.holds(e.Lead == nil, e.Lead == nil && e.Careful)
	if e.Lead != nil {
		e.Lead(p, still)
	} else {
		p.Until(until-p.Now(), func() bool { return !still() })
	}
	p.believe(false)
	held.letsGo()
	if over() {
		return false
	}
	// The leader resigns: its node must certainly be gone.
	held.Release()
	return true
}
