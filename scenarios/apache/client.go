package apache

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/jute"
)

// Client is one client, over all its lives. It reaches each server through a relay of its own, which
// also sees what the library does not show: the zxids of answers, and that it pings.
type Client struct {
	name string
	e    *Engine
	home int

	life    *life // nil while it is down
	lives   int
	session int64 // the last one
	calls   []*engine.Op
	events  []engine.Notice
	states  []engine.StateChange
	deaths  []engine.StateChange
	state   client.State
	paused  bool
	old     []*life
	sent    map[int64]sim.Time // by session of a life that has ended
}

// life is one life of a client's process.
type life struct {
	c      *Client
	conn   *zk.Conn
	relays []*Relay // by server
	queue  chan *engine.Op
	ending sync.Once
	dead   chan struct{}

	mu      sync.Mutex
	goOn    *sync.Cond
	halted  bool // it stands still
	expired bool
	session int64
	passwd  []byte
	sent    sim.Time // when its last packet reached a server
	pings   []sim.Time

	requests int      // that have left
	told     []notice // watch events on their way from the wire through the library
}

// notice is a watch event as the wire had it.
type notice struct {
	event  tree.WatchEvent
	index  int64
	server string
}

// mostQueued is how many operations may wait for the one before.
const mostQueued = 1024

