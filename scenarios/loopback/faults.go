package loopback

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
)

// Faults checks and carries out the faults of an engine with real servers.
type Faults struct {
	where    string // what errors call the servers
	host     Host
	inbox    *Inbox
	links    *Links
	happened []engine.Happened
}

// Host is the engine into which a [Faults] injects faults. Servers are numbered from 1.
type Host interface {
	ServerNames() []string
	// Actors returns all clients, and Actor the one of a name, or nil. Each is an [Actor].
	Actors() []engine.Actor
	Actor(name string) engine.Actor
	// TakeIn processes all events so far. Fail ends the run with an error.
	TakeIn()
	Fail(err error)
	// Possible returns an error, in general an *engine.NotHere, for a fault that just these servers
	// or links cannot have. The faults that no engine can have do not reach it.
	Possible(f sim.Fault) error
	Server(n int) *Server
	Restart(n int) error
	Wipe(n int) error
	Down(n int) // is called when a fault has ended a server's process
	// Expire ends a client's session.
	Expire(client string) error
}

// Actor is a client to which faults happen.
type Actor interface {
	engine.Actor
	// Die ends the process. If reset is true, its connections break, as after a crash; if it is
	// false, they fall silent, as after a loss of power.
	Die(reset bool)
	// Pause makes a client look like a stopped process for a span: it receives nothing, sends
	// nothing and makes no call.
	Pause(span sim.Time)
}

// NewFaults returns a [Faults] that carries out faults on the servers, clients and links of an
// engine. The argument where is the engine's name in error messages, as in "power is impossible on
// etcd".
func NewFaults(where string, host Host, inbox *Inbox, links *Links) *Faults {
	return &Faults{where: where, host: host, inbox: inbox, links: links}
}

// Died returns an error if the process of a server has ended although no fault ended it.
func (x *Faults) Died() error {
	for i, name := range x.host.ServerNames() {
		if last, exited := x.host.Server(i + 1).Exited(); exited {
			return fmt.Errorf("run on %s: the process of %s ended, and no fault ended it: run again, "+
				"with more free memory if it was killed; its last output: %s", x.where, name,
				cmp.Or(last, "none"))
		}
	}
	return nil
}

// The faults that the lab can cause to real clients and to real servers, besides [LinkFaults].
var (
	ofClients = []sim.FaultKind{sim.FaultCrash, sim.FaultPower, sim.FaultRestart, sim.FaultPause,
		sim.FaultExpire}
	ofServers = []sim.FaultKind{sim.FaultCrash, sim.FaultWipe, sim.FaultRestart, sim.FaultPause}
)

// impossible gives, for each fault that real servers and their links cannot have, the reason.
var impossible = map[sim.FaultKind]string{
	sim.FaultPower: "the lab can only kill the process, which loses no written data: use " +
		"crash instead",
	sim.FaultFsync:     "the lab does not control the host's disk",
	sim.FaultFailFsync: "the lab does not control the host's disk",
	sim.FaultTear:      "the lab does not control the host's disk",
	sim.FaultCorrupt:   "the lab does not control the host's disk",
	sim.FaultFull:      "the lab does not control the host's disk",
	sim.FaultClock:     "the lab does not control the host's clock",
	sim.FaultWall:      "the lab does not control the host's clock",
	sim.FaultBandwidth: "the lab's relays can delay messages, but not limit a link's bandwidth",
}

// ofLink reports whether a kind of fault concerns links, not one client or server.
func ofLink(k sim.FaultKind) bool {
	return k == sim.FaultBandwidth || slices.Contains(LinkFaults, k)
}

// CheckFault returns an error if a fault names a machine that does not exist, and an
// *engine.NotHere if real servers cannot have the fault.
func (x *Faults) CheckFault(f sim.Fault) error {
	if f.When.Trigger != 0 {
		return &engine.NotHere{Why: "a fault at an event is impossible on real servers, because " +
			"the lab sees the event too late: give the fault a time instead"}
	}
	for _, who := range slices.Concat(f.Who, slices.Concat(f.Groups...)) {
		if x.host.Actor(who) == nil && x.links.Number(who) == 0 {
			names := x.host.ServerNames()
			for _, c := range x.host.Actors() {
				names = append(names, c.Who())
			}
			return fmt.Errorf("%s: no such server or client: the run has %s", who,
				strings.Join(names, ", "))
		}
	}
	return x.possible(f)
}

