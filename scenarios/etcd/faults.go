package etcd

import (
	"context"
	"fmt"

	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
)

// host is the engine as its faults use it.
type host struct{ *Engine }

func (h host) TakeIn()                       { h.takeIn() }
func (h host) Fail(err error)                { h.err = err }
func (h host) Server(n int) *loopback.Server { return h.cluster.servers[n-1].Server }
func (h host) Restart(n int) error           { return h.cluster.Restart(n) }
func (h host) Wipe(n int) error              { return h.cluster.Wipe(n) }
func (h host) Down(n int)                    { h.stands(n-1, status{}, h.Now()) }
func (h host) Expire(client string) error    { return h.expire(h.clients.Find(client)) }

// Possible returns an *engine.NotHere for a fault that etcd cannot have.
func (h host) Possible(f sim.Fault) error {
	switch {
	case f.Kind == sim.FaultWipe && h.cluster.Size() == 1:
		return h.NotHere(f, " of the only server", "a wiped server can return only if "+
			"another server adds it to the cluster again")
	case f.Kind == sim.FaultHold && len(f.Who) == 2 && h.number(f.Who[0]) > 0 &&
		h.number(f.Who[1]) > 0:
		return h.NotHere(f, " between servers", "the lab does not decode the messages between "+
			"etcd's servers")
	case f.Kind == sim.FaultHold:
		if _, known := holds[f.Message]; !known {
			return h.NotHere(f, " of "+f.Message, "etcd has no such message")
		}
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
	err := post(ctx, e.seen.http, e.cluster.Address(server), callRevoke,
		leaseRequest{ID: c.session}, &r)
	if err != nil && !gone(err) {
		return fmt.Errorf("expire %s: %w", c.name, err)
	}
	return nil
}

// reset breaks a client's connections to a server.
func (e *Engine) reset(client string, server int) {
	if c := e.clients.Find(client); c != nil && c.life != nil {
		for _, r := range c.life.relays[server-1] {
			r.Reset()
		}
	}
}

// open sets a client's relays as the faults in effect require.
func (e *Engine) open(client string) {
	if c := e.clients.Find(client); c != nil {
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

// AtRest reports whether all servers serve and report the same revision, and every running client
// is connected and waits for no answer.
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
