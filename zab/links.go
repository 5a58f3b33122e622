package zab

import "github.com/zablab/zablab/sim"

// links are the connections that carry votes (ZooKeeper's QuorumCnxManager). Each pair of servers
// has one, dialled by the server with the larger number. Each link keeps only its latest message,
// and sends that message again when its connection opens. The message arrives unless the connection
// breaks; then the election resends it after silence.
type links struct {
	p  *Peer
	to []electionLink // by ID
}

type electionLink struct {
	conn    sim.ConnID
	dialled sim.ConnID // a dial under way, or 0
	last    *Notification
}

// connectTimeout limits the time in which an election connection must open (zookeeper.cnxTimeout).
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

// connect dials a server. If that server has the larger number, it closes the connection and dials
// back, so that a pair never has two connections.
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
			// A server with a smaller number dials only if it has no connection: any that we still
			// have is dead.
			l.p.io.Close(e.Conn)
			l.p.io.Close(k.conn)
			k.conn = 0
			if !l.p.ignoresCaller(e.From) {
				l.connect(e.From, k)
			}
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
			return // the larger server closes this connection and dials back
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

// up puts a connection into use, and sends the latest message on it.
func (l *links) up(k *electionLink, conn sim.ConnID) {
	k.conn = conn
	if k.last != nil {
		l.p.io.Send(conn, k.last)
	}
}
