package ensemble

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// AddStranger adds a machine that connects to one server after another and behaves as no client of
// this lab does. On some connections it breaks the client protocol: it sends a request before
// CONNECT, a second CONNECT, or a message that no client sends. A server closes such a connection.
// On other connections it asks for a very short or very long session timeout, sends a request
// before the CONNECT is answered, and resumes the new session once with another timeout.
// AddStranger does nothing if the name is taken.
func (e *Ensemble) AddStranger(name string) {
	e.addOutsider(name, func(rand *sim.Rand) sim.Program {
		return &stranger{servers: e.total, rand: rand, at: sim.Never}
	})
}

// addOutsider adds and starts a machine that speaks to servers and is no client of this lab. It does
// nothing if the name is taken.
func (e *Ensemble) addOutsider(name string, program func(*sim.Rand) sim.Program) {
	if e.World.Find(name) != nil {
		return
	}
	m := e.World.Add(name, "client", func(m *sim.Machine) sim.Program {
		return program(e.World.Rand(m.Name))
	})
	e.audit.Addressed(m, e.addressAt)
	e.World.Start(m)
}

// strangerPause is the longest time between two connections of a stranger.
const strangerPause = 4 * sim.Second

// strangerSessions is how long a stranger opens sessions of its own.
const strangerSessions = 15 * sim.Second

// stranger is a program that breaks the protocol of clients.
type stranger struct {
	servers int
	rand    *sim.Rand
	conn    sim.ConnID
	at      sim.Time              // when it connects again
	has     *tree.ConnectResponse // the session that it resumes next; nil if none
	resumes bool                  // the present connection resumes a session
}

// Step does what the stranger does next: it connects, says something wrong, and goes.
func (s *stranger) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch {
	case e.Kind == sim.Boot:
		s.conn, s.at = e.Conn, now+s.rand.Between(0, strangerPause)
	case e.Kind == sim.Wake && now >= s.at:
		out = append(out, sim.Effect{Kind: sim.Close, Conn: s.conn})
		s.conn++
		s.at = now + s.rand.Between(sim.Second, strangerPause)
		out = append(out, sim.Effect{Kind: sim.Dial, Conn: s.conn, Port: zab.PortClient,
			To: sim.NodeID(1 + s.rand.Intn(s.servers)), Span: sim.Second})
	case e.Kind == sim.Connected && e.Conn == s.conn:
		for _, m := range s.says(now) {
			out = append(out, sim.Effect{Kind: sim.Send, Conn: s.conn, Msg: m})
		}
	case e.Kind == sim.Received && e.Conn == s.conn && !s.resumes:
		if m, ok := e.Msg.(*tree.ConnectResponse); ok && m.TimeoutMs > 0 {
			s.has, s.at = m, now
		}
	}
	return out
}

// says returns messages that no client sends like this.
func (s *stranger) says(now sim.Time) []sim.Message {
	if has := s.has; has != nil {
		s.has, s.resumes = nil, true
		return []sim.Message{&tree.ConnectRequest{TimeoutMs: has.TimeoutMs + 100,
			SessionID: has.SessionID, Passwd: has.Passwd}}
	}
	s.resumes = false
	if now < strangerSessions && s.rand.Intn(2) == 0 {
		return []sim.Message{&tree.ConnectRequest{TimeoutMs: int32(1 + s.rand.Intn(2)*3_600_000)},
			&tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpExists, Path: "/"}}}
	}
	connect := &tree.ConnectRequest{TimeoutMs: 1000} // a new session: another is refused at once
	switch s.rand.Intn(3) {
	case 0:
		return []sim.Message{&tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpGetData, Path: "/"}}}
	case 1:
		return []sim.Message{connect, connect}
	}
	return []sim.Message{&tree.Reply{Xid: 1}}
}

// Deadline is when the stranger connects again.
func (s *stranger) Deadline() sim.Time { return s.at }
