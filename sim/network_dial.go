package sim

import "fmt"

// dialRetry is the time after which a lost SYN is sent again.
const dialRetry = Second

// dial opens a connection. The dialler gets Connected or Refused within e.Span.
func (n *network) dial(from NodeID, e *Effect) error {
	if n.conns[e.Conn] != nil {
		return fmt.Errorf("connection %#x already exists: give each dial its own connection number",
			uint64(e.Conn))
	}
	c := &conn{id: e.Conn, port: e.Port, giveUp: n.now + e.Span}
	c.ends[0] = connEnd{node: from, open: true}
	c.ends[1] = connEnd{node: e.To}
	n.conns[c.id] = c
	n.open[from-1] = append(n.open[from-1], c)
	n.sendDial(c, n.now+n.controlLatency(from, e.To))
	n.appear(c, 1, flight{kind: flightGaveUp}, c.giveUp)
	return nil
}

func (n *network) sendDial(c *conn, at Time) {
	ref := n.flights.put(flight{conn: c, sent: n.cause})
	n.queue.push(entry{at: at, kind: entryDial, node: c.ends[1].node, ref: ref})
}

// dialArrives handles a SYN at its destination. A live process accepts the connection; a live
// machine without a process refuses it; otherwise the SYN is lost, and sent again until the dialler
// gives up.
func (n *network) dialArrives(ref uint32) {
	f := n.flights.take(ref)
	c := f.conn
	n.cause = f.sent
	if !c.ends[0].open {
		return // the dialler is gone, and with it the connection
	}
	from, to := c.ends[0].node, c.ends[1].node
	power := n.hosts.power(to)
	if power == off || n.link(from, to).cut || n.link(to, from).cut {
		if again := n.now + dialRetry; again < c.giveUp {
			n.sendDial(c, again)
		}
		return
	}
	if power == dead {
		n.fly(c, 1, flight{kind: flightRefused})
		return
	}
	c.accepted = true
	c.ends[1].open = true
	n.open[to-1] = append(n.open[to-1], c)
	n.emit(KindOpen, to, uint64(c.id))
	n.causeIsLast()
	n.fly(c, 1, flight{kind: flightAccepted}) // the kernel answers, whatever the process does
	news := flight{conn: c, sent: n.cause}
	if power == paused {
		n.hosts.park(to, entry{kind: entryDialed, node: to, ref: n.flights.put(news)})
		return
	}
	n.tell(Accepted, &news)
}

// dialed notifies a machine of a connection that was accepted while the machine was paused.
func (n *network) dialed(e entry) {
	if n.hosts.power(e.node) == paused { // again, by a fault that an earlier entry has triggered
		n.hosts.park(e.node, e)
		return
	}
	f := n.flights.take(e.ref)
	if f.conn.ends[1].open {
		n.cause = f.sent
		n.tell(Accepted, &f)
	}
}
