package zab

import "github.com/zablab/zablab/sim"

// links are the connections that notifications travel on: QuorumCnxManager. There is one for each
// pair of servers, dialled by the larger of the two. Each keeps the last message only: a newer one
// replaces one that could not be sent, and the last is sent again when a connection comes up. So a
// link delivers the latest message, unless the connection breaks; the election resends after
// silence.
type links struct {
	p  *Peer
	to []electionLink // by ID
}

type electionLink struct {
	conn    sim.ConnID
	dialled sim.ConnID // a dial under way, or 0
	last    *Notification
}

// connectTimeout bounds the opening of an election connection (zookeeper.cnxTimeout).
const connectTimeout = 5 * sim.Second

func (l *links) init(p *Peer) {
	l.p = p
	all := p.config.Voters | p.config.Observers
	highest := ID(0)
	for _, id := range all.IDs() {
		highest = max(highest, id)
	}
	l.to = make([]electionLink, highest+1)
}

func (l *links) link(id ID) *electionLink {
	if id < 1 || int(id) >= len(l.to) || id == l.p.config.ID {
		return nil
	}
	return &l.to[id]
}

// send sends n to one server as soon as there is a connection.
func (l *links) send(id ID, n *Notification) {
	k := l.link(id)
	if k == nil {
		return
	}
	k.last = n
	if k.conn != 0 {
		l.p.io.Send(k.conn, n)
		return
	}
	l.connect(id, k)
}

// connect dials. The smaller of a pair only knocks: the larger closes that connection and dials
// back, so that there is never more than one.
func (l *links) connect(id ID, k *electionLink) {
	if k.dialled == 0 {
		k.dialled = l.p.io.Dial(id, PortElection, connectTimeout)
	}
}

func (l *links) handle(e sim.Event) {
	k := l.link(e.From)
	if k == nil {
		l.p.io.Close(e.Conn)
		return
	}
	switch e.Kind {
	case sim.Accepted:
		if e.From < l.p.config.ID {
			// A server that knocks has no connection: the one that we may still have is dead.
			l.p.io.Close(e.Conn)
			l.p.io.Close(k.conn)
			k.conn = 0
			l.connect(e.From, k)
			return
		}
		l.p.io.Close(k.conn)
		l.up(k, e.Conn)
	case sim.Connected:
		if e.Conn != k.dialled {
			return
		}
		k.dialled = 0
		if e.From > l.p.config.ID {
			return // a knock: the larger closes it
		}
		l.up(k, e.Conn)
	case sim.Refused:
		if e.Conn == k.dialled {
			k.dialled = 0
		}
	case sim.Closed:
		if e.Conn == k.dialled {
			k.dialled = 0
		}
		if e.Conn == k.conn {
			k.conn = 0
		}
	case sim.Received:
		if n, ok := e.Msg.(*Notification); ok {
			l.p.onNotification(e.From, n)
		}
	}
}

// up takes a connection into use and sends the last message.
func (l *links) up(k *electionLink, conn sim.ConnID) {
	k.conn = conn
	if k.last != nil {
		l.p.io.Send(conn, k.last)
	}
}
