package loopback

import (
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// Relay is the link from one participant to another: it forwards each connection to a target, byte
// for byte and in order. It dials the target only when both directions are open; after that, a
// direction that is cut holds its bytes back. A relay listens at its own address, or carries the
// connections that a [Fork] hands to it. Set the exported fields before Start.
type Relay struct {
	Greeting func(first net.Conn) ([]byte, error) // reads and rewrites the first bytes; or nil
	Tap      *Tap                                 // sees packets; nil to forward any bytes
	Watch    Watch                                // sees all bytes; or nil
	// Gate decides when each message goes on; nil if they go on at once. It is called once for each
	// connection, and returns a gate for each direction.
	Gate func() [2]Gate
	// Lives returns true while the target's process exists: then the relay dials again. Nil to dial
	// once.
	Lives func() bool

	listener net.Listener // nil without an address of its own
	target   string
	done     chan struct{}

	mu     sync.Mutex
	change *sync.Cond
	ways   [2]Way // by direction
	closed bool
	conns  map[net.Conn]bool
	wg     sync.WaitGroup
}

// Way is the state of one direction of a relay. With the zero value, the relay forwards everything
// without a delay.
type Way struct {
	Shut  bool
	Still bool          // shut because the sender is paused: it has not sent these bytes yet
	Delay time.Duration // of everything
	Held  []string      // with a [Tap]: kinds of packets that wait, and block all that follow
}

func (w *Way) shut() bool { return w.Shut || w.Still }

// Direction is one of the two directions of bytes through a relay.
type Direction int

// Forth is the direction from the side that dials to the target; Back is the opposite.
const (
	Forth Direction = iota
	Back
)

// Tap has the functions that a Relay calls for the packets between a client and a server. On the
// connection, four bytes with the packet's length come before each packet. The parameters: from or
// to is the address of the client's end of the connection; packet is the packet without its length;
// first is true for the first packet of a direction, the handshake.
type Tap struct {
	Longest uint32 // in bytes; a longer packet breaks its connection
	// Kind returns the kind of a packet, for Way.Held.
	Kind    func(d Direction, packet []byte, first bool) string
	Leaves  func(from string, packet []byte, first bool) // the client has sent a packet
	Passes  func()                                       // a packet reaches the server
	Arrives func(to string, packet []byte, first bool)   // a packet reaches the client
}

// Watch is called once for each direction of a new connection, and returns a callback. The relay
// calls the callback with each chunk of bytes that it receives in that direction. If the callback
// returns a function, the relay calls this function when it delivers the chunk.
type Watch func(d Direction) (sent func(chunk []byte) (arrives func()))

// Gate decides when the messages of one direction of a connection go on.
type Gate interface {
	// Read is called with the bytes that the sender has sent, in order, and with nil at their end. It
	// returns the messages that are complete now. The end counts as a message without bytes.
	Read(chunk []byte) []Held
	Gone() // the connection has ended: whatever is still held is lost
}

// Held is a message at a [Gate]. The relay calls it every millisecond until ok, and then forwards b:
// nothing, if the message is lost. The messages behind it wait.
type Held func() (b []byte, ok bool)

// dialTimeout is how long the target of a relay may take to accept a connection.
const dialTimeout = 2 * time.Second

// A server may dial another one before that one listens. When its connection is refused, it dials
// again soon: a follower of ZooKeeper every 100 ms, five times (Learner.connectToLeader,
// zookeeper.leaderConnectDelayDuringRetryMs). But a relay always accepts, so the relay itself has
// to dial again. Otherwise the follower would return to looking, and the leader would wait for that
// follower for initLimit ticks.
const (
	dialAgain = 100 * time.Millisecond
	mostDials = 50
)

// Listen returns a relay that listens on a free port. Once the relay is started, it forwards
// connections to target.
func Listen(target string) (*Relay, error) {
	l, err := listen()
	if err != nil {
		return nil, err
	}
	r := NewLink(target)
	r.listener = l
	return r, nil
}

// NewLink returns a relay for use in a [Fork]. The relay has no address and does not listen, so do
// not call its method Start.
func NewLink(target string) *Relay {
	r := &Relay{target: target, conns: make(map[net.Conn]bool), done: make(chan struct{})}
	r.change = sync.NewCond(&r.mu)
	return r
}

// NewRelay returns a relay that listens on a free port, and forwards connections to target. With a
// tap the relay parses packets and forwards them one by one; without a tap it forwards any bytes.
func NewRelay(target string, tap *Tap) (*Relay, error) {
	r, err := Listen(target)
	if err != nil {
		return nil, err
	}
	r.Tap = tap
	r.Start()
	return r, nil
}

// Start lets the relay forward connections.
func (r *Relay) Start() { r.wg.Go(r.accept) }

// Address returns the address on which the relay listens.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Shut stops one direction, or reopens it and forwards the bytes that have waited.
func (r *Relay) Shut(d Direction, shut bool) {
	r.set(func() { r.ways[d].Shut = shut })
}

// Delay delays by span everything that is sent in one direction from now on. It replaces an earlier
// delay.
func (r *Relay) Delay(d Direction, span time.Duration) {
	r.set(func() { r.ways[d].Delay = span })
}

// Set replaces the whole state of one direction.
func (r *Relay) Set(d Direction, w Way) {
	r.set(func() { r.ways[d] = w })
}

func (r *Relay) set(change func()) {
	r.mu.Lock()
	change()
	r.mu.Unlock()
	r.change.Broadcast()
}

// Reset breaks every connection at once, as the death of a process would: both sides get an error.
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

// Close closes the relay and all its connections. It does nothing if the relay is already closed.
func (r *Relay) Close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.done)
	}
	r.mu.Unlock()
	if r.listener != nil {
		_ = r.listener.Close()
	}
	r.Reset()
	r.wg.Wait()
}

func (r *Relay) accept() { accept(r.listener, r.take) }

// accept gives every connection to take, until the listener is closed or take returns false.
func accept(l net.Listener, take func(net.Conn) bool) {
	for {
		c, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(time.Millisecond) // no file descriptor is free: wait
		case !take(c):
			_ = c.Close()
			return
		}
	}
}

// take forwards a connection from now on. It returns false if the relay is closed.
func (r *Relay) take(c net.Conn) bool {
	if !r.keep(c) {
		return false
	}
	r.wg.Go(func() { r.carry(c) })
	return true
}

// keep adds a connection to conns. It returns false if the relay is closed.
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

// open waits until all given directions are open and hold no packets of this kind. It returns false
// if the relay is closed or the connection reset.
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

// Passable waits until both directions are open, but not longer than the argument longest. If a
// direction is still shut then, it returns false.
func (r *Relay) Passable(longest time.Duration) bool {
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

// carry forwards one connection. While a direction is cut, it does not dial the target.
func (r *Relay) carry(c net.Conn) {
	defer r.drop(c)
	if !r.open(c, "", Forth, Back) {
		return
	}
	var first []byte
	if r.Greeting != nil {
		var err error
		if first, err = r.Greeting(c); err != nil {
			return
		}
	}
	t, err := net.DialTimeout("tcp", r.target, dialTimeout)
	for n := 1; err != nil && n < mostDials && r.Lives != nil && r.Lives() && r.open(c, ""); n++ {
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
	var gates [2]Gate
	if r.Gate != nil {
		gates = r.Gate()
	}
	var both sync.WaitGroup
	both.Go(func() { r.pump(Forth, c, t, gates[Forth]) })
	both.Go(func() { r.pump(Back, t, c, gates[Back]) })
	both.Wait()
}
