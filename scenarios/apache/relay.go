package apache

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// Relay is the link from one participant to another: it listens, and forwards each connection to a
// target, byte for byte and in order, as long as both directions are open.
type Relay struct {
	listener net.Listener
	target   string
	greeting func(first net.Conn) ([]byte, error) // reads and rewrites the first bytes; or nil
	tap      *Tap                                 // sees a client's packets; nil between servers
	watch    watch                                // sees the messages between servers; or nil
	// the target's process exists; nil: do not wait for it
	lives func() bool
	done  chan struct{}

	mu     sync.Mutex
	change *sync.Cond
	ways   [2]Way // by direction
	closed bool
	conns  map[net.Conn]bool
	wg     sync.WaitGroup
}

// Way is the state of one direction; the zero value is open.
type Way struct {
	Shut  bool
	Still bool          // shut because the sender is paused: what it sends has not left it yet
	Delay time.Duration // added to everything
	Held  []string      // with a [Tap]: kinds of packets that wait, and block all that follow
}

func (w *Way) shut() bool { return w.Shut || w.Still }

// Direction is the direction of bytes through a relay.
type Direction int

// Forth is from the dialling side to the target; Back is the opposite.
const (
	Forth Direction = iota
	Back
)

// Tap sees the packets between a client and a server, without their length. The first packet of
// each direction is the handshake.
type Tap struct {
	Leaves  func(packet []byte, first bool) // the client has sent a packet
	Passes  func()                          // a packet of the client's reaches the server
	Arrives func(packet []byte, first bool) // a packet reaches the client
}

// watch makes the function that sees all bytes of one direction of a connection when they are sent.
// That function returns one to call when they arrive, or nil.
type watch func(d Direction) (sent func(chunk []byte) (arrives func()))

// dialTimeout is how long the target of a relay may take to accept, on loopback.
const dialTimeout = 2 * time.Second

// A leader may not listen yet when a follower dials. A refused follower tries again every 100 ms,
// five times (Learner.connectToLeader, zookeeper.leaderConnectDelayDuringRetryMs). A relay always
// listens, so the relay has to try again for it. Otherwise the follower would return to looking,
// and the leader would wait for it for initLimit ticks.
const (
	dialAgain = 100 * time.Millisecond
	mostDials = 50
)

// NewRelay listens on a free port and forwards to target. With a tap it forwards a client's
// packets, one by one; without a tap it forwards any bytes.
func NewRelay(target string, tap *Tap) (*Relay, error) {
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
	r := &Relay{
		listener: l, target: target, conns: make(map[net.Conn]bool), done: make(chan struct{}),
	}
	r.change = sync.NewCond(&r.mu)
	return r
}

func (r *Relay) start() { r.wg.Go(r.accept) }

// Address is the address on which the relay listens.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Shut stops one direction, or reopens it and forwards the bytes that have waited.
func (r *Relay) Shut(d Direction, shut bool) {
	r.set(func() { r.ways[d].Shut = shut })
}

// Delay adds a delay to everything in one direction from now on.
func (r *Relay) Delay(d Direction, span time.Duration) {
	r.set(func() { r.ways[d].Delay = span })
}

// Set sets the state of one direction.
func (r *Relay) Set(d Direction, w Way) {
	r.set(func() { r.ways[d] = w })
}

func (r *Relay) set(change func()) {
	r.mu.Lock()
	change()
	r.mu.Unlock()
	r.change.Broadcast()
}

// Reset breaks every connection, as a dying process does: both sides see it.
func (r *Relay) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns { // order: all are closed
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	r.change.Broadcast()
}

// Close ends the relay and all its connections. It may be called more than once.
func (r *Relay) Close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.done)
	}
	r.mu.Unlock()
	_ = r.listener.Close()
	r.Reset()
	r.wg.Wait()
}

func (r *Relay) accept() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(time.Millisecond) // out of file descriptors: wait for some
			continue
		}
		if !r.keep(c) {
			_ = c.Close()
			return
		}
		r.wg.Go(func() { r.carry(c) })
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

// open waits until the directions are open and do not hold packets of that kind. It is false once
// the relay is closed or the connection reset.
func (r *Relay) open(c net.Conn, kind string, directions ...Direction) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.closed || !r.conns[c] {
			return false
		}
		shut := false
		for _, d := range directions {
			w := &r.ways[d]
			shut = shut || w.shut() || kind != "" && slices.Contains(w.Held, kind)
		}
		if !shut {
			return true
		}
		r.change.Wait()
	}
}

// passable waits for both directions to be open, up to a limit. It is false if they are not.
func (r *Relay) passable(longest time.Duration) bool {
	shut := func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.ways[Forth].shut() || r.ways[Back].shut()
	}
	for until := time.Now().Add(longest); shut(); {
		if !r.until(time.Now().Add(time.Millisecond)) || time.Now().After(until) {
			return false
		}
	}
	return true
}

// carry forwards one connection. A connection through a cut is made when the cut is mended.
func (r *Relay) carry(c net.Conn) {
	defer r.drop(c)
	if !r.open(c, "", Forth, Back) {
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
	for n := 1; err != nil && n < mostDials && r.lives != nil && r.lives() && r.open(c, ""); n++ {
		time.Sleep(dialAgain)
		t, err = net.DialTimeout("tcp", r.target, dialTimeout)
	}
	if err != nil {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // sends a reset, as if the target had refused
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
	both.Go(func() { r.pump(Forth, c, t) })
	both.Go(func() { r.pump(Back, t, c) })
	both.Wait()
}

// electionGreeting reads the greeting of a server that connects for an election (protocol version,
// server id, address: QuorumCnxManager.InitialMessage) and returns it with another address, which
// the other side will call back.
func electionGreeting(callBack string) func(net.Conn) ([]byte, error) {
	const longestAddress = 512
	return func(c net.Conn) ([]byte, error) {
		var head [20]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return nil, err
		}
		n := binary.BigEndian.Uint32(head[16:])
		if n > longestAddress {
			return nil, errors.New("not an election greeting")
		}
		if _, err := io.CopyN(io.Discard, c, int64(n)); err != nil {
			return nil, err
		}
		out := append([]byte{}, head[:16]...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(callBack)))
		return append(out, callBack...), nil
	}
}
