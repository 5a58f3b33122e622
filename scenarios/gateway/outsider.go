package gateway

import (
	"errors"
	"slices"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/zab"
)

// dialSpan is how long a dial may take. A client that wants to give up sooner hangs up.
const dialSpan = 30 * sim.Second

// outsider is one client from outside.
type outsider struct {
	name    string
	world   *World
	machine *sim.Machine
	remote  *ensemble.Remote
	life    *life // the running process, or the last
	xid     int32 // of its last request, by arrival
}

// life is the gateway of a client during one life of its machine's process: the machine's program.
type life struct {
	*outsider
	last    sim.ConnID
	sockets []*socket // in the order of their dials
}

// socket is one connection of a client.
type socket struct {
	number   uint32
	conn     sim.ConnID
	server   sim.NodeID
	greeted  bool // the first packet has gone
	readOnly bool // the client knows the flag for read-only servers
	session  int64
	pending  []request
	stays    standing
	// left is true when the client has closed its end. The machine learns of it later if it is
	// paused: what it then finds from the server, the client has never received.
	left bool
}

// request is a request that is not answered: its numbers on both sides, and the call that the
// history has of it, if it has one.
type request struct {
	own, original int32
	call          *client.Call
	op            tree.Op
}

// Deadline is Never: a gateway acts only when it is told.
func (l *life) Deadline() sim.Time { return sim.Never }

// Step passes the client's packets on to the servers, and the servers' packets to the client.
func (l *life) Step(_ sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if e.Kind == sim.Told {
		return l.told(&e.Msg.(*word).Input, out)
	}
	if e.Kind == sim.Boot {
		l.last = e.Conn
		return out
	}
	i := slices.IndexFunc(l.sockets, func(s *socket) bool { return s.conn == e.Conn })
	if i < 0 {
		return out
	}
	s := l.sockets[i]
	switch e.Kind {
	case sim.Connected:
		l.say(s, Output{Sign: Opened})
	case sim.Refused:
		l.drop(s, "connection refused")
	case sim.Closed:
		l.drop(s, "connection closed by the server")
	case sim.Received:
		l.heard(s, e.Msg)
	}
	return out
}

func (l *life) say(s *socket, o Output) {
	o.Client, o.Socket = l.name, s.number
	l.world.say(o)
}

// told carries out what the client does.
func (l *life) told(in *Input, out []sim.Effect) []sim.Effect {
	if in.Kind == Dial {
		l.last++
		s := &socket{
			number: in.Socket, conn: l.last, server: l.world.Ensemble.World.Find(in.Server).ID,
		}
		l.sockets = append(l.sockets, s)
		return append(out, sim.Effect{
			Kind: sim.Dial, To: s.server, Conn: s.conn, Port: zab.PortClient, Span: dialSpan,
		})
	}
	i := slices.IndexFunc(l.sockets, func(s *socket) bool { return s.number == in.Socket })
	if i < 0 {
		return out // the connection is already closed
	}
	s := l.sockets[i]
	if in.Kind == HangUp {
		l.drop(s, "closed by the client")
		return append(out, sim.Effect{Kind: sim.Close, Conn: s.conn})
	}
	m, err := l.read(s, in.Data)
	if err != nil {
		l.drop(s, err.Error())
		return append(out, sim.Effect{Kind: sim.Close, Conn: s.conn})
	}
	return append(out, sim.Effect{Kind: sim.Send, Conn: s.conn, Msg: m})
}

// read decodes a packet of the client.
func (l *life) read(s *socket, packet []byte) (sim.Message, error) {
	if !s.greeted {
		m, readOnly, err := jute.DecodeConnectRequest(packet)
		s.greeted, s.readOnly = true, readOnly
		return m, err
	}
	m, err := jute.DecodeRequest(packet)
	if err != nil && !errors.Is(err, jute.ErrUnknownOperation) {
		return nil, err // the server refuses an unknown operation itself
	}
	l.called(s, m)
	return m, nil
}

