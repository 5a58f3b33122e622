package apache

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/jute"
)

// life is a client from a start to the next crash.
type life struct {
	c      *Client
	conn   *zk.Conn
	relays []*loopback.Relay // by server
	queue  chan *engine.Op
	ending sync.Once
	dead   chan struct{}

	mu      sync.Mutex
	goOn    *sync.Cond
	halted  bool // paused
	expired bool
	address string // the library's end of its present connection
	session int64
	passwd  []byte
	sent    sim.Time // when the session's last packet reached a server
	pings   []sim.Time

	requests int      // the number of requests that have left the client
	told     []notice // watch events that have arrived but that the library has not reported
}

// notice is a watch event as a relay read it.
type notice struct {
	event  tree.WatchEvent
	index  int64
	server string
}

// Start starts the client, which opens a new session.
func (c *Client) Start() {
	c.lives++
	l := &life{c: c, queue: make(chan *engine.Op, mostQueued), dead: make(chan struct{})}
	l.goOn = sync.NewCond(&l.mu)
	c.life, c.state, c.paused = l, client.Connecting, false
	for i, address := range c.e.addresses {
		r, err := loopback.NewRelay(address, l.tap(name(i)))
		if err != nil {
			c.e.err = err
			return
		}
		l.relays = append(l.relays, r)
	}
	c.open()
	conn, _, err := zk.Connect([]string{"127.0.0.1:1"}, loopback.HostTime(c.timeout),
		zk.WithHostProvider(l.hosts()), zk.WithDialer(l.dial), zk.WithEventCallback(l.heard),
		zk.WithLogger(silent{}), zk.WithLogInfo(false))
	if err != nil {
		c.e.err = err
		return
	}
	l.conn = conn
	go l.work()
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// tap is what a relay between the client and a server calls.
func (l *life) tap(server string) *loopback.Tap {
	return &loopback.Tap{
		Longest: longestPacket, Kind: kindOf,
		Leaves: func(_ string, packet []byte, first bool) { l.leaves(server, packet, first) },
		Passes: l.passes,
		Arrives: func(to string, packet []byte, first bool) {
			if l.current(to) {
				l.arrives(server, packet, first)
			}
		},
	}
}

// dial connects the library to a relay. A relay accepts even while a cut stops it, so dial itself
// times out if the relay stays cut.
func (l *life) dial(network, address string, timeout time.Duration) (net.Conn, error) {
	for _, r := range l.relays {
		if r.Address() == address && !r.Passable(timeout) {
			return nil, fmt.Errorf("dial %s: %w", address, os.ErrDeadlineExceeded)
		}
	}
	conn, err := net.DialTimeout(network, address, timeout)
	if err == nil {
		l.mu.Lock()
		l.address = conn.LocalAddr().String()
		l.mu.Unlock()
	}
	return conn, err
}

// current returns true if the library's present connection has this address. The library no longer
// reads what arrives on an earlier connection: if that is the answer to a handshake, the server
// has opened a session of which the client never learns.
func (l *life) current(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.address == address
}

func (l *life) halt(halted bool) {
	l.mu.Lock()
	l.halted = halted
	l.mu.Unlock()
	l.goOn.Broadcast()
}

// end closes the relays first, so that the library cannot close the session.
func (l *life) end() {
	l.ending.Do(func() {
		close(l.dead)
		for _, r := range l.relays {
			r.Close()
		}
		l.halt(false)
		if l.conn != nil {
			go l.conn.Close() // waits a second for an answer that cannot arrive
		}
	})
}

// heard takes every event that the library reports.
func (l *life) heard(ev zk.Event) {
	if ev.Type == zk.EventSession {
		l.stands(ev.State)
		return
	}
	kind, path := tree.EventType(ev.Type), ev.Path
	l.c.e.Post(true, func(at sim.Time) {
		c := l.c
		for i := range l.told {
			n := l.told[i]
			if n.event.Type != kind || n.event.Path != path {
				continue
			}
			l.told = append(l.told[:i:i], l.told[i+1:]...)
			c.events = append(c.events, engine.Notice{
				Client: c.name, Session: c.session, Event: n.event, At: at, Index: n.index,
				Server: n.server,
			})
			return
		}
	})
}

// stands records the session's state as the library reports it.
func (l *life) stands(s zk.State) {
	var state client.State
	switch s {
	case zk.StateHasSession:
		state = client.Connected
	case zk.StateDisconnected:
		state = client.Disconnected
	case zk.StateExpired:
		state = client.Expired
		l.expire()
	default:
		return
	}
	l.c.e.Post(true, func(at sim.Time) {
		c := l.c
		if c.life != l || c.over() {
			return
		}
		c.state = state
		if state == client.Connected {
			l.mu.Lock()
			c.session = l.session
			l.mu.Unlock()
			if c.e.ClientOf(c.session) == "" {
				c.e.owners = append(c.e.owners, owner{c.session, c.name})
			}
		}
		c.states = append(c.states, engine.StateChange{
			State: state, Session: c.session, At: at, Index: c.e.Next(),
		})
	})
}

// expire closes the relays, because the library would open another session by itself. ZooKeeper's
// own client does not: a new session takes a new client, in the lab a restart.
func (l *life) expire() {
	l.mu.Lock()
	l.expired = true
	l.mu.Unlock()
	for _, r := range l.relays {
		r.Close()
	}
}

func (l *life) isExpired() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.expired
}

// passes records that a packet of the client reaches a server.
func (l *life) passes() {
	l.mu.Lock()
	l.sent = l.c.e.Now()
	l.mu.Unlock()
}

