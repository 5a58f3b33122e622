package client

import "github.com/zablab/zablab/sim"

// Renew makes a client open a new session, from outside (sim.Told), as an application does when it
// learns that its session is over. A session that is still open is left to time out.
type Renew struct{}

// Name is the message's name in plans and traces.
func (*Renew) Name() string { return "RENEW" }

// Size is 0: the message crosses no link.
func (*Renew) Size() int { return 0 }

// Key is a hash of the message.
func (*Renew) Key() uint64 { return sim.HashString("renew") }

// Begin starts the programs of a client whose Config says Wait, from outside (sim.Told).
type Begin struct{}

// Name is the message's name in plans and traces.
func (*Begin) Name() string { return "BEGIN" }

// Size is 0: the message crosses no link.
func (*Begin) Size() int { return 0 }

// Key is a hash of the message.
func (*Begin) Key() uint64 { return sim.HashString("begin") }

// begin starts the programs, once.
func (c *Client) begin() {
	for _, program := range c.config.Programs[len(c.procs):] {
		c.procs = append(c.procs, newProc(c, len(c.procs), program))
	}
}

// Move makes a client leave its server for another, with its session, from outside (sim.Told).
type Move struct{ To sim.NodeID }

// Name is the message's name in plans and traces.
func (*Move) Name() string { return "MOVE" }

// Size is 0: it crosses no wire.
func (*Move) Size() int { return 0 }

// Key is a hash of what the message says.
func (m *Move) Key() uint64 { return sim.HashString("move") ^ sim.Mix(uint64(m.To)) }

// renew ends what there is of a session and opens another.
func (c *Client) renew() {
	if !c.state.Final() {
		c.end(Closed)
	}
	c.session, c.passwd, c.lastZxid = 0, nil, 0
	c.timeout = c.config.SessionTimeout
	c.setState(Connecting)
	c.retryAt = c.now
}

// move hangs up and tries another server next.
func (c *Client) move(to sim.NodeID) {
	for i, id := range c.servers {
		if id == to {
			c.next = i
		}
	}
	if c.link != linkNone {
		c.hangUp()
	}
}
