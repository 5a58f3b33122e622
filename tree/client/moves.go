package client

import "github.com/zablab/zablab/sim"

// Renew is a message from outside the ensemble (sim.Told) that makes a client give up its session
// and open a new one. If the old session has not ended yet, the client does not ask the servers to
// close it: it lasts until it expires.
type Renew struct{}

// Name returns the message's name in plans and traces.
func (*Renew) Name() string { return "RENEW" }

// Size returns 0, because the message crosses no link.
func (*Renew) Size() int { return 0 }

// Key returns a hash of the message.
func (*Renew) Key() uint64 { return sim.HashString("renew") }

// Begin is a message from outside the ensemble (sim.Told) that starts the programs of a client if
// Config.Wait is true.
type Begin struct{}

// Name returns the message's name in plans and traces.
func (*Begin) Name() string { return "BEGIN" }

// Size returns 0, because the message crosses no link.
func (*Begin) Size() int { return 0 }

// Key returns a hash of the message.
func (*Begin) Key() uint64 { return sim.HashString("begin") }

// begin starts the programs that it has not started yet.
func (c *Client) begin() {
	for _, program := range c.config.Programs[len(c.procs):] {
		c.procs = append(c.procs, newProc(c, len(c.procs), program))
	}
}

// Move is a message from outside the ensemble (sim.Told) that makes a client take its session to
// another server.
type Move struct{ To sim.NodeID }

// Name returns the message's name in plans and traces.
func (*Move) Name() string { return "MOVE" }

// Size returns 0, because the message crosses no link.
func (*Move) Size() int { return 0 }

// Key returns a hash of the message.
func (m *Move) Key() uint64 { return sim.HashString("move") ^ sim.Mix(uint64(m.To)) }

// renew ends the present session, if any, and opens another.
func (c *Client) renew() {
	if !c.state.Final() {
		c.end(Closed)
	}
	c.session, c.passwd, c.lastZxid = 0, nil, 0
	c.timeout = c.config.SessionTimeout
	c.setState(Connecting)
	c.retryAt = c.now
}

// move closes the connection and tries another server next.
func (c *Client) move(to sim.NodeID) {
	for i, id := range c.servers {
		if id == to {
			c.next = i
		}
	}
	if c.link != linkNone {
		c.moving = true
		c.hangUp()
		c.moving = false
	}
}
