package etcd

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Client is a client of the cluster. It stays the same Client when it crashes and restarts. Its
// session is a lease, which the client renews. The client is connected to one server at a time,
// through its own relays.
type Client struct {
	name string
	e    *Engine
	home int // the server that it tries first

	timeout sim.Time // of its session, from which the TTL of its lease follows

	life    *life // nil while it is down
	lives   int
	session int64 // the latest
	calls   []*engine.Op
	events  []engine.Notice
	states  []engine.StateChange
	deaths  []engine.StateChange
	state   client.State
	paused  bool
	old     []*life
	sent    map[int64]sim.Time // by session of an ended life: when its last renewal was sent
}

// mostQueued is the number of operations that may wait in a client for an earlier one.
const mostQueued = 1024

// Start starts the client, which opens a new session.
func (c *Client) Start() {
	c.lives++
	c.begin()
}

func (c *Client) begin() {
	l, err := c.newLife()
	if err != nil {
		c.e.err = err
		return
	}
	c.life, c.state, c.paused = l, client.Connecting, false
	c.open()
	go l.run()
}

// Renew opens a new session. It does not revoke the lease of the old session, which ends when its
// time to live is over.
func (c *Client) Renew() {
	if c.life != nil {
		c.leave()
	}
	c.begin()
}

// holds gives the kinds of packets that faults name, as ZooKeeper has them, with the purpose of the
// connection on which etcd has their like.
var holds = map[string]int{
	"REQUEST": forCalls, "REPLY": forCalls, "CONNECT": forCalls, "CONNECTED": forCalls,
	"EVENT": forWatch, "PING": forRenewal,
}

// open sets the client's relays as the cuts, delays, holds and pauses in effect require.
func (c *Client) open() {
	if c.life == nil {
		return
	}
	for i, set := range c.life.relays {
		forth, back := c.e.links.Ways.Of(c.name, name(i), c.paused)
		for purpose, r := range set {
			r.Set(loopback.Forth, held(forth, purpose))
			r.Set(loopback.Back, held(back, purpose))
		}
	}
}

// held shuts a direction of a connection on which packets are held.
func held(w loopback.Way, purpose int) loopback.Way {
	for _, kind := range w.Held {
		if p, known := holds[kind]; known && p == purpose {
			w.Shut = true
		}
	}
	return w
}

// Pause makes a client look like a stopped process: for a span it receives nothing, sends nothing
// and makes no call.
func (c *Client) Pause(span sim.Time) {
	l := c.life
	c.paused = true
	l.halt(true)
	c.open()
	c.e.Later(span, func() {
		if c.life == l {
			c.paused = false
			c.open()
			l.halt(false)
		}
	})
}

// Die ends a client's life without closing the session. If reset is true, the connections break, as
// after a crash; if it is false, they fall silent, as after a loss of power.
func (c *Client) Die(reset bool) {
	c.deaths = append(c.deaths, engine.StateChange{
		State: client.Closed, Session: c.session, At: c.e.Now(), Index: c.e.Next(),
	})
	l := c.life
	if !reset {
		for _, set := range l.relays {
			for _, r := range set {
				r.Shut(loopback.Forth, true)
				r.Shut(loopback.Back, true)
			}
		}
		l.halt(true)
		c.old = append(c.old, l)
	}
	c.drop(l)
	if reset {
		l.end()
	}
}

// leave ends the present life, for another session of the same process.
func (c *Client) leave() {
	l := c.life
	c.drop(l)
	l.end()
}

// drop forgets a life, and the answers to its calls.
func (c *Client) drop(l *life) {
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
}

func (c *Client) end() {
	if c.life != nil {
		c.life.end()
	}
	for _, l := range c.old {
		l.end()
	}
}

// Who returns the client's name.
func (c *Client) Who() string { return c.name }

// Up reports whether the client has started and not crashed since.
func (c *Client) Up() bool { return c.life != nil }

// Paused reports whether the client is paused.
func (c *Client) Paused() bool { return c.paused }

// Lives returns the number of times that the client has started.
func (c *Client) Lives() int { return c.lives }

// Connected reports whether the client has a lease, and a server that answers.
func (c *Client) Connected() bool { return c.life != nil && c.state == client.Connected }

// over is true if the client's session has ended.
func (c *Client) over() bool { return c.state.Final() }

// Idle reports whether no operation of the client waits for an answer.
func (c *Client) Idle() bool { return len(c.calls) == 0 }

// Session returns the lease of the client's latest session; 0 before the first.
func (c *Client) Session() int64 { return c.session }

// Events returns the events of one-time watches.
func (c *Client) Events() []engine.Notice { return c.events }

// States returns the changes of the state of the client's session.
func (c *Client) States() []engine.StateChange { return c.states }

// lastSent is when the last renewal of a session that was answered was sent. It returns false if
// the session is not this client's.
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

// Do queues an operation. The client performs it after all operations queued before.
func (c *Client) Do(op tree.Op, tag int64) {
	o := &engine.Op{
		Client: c.name, Tag: tag, Op: op, Session: c.session, CalledAt: c.e.Now(),
		CallIndex: c.e.Next(), SentAt: -1, AppliedAt: -1, ApplyIndex: -1, ReturnedAt: -1,
		RetIndex: -1,
	}
	c.e.ops = append(c.e.ops, o)
	c.calls = append(c.calls, o)
	c.life.queue <- o
}
