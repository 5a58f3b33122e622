package conformance

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Server is a simulated server, alone in its world, to which a [Wire] can connect.
type Server struct {
	world   *sim.World
	machine *sim.Machine
}

// patience is how long a server may take to answer, in virtual time.
const patience = sim.Second

// NewServer starts a server and waits until the server has elected itself. Before the start,
// NewServer calls put, which writes the server's first files to its disk; if put is nil, NewServer
// formats the disk.
func NewServer(c server.Config, put func(put func(name string, data []byte))) (*Server, error) {
	s := &Server{world: sim.NewWorld(sim.Config{Seed: 7})}
	if put == nil {
		put = server.Format
	}
	s.machine = s.world.Add("S1", "server", func(m *sim.Machine) sim.Program {
		c := c
		c.Peer.ID, c.Peer.Voters = m.ID, zab.Set(0).With(m.ID)
		c.Peer.Rand = s.world.Rand(m.Name)
		c.WallBase = 1_700_000_000 * sim.Second
		return server.New(c, m.Disk())
	})
	put(s.machine.Disk().Preload)
	s.world.Start(s.machine)
	return s, s.Run(sim.Second)
}

// Run lets a span of virtual time pass. It returns an error if a program in the simulation fails.
func (s *Server) Run(d sim.Time) error {
	if !s.world.Run(s.world.Now()+d, nil) {
		return fmt.Errorf("the simulated server: %w", s.world.Err())
	}
	return nil
}

func (s *Server) until(what string, is func() bool) error {
	if is() {
		return nil
	}
	if !s.world.Run(s.world.Now()+patience, is) {
		return fmt.Errorf("the simulated server: %w", s.world.Err())
	}
	if !is() {
		return fmt.Errorf("the simulated server: gave up after %s of virtual time, waiting until %s",
			patience, what)
	}
	return nil
}

// Fault applies a fault, written as in a plan: "crash S1".
func (s *Server) Fault(line string) error {
	f, err := sim.ParseFault(line)
	if err != nil {
		return err
	}
	return s.world.Inject(f)
}

// Tree returns the server's tree, or nil while the server is down.
func (s *Server) Tree() *tree.Tree {
	if p, ok := s.machine.Program().(*server.Server); ok {
		return p.Tree()
	}
	return nil
}

// Wire is a client's raw connection to a [Server]. It keeps the messages that arrive.
type Wire struct {
	Session int64
	Passwd  []byte

	s         *Server
	machine   *sim.Machine
	conn      sim.ConnID
	in        []sim.Message
	closed    bool
	connected bool
}

type say struct{ effect sim.Effect }

func (*say) Name() string { return "SAY" }
func (*say) Size() int    { return 0 }
func (*say) Key() uint64  { return 0 }

// wireProgram is the [sim.Program] of a Wire.
type wireProgram Wire

func (c *wireProgram) Deadline() sim.Time { return sim.Never }

func (c *wireProgram) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch e.Kind {
	case sim.Boot:
		c.conn = e.Conn + 1
		out = append(out, sim.Effect{
			Kind: sim.Dial, Conn: c.conn, To: 1, Port: zab.PortClient, Span: sim.Second,
		})
	case sim.Connected:
		c.connected = true
	case sim.Received:
		c.in = append(c.in, e.Msg)
	case sim.Closed:
		c.closed = true
	case sim.Told:
		effect := e.Msg.(*say).effect
		effect.Conn = c.conn
		out = append(out, effect)
	}
	return out
}

// Dial connects a new client and sends the ConnectRequest m. The response is nil if the server
// closed the connection without an answer. The name must differ from the names of all earlier
// clients.
func (s *Server) Dial(name string, m *tree.ConnectRequest) (*tree.ConnectResponse, *Wire, error) {
	if s.world.Find(name) != nil {
		return nil, nil, fmt.Errorf("connect %s: the name is in use: choose another name", name)
	}
	c := &Wire{s: s}
	c.machine = s.world.Add(name, "client", func(*sim.Machine) sim.Program {
		return (*wireProgram)(c)
	})
	s.world.Start(c.machine)
	err := s.until(name+" is connected", func() bool { return c.connected || c.closed })
	if err != nil {
		return nil, c, err
	}
	c.Send(m)
	err = s.until(name+" has a session", func() bool { return len(c.in) > 0 || c.closed })
	if err != nil {
		return nil, c, err
	}
	if len(c.in) == 0 {
		return nil, c, nil
	}
	r := c.in[0].(*tree.ConnectResponse)
	c.in = c.in[1:]
	c.Session, c.Passwd = r.SessionID, r.Passwd
	return r, c, nil
}

// Send sends a message to the server. The message arrives only while virtual time passes, for
// example during [Server.Run].
func (c *Wire) Send(m sim.Message) {
	c.s.world.Tell(c.machine, &say{sim.Effect{Kind: sim.Send, Msg: m}})
}

// Drop breaks the connection. The session stays open.
func (c *Wire) Drop() { c.s.world.Tell(c.machine, &say{sim.Effect{Kind: sim.Close}}) }

// Closed reports whether the connection has closed.
func (c *Wire) Closed() bool { return c.closed }

// WaitClosed waits until the server has closed the connection.
func (c *Wire) WaitClosed() error {
	return c.s.until("the connection is closed", func() bool { return c.closed })
}

// Heard returns the messages that have arrived since the last call.
func (c *Wire) Heard() []sim.Message {
	in := c.in
	c.in = nil
	return in
}

// Ask sends a request and waits for its answer, which is nil if the server closes the connection
// instead. events are the watch events that arrived before the answer.
func (c *Wire) Ask(r *tree.Request) (events []tree.WatchEvent, answer *tree.Reply, err error) {
	c.Send(r)
	err = c.s.until("the server answers", func() bool {
		for _, m := range c.in {
			if a, ok := m.(*tree.Reply); ok && a.Xid == r.Xid {
				answer = a
			}
		}
		return answer != nil || c.closed
	})
	return c.Events(), answer, err
}

// Events returns the watch events that have arrived since the last call. It drops all other
// messages.
func (c *Wire) Events() (events []tree.WatchEvent) {
	for _, m := range c.Heard() {
		if e, ok := m.(*tree.WatchNotification); ok {
			events = append(events, e.WatchEvent)
		}
	}
	return events
}