// Start starts the client's process: a new life with a session of its own.
func (c *Client) Start() {
	c.lives++
	l := &life{c: c, queue: make(chan *engine.Op, mostQueued), dead: make(chan struct{})}
	l.goOn = sync.NewCond(&l.mu)
	c.life, c.state, c.paused = l, client.Connecting, false
	for i, address := range c.e.addresses {
		r, err := NewRelay(address, &Tap{
			Leaves: func(packet []byte, first bool) { l.leaves(name(i), packet, first) }, Passes: l.passes,
			Arrives: func(packet []byte, first bool) { l.arrives(name(i), packet, first) },
		})
		if err != nil {
			c.e.err = err
			return
		}
		l.relays = append(l.relays, r)
	}
	c.open()
	conn, _, err := zk.Connect([]string{"127.0.0.1:1"}, hostTime(c.e.config.SessionTimeout), zk.WithHostProvider(l.hosts()),
		zk.WithDialer(l.dial), zk.WithLogger(silent{}), zk.WithLogInfo(false), zk.WithEventCallback(l.heard))
	if err != nil {
		c.e.err = err
		return
	}
	l.conn = conn
	go l.work()
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// hosts are the relays, from the client's own server on.
func (l *life) hosts() zk.HostProvider {
	h := &hosts{}
	for i := range l.relays {
		h.list = append(h.list, l.relays[(l.c.home-1+i)%len(l.relays)].Address())
	}
	return h
}

// dial is how the library connects. A relay listens whatever is cut; who connects through a cut finds nobody
// there until it gives up.
func (l *life) dial(network, address string, timeout time.Duration) (net.Conn, error) {
	for _, r := range l.relays {
		if r.Address() == address && !r.passable(timeout) {
			return nil, fmt.Errorf("dial %s: %w", address, os.ErrDeadlineExceeded)
		}
	}
	return net.DialTimeout(network, address, timeout)
}

// hosts gives addresses in turn. When all have been tried in vain it has the library rest for a second, and
// begins the next round.
type hosts struct {
	list  []string
	next  int
	tried int // since one was connected
}

func (h *hosts) Init([]string) error { return nil }
func (h *hosts) Len() int            { return len(h.list) }
func (h *hosts) Connected()          { h.tried = 0 }

func (h *hosts) Next() (server string, retryStart bool) {
	n := len(h.list)
	server, retryStart = h.list[h.next%n], h.tried > 0 && h.tried%n == 0
	h.next++
	h.tried++
	return server, retryStart
}

// open has the client's relays stand as the faults have it.
func (c *Client) open() {
	if c.life == nil {
		return
	}
	for i, r := range c.life.relays {
		forth, back := c.e.ways[[2]string{c.name, name(i)}], c.e.ways[[2]string{name(i), c.name}]
		forth.Still, back.Shut = c.paused, back.Shut || c.paused
		r.Set(Forth, forth)
		r.Set(Back, back)
	}
}

// pause lets nothing reach the client or leave it, and lets it ask nothing, for a span: what others
// see of a process that stands still.
func (c *Client) pause(span sim.Time) {
	l := c.life
	c.paused = true
	l.halt(true)
	c.open()
	c.e.later(span, func() {
		if c.life == l {
			c.paused = false
			l.halt(false)
			c.open()
		}
	})
}

func (l *life) halt(halted bool) {
	l.mu.Lock()
	l.halted = halted
	l.mu.Unlock()
	l.goOn.Broadcast()
}

// die ends the process without closing its session. Its connections break, or, where the power has
// gone, are just not answered any more.
func (c *Client) die(reset bool) {
	l := c.life
	c.deaths = append(c.deaths, engine.StateChange{State: client.Closed, Session: c.session, At: c.e.Now(), Index: c.e.next()})
	for _, o := range c.calls {
		o.Lost = true
		if o.SentAt < 0 {
			o.Outcome = client.NotSent
		}
	}
	c.calls, c.life, c.paused = nil, nil, false
	l.mu.Lock()
	c.sent[l.session] = l.sent
	l.mu.Unlock()
	if reset {
		l.end()
		return
	}
	for _, r := range l.relays {
		r.Shut(Forth, true)
		r.Shut(Back, true)
	}
	c.old = append(c.old, l)
	l.halt(true)
}

// end closes the ways first, so that the library cannot say good-bye.
func (l *life) end() {
	l.ending.Do(func() {
		close(l.dead)
		for _, r := range l.relays {
			r.Close()
		}
		l.halt(false)
		if l.conn != nil {
			go l.conn.Close() // it waits a second for an answer that cannot come
		}
	})
}

func (c *Client) end() {
	if c.life != nil {
		c.life.end()
	}
	for _, l := range c.old {
		l.end()
	}
}

// Who is the client's name.
func (c *Client) Who() string { return c.name }

// Up is true while it has a life.
func (c *Client) Up() bool { return c.life != nil }

// Paused is true while it stands still.
func (c *Client) Paused() bool { return c.paused }

// Lives is how often it has started.
func (c *Client) Lives() int { return c.lives }

// Connected is true while the library says that it has its session.
func (c *Client) Connected() bool { return c.life != nil && c.state == client.Connected }

// over is true if its session is over, and none follows.
func (c *Client) over() bool { return c.state.Final() }

// Idle is true if it waits for no answer.
func (c *Client) Idle() bool { return len(c.calls) == 0 }

// Session is the last one that it had.
func (c *Client) Session() int64 { return c.session }

// Events are the watch events that the library has passed on.
func (c *Client) Events() []engine.Notice { return c.events }

// States are the changes of its session's state.
func (c *Client) States() []engine.StateChange { return c.states }

// Pings are when its present life has pinged, in the engine's time.
func (c *Client) Pings() []sim.Time {
	if c.life == nil {
		return nil
	}
	c.life.mu.Lock()
	defer c.life.mu.Unlock()
	return append([]sim.Time(nil), c.life.pings...)
}

// lastSent is when the last packet of a session reached a server, if it is this client's.
func (c *Client) lastSent(session int64) (sim.Time, bool) {
	if c.life != nil {
		c.life.mu.Lock()
		at, is := c.life.sent, c.life.session == session
		c.life.mu.Unlock()
		if is {
			return at, true
		}
	}
	at, is := c.sent[session]
	return at, is
}

func (c *Client) credentials() (int64, []byte) {
	if c.life == nil {
		return 0, nil
	}
	c.life.mu.Lock()
	defer c.life.mu.Unlock()
	return c.life.session, c.life.passwd
}

// Do has the client ask for something, behind what it asks for already.
func (c *Client) Do(op tree.Op, tag int64) {
	if op.Type == tree.OpCreate2 {
		op.Type = tree.OpCreate // the library has no other; its answer has no stat
	}
	for i := range op.Ops {
		if op.Ops[i].Type == tree.OpCreate2 {
			op.Ops[i].Type = tree.OpCreate
		}
	}
	o := &engine.Op{
		Client: c.name, Tag: tag, Op: op, Session: c.session, CalledAt: c.e.Now(), CallIndex: c.e.next(),
		SentAt: -1, AppliedAt: -1, ApplyIndex: -1, ReturnedAt: -1, RetIndex: -1,
	}
	c.e.ops = append(c.e.ops, o)
	c.calls = append(c.calls, o)
	c.life.queue <- o
}

// heard is called by the library for every event.
func (l *life) heard(ev zk.Event) {
	if ev.Type == zk.EventSession {
		l.stands(ev.State)
		return
	}
	kind, path := tree.EventType(ev.Type), ev.Path
	l.c.e.post(true, func(at sim.Time) {
		c := l.c
		for i := range l.told {
			n := l.told[i]
			if n.event.Type != kind || n.event.Path != path {
				continue
			}
			l.told = append(l.told[:i:i], l.told[i+1:]...)
			c.events = append(c.events, engine.Notice{Client: c.name, Session: c.session, Event: n.event, At: at, Index: n.index, Server: n.server})
			return
		}
	})
}

// stands is the library's word on the session.
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
	l.c.e.post(true, func(at sim.Time) {
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
		c.states = append(c.states, engine.StateChange{State: state, Session: c.session, At: at, Index: c.e.next()})
	})
}

