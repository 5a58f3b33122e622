package sim

import "fmt"

// dialRetry is when a lost SYN is sent again.
const dialRetry = Second

func (w *World) dial(m *Machine, e *Effect) {
	if w.Machine(e.To) == nil {
		w.Fail(fmt.Errorf("sim: %s dials machine %d: no such machine: there are 1 to %d",
			m.Name, e.To, len(w.machines)))
		return
	}
	if w.conns[e.Conn] != nil {
		w.Fail(fmt.Errorf("sim: %s dials %s: connection %#x exists: give each dial its own number",
			m.Name, w.Machine(e.To).Name, uint64(e.Conn)))
		return
	}
	c := &conn{id: e.Conn, port: e.Port, giveUp: w.now + e.Span}
	c.ends[0] = connEnd{node: m.ID, open: true}
	c.ends[1] = connEnd{node: e.To}
	w.conns[c.id] = c
	m.conns = append(m.conns, c)
	w.sendDial(c, w.now+w.controlLatency(m.ID, e.To))
	w.local(c, 1, flight{kind: flightGaveUp}, c.giveUp)
}

func (w *World) sendDial(c *conn, at Time) {
	ref := w.newFlight(flight{conn: c, sent: w.cause})
	w.queue.push(entry{at: at, kind: entryDial, node: c.ends[1].node, ref: ref})
}

// dialArrives is the SYN at its destination: accepted by a live process, refused by a live
// machine without one, lost otherwise, and then tried again until the dialler gives up.
func (w *World) dialArrives(ref uint32) {
	f := w.flights[ref]
	w.release(ref)
	c := f.conn
	w.cause = f.sent
	if !c.ends[0].open {
		return // the dialler is gone, and with it the connection
	}
	from, to := c.ends[0].node, w.machines[c.ends[1].node-1]
	if to.off || w.link(from, to.ID).cut || w.link(to.ID, from).cut {
		if again := w.now + dialRetry; again < c.giveUp {
			w.sendDial(c, again)
		}
		return
	}
	if !to.up {
		w.fly(c, 1, flight{kind: flightRefused})
		return
	}
	c.accepted = true
	c.ends[1].open = true
	to.conns = append(to.conns, c)
	w.Emit(KindOpen, to.ID, uint64(c.id))
	opened := w.index - 1
	w.cause = opened
	w.fly(c, 1, flight{kind: flightAccepted}) // the kernel answers, whatever the process does
	if to.paused {
		at := w.newFlight(flight{conn: c, sent: opened})
		to.deferred = append(to.deferred, entry{kind: entryDialed, node: to.ID, ref: at})
		return
	}
	w.accept(to, c)
}

// dialed is the news of a connection that was accepted while m was paused.
func (w *World) dialed(m *Machine, e entry) {
	if m.paused { // again, by a fault that waited for something before this in the backlog
		m.deferred = append(m.deferred, e)
		return
	}
	f := w.flights[e.ref]
	w.release(e.ref)
	if f.conn.ends[1].open {
		w.cause = f.sent
		w.accept(m, f.conn)
	}
}

func (w *World) accept(m *Machine, c *conn) {
	w.step(m, Event{Kind: Accepted, Conn: c.id, From: c.ends[0].node, Port: c.port})
}
