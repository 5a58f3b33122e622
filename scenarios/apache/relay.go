package apache

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Relay is the way from one participant to another: a listener whose connections it carries to a
// target, byte for byte and in order, as long as the two directions are open.
type Relay struct {
	listener net.Listener
	target   string
	greeting func(first net.Conn) ([]byte, error) // reads what has to be changed; nil for nothing
	tap      *Tap                                 // of the packets of a client; nil for what servers send each other
	watch    watch                                // of the messages between servers; nil for nobody
	lives    func() bool                          // the target's process; nil for who is not waited for
	done     chan struct{}

	mu     sync.Mutex
	change *sync.Cond
	ways   [2]Way // by direction
	closed bool
	conns  map[net.Conn]bool
	wg     sync.WaitGroup
}

// Way is how one direction stands; the zero value is open.
type Way struct {
	Shut  bool
	Still bool          // shut, as whoever sends stands still: what it sends has not left it yet
	Delay time.Duration // that everything takes longer
	Held  []string      // kinds of packets that stay on the wire, and all behind them; only where there is a [Tap]
}

func (w *Way) shut() bool { return w.Shut || w.Still }

// Direction is which way bytes go through a relay.
type Direction int

// The directions: from whoever dialled to the target, and back.
const (
	Forth Direction = iota
	Back
)

// Tap is told of the packets between a client and a server. The first one of a connection, in each
// direction, is its handshake. Packets are without their length.
type Tap struct {
	Leaves  func(packet []byte, first bool) // the client has sent it
	Passes  func()                          // what it sent reaches the server
	Arrives func(packet []byte, first bool) // it reaches the client
}

// watch makes, for one direction of a connection, what is told of all that has been sent. It gives back what
// is to be told when that arrives, or nil.
type watch func(d Direction) (sent func(chunk []byte) (arrives func()))

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

// NewRelay listens on a port of its own and carries to target. With a tap what it carries are a client's
// packets; without, it is anything.
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
	r := &Relay{listener: l, target: target, conns: make(map[net.Conn]bool), done: make(chan struct{})}
	r.change = sync.NewCond(&r.mu)
	return r
}

func (r *Relay) start() { r.wg.Go(r.accept) }

// Address is where the relay listens.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Shut stops one direction, or lets it go on with what has waited.
func (r *Relay) Shut(d Direction, shut bool) {
	r.set(func() { r.ways[d].Shut = shut })
}

// Delay has everything in one direction take so much longer from now on.
func (r *Relay) Delay(d Direction, span time.Duration) {
	r.set(func() { r.ways[d].Delay = span })
}

// Set says how one direction stands from now on.
func (r *Relay) Set(d Direction, w Way) {
	r.set(func() { r.ways[d] = w })
}

func (r *Relay) set(change func()) {
	r.mu.Lock()
	change()
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
			time.Sleep(time.Millisecond) // out of descriptors: they come back
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

// open waits until the directions are open, and hold back no packet of a kind. It is false once the relay is
// closed, or the connection reset.
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

// passable waits until both directions are open, or for so long. It is false if they are not.
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

// carry is one connection. A connection through a cut comes about when the cut is over.
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
	both.Go(func() { r.pump(Forth, c, t) })
	both.Go(func() { r.pump(Back, t, c) })
	both.Wait()
}

// parcel is what is carried at once: a packet, or what has come of a stream.
type parcel struct {
	bytes []byte
	due   time.Time // when it may go on
	kind  string    // of a packet
	first bool
	left  bool // the tap has been told so

	arrives func() // tells a watch; nil for nothing to tell
}

// mostParcels is how many are on the way, before whoever sends has to wait.
const mostParcels = 256

// pump carries one direction until either end is gone, and then ends the other end too. The end of a
// connection takes its time, as all else does, and does not pass a cut either.
func (r *Relay) pump(d Direction, from, to net.Conn) {
	defer r.drop(to)
	defer r.drop(from)
	var sent func([]byte) func()
	if r.watch != nil {
		sent = r.watch(d)
	}
	queue, stop := make(chan parcel, mostParcels), make(chan struct{})
	defer close(stop)
	r.wg.Go(func() {
		defer close(queue)
		in := bufio.NewReaderSize(from, 32<<10)
		for first, ended := true, false; !ended; first = false {
			p, err := r.read(d, in, first)
			ended = err != nil // an empty parcel is the end
			r.mu.Lock()
			w := r.ways[d]
			r.mu.Unlock()
			p.due = time.Now().Add(w.Delay)
			if p.left = !w.Still; p.left {
				r.leaves(d, &p)
			}
			if sent != nil && len(p.bytes) > 0 {
				p.arrives = sent(p.bytes)
			}
			select {
			case queue <- p:
			case <-stop:
				return
			}
		}
	})
	for p := range queue {
		if !r.until(p.due) || !r.open(from, p.kind, d) || len(p.bytes) == 0 {
			return
		}
		if !p.left {
			r.leaves(d, &p)
		}
		r.passes(d, &p)
		if p.arrives != nil {
			p.arrives()
		}
		if _, err := to.Write(p.bytes); err != nil {
			return
		}
	}
}

// leaves tells the tap what a client has sent.
func (r *Relay) leaves(d Direction, p *parcel) {
	if r.tap != nil && d == Forth && len(p.bytes) > 0 {
		r.tap.Leaves(p.bytes[4:], p.first)
	}
}

// passes tells the tap what is about to be there.
func (r *Relay) passes(d Direction, p *parcel) {
	switch {
	case r.tap == nil:
	case d == Forth:
		r.tap.Passes()
	default:
		r.tap.Arrives(p.bytes[4:], p.first)
	}
}

// read reads the next packet, or, where no packets are known, what there is.
func (r *Relay) read(d Direction, in *bufio.Reader, first bool) (p parcel, err error) {
	if r.tap == nil {
		if _, err = in.Peek(1); err != nil {
			return p, err
		}
		p.bytes = make([]byte, in.Buffered())
		_, err = io.ReadFull(in, p.bytes)
		return p, err
	}
	var head [4]byte
	if _, err = io.ReadFull(in, head[:]); err != nil {
		return p, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > longestPacket {
		return p, errors.New("this is no packet")
	}
	b := make([]byte, 4+n)
	copy(b, head[:])
	if _, err = io.ReadFull(in, b[4:]); err != nil {
		return p, err
	}
	return parcel{bytes: b, kind: kindOf(d, b[4:], first), first: first}, nil
}

// kindOf is the word of a packet between a client and a server, the one that plans have for it.
func kindOf(d Direction, packet []byte, first bool) string {
	words := []sim.Message{&tree.Request{}, &tree.Reply{}}
	switch {
	case first:
		words = []sim.Message{&tree.ConnectRequest{}, &tree.ConnectResponse{}}
	case len(packet) < 4:
	case xidOf(packet) == tree.XidPing:
		return (&tree.Reply{Xid: tree.XidPing}).Name()
	case xidOf(packet) == tree.XidNotification:
		return (&tree.WatchNotification{}).Name()
	}
	return words[d].Name()
}

func xidOf(packet []byte) int32 { return int32(binary.BigEndian.Uint32(packet)) }

// until waits for a moment. It is false once the relay is closed.
func (r *Relay) until(due time.Time) bool {
	span := time.Until(due)
	if span <= 0 {
		return true
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.done:
		return false
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
