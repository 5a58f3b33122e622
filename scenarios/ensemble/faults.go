package ensemble

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// onCrash is called for every process that ends, before it ends.
func (e *Ensemble) onCrash(m *sim.Machine, power bool) {
	if m.Kind == "server" {
		if s := e.Server(m.ID); s != nil {
			if p := s.Peer(); p.State() == zab.Leading && p.Epoch() > p.CurrentEpoch() {
				e.seen.Between++
			}
		}
		e.endReign(m.ID)
		e.startLate() // without this server, the others may be no quorum
		e.calm.Down(e.World.Now(), m.ID)
		return
	}
	e.calm.ClientDown(e.World.Now(), m.Name)
	for _, c := range e.clients {
		if c.machine == m {
			c.crashed()
		}
	}
}

// onForeign carries out the one fault that sim cannot carry out: the end of a session.
func (e *Ensemble) onForeign(f sim.Fault) error {
	c := e.Client(f.Who[0])
	l := e.Leader()
	switch {
	case c == nil:
		return fmt.Errorf("%s is not a client: name a client", f.Who[0])
	case c.Session() == 0:
		return fmt.Errorf("%s has no session yet: wait until it is connected", c.Name)
	case l == nil:
		return errors.New("no leader to expire the session: wait until there is a leader")
	}
	if r := e.World.Emit(sim.KindNote, c.machine.ID, sim.HashString("expire")); r != nil {
		r.Text, r.Body = "expire "+c.Name, f
	}
	e.told = append(e.told, c.Session())
	e.World.Tell(e.World.Machine(l.Peer().ID()), &server.Expire{Session: c.Session()})
	return nil
}

// onFault is called for every fault just before it is carried out.
func (e *Ensemble) onFault(f sim.Fault) {
	if f.Kind == sim.FaultClock {
		if m := e.World.Find(f.Who[0]); m != nil && m.Kind == "client" {
			e.slowest = min(cmp.Or(e.slowest, 1000), f.Rate)
		}
	}
	if f.Kind == sim.FaultWipe {
		if m := e.World.Find(f.Who[0]); m != nil && m.Kind == "server" {
			e.seen.Lost++
		}
	}
	e.reach(&f)
	e.audit.Fault(f)
	var backlog sim.Time
	if f.Kind == sim.FaultBandwidth {
		backlog = e.World.Backlog(&f)
	}
	e.calm.Fault(e.World.Now(), &f, backlog)
}

// Heal undoes every lasting fault: it ends all cuts and splits of the network, releases held
// messages, and restarts machines that are down.
func (e *Ensemble) Heal() error {
	for _, f := range []sim.Fault{sim.Heal(), sim.Release()} {
		if err := e.World.Inject(f); err != nil {
			return err
		}
	}
	for _, m := range e.World.Machines() {
		if !m.Up() {
			if err := e.World.Inject(sim.Restart(m.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}