// possible returns an *engine.NotHere if real servers and clients cannot have a fault.
func (x *Faults) possible(f sim.Fault) error {
	link := ofLink(f.Kind)
	switch client := x.client(f) != nil; {
	case client && !link && !slices.Contains(ofClients, f.Kind):
		return x.NotHere(f, " of a client", "the lab cannot cause this fault")
	case client && !link:
		return nil
	case impossible[f.Kind] != "":
		return x.NotHere(f, "", impossible[f.Kind])
	}
	if err := x.host.Possible(f); err != nil {
		return err
	}
	if !link && !slices.Contains(ofServers, f.Kind) {
		return x.NotHere(f, "", "the lab cannot cause this fault")
	}
	return nil
}

// NotHere is the error for a fault that is impossible on these servers, with the reason why.
func (x *Faults) NotHere(f sim.Fault, on, why string) error {
	fault := f.Kind.String() + on
	return &engine.NotHere{Why: fault + " is impossible on " + x.where + ": " + why}
}

// client returns the client that a fault names first, or nil.
func (x *Faults) client(f sim.Fault) Actor {
	if len(f.Who) == 0 {
		return nil
	}
	c, _ := x.host.Actor(f.Who[0]).(Actor)
	return c
}

// Apply carries out a fault. It returns an *engine.NotHere for a fault that real servers cannot
// have, and another error for a fault that is impossible in the current state.
func (x *Faults) Apply(f sim.Fault) error {
	x.host.TakeIn()
	h := engine.Happened{Fault: f, At: x.inbox.Now(), Index: x.inbox.Next()}
	err := x.apply(f)
	if err == nil {
		x.happened = append(x.happened, h)
	}
	return err
}

// Happened returns the faults that were carried out.
func (x *Faults) Happened() []engine.Happened { return x.happened }

func (x *Faults) apply(f sim.Fault) error {
	if err := x.possible(f); err != nil {
		return err
	}
	if slices.Contains(LinkFaults, f.Kind) {
		return x.links.Apply(f)
	}
	if c := x.client(f); c != nil {
		return x.toClient(c, f)
	}
	if len(f.Who) > 0 {
		if n := x.links.Number(f.Who[0]); n > 0 {
			return x.toServer(n, f)
		}
	}
	return fmt.Errorf("%s: no such server or client", f)
}

func (x *Faults) toServer(n int, f sim.Fault) error {
	switch f.Kind {
	case sim.FaultCrash:
		err := x.host.Server(n).Kill()
		x.host.Down(n)
		return err
	case sim.FaultWipe:
		err := x.host.Wipe(n)
		x.host.Down(n)
		return err
	case sim.FaultRestart:
		return x.host.Restart(n)
	}
	return x.pause(x.host.Server(n), f.Span)
}

// pause stops a server for a span.
func (x *Faults) pause(s *Server, span sim.Time) error {
	err := s.Pause()
	if err == nil {
		x.inbox.Later(span, func() {
			if err := s.Resume(); err != nil && !errors.Is(err, ErrState) {
				x.host.Fail(err) // no error if the process has ended before that
			}
		})
	}
	return err
}

func (x *Faults) toClient(c Actor, f sim.Fault) error {
	switch f.Kind {
	case sim.FaultCrash, sim.FaultPower:
		if !c.Up() {
			return fmt.Errorf("%s: the client is already down", f)
		}
		c.Die(f.Kind == sim.FaultCrash)
	case sim.FaultRestart:
		if c.Up() {
			return fmt.Errorf("%s: the client is already running", f)
		}
		c.Start()
	case sim.FaultPause:
		if !c.Up() {
			return fmt.Errorf("%s: the client is down", f)
		}
		c.Pause(f.Span)
	case sim.FaultExpire:
		return x.host.Expire(c.Who())
	}
	return nil
}
