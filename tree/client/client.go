package client

import (
	"fmt"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// Config is the configuration of a client. A field with the value zero stands for its default.
type Config struct {
	Name    string
	Servers []sim.NodeID
	Home    int  // index of the server to try first; the others follow in order
	Shuffle bool // shuffle the list first, by Rand, as ZooKeeper's clients do

	SessionTimeout sim.Time // requested, default 4s; the server limits it
	BackoffMin     sim.Time // least wait before another attempt, default 100ms
	BackoffMax     sim.Time // longest wait before another attempt, default 1s
	SetWatchesMax  int      // bytes, default 128 KiB: more goes in several requests (ZOOKEEPER-706)
	Renew          bool     // open a new session when one has expired
	Library        Library  // the client behaves as this library does

	Rand     *sim.Rand
	Hooks    Hooks // may be nil
	Programs []func(*Proc)
	Wait     bool // the programs start at a [Begin], not at Boot
	// Looks is the longest time, by the client's clock, in which the programs work before they look
	// if they still hold an office; 0 if unknown. It is evidence for a judge: see [Mark].
	Looks sim.Time
	// Is has what the programs declare themselves to be. They say what they believe by [Proc.Want],
	// [Proc.Hold], [Proc.LetGo] and [Proc.Say].
	Is []recipe.Recipe

	Flaw flaw.Flaw  // bug of the recipes to inject; none by default
	Hits *flaw.Hits // counts how often the flaw acts; may be nil

	Places *flaw.Places // counts how often the places of all flaws are reached; may be nil
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

// State is the state of a client's session, such as Connected or Expired.
type State uint8

// These are the states of a session. In the states Expired, Closed and AuthFailed the session has
// ended. If Config.Renew is true, the client opens a new session after Expired.
const (
	Connecting   State = iota // no session yet
	Connected                 // a server has confirmed the session
	Disconnected              // no connection, perhaps a session (Curator: SUSPENDED)
	Expired                   // a server has said so, or a [Library] by its own clock (Curator: LOST)
	Closed                    // by the client
	AuthFailed                // an addAuth was refused
)

var stateNames = [...]string{
	"CONNECTING", "CONNECTED", "DISCONNECTED", "EXPIRED", "CLOSED", "AUTH_FAILED",
}

// String returns the state's name in capitals, such as CONNECTED or AUTH_FAILED.
func (s State) String() string { return stateNames[s] }

// Final reports whether the session is over: expired, closed, or refused at authentication.
func (s State) Final() bool { return s >= Expired }

// linkPhase is how far the client has come with opening its current connection.
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
	server   sim.NodeID // of the current connection
	fresh    bool       // no attempt has failed since the last connection: do not wait
	moving   bool       // the client leaves its server of its own will

	session  int64
	passwd   []byte
	timeout  sim.Time // negotiated; requested, before there is a session
	lastZxid int64

	lastSent, lastHeard sim.Time
	retryAt, giveUpAt   sim.Time
	unbornAt            sim.Time // since when the client has asked for a session that it has not got
	lostAt              sim.Time // when a library ends the session by its own clock

	xid     int32
	queue   []*Call // not sent yet
	pending []*Call // sent and not answered yet
	watches registry
	setting int // setWatches that are sent and not answered
	auth    []tree.Op

	procs    []*Proc
	believes bool
	office   string // the node for which the client believes that it leads
	stopped  bool
	reopens  bool // when the session is closed, open another
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

// Name returns the client's name.
func (c *Client) Name() string { return c.config.Name }

// Library returns the client library whose behaviour the client imitates.
func (c *Client) Library() Library { return c.config.Library }

// State returns the state of the client's session.
func (c *Client) State() State { return c.state }

// Session returns the session's id; 0 before there is a session.
func (c *Client) Session() int64 { return c.session }

// Timeout returns the session timeout: the negotiated timeout, or the requested timeout before
// there is a session.
func (c *Client) Timeout() sim.Time { return c.timeout }

// Server returns the server that the client is connected to or is dialling, or 0 if there is no
// such server.
func (c *Client) Server() sim.NodeID {
	if c.link == linkNone {
		return 0
	}
	return c.server
}

// Moving reports whether the client is closing its connection in order to move to another server,
// because a program ([Proc.Move]) or a [Move] message has asked for this.
func (c *Client) Moving() bool { return c.moving }

// LastZxid returns the newest zxid that the client has seen.
func (c *Client) LastZxid() int64 { return c.lastZxid }

// Stays reports whether the event e fires a persistent or recursive watch of the client: a watch
// that stays set after it fires. Stays returns true even if e also fires watches that end when they
// fire.
func (c *Client) Stays(e tree.WatchEvent) bool { return c.watches.stays(e) }

// Believes reports whether a program of the client believes that it is the leader, as the program
// has said: see [Proc.Believe].
func (c *Client) Believes() bool { return c.believes }

// Idle reports whether no operation of the client waits to be sent or answered.
func (c *Client) Idle() bool { return len(c.queue)+len(c.pending) == 0 }

// Finished reports whether every program has returned.
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
		c.lastConn, c.unbornAt = e.Conn, now
		c.connect()
		if !c.config.Wait {
			c.begin()
		}
	case sim.Told:
		switch m := e.Msg.(type) {
		case *Command:
			c.start(&Call{Tag: m.Tag, Request: tree.Request{Op: m.Op}})
		case *Begin:
			c.begin()
		case *Renew:
			c.renew()
		case *Move:
			c.move(m.To)
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

// Deadline returns the local time at which the client next wants a Wake.
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
	d = min(d, c.ownExpiry(), c.givesUpAt())
	for _, p := range c.procs {
		if !p.done {
			d = min(d, p.wakeAt)
		}
	}
	return d
}

// Stop ends every program. Call it when the client's process dies, and when the world ends.
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

// assert ends the run if ok is false: something has happened that the fault model forbids.
func (c *Client) assert(ok bool, format string, args ...any) {
	if !ok {
		c.fail(format, args...)
	}
}

// fail ends the run. On a hot path test the condition first and then call fail: to call assert
// would cost the arguments.
func (c *Client) fail(format string, args ...any) {
	text := fmt.Sprintf("client %s: "+format, append([]any{c.config.Name}, args...)...)
	panic(&sim.AssertionError{Text: text})
}

const port = zab.PortClient
