package server

import (
	"slices"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// connPhase is how far the server has come with opening a client's connection.
type connPhase uint8

const (
	connNew        connPhase = iota // no CONNECT has come
	connCreating                    // its createSession is not applied yet
	connValidating                  // the leader has not said yet whether its session is alive
	connOpen
)

// conn is a client's connection, with the requests on it that are not answered yet (the session's
// queue in ZooKeeper's CommitProcessor).
type conn struct {
	id        sim.ConnID
	phase     connPhase
	session   int64
	timeoutMs int32
	auth      []tree.Identity // copied when it grows: requests under way hold it
	queue     []waiting
	held      []*tree.Request // requests that came before the session was open
	touched   bool            // its session will be in the next PING's list
}

// waiting is a request whose answer waits: for the commit of its transaction, or for the answers
// before it.
type waiting struct {
	request *tree.Request
	auth    []tree.Identity // of the connection when the request came
	ready   bool            // the request needs no commit, or its commit has come
	code    tree.Code
	result  tree.OpResult
}

func (s *Server) onClient(e sim.Event) {
	c := s.byConn[e.Conn]
	switch e.Kind {
	case sim.Accepted:
		if !s.serving {
			s.refuse(0, "this server does not serve clients now")
			s.io.Close(e.Conn)
			return
		}
		c = &conn{id: e.Conn, auth: []tree.Identity{{Scheme: "ip", ID: s.config.Address(e.From)}}}
		s.conns = append(s.conns, c)
		s.byConn[c.id] = c
	case sim.Closed:
		if c != nil {
			s.drop(c)
			if s.config.ExpireOnDisconnect && c.phase == connOpen {
				s.submitClose(c.session, true)
			}
		}
	case sim.Received:
		if c != nil {
			s.onMessage(c, e.Msg)
		}
	}
}

// Address returns the IP address of a machine for ACLs, such as 10.0.0.7 for the machine with
// NodeID 7. It is the default of [Config].Address.
func Address(n sim.NodeID) string {
	return "10." + strconv.Itoa(int(n>>16&0xff)) + "." + strconv.Itoa(int(n>>8&0xff)) + "." +
		strconv.Itoa(int(n&0xff))
}

// lengthPrefix is the size in bytes of the length that precedes each message, and does not count
// towards it (NIOServerCnxn.readLength).
const lengthPrefix = 4

func (s *Server) onMessage(c *conn, msg sim.Message) {
	if n := msg.Size(); n > lengthPrefix+s.config.MaxRequest {
		s.closeConn(c, "the client sent a message of "+strconv.Itoa(n-lengthPrefix)+
			" bytes, more than jute.maxbuffer allows")
		return
	}
	switch m := msg.(type) {
	case *tree.ConnectRequest:
		if c.phase != connNew {
			s.closeConn(c, "the client sent CONNECT twice on one connection")
			return
		}
		s.onConnect(c, m)
	case *tree.Request:
		switch c.phase {
		case connNew:
			s.closeConn(c, "the client sent a request before CONNECT")
		case connOpen:
			s.onRequest(c, m)
		default:
			c.held = append(c.held, m)
		}
	default:
		s.closeConn(c, "the client sent "+msg.Name()+", which no client may send")
	}
}

// onConnect opens a session, or resumes one (ZooKeeperServer.processConnectRequest).
func (s *Server) onConnect(c *conn, m *tree.ConnectRequest) {
	if m.LastZxidSeen > s.tree.LastProcessed() && !s.has(flaw.NoZxidCheck) {
		s.closeConn(c, "the client has seen zxid "+tree.FormatZxid(m.LastZxidSeen)+
			", which this server has not applied yet")
		return
	}
	c.timeoutMs = s.negotiate(m.TimeoutMs)
	if m.SessionID == 0 {
		s.nextID++
		c.phase = connCreating
		s.attach(c, s.nextID)
		s.submit(&Request{
			Session: c.session,
			Op:      &tree.Op{Type: tree.OpCreateSession, TimeoutMs: c.timeoutMs},
		})
		return
	}
	// As in ZooKeeper, even an attempt with a wrong password ends the session's connection here.
	if old := s.bySession[m.SessionID]; old != nil {
		s.closeConn(old, "the client has opened a newer connection for this session")
	}
	if !slices.Equal(m.Passwd, password(m.SessionID)) {
		s.rejectSession(c, "wrong password")
		return
	}
	c.phase = connValidating
	s.attach(c, m.SessionID)
	if s.lead != nil {
		s.validated(c, s.peer.ID())
		return
	}
	s.peer.Forward(&zab.Revalidate{Session: c.session, TimeoutMs: c.timeoutMs})
}

// attach makes a connection the one that answers commits of the session.
func (s *Server) attach(c *conn, session int64) {
	c.session = session
	s.bySession[session] = c
}

// validated opens a connection on the leader, which knows by itself whether the session is alive.
func (s *Server) validated(c *conn, at zab.ID) {
	timeoutMs, valid := s.revalidate(c.session, at)
	s.onValidated(c, timeoutMs, valid)
}

// onValidated opens a connection whose session the leader has confirmed, or rejects it.
func (s *Server) onValidated(c *conn, timeoutMs int32, valid bool) {
	if !valid {
		s.rejectSession(c, "the session is over")
		return
	}
	c.timeoutMs = timeoutMs
	s.open(c)
}

// rejectSession tells a client that its session is over: timeout 0.
func (s *Server) rejectSession(c *conn, why string) {
	s.io.Send(c.id, &tree.ConnectResponse{Passwd: make([]byte, 16)})
	s.closeConn(c, why)
}

// open confirms the session to the client, and handles the requests that were held back.
func (s *Server) open(c *conn) {
	c.phase = connOpen
	s.io.Send(c.id, &tree.ConnectResponse{
		TimeoutMs: c.timeoutMs, SessionID: c.session, Passwd: password(c.session),
	})
	s.heardOf(c)
	held := c.held
	c.held = nil
	for _, m := range held {
		if s.byConn[c.id] != c {
			return
		}
		s.onRequest(c, m)
	}
}

// closeConn closes a client's connection and reports why.
func (s *Server) closeConn(c *conn, why string) {
	if s.byConn[c.id] != c {
		return
	}
	s.refuse(c.session, why)
	s.io.Close(c.id)
	s.drop(c)
}

// drop forgets a connection and its watches. Writes that the connection has sent may still commit.
func (s *Server) drop(c *conn) {
	delete(s.byConn, c.id)
	if s.bySession[c.session] == c {
		delete(s.bySession, c.session)
	}
	if i := slices.Index(s.conns, c); i >= 0 {
		s.conns = slices.Delete(s.conns, i, i+1)
	}
	if s.watches != nil {
		s.watches.RemoveWatcher(watcherOf(c))
	}
	c.queue, c.held = nil, nil
}

func watcherOf(c *conn) tree.WatcherID { return tree.WatcherID(c.id) }
