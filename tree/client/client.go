package client

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// Config is what a client is told once. The zero value of a field with a default means the
// default.
type Config struct {
	Name    string
	Servers []sim.NodeID
	Home    int  // index of the server to try first; then the list is gone through in order
	Shuffle bool // put the list in an order drawn from Rand first, as ZooKeeper's clients do

	SessionTimeout sim.Time // asked for, default 4s; the server clips it
	BackoffMin     sim.Time // default 100ms: the wait before another attempt is drawn between these
	BackoffMax     sim.Time // default 1s
	SetWatchesMax  int      // default 128 KiB: a larger setWatches is sent in parts (ZOOKEEPER-706)
	Renew          bool     // open a new session when one has expired

	Rand     *sim.Rand
	Hooks    Hooks // may be nil
	Programs []func(*Proc)

	Flaw flaw.Flaw  // bug of the recipes to inject; none by default
	Hits *flaw.Hits // counts how often its places are reached; may be nil
}

func (c *Config) setDefaults() {
	def := func(t *sim.Time, d sim.Time) {
		if *t == 0 {
			*t = d
		}
	}
	def(&c.SessionTimeout, 4*sim.Second)
	def(&c.BackoffMin, 100*sim.Millisecond)
	def(&c.BackoffMax, sim.Second)
	if c.SetWatchesMax == 0 {
		c.SetWatchesMax = 128 << 10
	}
	if c.Rand == nil {
		c.Rand = sim.NewRand(sim.HashString(c.Name))
	}
	if c.Hooks == nil {
		c.Hooks = NopHooks{}
	}
}

// linkPhase is how far the present connection has come.
type linkPhase uint8

const (
	linkNone      linkPhase = iota
	linkDialling            // Dial is out
	linkHandshake           // ConnectRequest is out
	linkUp
)

// Client is one client with one session at a time.
type Client struct {
	config Config
	hooks  Hooks
	now    sim.Time
	out    []sim.Effect

	state    State
	link     linkPhase
	conn     sim.ConnID
	lastConn sim.ConnID
	servers  []sim.NodeID
	next     int        // index of the next server to try
	server   sim.NodeID // of the present connection
	fresh    bool       // nothing has failed since the last connection: no wait before the next

	session  int64
	passwd   []byte
	timeout  sim.Time // negotiated, or asked for before that
	lastZxid int64

	lastSent, lastHeard sim.Time
	retryAt, giveUpAt   sim.Time

	xid     int32
	queue   []*Call // not sent
	pending []*Call // sent and not answered
	watches registry
	auth    []tree.Op

	procs    []*Proc
	believes bool
	office   string // the node by which it came to believe that
	stopped  bool
}

// New returns a client. Its first event must be Boot.
func New(c Config) *Client {
	c.setDefaults()
	k := &Client{
		config: c, hooks: c.Hooks, timeout: c.SessionTimeout, fresh: true,
		retryAt: sim.Never, giveUpAt: sim.Never,
		servers: append([]sim.NodeID(nil), c.Servers...),
	}
	if n := len(k.servers); n > 0 {
		k.next = (c.Home%n + n) % n
		if c.Shuffle {
			for i := n - 1; i > 0; i-- {
				j := c.Rand.Intn(i + 1)
				k.servers[i], k.servers[j] = k.servers[j], k.servers[i]
			}
		}
	}
	return k
}

// Name is the client's name.
func (c *Client) Name() string { return c.config.Name }

// State is where it stands with its session.
func (c *Client) State() State { return c.state }

// Session is the session's id, 0 before there is one.
func (c *Client) Session() int64 { return c.session }

// Timeout is the session timeout, as negotiated once there is a session.
func (c *Client) Timeout() sim.Time { return c.timeout }

// Server is the server that it is connected to, or tries; 0 for none.
func (c *Client) Server() sim.NodeID {
	if c.link == linkNone {
		return 0
	}
	return c.server
}

// LastZxid is the newest zxid that it has seen.
func (c *Client) LastZxid() int64 { return c.lastZxid }

// Stays is true if an event is for a persistent or recursive watch, whether or not for a plain one.
func (c *Client) Stays(e tree.WatchEvent) bool { return c.watches.stays(e) }

// Believes is true while a program of the client thinks that it leads.
func (c *Client) Believes() bool { return c.believes }

// Idle is true if no operation is waiting for an answer or to be sent.
func (c *Client) Idle() bool { return len(c.queue)+len(c.pending) == 0 }

// Finished is true when every program has returned.
func (c *Client) Finished() bool {
	for _, p := range c.procs {
		if !p.done {
			return false
		}
	}
	return true
}

// Step takes one event and appends the effects that follow.
func (c *Client) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if c.stopped {
		return out
	}
	c.now, c.out = now, out
	switch e.Kind {
	case sim.Boot:
		c.lastConn = e.Conn
		c.connect()
		for _, program := range c.config.Programs {
			c.procs = append(c.procs, newProc(c, len(c.procs), program))
		}
	case sim.Told:
		if m, ok := e.Msg.(*Command); ok {
			c.start(&Call{Tag: m.Tag, Op: m.Op})
		}
	case sim.Wake:
		c.timers()
	default:
		if e.Conn == c.conn && c.link != linkNone {
			c.onLink(e)
		}
	}
	c.runPrograms()
	out, c.out = c.out, nil
	return out
}

// Deadline is when the client next wants a Wake.
func (c *Client) Deadline() sim.Time {
	d := sim.Never
	switch {
	case c.stopped:
		return d
	case c.link == linkUp:
		d = min(c.lastHeard+c.readTimeout(), c.lastSent+c.pingEvery())
	case c.link == linkNone:
		d = c.retryAt
	default:
		d = c.giveUpAt
	}
	for _, p := range c.procs {
		if !p.done {
			d = min(d, p.wakeAt)
		}
	}
	return d
}

// Stop ends every program. Whoever holds the client calls it when the process dies and when the
// world ends.
func (c *Client) Stop() {
	if c.stopped {
		return
	}
	c.stopped = true
	for _, p := range c.procs {
		p.halt()
	}
}

func (c *Client) setState(s State) {
	if c.state != s {
		c.state = s
		c.hooks.Changed(c, s)
	}
}

// start takes an operation on.
func (c *Client) start(call *Call) {
	call.CalledAt, call.SentAt = c.now, -1
	c.hooks.Called(c, call)
	if c.state.Final() {
		c.finish(call, NotSent, c.finalCode())
		return
	}
	c.queue = append(c.queue, call)
	c.flush()
}

// finish ends an operation.
func (c *Client) finish(call *Call, o Outcome, code tree.Code) {
	call.Outcome, call.Code, call.ReturnedAt = o, code, c.now
	if call.watch != nil && o != OK && !call.watch.set {
		call.watch.ended = true
	}
	c.hooks.Returned(c, call)
}

func (c *Client) finalCode() tree.Code {
	if c.state == AuthFailed {
		return tree.AuthFailed
	}
	return tree.SessionExpired
}

func (c *Client) assert(ok bool, format string, args ...any) {
	if !ok {
		text := fmt.Sprintf("client %s: "+format, append([]any{c.config.Name}, args...)...)
		panic(&sim.AssertionError{Text: text})
	}
}

const port = zab.PortClient