// expire closes the ways: the library would open another session by itself. ZooKeeper's own client does
// not, and who wants another session makes another client: here, a client that is restarted.
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

// passes is something of the client's that reaches a server.
func (l *life) passes() {
	l.mu.Lock()
	l.sent = l.c.e.Now()
	l.mu.Unlock()
}

// leaves is a packet of the client's for a server.
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
	l.c.e.post(false, func(at sim.Time) {
		for _, o := range l.c.calls {
			if o.Xid != 0 {
				continue
			}
			o.Xid, o.SentAt, o.Session, o.Server = xid, at, session, server
			key := request{session, xid}
			l.c.e.byOp[key] = o
			if t := l.c.e.txns[key]; t != nil {
				l.c.e.applied(o, t, at, l.c.e.next())
			}
			return
		}
	})
}

// arrives is a packet of a server's.
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
		l.c.e.post(true, func(sim.Time) {
			ev.Zxid = int64(l.c.e.cause(ev.Type, ev.Path))
			l.told = append(l.told, notice{ev, l.c.e.next(), server})
		})
	case h.Xid > 0:
		l.mu.Lock()
		key := request{l.session, h.Xid}
		l.mu.Unlock()
		l.c.e.post(true, func(at sim.Time) {
			o := l.c.e.byOp[key]
			if o == nil || o.Done() {
				return
			}
			o.Zxid, o.RetIndex = h.Zxid, l.c.e.next()
			if o.AppliedAt < 0 && o.Op.Type.Writes() && h.Zxid > 0 { // an answered write has been applied
				l.c.e.applied(o, &tree.Txn{TxnHeader: tree.TxnHeader{Zxid: h.Zxid, Type: refusedAs(h.Code)}}, at, o.RetIndex)
			}
		})
	}
}

// refusedAs is the type of the transaction behind an answer, as far as its code tells.
func refusedAs(c tree.Code) tree.OpCode {
	if c != tree.OK {
		return tree.OpError
	}
	return tree.OpCreate
}

// work carries out what the client asks, one after the other.
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
			l.c.e.post(true, func(at sim.Time) { l.answered(o, a, at) })
		}
	}
}

// insist carries an operation out, and again as long as it has not left the client: the library gives
// up at once what it has no server for, and whoever uses it asks again.
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

// left is how many requests have left.
func (l *life) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests
}

// again waits until there is a server to ask, or the session has expired. It is false once the client is
// dead.
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

// answered is an operation that the library has come back from.
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
		o.RetIndex = c.e.next()
	}
	if o.Op.Type == tree.OpCreate && a.outcome == client.OK {
		o.Result.Stat.Czxid = o.Zxid // the create's own: a token
		if c.e.logs == nil {
			c.e.effects(&tree.Txn{TxnHeader: tree.TxnHeader{Zxid: o.Zxid, Session: o.Session}}, tree.OpCreate,
				&tree.CreateTxn{Path: a.result.Path, Ephemeral: o.Op.Flags.IsEphemeral()}, at, o.RetIndex)
		}
	}
	if o.Op.Type == tree.OpCloseSession && c.life == l {
		c.state = client.Closed
		c.states = append(c.states, engine.StateChange{State: client.Closed, Session: c.session, At: at, Index: c.e.next()})
	}
}
