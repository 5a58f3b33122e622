package apache

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// host is the engine as its faults use it. It is asked for a server only if the servers are
// private.
type host struct{ *Engine }

func (h host) TakeIn()                       { h.takeIn() }
func (h host) Fail(err error)                { h.err = err }
func (h host) Server(n int) *loopback.Server { return h.private.servers[n-1].Server }
func (h host) Restart(n int) error           { return h.private.Restart(n) }
func (h host) Down(n int)                    { h.stands(n-1, Status{}, 0, h.Now()) }
func (h host) Expire(client string) error    { return h.expire(h.clients.Find(client)) }

func (h host) Wipe(n int) error {
	err := h.private.Wipe(n)
	if err == nil {
		h.logs.forget(n - 1)
	}
	return err
}

// Possible returns an *engine.NotHere for a fault that these servers cannot have.
func (h host) Possible(f sim.Fault) error {
	link := slices.Contains(loopback.LinkFaults, f.Kind)
	switch {
	case link && h.private == nil && h.servers(f) != "":
		return h.NotHere(f, "", "the lab does not control the links between these servers: "+
			"leave out --connect")
	case f.Kind == sim.FaultHold && len(f.Who) == 2 && h.number(f.Who[0]) > 0 &&
		h.number(f.Who[1]) > 0:
		return &engine.NotHere{Why: "hold is impossible between real servers, because the lab can " +
			"only hold messages of clients: hold the answers to a client instead"}
	case !link && h.private == nil:
		return h.NotHere(f, "", "the lab did not start these servers: leave out --connect")
	}
	return nil
}

// expire ends a client's session by closing it on a second connection, as ZooKeeper's own tests do.
func (e *Engine) expire(c *Client) error {
	session, passwd := c.credentials()
	if session == 0 {
		return fmt.Errorf("expire %s: the client has no session yet: wait until it is connected",
			c.name)
	}
	server := e.number(e.LeaderName())
	if server == 0 {
		return fmt.Errorf("expire %s: the ensemble has no leader: wait until a server "+
			"leads", c.name)
	}
	e.ended = append(e.ended, session)
	m := &tree.ConnectRequest{
		TimeoutMs: int32(c.timeout / sim.Millisecond), SessionID: session,
		Passwd: passwd,
	}
	var err error
	for range closingTries {
		var over bool
		if over, err = closeSession(e.addresses[server-1], m); over {
			return nil
		}
	}
	return fmt.Errorf("expire %s: %w", c.name, err)
}

// closingTries is how often expire tries to close a session. A try can fail because of the client,
// which reconnects: then the session moves to the client's server, and the server that loses it
// closes expire's connection, with or without an answer.
const closingTries = 20

// closeSession closes a session from a second connection. over is true if a server has confirmed
// the end of the session.
func closeSession(address string, m *tree.ConnectRequest) (over bool, err error) {
	w, err := DialWire(address, m)
	if err != nil {
		return false, err
	}
	defer w.Close()
	if w.TimeoutMs == 0 { // the session has ended
		return true, nil
	}
	_, _, err = w.Ask(&tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpCloseSession}})
	return err == nil, err
}

// servers returns the first server that a fault names if it names at least two, else "". Of each
// group it counts one.
func (e *Engine) servers(f sim.Fault) string {
	var list []string
	for _, n := range f.Who {
		if e.number(n) > 0 {
			list = append(list, n)
		}
	}
	for _, g := range f.Groups {
		for _, n := range g {
			if e.number(n) > 0 {
				list = append(list, n)
				break
			}
		}
	}
	if len(list) < 2 {
		return ""
	}
	return list[0]
}

// reset breaks a client's connections to a server.
func (e *Engine) reset(client string, server int) {
	if c := e.clients.Find(client); c != nil && c.life != nil {
		c.life.relays[server-1].Reset()
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
	if e.private == nil {
		return nil
	}
	for i := range e.addresses {
		var err error
		switch {
		case !e.private.Up(i + 1):
			err = e.private.Restart(i + 1)
		case e.private.Paused(i + 1):
			err = e.private.Resume(i + 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AtRest reports whether all servers serve and report the same zxid, and every running client is
// connected and has the answers to all its calls.
func (e *Engine) AtRest() bool {
	if !e.Serves() {
		return false
	}
	newest := int64(0)
	if e.logs != nil {
		newest = e.logs.done
	}
	for _, s := range e.status {
		if uint32(s.Zxid) != 0 { // a new leader reports epoch/0 before its first transaction
			newest = max(newest, s.Zxid)
		}
	}
	for _, s := range e.status {
		if !s.Serves() || s.Zxid < newest {
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
