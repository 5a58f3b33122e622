package client

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab/flaw"
)

// ping is the message of every ping. It never changes, so one is enough.
var ping = &tree.Request{Xid: tree.XidPing, Op: tree.Op{Type: tree.OpPing}}

// readTimeout is how long a server may be silent before the client leaves it: as in ClientCnxn, 2/3
// of the session timeout.
func (c *Client) readTimeout() sim.Time { return c.timeout * 2 / 3 }

// pingEvery is how long the client may be silent before it pings.
func (c *Client) pingEvery() sim.Time { return c.timeout / 3 }

// connectTimeout is how long one attempt to connect may take, so that the client can try all
// servers within a session timeout.
func (c *Client) connectTimeout() sim.Time { return c.timeout / sim.Time(max(1, len(c.servers))) }

// connect dials the next server.
func (c *Client) connect() {
	c.retryAt = sim.Never
	if len(c.servers) == 0 {
		return
	}
	c.server = c.servers[c.next]
	c.next = (c.next + 1) % len(c.servers)
	c.lastConn++
	c.conn = c.lastConn
	c.link = linkDialling
	c.giveUpAt = c.now + c.connectTimeout()
	c.out = append(c.out, sim.Effect{
		Kind: sim.Dial, To: c.server, Conn: c.conn, Port: port, Span: c.connectTimeout(),
	})
}

func (c *Client) send(m sim.Message) {
	c.lastSent = c.now
	c.out = append(c.out, sim.Effect{Kind: sim.Send, Conn: c.conn, Msg: m})
}

// timers leaves a server that has been silent for too long, pings before the client has been, and
// tries to connect again.
func (c *Client) timers() {
	if c.now >= c.ownExpiry() || c.now >= c.givesUpAt() && c.has(flaw.GivesUp) {
		c.end(Expired)
	}
	switch c.link {
	case linkNone:
		if c.now >= c.retryAt {
			c.connect()
		}
	case linkUp:
		if c.now >= c.lastHeard+c.readTimeout() {
			c.hangUp()
		} else if c.now >= c.lastSent+c.pingEvery() {
			c.send(ping)
		}
	default:
		if c.now >= c.giveUpAt {
			c.hangUp()
		}
	}
}

// hangUp closes the connection.
func (c *Client) hangUp() {
	c.out = append(c.out, sim.Effect{Kind: sim.Close, Conn: c.conn})
	c.lost()
}

// lost handles a connection that is gone. The fate of the operations sent on it is unknown; queued
// operations stay queued.
func (c *Client) lost() {
	wasUp := c.link == linkUp
	c.link, c.conn, c.giveUpAt = linkNone, 0, sim.Never
	closing := false
	for _, call := range c.takePending() {
		closing = closing || call.Op.Type == tree.OpCloseSession
		c.finish(call, LostOutcome(&call.Op), tree.ConnectionLoss)
	}
	if closing {
		c.end(Closed)
		return
	}
	c.broken(wasUp)
	if wasUp && c.fresh {
		c.retryAt = c.now
	} else {
		c.retryAt = c.now + c.config.Rand.Between(c.config.BackoffMin, c.config.BackoffMax)
	}
	c.fresh = false
	if wasUp {
		c.setState(Disconnected)
	}
}

func (c *Client) takePending() []*Call {
	pending := c.pending
	c.pending = nil
	return pending
}

// end ends the session: after it no operation is sent and no watch fires.
func (c *Client) end(s State) {
	if c.link != linkNone {
		c.out = append(c.out, sim.Effect{Kind: sim.Close, Conn: c.conn})
	}
	c.link, c.conn = linkNone, 0
	c.retryAt, c.giveUpAt = sim.Never, sim.Never
	c.watches.endAll()
	c.setState(s)
	pending, queue := c.takePending(), c.queue
	c.queue = nil
	for _, call := range pending {
		c.finish(call, LostOutcome(&call.Op), c.finalCode())
	}
	for _, call := range queue {
		c.finish(call, NotSent, c.finalCode())
	}
	reopens := s == Closed && c.reopens
	if reopens || s == Expired && (c.config.Renew || c.config.Library.Renews()) {
		c.reopens = false
		c.session, c.passwd, c.lastZxid = 0, nil, 0
		c.timeout, c.unbornAt = c.config.SessionTimeout, c.now
		c.setState(Connecting)
		c.retryAt = c.now
	}
}

// onLink handles an event of the current connection.
func (c *Client) onLink(e sim.Event) {
	switch e.Kind {
	case sim.Connected:
		c.link = linkHandshake
		c.giveUpAt = c.now + c.connectTimeout()
		c.send(&tree.ConnectRequest{
			LastZxidSeen: c.lastZxid, TimeoutMs: int32(c.config.SessionTimeout / sim.Millisecond),
			SessionID: c.session, Passwd: c.passwd,
		})
	case sim.Refused, sim.Closed:
		c.lost()
	case sim.Received:
		c.lastHeard = c.now
		switch m := e.Msg.(type) {
		case *tree.ConnectResponse:
			c.onConnectResponse(m)
		case *tree.Reply:
			c.onReply(m)
		case *tree.WatchNotification:
			c.onEvent(m.WatchEvent)
		}
	}
}

// onConnectResponse opens or resumes the session, or ends it if the server says that it is over.
// Identities and watches are sent before anything else, because later requests depend on them.
func (c *Client) onConnectResponse(m *tree.ConnectResponse) {
	c.assert(c.link == linkHandshake, "the server sent CONNECTED twice on one connection")
	if m.TimeoutMs <= 0 {
		c.end(Expired)
		return
	}
	c.session, c.passwd = m.SessionID, m.Passwd
	c.timeout = sim.Time(m.TimeoutMs) * sim.Millisecond
	c.link, c.giveUpAt, c.fresh, c.setting = linkUp, sim.Never, true, 0
	for _, op := range c.auth {
		c.send(&tree.Request{Xid: tree.XidAuth, Op: op})
	}
	for _, s := range c.watches.setWatches(c.lastZxid, c.config.SetWatchesMax) {
		op := tree.OpSetWatches
		if len(s.Persistent)+len(s.Recursive) > 0 {
			op = tree.OpSetWatches2
		}
		c.setting++
		c.send(&tree.Request{Xid: tree.XidSetWatches, Op: tree.Op{Type: op, SetWatches: s}})
	}
	c.setState(Connected)
	c.flush()
}

// onEvent fires the watches that match an event.
func (c *Client) onEvent(e tree.WatchEvent) {
	c.hooks.Notified(c, e)
	c.watches.fire(e)
}
