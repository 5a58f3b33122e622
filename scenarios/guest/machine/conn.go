package machine

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/guest/wire"
)

// ErrRefused is the error of a [Dial] that no process answered.
var ErrRefused = errors.New("machine: connection refused")

// conn is one end of a connection of the world.
type conn struct {
	id    uint64
	peer  string
	port  uint8
	up    chan struct{} // closed when a dial has its answer
	ready chan struct{} // has an element when a reader should look again

	mu       sync.Mutex
	in       []byte
	err      error // after in
	deadline time.Time
	timer    *time.Timer
}

func newConn(id uint64, peer string, port uint8) *conn {
	return &conn{
		id: id, peer: peer, port: port, up: make(chan struct{}), ready: make(chan struct{}, 1),
	}
}

// Dial connects to a port of another machine. It returns [ErrRefused] if no process runs on that
// machine, and [os.ErrDeadlineExceeded] if no answer comes within the timeout.
func Dial(name string, port uint8, timeout time.Duration) (net.Conn, error) {
	Yield()
	timeout = max(timeout, time.Microsecond)
	self.mu.Lock()
	self.next++
	c := newConn(self.next, name, port)
	self.conns[c.id] = c
	put(wire.Dial, c.id, uint64(timeout/time.Microsecond)<<8|uint64(port), []byte(name))
	self.mu.Unlock()
	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case <-c.up:
	case <-t.C:
		_ = c.Close()
		return nil, os.ErrDeadlineExceeded
	}
	Yield()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	return c, nil
}

// happened handles a frame about the connection.
func (c *conn) happened(f *wire.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Kind {
	case wire.Connected:
		close(c.up)
	case wire.Refused:
		c.fail(ErrRefused)
		close(c.up)
	case wire.Received:
		c.in = append(c.in, f.Data...)
		c.wake()
	case wire.Closed:
		c.fail(io.EOF)
	}
}

// fail ends the connection for readers, after what they have received. c.mu is held.
func (c *conn) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.wake()
}

func (c *conn) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

func (c *conn) Read(b []byte) (int, error) {
	for {
		n, err := c.take(b)
		if n > 0 || err != nil {
			Yield()
			return n, err
		}
		<-c.ready
	}
}

// take reads what is there: nothing and no error means that the reader must wait.
func (c *conn) take(b []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(b) == 0:
		return 0, c.err
	case len(c.in) > 0:
		n = copy(b, c.in)
		if c.in = c.in[n:]; len(c.in) == 0 {
			c.in = nil
		}
	case c.err != nil:
		err = c.err
	case !c.deadline.IsZero() && !time.Now().Before(c.deadline):
		err = os.ErrDeadlineExceeded
	default:
		return 0, nil
	}
	if len(c.in) > 0 || c.err != nil {
		c.wake() // another reader may wait
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	Yield()
	c.mu.Lock()
	err := c.err
	c.mu.Unlock()
	if err != nil {
		return 0, io.ErrClosedPipe
	}
	if len(b) > 0 {
		self.mu.Lock()
		put(wire.Send, c.id, 0, b)
		self.mu.Unlock()
	}
	Yield()
	return len(b), nil
}

func (c *conn) Close() error {
	c.mu.Lock()
	c.fail(net.ErrClosed)
	c.mu.Unlock()
	self.mu.Lock()
	defer self.mu.Unlock()
	if self.conns[c.id] != nil {
		delete(self.conns, c.id)
		put(wire.Close, c.id, 0)
	}
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	if c.timer != nil {
		c.timer.Stop()
	}
	if !t.IsZero() {
		c.timer = time.AfterFunc(time.Until(t), c.wake)
	}
	return nil
}

func (c *conn) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *conn) SetWriteDeadline(time.Time) error { return nil } // writes never block
func (c *conn) LocalAddr() net.Addr              { return Addr(Name()) }
func (c *conn) RemoteAddr() net.Addr             { return Addr(c.peer) }

// Addr is the address of a machine: its name.
type Addr string

// Network returns "sim".
func (a Addr) Network() string { return "sim" }

func (a Addr) String() string { return string(a) }

// listener accepts the connections to one port.
type listener struct {
	port   uint8
	ready  chan struct{}
	closed chan struct{}
	once   sync.Once

	mu      sync.Mutex
	waiting []*conn
}

// Listen accepts connections to a port. Before the call, connections to the port are closed at
// once.
func Listen(port uint8) (net.Listener, error) {
	if !inside {
		return nil, errors.New(outside)
	}
	self.mu.Lock()
	defer self.mu.Unlock()
	if self.listeners[port] != nil {
		return nil, errors.New("machine: listen: the port is in use: close the listener of that " +
			"port first")
	}
	l := &listener{port: port, ready: make(chan struct{}, 1), closed: make(chan struct{})}
	self.listeners[port] = l
	return l, nil
}

func (l *listener) arrived(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(c.up)
	l.waiting = append(l.waiting, c)
	l.wake()
}

func (l *listener) wake() {
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		l.mu.Lock()
		if len(l.waiting) > 0 {
			c := l.waiting[0]
			if l.waiting = l.waiting[1:]; len(l.waiting) > 0 {
				l.wake()
			}
			l.mu.Unlock()
			Yield()
			return c, nil
		}
		l.mu.Unlock()
		select {
		case <-l.ready:
		case <-l.closed:
			return nil, net.ErrClosed
		}
	}
}

func (l *listener) Close() error {
	l.once.Do(func() {
		self.mu.Lock()
		delete(self.listeners, l.port)
		self.mu.Unlock()
		close(l.closed)
	})
	return nil
}

func (l *listener) Addr() net.Addr { return Addr(Name()) }
