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
	watch    watch                                // sees the bytes between servers; or nil
	// true while the target's process exists; nil: do not dial again
	lives func() bool
	done  chan struct{}

	mu     sync.Mutex
	change *sync.Cond
	ways   [2]Way // by direction
	closed bool
	conns  map[net.Conn]bool
	wg     sync.WaitGroup
}

// Way is the state of one direction of a relay. The zero value forwards everything at once.
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

// Tap has the functions that a Relay calls for the packets between a client and a server. The
// argument from or to is the address of the client's end of the connection, packet is without the
// length prefix, and first is true for the first packet of a direction, the handshake.
type Tap struct {
	Leaves  func(from string, packet []byte, first bool) // the client has sent a packet
	Passes  func()                                       // a packet reaches the server
	Arrives func(to string, packet []byte, first bool)   // a packet reaches the client
}

// watch returns a function for one direction of a new connection. The relay calls sent with all
// bytes when they are sent, and the function that sent returns, unless nil, when they arrive.
type watch func(d Direction) (sent func(chunk []byte) (arrives func()))

// dialTimeout is how long the target of a relay may take to accept a connection.
const dialTimeout = 2 * time.Second

// A follower may dial before its leader listens. When its connection is refused, it dials again
// every 100 ms, five times (Learner.connectToLeader, zookeeper.leaderConnectDelayDuringRetryMs).
// But a relay always accepts, so the relay itself has to dial the leader again. Otherwise the
// follower would return to looking, and the leader would wait for that follower for initLimit
// ticks.
const (
	dialAgain = 100 * time.Millisecond
	mostDials = 50
)

// NewRelay listens on a free port and forwards connections to target. With a tap the relay parses a
// client's packets and forwards them one by one; without a tap it forwards any bytes.
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

// Address returns the address on which the relay listens.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Shut stops one direction, or reopens it and forwards the bytes that have waited.
func (r *Relay) Shut(d Direction, shut bool) {
	r.set(func() { r.ways[d].Shut = shut })
}

// Delay makes everything in one direction arrive later by span from now on. It replaces an earlier
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

// Close ends the relay and all its connections. Further calls do nothing.
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
			time.Sleep(time.Millisecond) // no file descriptor is free: wait
			continue
		}
		if !r.keep(c) {
			_ = c.Close()
			return
		}
		r.wg.Go(func() { r.carry(c) })
	}
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

// passable waits until both directions are open, at most as long as longest. It returns false if
// they are still shut.
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

// carry forwards one connection. While a direction is cut, it does not dial the target.
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

// electionGreeting returns a function that reads the greeting of a server that connects for an
// election (protocol version, server ID, address: QuorumCnxManager.InitialMessage). The function
// returns the greeting with callBack as its address, which the other side dials back.
func electionGreeting(callBack string) func(net.Conn) ([]byte, error) {
	const longestAddress = 512
	return func(c net.Conn) ([]byte, error) {
		var head [20]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return nil, err
		}
		n := binary.BigEndian.Uint32(head[16:])
		if n > longestAddress {
			return nil, errors.New("election port: the first message is not a greeting")
		}
		if _, err := io.CopyN(io.Discard, c, int64(n)); err != nil {
			return nil, err
		}
		out := append([]byte{}, head[:16]...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(callBack)))
		return append(out, callBack...), nil
	}
}
