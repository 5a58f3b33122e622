package sim

import "strings"

// link is the way from one machine to another, one direction.
type link struct {
	k       uint64 // messages that drew a latency
	control uint64 // dials, resets and retransmissions that drew one
	extra   Time   // added by a delay fault
	cut     bool
	holds   []string // message kinds that stay on the wire
}

func (l *link) holding(msg Message) bool {
	if len(l.holds) == 0 || msg == nil {
		return false
	}
	name := msg.Name()
	for _, h := range l.holds {
		if strings.EqualFold(h, name) {
			return true
		}
	}
	return false
}

// conn is one connection. Its ends close separately, as TCP's do; a message that reaches an end
// which is gone is answered by a reset.
type conn struct {
	id        ConnID
	port      Port
	ends      [2]connEnd // 0 dialled, 1 accepted
	accepted  bool       // by the destination
	connected bool       // and the dialler knows
	giveUp    Time       // when the dialler stops waiting for an answer
}

type connEnd struct {
	node    NodeID
	open    bool
	lost    bool     // its machine lost its power: nothing is sent again from it
	gap     bool     // and something was on its way that will never come: nothing behind it does
	last    Time     // when the last message sent from this end arrives
	stalled []uint32 // flights from this end that a cut or a hold keeps back, in order
}

func (c *conn) endOf(n NodeID) int {
	if c.ends[0].node == n && (c.ends[0].open || c.ends[1].node != n) {
		return 0
	}
	if c.ends[1].node == n {
		return 1
	}
	return -1
}

type flightKind uint8

const (
	flightData flightKind = iota
	flightReset
	flightAccepted // the answer to a dial
	flightRefused
	flightGaveUp // the dialler's own patience, which crosses no network
)

// flight is something under way: on a connection, to a disk, or in a plan.
type flight struct {
	kind   flightKind
	dir    uint8 // the end that it comes from
	forced bool
	conn   *conn
	msg    Message
	number uint64
	sent   int64 // index of the record that sent it
	file   *file
	name   string // of that file
	data   []byte
	epoch  uint64
	token  uint64
	fault  *Fault
}

func (w *World) newFlight(f flight) uint32 {
	if n := len(w.free); n > 0 {
		ref := w.free[n-1]
		w.free = w.free[:n-1]
		w.flights[ref] = f
		return ref
	}
	w.flights = append(w.flights, f)
	return uint32(len(w.flights) - 1)
}

func (w *World) release(ref uint32) {
	w.flights[ref] = flight{}
	w.free = append(w.free, ref)
}

func (w *World) link(from, to NodeID) *link {
	m := w.machines[from-1]
	for len(m.links) < int(to) {
		m.links = append(m.links, link{})
	}
	return &m.links[to-1]
}

// latency is the draw of the next message on a link: of (seed, link, k) alone.
func (w *World) latency(from, to NodeID) Time {
	l := w.link(from, to)
	l.k++
	draw := keyed(w.config.Seed, uint64(from)<<32|uint64(to), l.k)
	return spread(draw, w.config.Latency.Min, w.config.Latency.Max) + l.extra
}

// controlLatency is the draw of what is not a message: dials, resets, retransmissions. It has a
// count of its own, so that a fault does not shift what later messages draw.
func (w *World) controlLatency(from, to NodeID) Time {
	l := w.link(from, to)
	l.control++
	draw := keyed(w.config.Seed, uint64(from)<<32|uint64(to)|1<<31, l.control)
	return spread(draw, w.config.Latency.Min, w.config.Latency.Max) + l.extra
}

// fly puts f on the wire from one end of c to the other, behind all that went before.
func (w *World) fly(c *conn, from int, f flight) Time {
	end := &c.ends[from]
	to := c.ends[1-from].node
	var latency Time
	if f.kind == flightData {
		latency = w.latency(end.node, to)
	} else {
		latency = w.controlLatency(end.node, to)
	}
	at := max(w.now+latency, end.last)
	end.last = at
	f.conn, f.dir, f.sent = c, uint8(from), w.cause
	ref := w.newFlight(f)
	w.queue.push(entry{at: at, kind: entryArrive, node: to, ref: ref})
	return at
}

func (w *World) send(m *Machine, e *Effect) {
	c := w.conns[e.Conn]
	end := -1
	if c != nil {
		end = c.endOf(m.ID)
	}
	if end < 0 || !c.ends[end].open || !c.accepted {
		return // gone already; the program will be told, if it has not been
	}
	to := c.ends[1-end].node
	w.messages++
	size := e.Msg.Size()
	w.stats.Messages++
	w.stats.Bytes += uint64(size)
	r := w.Emit(KindSend, m.ID, e.Msg.Key()^uint64(to)<<56^uint64(size))
	cause := w.cause
	w.cause = w.index - 1
	at := w.fly(c, end, flight{msg: e.Msg, number: w.messages})
	w.cause = cause
	if r != nil {
		r.Message, r.To, r.Port, r.Number, r.Arrive = e.Msg, to, c.port, w.messages, at
	}
	if len(w.armed) > 0 {
		w.happened(m, "sends", e.Msg.Name())
	}
}

