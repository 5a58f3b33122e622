package etcd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
)

// CheckFault returns an error if a fault names a machine that does not exist, and an
// *engine.NotHere if real servers cannot have the fault.
func (e *Engine) CheckFault(f sim.Fault) error {
	if f.When.Trigger != 0 {
		return &engine.NotHere{Why: "a fault at an event is impossible on real servers: " +
			"the lab sees the event too late: write a time"}
	}
	for _, who := range slices.Concat(f.Who, slices.Concat(f.Groups...)) {
		if e.client(who) == nil && e.number(who) == 0 {
			names := e.ServerNames()
			for _, c := range e.clients {
				names = append(names, c.name)
			}
			return fmt.Errorf("%s: no such server or client (have %s)", who, strings.Join(names, ", "))
		}
	}
	return e.possible(f)
}

// The faults that the lab can cause to real clients and to real servers.
var (
	ofClients = []sim.FaultKind{sim.FaultCrash, sim.FaultPower, sim.FaultRestart, sim.FaultPause,
		sim.FaultExpire}
	ofServers = []sim.FaultKind{sim.FaultCrash, sim.FaultWipe, sim.FaultRestart, sim.FaultPause}
)

// unreal gives, for each fault that is impossible on real servers, the reason.
var unreal = map[sim.FaultKind]string{
	sim.FaultPower:     "a killed process loses nothing that it has written: use crash instead",
	sim.FaultFsync:     "the lab does not control the host's disk",
	sim.FaultFailFsync: "the lab does not control the host's disk",
	sim.FaultTear:      "the lab does not control the host's disk",
	sim.FaultCorrupt:   "the lab does not control the host's disk",
	sim.FaultFull:      "the lab does not control the host's disk",
	sim.FaultClock:     "the lab does not control the host's clock",
	sim.FaultWall:      "the lab does not control the host's clock",
}

// possible returns an *engine.NotHere if real servers and clients cannot have a fault.
func (e *Engine) possible(f sim.Fault) error {
	link := slices.Contains(loopback.LinkFaults, f.Kind)
	switch client := len(f.Who) > 0 && e.client(f.Who[0]) != nil; {
	case client && !link && !slices.Contains(ofClients, f.Kind):
		return notHere(f, " of a client", "the lab cannot cause this fault")
	case client && !link:
	case unreal[f.Kind] != "":
		return notHere(f, "", unreal[f.Kind])
	case f.Kind == sim.FaultWipe && e.cluster.Size() == 1:
		return notHere(f, " of the only server", "no other one could let it join again")
	case f.Kind == sim.FaultHold && len(f.Who) == 2 && e.number(f.Who[0]) > 0 &&
		e.number(f.Who[1]) > 0:
		return notHere(f, " between servers", "the lab does not read Raft's messages")
	case f.Kind == sim.FaultHold:
		if _, known := holds[f.Message]; !known {
			return notHere(f, " of "+f.Message, "etcd has no such packet")
		}
	case !link && !slices.Contains(ofServers, f.Kind):
		return notHere(f, "", "the lab cannot cause this fault")
	}
	return nil
}

// notHere is the error for a fault that is impossible on etcd, with the reason why.
func notHere(f sim.Fault, on, why string) error {
	return &engine.NotHere{Why: f.Kind.String() + on + " is impossible on etcd: " + why}
}

// Apply carries out a fault. It returns an *engine.NotHere for a fault that real servers cannot
// have, and another error for a fault that is impossible in the current state.
func (e *Engine) Apply(f sim.Fault) error {
	e.takeIn()
	h := engine.Happened{Fault: f, At: e.Now(), Index: e.Next()}
	err := e.apply(f)
	if err == nil {
		e.faults = append(e.faults, h)
	}
	return err
}

