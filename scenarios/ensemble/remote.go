package ensemble

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Remote is a client whose program runs outside the simulated world, such as a process that speaks
// ZooKeeper's protocol. In the world, a machine with a gateway takes the program's place: it sends
// on what the program sends, and reports to the Remote what the program calls and receives. In this
// way the history contains the program's operations, and faults can act on the machine.
type Remote struct {
	client  *Client
	address string
	state   client.State
	open    int // operations that are not answered
}

// AddRemote adds the machine of a remote client; Start starts it. address is the client's IP
// address, as servers see it. The function boot makes its gateway at every start. AddRemote fails
// if the name is taken.
func (e *Ensemble) AddRemote(
	name, address string, boot func(*sim.Machine) sim.Program,
) (*Remote, error) {
	if e.World.Find(name) != nil {
		return nil, fmt.Errorf("client %s: another machine has this name: choose another "+
			"name", name)
	}
	r := &Remote{address: address}
	k := &Client{Name: name, e: e, home: 1, remote: r}
	r.client = k
	k.machine = e.World.Add(name, "client", func(m *sim.Machine) sim.Program {
		k.lives++
		k.ended = false
		return e.tamper(m, boot(m))
	})
	e.add(k)
	return r, nil
}

// Client returns the remote client, as the ensemble and the judges see it. It has no Program.
func (r *Remote) Client() *Client { return r.client }

// Called reports an operation that the program has sent. To report its end, pass the same call to
// Returned.
func (r *Remote) Called(call *client.Call) {
	call.CalledAt = r.client.e.World.Now()
	call.SentAt = call.CalledAt
	r.open++
	(*hooks)(r.client).Called(nil, call)
}

// Returned reports that an operation has ended. Set the outcome, code, result and zxid in call
// first.
func (r *Remote) Returned(call *client.Call) {
	call.ReturnedAt = r.client.e.World.Now()
	r.open--
	(*hooks)(r.client).Returned(nil, call)
}

// Notified reports a watch event that the program has received. persistent says that its watch
// stays set.
func (r *Remote) Notified(session int64, event tree.WatchEvent, persistent bool) {
	(*hooks)(r.client).notified(session, event, persistent)
}

// Call Rewatched when the client library has set the watches again on the present connection. This
// shows that the library remembers watches while the client has no connection (kazoo does not).
// Earlier connections of the session may have broken before the library could set the watches
// again. After the call of Rewatched, the session counts as having kept its watches on those
// connections, too.
func (r *Remote) Rewatched() {
	states := r.client.states
	for i := len(states) - 1; i >= 0 && states[i].Session == r.client.session; i-- {
		s := &states[i]
		if s.State == client.Connected && !s.Unwatched {
			return
		}
		s.Unwatched = false
	}
}

// Changed reports that the connection of a session has changed its state. server is 0 if there is
// no connection.
func (r *Remote) Changed(s client.State, session int64, server sim.NodeID) {
	r.state = s
	if session != 0 {
		r.client.session = session
	}
	k := r.client
	k.states = append(k.states, engine.StateChange{
		State: s, Session: session, At: k.e.World.Now(), Index: k.e.World.Index(),
		Unwatched: s == client.Connected,
	})
	if s == client.Connected {
		k.e.noteSession(session, k.Name)
	}
	if rec := k.e.World.Emit(narration.KindRole, k.machine.ID, uint64(s)); rec != nil {
		rec.Body = narration.ClientState{State: s, Session: session, Server: server}
	}
}
