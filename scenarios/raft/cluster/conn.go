package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/sim"
)

// The services of a server.
const (
	portRaft   sim.Port = 1
	portClient sim.Port = 2
)

// packet is the message for one write to a connection: a request of raft, or an answer.
type packet struct {
	name string
	data []byte
	z    string // term/index of the last entry, for the trace
}

func (p *packet) Name() string { return p.name }
func (p *packet) Size() int    { return len(p.data) }
func (p *packet) Key() uint64  { return sim.HashBytes(p.data) }

// kinds are the names of raft's requests, by first byte (net_transport.go).
var kinds = []string{"APPEND", "VOTE", "INSTALL", "TIMEOUTNOW", "PREVOTE"}

// handle is raft's encoding. All connections share it, because it caches facts about each type.
var handle = &codec.MsgpackHandle{}

// kindOf is a request's name. AppendEntries without entries is a heartbeat or announces a commit.
func kindOf(data []byte) string {
	if len(data) == 0 || int(data[0]) >= len(kinds) {
		return "DATA"
	}
	if data[0] != 0 {
		return kinds[data[0]]
	}
	// The fields are sorted by name. Looking at two of them is much cheaper than decoding them all.
	_, rest, found := bytes.Cut(data, []byte("\xa7Entries"))
	_, prev, found2 := bytes.Cut(rest, []byte("\xacPrevLogEntry"))
	if found && len(rest) > 0 && rest[0] != 0xc0 && rest[0] != 0x90 {
		return "APPEND"
	}
	if found2 && len(prev) > 0 && prev[0] != 0 {
		return "COMMIT"
	}
	var req raft.AppendEntriesRequest
	if codec.NewDecoderBytes(data[1:], handle).Decode(&req) != nil {
		return "DATA"
	}
	switch {
	case len(req.Entries) > 0:
		return "APPEND"
	case req.PrevLogEntry == 0 && req.PrevLogTerm == 0 && req.LeaderCommitIndex == 0:
		return "HEARTBEAT"
	}
	return "COMMIT" // the lab's name: raft has no special message for commits
}

// conn is a net.Conn for one end of a connection of the world.
type conn struct {
	p       *port
	id      sim.ConnID
	to      int
	dialled bool

	mu       sync.Mutex
	in       bytes.Buffer
	err      error         // why reading has ended
	changed  chan struct{} // wakes the only reader
	deadline time.Time
	timer    *time.Timer   // of the deadline
	last     string        // kind of the request to answer
	up       chan struct{} // closed when dialling has succeeded or failed
}

func newConn(p *port, id sim.ConnID, to int, dialled bool) *conn {
	return &conn{
		p: p, id: id, to: to, dialled: dialled, changed: make(chan struct{}, 1),
		up: make(chan struct{}),
	}
}

// wake makes the reader check the connection again. The caller must hold mu.
func (c *conn) wake() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// received appends a message to the bytes that the reader can read.
func (c *conn) received(p *packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in.Write(p.data)
	if !c.dialled {
		c.last = p.name
	}
	c.wake()
}

// broken ends the connection on this side.
func (c *conn) broken(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		c.wake()
	}
}

func (c *conn) Read(b []byte) (int, error) {
	for {
		c.mu.Lock()
		switch {
		case c.in.Len() > 0:
			defer c.mu.Unlock()
			return c.in.Read(b)
		case c.err != nil:
			defer c.mu.Unlock()
			return 0, c.err
		}
		late := !c.deadline.IsZero() && !time.Now().Before(c.deadline)
		c.mu.Unlock()
		if late {
			return 0, os.ErrDeadlineExceeded
		}
		<-c.changed
	}
}

func (c *conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	err, kind := c.err, c.last+" ANSWER"
	c.mu.Unlock()
	if err != nil {
		return 0, io.ErrClosedPipe
	}
	data := bytes.Clone(b)
	z := ""
	if c.dialled {
		if kind = kindOf(data); kind == "APPEND" && c.p.n.lab.s.Trace {
			z = position(data)
		}
	}
	l := c.p.n.lab
	l.tell(c.p, func(out []sim.Effect) []sim.Effect {
		if c.p.conns[c.id] == nil {
			return out
		}
		l.count(c.p.n.id, kind, len(data))
		return append(out, sim.Effect{Kind: sim.Send, Conn: c.id, Msg: &packet{kind, data, z}})
	})
	return len(b), nil
}

func (c *conn) Close() error {
	c.broken(net.ErrClosed)
	c.p.n.lab.tell(c.p, func(out []sim.Effect) []sim.Effect {
		if c.p.conns[c.id] == nil {
			return out
		}
		delete(c.p.conns, c.id)
		return append(out, sim.Effect{Kind: sim.Close, Conn: c.id})
	})
	return nil
}

func (c *conn) setDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	switch {
	case t.IsZero():
		if c.timer != nil {
			c.timer.Stop()
		}
	case c.timer == nil:
		c.timer = time.AfterFunc(time.Until(t), c.passed)
	default:
		c.timer.Reset(time.Until(t))
	}
	return nil
}

// passed makes the reader check its deadline.
func (c *conn) passed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake()
}

func (c *conn) SetDeadline(t time.Time) error      { return c.setDeadline(t) }
func (c *conn) SetReadDeadline(t time.Time) error  { return c.setDeadline(t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return nil } // writes do not wait
func (c *conn) LocalAddr() net.Addr                { return address(serverName(c.p.n.id)) }
func (c *conn) RemoteAddr() net.Addr               { return address(serverName(c.to)) }

type address string

func (a address) Network() string { return "sim" }
func (a address) String() string  { return string(a) }

// layer is a raft.StreamLayer on the connections of the world.
type layer struct {
	p        *port
	accepted chan *conn
	closed   chan struct{}
	once     sync.Once
}

var errRefused = errors.New("connection refused")

func (y *layer) Dial(to raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	id := serverNumber(string(to))
	l := y.p.n.lab
	l.mu.Lock()
	if y.p.dead {
		l.mu.Unlock()
		return nil, raft.ErrTransportShutdown
	}
	y.p.base++
	c := newConn(y.p, y.p.base, id, true)
	y.p.conns[c.id] = c
	l.mu.Unlock()
	l.tell(y.p, func(out []sim.Effect) []sim.Effect {
		return append(out, sim.Effect{
			Kind: sim.Dial, Conn: c.id, To: sim.NodeID(id), Port: portRaft,
			Span: sim.Time(timeout / time.Microsecond),
		})
	})
	select {
	case <-c.up:
	case <-y.closed:
		return nil, raft.ErrTransportShutdown
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	return c, nil
}

func (y *layer) Accept() (net.Conn, error) {
	select {
	case c := <-y.accepted:
		return c, nil
	case <-y.closed:
		return nil, net.ErrClosed
	}
}

func (y *layer) Close() error {
	y.once.Do(func() { close(y.closed) })
	return nil
}

func (y *layer) Addr() net.Addr { return address(serverName(y.p.n.id)) }
