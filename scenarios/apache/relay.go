package apache

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Relay is the way from one participant to another: a listener whose connections it carries to a
// target, byte for byte, as long as the two directions are open.
type Relay struct {
	listener net.Listener
	target   string
	greeting func(first net.Conn) ([]byte, error) // reads what has to be changed; nil for nothing
	tap      Tap
	lives    func() bool // the target's process; nil for who is not waited for

	mu     sync.Mutex
	change *sync.Cond
	shut   [2]bool // by direction
	closed bool
	conns  map[net.Conn]bool
	wg     sync.WaitGroup
}

// Direction is which way bytes go through a relay.
type Direction int

// The directions: from whoever dialled to the target, and back.
const (
	Forth Direction = iota
	Back
)

// Tap is told what a relay is about to carry, before it does. Each connection has a number. An
// empty chunk says that the connection has ended. It must not keep the bytes.
type Tap func(conn int, d Direction, chunk []byte)

// dialTimeout is how long the target of a relay on loopback may take.
const dialTimeout = 2 * time.Second

// A follower that is refused by a leader that does not listen yet tries again every 100 ms, five times
// (Learner.connectToLeader, zookeeper.leaderConnectDelayDuringRetryMs). To it a relay always listens:
// so the relay tries in its stead. Otherwise the follower would go back to look for a leader, and the
// leader wait for it in vain, for initLimit ticks.
const (
	dialAgain = 100 * time.Millisecond
	mostDials = 50
)

// NewRelay listens on a port of its own and carries to target. tap may be nil.
func NewRelay(target string, tap Tap) (*Relay, error) {
	l, err := listen()
	if err != nil {
		return nil, err
	}
	r := newRelay(l, target)
	r.tap = tap
	r.start()
	return r, nil
}

func newRelay(l net.Listener, target string) *Relay {
	r := &Relay{listener: l, target: target, conns: make(map[net.Conn]bool)}
	r.change = sync.NewCond(&r.mu)
	return r
}

func (r *Relay) start() { r.wg.Go(r.accept) }

// Address is where the relay listens.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Shut stops one direction, or lets it go on with what has waited.
func (r *Relay) Shut(d Direction, shut bool) {
	r.mu.Lock()
	r.shut[d] = shut
	r.mu.Unlock()
	r.change.Broadcast()
}

// Reset breaks every connection that there is, as a process that dies does: both sides see it.
func (r *Relay) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns { // order: all of them end
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	r.change.Broadcast()
}

// Close ends the relay and all its connections.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	_ = r.listener.Close()
	r.Reset()
	r.wg.Wait()
}

func (r *Relay) accept() {
	for n := 0; ; n++ {
		c, err := r.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(time.Millisecond) // out of descriptors: they come back
			continue
		}
		if !r.keep(c) {
			_ = c.Close()
			return
		}
		r.wg.Go(func() { r.carry(n, c) })
	}
}

// keep remembers a connection, unless the relay is closed.
func (r *Relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.conns[c] = true
	return true
}

func (r *Relay) drop(c net.Conn) {
	r.mu.Lock()
	delete(r.conns, c)
	r.mu.Unlock()
	_ = c.Close()
}

// open waits until a direction is open. It is false once the relay is closed, or the connection
// reset.
func (r *Relay) open(c net.Conn, directions ...Direction) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.closed || !r.conns[c] {
			return false
		}
		shut := false
		for _, d := range directions {
			shut = shut || r.shut[d]
		}
		if !shut {
			return true
		}
		r.change.Wait()
	}
}

// carry is one connection. A connection through a cut comes about when the cut is over.
func (r *Relay) carry(n int, c net.Conn) {
	defer r.drop(c)
	if !r.open(c, Forth, Back) {
		return
	}
	var first []byte
	if r.greeting != nil {
		var err error
		if first, err = r.greeting(c); err != nil {
			return
		}
	}
	t, err := net.DialTimeout("tcp", r.target, dialTimeout)
	for n := 1; err != nil && n < mostDials && r.lives != nil && r.lives() && r.open(c); n++ {
		time.Sleep(dialAgain)
		t, err = net.DialTimeout("tcp", r.target, dialTimeout)
	}
	if err != nil {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // as if the port itself had refused
		}
		return
	}
	if !r.keep(t) {
		_ = t.Close()
		return
	}
	defer r.drop(t)
	if len(first) > 0 {
		if _, err := t.Write(first); err != nil {
			return
		}
	}
	var both sync.WaitGroup
	both.Go(func() { r.pump(n, Forth, c, t) })
	both.Go(func() { r.pump(n, Back, t, c) })
	both.Wait()
	if r.tap != nil {
		r.tap(n, Back, nil)
	}
}

// pump carries one direction until either end is gone, and then ends the other end too.
func (r *Relay) pump(n int, d Direction, from, to net.Conn) {
	defer r.drop(to)
	defer r.drop(from)
	buf := make([]byte, 32<<10)
	for {
		k, err := from.Read(buf)
		if k > 0 {
			if !r.open(from, d) {
				return
			}
			if r.tap != nil {
				r.tap(n, d, buf[:k])
			}
			if _, err := to.Write(buf[:k]); err != nil {
				return
			}
		}
		if err != nil {
			r.open(from, d) // the end of a connection does not pass a cut either
			return
		}
	}
}

// electionGreeting reads the first words of a server that connects for an election (protocol
// version, its number, its address: QuorumCnxManager.InitialMessage) and gives them back with
// another address, for the other side to call back at.
func electionGreeting(callBack string) func(net.Conn) ([]byte, error) {
	const longestAddress = 512
	return func(c net.Conn) ([]byte, error) {
		var head [20]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return nil, err
		}
		n := binary.BigEndian.Uint32(head[16:])
		if n > longestAddress {
			return nil, errors.New("no greeting of an election")
		}
		if _, err := io.CopyN(io.Discard, c, int64(n)); err != nil {
			return nil, err
		}
		out := append([]byte{}, head[:16]...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(callBack)))
		return append(out, callBack...), nil
	}
}
