package apache

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// CheckFault returns an error if a fault names a machine that does not exist, and an
// *engine.NotHere if real servers cannot have the fault.
func (e *Engine) CheckFault(f sim.Fault) error {
	if f.When.Trigger != 0 {
		return &engine.NotHere{Why: "a fault at an event is impossible on real servers: " +
			"the lab sees the event too late: write a time"}
	}
	for _, who := range append(slices.Clone(f.Who), slices.Concat(f.Groups...)...) {
		if e.client(who) == nil && e.number(who) == 0 {
			return fmt.Errorf("%s: no such server or client (have %s)", who,
				strings.Join(append(e.ServerNames(), e.clientNames()...), ", "))
		}
	}
	return e.possible(f)
}

func (e *Engine) clientNames() (list []string) {
	for _, c := range e.clients {
		list = append(list, c.name)
	}
	return list
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
	case link && e.private == nil && e.servers(f) != "":
		return notHere(f, "", "the lab does not control the links between these servers: "+
			"leave out --connect")
	case f.Kind == sim.FaultHold && len(f.Who) == 2 && e.number(f.Who[0]) > 0 &&
		e.number(f.Who[1]) > 0:
		return &engine.NotHere{Why: "hold is impossible between real servers: " +
			"the lab's relays parse only clients' packets"}
	case link:
	case e.private == nil:
		return notHere(f, "", "the lab did not start these servers: leave out --connect")
	case !slices.Contains(ofServers, f.Kind):
		return notHere(f, "", "the lab cannot cause this fault")
	}
	return nil
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
	sim.FaultBandwidth: "the lab's relays can delay messages, but not limit a link's bandwidth",
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
	}
	return e.toServer(f)
}

func (e *Engine) toServer(f sim.Fault) error {
	n := 0
	if len(f.Who) > 0 {
		n = e.number(f.Who[0])
	}
	if n == 0 {
		return fmt.Errorf("%s: no such server or client", f)
	}
	var err error
	switch f.Kind {
	case sim.FaultCrash:
		err = e.private.Kill(n)
		e.stands(n-1, Status{}, 0, e.Now())
	case sim.FaultWipe:
		if err = e.private.Wipe(n); err == nil {
			e.logs.forget(n - 1)
			e.stands(n-1, Status{}, 0, e.Now())
		}
	case sim.FaultRestart:
		err = e.private.Restart(n)
	case sim.FaultPause:
		if err = e.private.Pause(n); err == nil {
			e.Later(f.Span, func() {
				if err := e.private.Resume(n); err != nil && !errors.Is(err, loopback.ErrState) {
					e.err = err // no error if the process has ended before that
				}
			})
		}
	}
	return err
}

func (e *Engine) toClient(c *Client, f sim.Fault) error {
	switch f.Kind {
	case sim.FaultCrash:
		if !c.Up() {
			return fmt.Errorf("%s: already down", f)
		}
		c.die(true)
	case sim.FaultPower:
		if !c.Up() {
			return fmt.Errorf("%s: already down", f)
		}
		c.die(false)
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

// expire ends a client's session by closing it on a second connection, as ZooKeeper's own tests do.
func (e *Engine) expire(c *Client) error {
	session, passwd := c.credentials()
	if session == 0 {
		return fmt.Errorf("expire %s: the client has no session", c.name)
	}
	server := e.number(e.LeaderName())
	if server == 0 {
		return fmt.Errorf("expire %s: the ensemble has no leader", c.name)
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

// notHere is the error for a fault that is impossible on real servers, with the reason why.
func notHere(f sim.Fault, on, why string) error {
	return &engine.NotHere{Why: f.Kind.String() + on + " is impossible on real servers: " + why}
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
	if c := e.client(client); c != nil && c.life != nil {
		c.life.relays[server-1].Reset()
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
// connected and waits for no answer.
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