func (e *Engine) apply(f sim.Fault) error {
	if err := e.possible(f); err != nil {
		return err
	}
	if slices.Contains(loopback.LinkFaults, f.Kind) {
		return e.links.Apply(f)
	}
	if len(f.Who) > 0 {
		if c := e.client(f.Who[0]); c != nil {
			return e.toClient(c, f)
		}
		if n := e.number(f.Who[0]); n > 0 {
			return e.toServer(n, f)
		}
	}
	return fmt.Errorf("%s: no such server or client", f)
}

func (e *Engine) toServer(n int, f sim.Fault) error {
	s := e.cluster.servers[n-1]
	switch f.Kind {
	case sim.FaultCrash:
		err := s.Kill()
		e.stands(n-1, status{}, e.Now())
		return err
	case sim.FaultWipe:
		err := e.cluster.Wipe(n)
		e.stands(n-1, status{}, e.Now())
		return err
	case sim.FaultRestart:
		return e.cluster.Restart(n)
	}
	err := s.Pause()
	if err == nil {
		e.Later(f.Span, func() {
			if err := s.Resume(); err != nil && !errors.Is(err, loopback.ErrState) {
				e.err = err // no error if the process has ended before that
			}
		})
	}
	return err
}

func (e *Engine) toClient(c *Client, f sim.Fault) error {
	switch f.Kind {
	case sim.FaultCrash, sim.FaultPower:
		if !c.Up() {
			return fmt.Errorf("%s: already down", f)
		}
		c.die(f.Kind == sim.FaultCrash)
	case sim.FaultRestart:
		if c.Up() {
			return fmt.Errorf("%s: already running", f)
		}
		c.Start()
	case sim.FaultPause:
		if !c.Up() {
			return fmt.Errorf("%s: the client is down", f)
		}
		c.pause(f.Span)
	case sim.FaultExpire:
		return e.expire(c)
	}
	return nil
}

// expire ends a client's session: the lab revokes its lease.
func (e *Engine) expire(c *Client) error {
	if c.session == 0 {
		return fmt.Errorf("expire %s: the client has no session", c.name)
	}
	server := e.number(e.LeaderName())
	if server == 0 {
		return fmt.Errorf("expire %s: the cluster has no leader", c.name)
	}
	e.ended = append(e.ended, c.session)
	ctx, cancel := context.WithTimeout(e.ctx, opening)
	defer cancel()
	var r leaseResponse
	err := post(ctx, e.seen.http, e.cluster.Address(server), callRevoke, leaseRequest{ID: c.session}, &r)
	if err != nil && !gone(err) {
		return fmt.Errorf("expire %s: %w", c.name, err)
	}
	return nil
}

// reset breaks a client's connections to a server.
func (e *Engine) reset(client string, server int) {
	if c := e.client(client); c != nil && c.life != nil {
		for _, r := range c.life.relays[server-1] {
			r.Reset()
		}
	}
}

// open sets a client's relays as the faults in effect require.
func (e *Engine) open(client string) {
	if c := e.client(client); c != nil {
		c.open()
	}
}

// Heal undoes lasting faults: it ends cuts, resumes processes and restarts servers.
func (e *Engine) Heal() error {
	if err := e.links.Apply(sim.Heal()); err != nil {
		return err
	}
	for _, wiped := range []bool{false, true} { // these join the others
		for i, s := range e.cluster.servers {
			var err error
			switch {
			case s.wiped != wiped:
			case !s.Up():
				err = e.cluster.Restart(i + 1)
			case s.Paused():
				err = s.Resume()
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// AtRest reports whether all servers serve and report the same revision, and every running client is
// connected and waits for no answer.
func (e *Engine) AtRest() bool {
	if !e.Serves() {
		return false
	}
	newest := e.seen.latest()
	for i := range e.status {
		newest = max(newest, e.status[i].revision)
	}
	for i := range e.status {
		if s := &e.status[i]; !s.serves() || s.revision < newest {
			return false
		}
	}
	for _, c := range e.clients {
		if c.Up() && (!c.Idle() || !c.Connected() && !c.over()) {
			return false
		}
	}
	return true
}
