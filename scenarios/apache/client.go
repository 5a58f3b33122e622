package apache

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Client is one client. The same Client is used after a crash and a restart; the time from a start
// to the next crash is one life. The client has a relay for each server and connects through it.
// The relays see what the client library does not report: pings, and the zxids of answers.
type Client struct {
	name string
	e    *Engine
	home int

	timeout sim.Time // of its sessions

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
	sent    map[int64]sim.Time // by session of an ended life: when its last packet reached a server
}

// mostQueued is the number of operations that may wait in a client for an earlier one.
const mostQueued = 1024

// open sets the client's relays as the cuts, delays, holds and pauses in effect require.
func (c *Client) open() {
	if c.life == nil {
		return
	}
	for i, r := range c.life.relays {
		forth, back := c.e.links.Ways.Of(c.name, name(i), c.paused)
		r.Set(loopback.Forth, forth)
		r.Set(loopback.Back, back)
	}
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
			l.halt(false)
			c.open()
		}
	})
}

// Die ends a client's life without closing the session. If reset is true, the client's connections
// break, as after a crash. If reset is false, the connections fall silent, as after a loss of
// power.
func (c *Client) Die(reset bool) {
	l := c.life
	c.deaths = append(c.deaths, engine.StateChange{
		State: client.Closed, Session: c.session, At: c.e.Now(), Index: c.e.Next(),
	})
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
		r.Shut(loopback.Forth, true)
		r.Shut(loopback.Back, true)
	}
	c.old = append(c.old, l)
	l.halt(true)
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

// Connected reports whether the client library reports a connection with a session.
func (c *Client) Connected() bool { return c.life != nil && c.state == client.Connected }

// over is true if the client's session has ended, so that only a restart opens another.
func (c *Client) over() bool { return c.state.Final() }

// Idle reports whether every operation of the client has its answer.
func (c *Client) Idle() bool { return len(c.calls) == 0 }

// Session returns the ID of the client's latest session; 0 before the first.
func (c *Client) Session() int64 { return c.session }

// Events returns the watch events that the client library has reported.
func (c *Client) Events() []engine.Notice { return c.events }

// States returns the changes of the state of the client's session.
func (c *Client) States() []engine.StateChange { return c.states }

// Pings returns the times of the client's pings since its latest start, in µs since the engine
// began.
func (c *Client) Pings() []sim.Time {
	if c.life == nil {
		return nil
	}
	c.life.mu.Lock()
	defer c.life.mu.Unlock()
	return append([]sim.Time(nil), c.life.pings...)
}

// lastSent is when the last packet of a session reached a server. It returns false if the session
// is not this client's.
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

// Do queues an operation. The client performs it after all operations queued before.
func (c *Client) Do(op tree.Op, tag int64) {
	if op.Type == tree.OpCreate2 {
		op.Type = tree.OpCreate // the library has no create2; the answer has no stat
	}
	for i := range op.Ops {
		if op.Ops[i].Type == tree.OpCreate2 {
			op.Ops[i].Type = tree.OpCreate
		}
	}
	o := &engine.Op{
		Client: c.name, Tag: tag, Op: op, Session: c.session, CalledAt: c.e.Now(),
		CallIndex: c.e.Next(), SentAt: -1, AppliedAt: -1, ApplyIndex: -1, ReturnedAt: -1,
		RetIndex: -1,
	}
	c.e.ops = append(c.e.ops, o)
	c.calls = append(c.calls, o)
	c.life.queue <- o
}
