package ensemble

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// AddResumer adds a machine whose processes hand their sessions on: a process opens a session,
// sends two requests and ends; the next process resumes the session at the same server, as a
// program does that gives the id and the password of a saved session to ZooKeeper's constructor.
// The next process numbers its requests from 1 again. The server may then still wait for the answer
// to a request of the earlier process that has the same number. AddResumer does nothing if the name
// is taken.
func (e *Ensemble) AddResumer(name string) {
	e.addOutsider(name, func(rand *sim.Rand) sim.Program {
		return &resumer{servers: e.total, rand: rand, at: sim.Never}
	})
}

const (
	resumerTimeout = 10 * sim.Second     // of its sessions
	resumerPause   = 2 * sim.Second      // the longest time between two sessions
	resumerHurry   = 4 * sim.Millisecond // the longest time from the requests to the next process
	resumerUntil   = 20 * sim.Second     // when it opens its last session
	resumerPath    = "/no-such-node"     // a set of it is a transaction that changes nothing
)

// resumer is a program that plays processes that resume each other's sessions.
type resumer struct {
	servers int
	rand    *sim.Rand
	conn    sim.ConnID
	server  sim.NodeID
	at      sim.Time              // when it connects again
	has     *tree.ConnectResponse // the session that the next process resumes; nil if none
	resumes bool                  // the present process has resumed its session
}

// Step does what the present process does, and begins the next one.
func (s *resumer) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	var says []sim.Message
	switch {
	case e.Kind == sim.Boot:
		s.conn, s.at = e.Conn, now+s.rand.Between(0, resumerPause)
	case e.Kind == sim.Wake && now >= s.at:
		out = append(out, sim.Effect{Kind: sim.Close, Conn: s.conn})
		s.conn++
		if s.at = now + s.rand.Between(sim.Second, resumerPause); now > resumerUntil {
			s.at = sim.Never
		}
		if s.has == nil {
			s.server = sim.NodeID(1 + s.rand.Intn(s.servers))
		}
		out = append(out, sim.Effect{Kind: sim.Dial, Conn: s.conn, Port: zab.PortClient,
			To: s.server, Span: sim.Second})
	case e.Kind == sim.Connected && e.Conn == s.conn:
		says = s.connects()
	case e.Kind == sim.Received && e.Conn == s.conn:
		m, ok := e.Msg.(*tree.ConnectResponse)
		if ok && m.TimeoutMs > 0 && !s.resumes && s.at != sim.Never {
			s.has, s.at = m, now+s.rand.Between(0, resumerHurry)
			says = []sim.Message{setRequest(1), &tree.Request{Xid: 2,
				Op: tree.Op{Type: tree.OpSync, Path: resumerPath}}}
		}
	}
	for _, m := range says {
		out = append(out, sim.Effect{Kind: sim.Send, Conn: s.conn, Msg: m})
	}
	return out
}

// connects returns what a process says first: it asks for a session, or resumes one and sends its
// requests at once.
func (s *resumer) connects() []sim.Message {
	connect := &tree.ConnectRequest{TimeoutMs: int32(resumerTimeout / sim.Millisecond)}
	if s.resumes = s.has != nil; !s.resumes {
		return []sim.Message{connect}
	}
	connect.SessionID, connect.Passwd, s.has = s.has.SessionID, s.has.Passwd, nil
	read := &tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpExists, Path: resumerPath}}
	return []sim.Message{connect, read, setRequest(2)}
}

// setRequest returns a write that needs a commit.
func setRequest(xid int32) *tree.Request {
	return &tree.Request{Xid: xid, Op: tree.Op{Type: tree.OpSetData, Path: resumerPath,
		Version: tree.AnyVersion}}
}

// Deadline is when the next process begins.
func (s *resumer) Deadline() sim.Time { return s.at }