// leaves records a packet that the client sends to a server.
func (l *life) leaves(server string, b []byte, first bool) {
	xid := int32(0)
	if !first && len(b) >= 8 {
		xid = xidOf(b)
	}
	l.mu.Lock()
	if xid == tree.XidPing {
		l.pings = append(l.pings, l.c.e.Now())
	}
	if xid > 0 {
		l.requests++
	}
	session := l.session
	l.mu.Unlock()
	if xid <= 0 {
		return
	}
	l.c.e.Post(false, func(at sim.Time) {
		for _, o := range l.c.calls {
			if o.Xid != 0 {
				continue
			}
			o.Xid, o.SentAt, o.Session, o.Server = xid, at, session, server
			key := request{session, xid}
			l.c.e.byOp[key] = o
			if t := l.c.e.txns[key]; t != nil {
				l.c.e.applied(o, t, at, l.c.e.Next())
			}
			return
		}
	})
}

// arrives records a packet from a server: the handshake, a notification or an answer.
func (l *life) arrives(server string, b []byte, first bool) {
	if first {
		if r, err := jute.DecodeConnect(b); err == nil && r.TimeoutMs > 0 {
			l.mu.Lock()
			l.session, l.passwd = r.SessionID, r.Passwd
			l.mu.Unlock()
		}
		return
	}
	h, _, err := jute.DecodeHeader(b)
	if err != nil {
		return
	}
	switch {
	case h.Xid == tree.XidNotification:
		ev, _, err := jute.DecodeEvent(b)
		if err != nil || ev.Path == "" {
			return
		}
		l.c.e.Post(true, func(sim.Time) {
			ev.Zxid = int64(l.c.e.cause(ev.Type, ev.Path))
			l.told = append(l.told, notice{ev, l.c.e.Next(), server})
		})
	case h.Xid > 0:
		l.mu.Lock()
		key := request{l.session, h.Xid}
		l.mu.Unlock()
		l.c.e.Post(true, func(at sim.Time) {
			o := l.c.e.byOp[key]
			if o == nil || o.Done() {
				return
			}
			o.Zxid, o.RetIndex = h.Zxid, l.c.e.Next()
			// the answer shows that the write was applied
			if o.AppliedAt < 0 && o.Op.Type.Writes() && h.Zxid > 0 {
				txn := &tree.Txn{TxnHeader: tree.TxnHeader{Zxid: h.Zxid, Type: refusedAs(h.Code)}}
				l.c.e.applied(o, txn, at, o.RetIndex)
			}
		})
	}
}

// refusedAs is the type of the transaction that an answer implies: OpError for an error code, else
// OpCreate, which stands for any write.
func refusedAs(c tree.Code) tree.OpCode {
	if c != tree.OK {
		return tree.OpError
	}
	return tree.OpCreate
}

// work performs the client's operations, one at a time.
func (l *life) work() {
	for {
		select {
		case <-l.dead:
			return
		case o := <-l.queue:
			l.mu.Lock()
			for l.halted {
				l.goOn.Wait()
			}
			l.mu.Unlock()
			a := l.insist(&o.Op)
			l.c.e.Post(true, func(at sim.Time) { l.answered(o, a, at) })
		}
	}
}

// insist performs an operation, and repeats it until its request has left the client. While no
// server is reachable, the library fails an operation at once and does not retry it.
func (l *life) insist(op *tree.Op) answer {
	for !l.isExpired() {
		before := l.left()
		a := carryOut(l.conn, op)
		if l.left() != before {
			return a
		}
		if l.isExpired() {
			break
		}
		if a.outcome.Definite() && a.outcome != client.NotSent || !l.again() {
			return a
		}
	}
	return answer{outcome: client.NotSent, code: tree.SessionExpired}
}

// left is the number of requests that have left the client.
func (l *life) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests
}

// again waits until the client is connected or its session has expired. It returns false if the
// client's life has ended.
func (l *life) again() bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for l.conn.State() != zk.StateHasSession && !l.isExpired() {
		select {
		case <-tick.C:
		case <-l.dead:
			return false
		}
	}
	select {
	case <-l.dead:
		return false
	default:
		return true
	}
}

// answered records the library's answer to an operation.
func (l *life) answered(o *engine.Op, a answer, at sim.Time) {
	c := l.c
	for i := range c.calls {
		if c.calls[i] == o {
			c.calls = append(c.calls[:i:i], c.calls[i+1:]...)
			break
		}
	}
	if o.Lost {
		return
	}
	o.Outcome, o.Code, o.Result, o.ReturnedAt = a.outcome, a.code, a.result, at
	if a.outcome == client.Unknown && o.Xid == 0 {
		o.Outcome = client.NotSent
	}
	if o.RetIndex < 0 {
		o.RetIndex = c.e.Next()
	}
	if o.Op.Type == tree.OpCreate && a.outcome == client.OK {
		o.Result.Stat.Czxid = o.Zxid // the zxid of the create, which serves as a fencing token
		if c.e.logs == nil {
			txn := &tree.Txn{TxnHeader: tree.TxnHeader{Zxid: o.Zxid, Session: o.Session}}
			made := &tree.CreateTxn{Path: a.result.Path, Ephemeral: o.Op.Flags.IsEphemeral()}
			c.e.effects(txn, tree.OpCreate, made, at, o.RetIndex)
		}
	}
	if o.Op.Type == tree.OpCloseSession && c.life == l {
		c.state = client.Closed
		c.states = append(c.states, engine.StateChange{
			State: client.Closed, Session: c.session, At: at, Index: c.e.Next(),
		})
	}
}

// kindOf returns the kind of a packet between a client and a server, as a plan writes it: REPLY.
func kindOf(d loopback.Direction, packet []byte, first bool) string {
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