// called numbers a request by its arrival, and notes it in the history.
func (l *life) called(s *socket, m *tree.Request) {
	if w := m.SetWatches; w != nil {
		s.stays.set(w)
		l.remote.Rewatched()
	}
	r := request{own: m.Xid, original: m.Xid, op: m.Op}
	own := m.Xid < 0 // a number that the protocol reserves for the type
	switch m.Type {
	case tree.OpPing, tree.OpSetWatches, tree.OpSetWatches2:
		if own {
			return
		}
	case tree.OpAuth:
	default:
		own = false // a hostile client may choose any number
	}
	if !own {
		l.xid++
		r.own, m.Xid = l.xid, l.xid
	}
	switch m.Type {
	case tree.OpSetWatches, tree.OpSetWatches2, tree.OpPing, tree.OpWhoAmI:
	default:
		r.call = &client.Call{Request: *m, Session: s.session}
		l.remote.Called(r.call)
	}
	s.pending = append(s.pending, r)
}

// leaves notes that the client closes its end of a connection.
func (o *outsider) leaves(number uint32) {
	if o.life == nil {
		return
	}
	for _, s := range o.life.sockets {
		s.left = s.left || s.number == number
	}
}

// heard hands a packet of the server to the client.
func (l *life) heard(s *socket, msg sim.Message) {
	if s.left {
		return
	}
	var packet []byte
	switch m := msg.(type) {
	case *tree.ConnectResponse:
		l.connected(s, m)
		packet = jute.AppendConnectResponse(nil, m, s.readOnly)
	case *tree.WatchNotification:
		l.remote.Notified(s.session, m.WatchEvent, s.stays.fires(&m.WatchEvent))
		packet = jute.AppendEvent(nil, &m.WatchEvent)
	case *tree.Reply:
		reply := *m
		l.answered(s, &reply)
		packet = jute.AppendReply(nil, &reply)
	default:
		return
	}
	if l.world.Out != nil {
		l.say(s, Output{Sign: Says, Data: packet})
	}
}

func (l *life) connected(s *socket, m *tree.ConnectResponse) {
	state := client.Connected
	if m.TimeoutMs <= 0 {
		state = client.Expired
	} else {
		s.session = m.SessionID
		l.say(s, Output{Sign: Session, ID: m.SessionID})
	}
	l.remote.Changed(state, s.session, s.server)
}

// answered gives a reply the number that the client knows, and ends the call.
func (l *life) answered(s *socket, m *tree.Reply) {
	i := slices.IndexFunc(s.pending, func(r request) bool { return r.own == m.Xid })
	if i < 0 {
		return
	}
	r := s.pending[i]
	s.pending = slices.Delete(s.pending, i, i+1)
	m.Xid = r.original
	if m.Code == tree.OK {
		s.stays.answered(&r.op)
	}
	if r.call == nil {
		return
	}
	c := r.call
	c.Result, c.Zxid = m.Result, m.Zxid
	c.Outcome, c.Code = client.OutcomeOf(m)
	l.remote.Returned(c)
}

// drop forgets a connection. What is not answered is unknown, and a read has failed.
func (l *life) drop(s *socket, why string) {
	i := slices.Index(l.sockets, s)
	if i < 0 {
		return
	}
	l.sockets = slices.Delete(l.sockets, i, i+1)
	for _, r := range s.pending {
		if c := r.call; c != nil {
			c.Outcome, c.Code = client.LostOutcome(&c.Op), tree.ConnectionLoss
			l.remote.Returned(c)
		}
	}
	s.pending = nil
	if s.session != 0 {
		l.remote.Changed(client.Disconnected, s.session, 0)
	}
	l.say(s, Output{Sign: Closed, Why: why})
}

// end drops all connections: the process has died.
func (l *life) end() {
	for len(l.sockets) > 0 {
		l.drop(l.sockets[0], l.name+" has crashed")
	}
}