// arrive ends a flight: at a machine, or stalled before a cut.
func (w *World) arrive(e entry) {
	f := &w.flights[e.ref]
	c := f.conn
	from := &c.ends[f.dir]
	to := &c.ends[1-f.dir]
	if !f.forced {
		l := w.link(from.node, to.node)
		// A reset needs no place in the order: it is how a machine answers that has started again.
		if from.gap && f.kind == flightData || l.cut && from.lost {
			from.gap = from.gap || f.kind == flightData
			w.lose(e.ref)
			return
		}
		if l.cut || len(from.stalled) > 0 || l.holding(f.msg) {
			from.stalled = append(from.stalled, e.ref)
			return
		}
	}
	w.deliver(e)
}

func (w *World) deliver(e entry) {
	f := w.flights[e.ref]
	c := f.conn
	to := &c.ends[1-f.dir]
	m := w.machines[to.node-1]
	if f.kind == flightGaveUp && c.connected {
		w.release(e.ref)
		return
	}
	if m.paused && to.open {
		m.deferred = append(m.deferred, entry{kind: entryArrive, node: m.ID, ref: e.ref})
		w.flights[e.ref].forced = true
		return
	}
	w.release(e.ref)
	w.cause = f.sent
	if !to.open {
		w.dropped(m, c, &f)
		return
	}
	switch f.kind {
	case flightData:
		w.received(m, c, &f)
	case flightAccepted:
		c.connected = true
		r := w.Emit(KindOpen, m.ID, uint64(c.id))
		if r != nil {
			r.To, r.Port = c.ends[f.dir].node, c.port
		}
		w.cause = w.index - 1
		w.step(m, Event{Kind: Connected, Conn: c.id, From: c.ends[f.dir].node, Port: c.port})
	case flightRefused, flightGaveUp, flightReset:
		to.open = false
		w.drop(m, c)
		kind := Closed
		if f.kind != flightReset {
			kind = Refused
		}
		r := w.Emit(KindClose, m.ID, uint64(c.id)^uint64(kind))
		if r != nil {
			r.To, r.Port = c.ends[f.dir].node, c.port
		}
		w.cause = w.index - 1
		if f.kind == flightGaveUp && c.accepted {
			w.fly(c, int(1-f.dir), flight{kind: flightReset})
		}
		w.forget(c)
		w.step(m, Event{Kind: kind, Conn: c.id, From: c.ends[f.dir].node, Port: c.port})
	}
}

func (w *World) received(m *Machine, c *conn, f *flight) {
	from := c.ends[f.dir].node
	if r := w.Emit(KindRecv, m.ID, f.msg.Key()^uint64(from)<<56); r != nil {
		r.Message, r.To, r.Port, r.Number = f.msg, from, c.port, f.number
	}
	w.cause = w.index - 1
	incarnation := m.incarnation
	w.step(m, Event{Kind: Received, Conn: c.id, From: from, Port: c.port, Msg: f.msg})
	if len(w.armed) > 0 && m.incarnation == incarnation {
		w.happened(m, "receives", f.msg.Name())
	}
}

// dropped is a message that met a closed end. A machine without power says nothing; any other
// answers data with a reset.
func (w *World) dropped(m *Machine, c *conn, f *flight) {
	if f.kind != flightData {
		w.forget(c)
		return
	}
	w.noteDrop(m, c, f)
	if !m.off && c.ends[f.dir].open {
		w.cause = w.index - 1
		w.fly(c, int(1-f.dir), flight{kind: flightReset})
	}
}

// local lets f arrive at an end without crossing the network, at a given moment.
func (w *World) local(c *conn, from int, f flight, at Time) {
	f.conn, f.dir, f.sent, f.forced = c, uint8(from), w.cause, true
	ref := w.newFlight(f)
	w.queue.push(entry{at: at, kind: entryArrive, node: c.ends[1-from].node, ref: ref})
}

func (w *World) closeEnd(m *Machine, id ConnID) {
	c := w.conns[id]
	if c == nil {
		return
	}
	end := c.endOf(m.ID)
	if end < 0 || !c.ends[end].open {
		return
	}
	c.ends[end].open = false
	w.drop(m, c)
	if c.accepted {
		w.fly(c, end, flight{kind: flightReset})
	}
	w.forget(c)
}

// drop takes c off the list of a machine that has closed its end.
func (w *World) drop(m *Machine, c *conn) {
	for i, other := range m.conns {
		if other == c {
			m.conns = append(m.conns[:i], m.conns[i+1:]...)
			return
		}
	}
}

// forget lets go of a connection that both ends have closed.
func (w *World) forget(c *conn) {
	if !c.ends[0].open && !c.ends[1].open {
		delete(w.conns, c.id)
		for dir := range c.ends {
			for _, ref := range c.ends[dir].stalled {
				w.release(ref)
			}
			c.ends[dir].stalled = nil
		}
	}
}

// between is every connection of two machines.
func between(a, b *Machine) []*conn {
	var conns []*conn
	for _, c := range a.conns {
		other := c.ends[0].node
		if other == a.ID {
			other = c.ends[1].node
		}
		if other == b.ID && c.accepted {
			conns = append(conns, c)
		}
	}
	return conns
}

// reset breaks connections at once, for both ends.
func (w *World) reset(conns []*conn) {
	for _, c := range conns {
		w.local(c, 0, flight{kind: flightReset}, w.now)
		w.local(c, 1, flight{kind: flightReset}, w.now)
	}
}
