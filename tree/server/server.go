package server

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Config is the configuration of a server.
type Config struct {
	Peer zab.Config

	MinSessionTimeout sim.Time // default 2 ticks
	MaxSessionTimeout sim.Time // default 20 ticks

	// ExpireOnDisconnect makes the leader close a session as soon as its connection breaks, as some
	// tutorials describe. ZooKeeper waits until the session expires.
	ExpireOnDisconnect bool

	// WallBase is what a wall clock showed when the world began, in µs since 1970.
	WallBase sim.Time

	// SuperDigest is the digest id (super:…) that may do everything. If it is empty, no id may.
	SuperDigest string

	// SingleWatchMode makes watches behave as in servers before 3.9: see [tree.Watches.SingleMode].
	SingleWatchMode bool

	// ExtendedTypes allows nodes with a time to live (zookeeper.extendedTypesEnabled).
	ExtendedTypes bool

	// Address returns the IP address of a client's machine, for ACLs of the scheme ip. By default
	// it is 10.a.b.c.
	Address func(sim.NodeID) string

	// MaxRequest is the size in bytes of the largest request that a client may send (ZooKeeper's
	// jute.maxbuffer); the server closes the connection of a larger one. Default 1048575.
	MaxRequest int

	Probe Probe // may be nil
}

// Server is one ZooKeeper server.
type Server struct {
	config Config
	probe  Probe
	io     zab.IO
	peer   *zab.Peer

	tree    *tree.Tree
	watches *tree.Watches
	fired   []tree.Fired // scratch
	decoder tree.TxnDecoder
	result  tree.Result // scratch: of the last transaction
	encoded []byte      // scratch: the last proposal

	serving   bool
	conns     []*conn // in order of arrival
	byConn    map[sim.ConnID]*conn
	bySession map[int64]*conn
	lead      *leader // non-nil while this server leads and serves
	touched   []zab.Touch
	sent      []zab.Touch // the last result of Touched
	nextID    int64       // the next session id
	pong      *tree.Reply // the last answer to a ping, sent again while nothing changes
}

// New returns a server that continues from what its disk holds. Its first event must be Boot.
func New(c Config, disk zab.DiskReader) *Server {
	tick := c.Peer.TickTime
	if tick == 0 {
		tick = 2 * sim.Second
	}
	if c.MinSessionTimeout == 0 {
		c.MinSessionTimeout = 2 * tick
	}
	if c.MaxSessionTimeout == 0 {
		c.MaxSessionTimeout = 20 * tick
	}
	if c.MaxRequest == 0 {
		c.MaxRequest = 0xfffff // BinaryInputArchive.maxBuffer
	}
	if c.Address == nil {
		c.Address = Address
	}
	s := &Server{
		config: c, probe: c.Probe, tree: tree.New(),
		byConn: make(map[sim.ConnID]*conn), bySession: make(map[int64]*conn),
	}
	if s.probe == nil {
		s.probe = NopProbe{}
	}
	stored, err := zab.Recover(disk)
	s.peer = zab.New(c.Peer, stored, err, s, &s.io)
	return s
}

// Format writes the files of a new server's disk. It calls the function put for each file.
func Format(put func(name string, data []byte)) { FormatWith(tree.New(), put) }

// FormatWith works like [Format], for an ensemble that starts with the nodes of a given tree.
func FormatWith(t *tree.Tree, put func(name string, data []byte)) {
	var all []byte
	shot := tree.NewSnapshotter(t)
	for done := false; !done; {
		all, done = shot.Next(all, 1<<16)
	}
	zab.Format(all, put)
}

// Peer returns the part of the server that runs the ZAB protocol.
func (s *Server) Peer() *zab.Peer { return s.peer }

// Tree returns the server's replica of the tree. Do not keep the pointer: restoring a snapshot
// replaces the tree.
func (s *Server) Tree() *tree.Tree { return s.tree }

// Watches returns the watches of the clients connected to this server. They are nil while the
// server is not serving.
func (s *Server) Watches() *tree.Watches { return s.watches }

// Serving reports whether the server answers clients.
func (s *Server) Serving() bool { return s.serving }

// Connections returns the number of clients' connections.
func (s *Server) Connections() int { return len(s.conns) }

// SessionWatch is one watch that a client has set at this server.
type SessionWatch struct {
	Path    string
	Session int64
}

// AppendWatches appends the watches of this server's clients, sorted by path.
func (s *Server) AppendWatches(dst []SessionWatch) []SessionWatch {
	if s.watches == nil {
		return dst
	}
	for _, w := range s.watches.AppendWatched(nil) {
		if c := s.byConn[sim.ConnID(w.Watcher)]; c != nil {
			dst = append(dst, SessionWatch{w.Path, c.session})
		}
	}
	return dst
}

// Leads reports whether this server may propose transactions.
func (s *Server) Leads() bool { return s.lead != nil }

// Settings returns the server's configuration, with its defaults filled in.
func (s *Server) Settings() *Config { return &s.config }

// Step takes one event and appends the effects that follow.
func (s *Server) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	s.io.Begin(now, e, out)
	switch {
	case e.Kind == sim.Told:
		s.onTold(e.Msg)
	case e.Port == zab.PortClient:
		s.onClient(e)
	default:
		if e.Kind == sim.Boot {
			s.nextID = s.firstSessionID(e)
		}
		s.peer.Handle(e)
		if e.Kind == sim.Wake && s.lead != nil {
			s.expireSessions()
			if s.lead != nil {
				s.deleteContainers()
			}
		}
	}
	out, s.io.Out = s.io.Out, nil
	return out
}

// Deadline returns the local time at which the server next wants a Wake.
func (s *Server) Deadline() sim.Time {
	d := s.peer.Deadline()
	if s.lead != nil && s.lead.nextExpiry != sim.Never {
		d = min(d, s.io.Now+s.lead.nextExpiry-s.clock())
	}
	if s.lead != nil {
		d = min(d, s.lead.nextLook)
	}
	return d
}

func (s *Server) onTold(msg sim.Message) {
	m, ok := msg.(*Expire)
	switch {
	case !ok:
		s.refuse(0, "a server cannot carry out the command "+msg.Name()+": the only command for a "+
			"server is EXPIRE")
		return
	case m.Session == 0:
		s.refuse(m.Session, "EXPIRE: the client has no session")
		return
	case !s.serving:
		s.refuse(m.Session, "EXPIRE: this server does not serve clients now")
		return
	}
	s.submitClose(m.Session, false)
}

func (s *Server) refuse(session int64, why string) { s.probe.Refused(session, why) }

// fail ends the run: something has happened that the fault model forbids.
func (s *Server) fail(format string, args ...any) {
	text := fmt.Sprintf("S%d: "+format, append([]any{s.config.Peer.ID}, args...)...)
	panic(&sim.AssertionError{Text: text})
}
