package sim

// network carries what programs dial, send and close: connections between machines, each a pair of
// FIFO streams, over links that delay, cut and hold. It knows machines by their numbers, and needs
// two things of the rest of the world: a timeline and hosts.
type network struct {
	*timeline
	hosts   hosts
	seed    uint64 // of all random choices of links and disks
	latency Span
	// bandwidth of every link in each direction; dials and resets cost none of it.
	bandwidth Bandwidth

	links   [][]link         // by source and destination, from NodeID 1
	conns   map[ConnID]*conn // those of which an end is open
	open    [][]*conn        // by machine, from NodeID 1: those of which it has an end open
	flights pool[flight]

	messages uint64 // sent so far
	bytes    uint64
}

// hosts are the machines as a network sees them.
type hosts interface {
	// power returns what answers at a machine.
	power(NodeID) power
	// deliver hands an event to the process of a machine.
	deliver(NodeID, Event)
	// park keeps an entry for a paused machine, which hands it back to the queue's handler when it
	// goes on.
	park(NodeID, entry)
}

// power is the state of a machine, as its peers can tell.
type power uint8

const (
	dead    power = iota // the kernel answers, no process does
	running              // the process answers
	paused               // the kernel answers for a process that will go on
	off                  // nothing answers
)

// conn is one connection. Its ends close separately, as TCP's do; a message that reaches a closed
// end is answered by a reset.
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
	gap     bool     // and lost something on its way: nothing that follows can arrive either
	last    Time     // when the last flight from this end arrives
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

// flight is something under way on a connection.
type flight struct {
	kind   flightKind
	dir    uint8 // the end that it comes from
	forced bool  // it has arrived, whatever becomes of the link
	conn   *conn
	msg    Message
	key    uint64 // of msg, which never changes
	number uint64
	sent   int64 // index of the record that sent it
}

type flightKind uint8

const (
	flightData flightKind = iota
	flightReset
	flightAccepted // the answer to a dial
	flightRefused
	flightGaveUp // the dialler's own timeout, which crosses no network
)

func newNetwork(t *timeline, h hosts, seed uint64, latency Span, b Bandwidth) network {
	return network{timeline: t, hosts: h, seed: seed, latency: latency, bandwidth: b,
		conns: make(map[ConnID]*conn)}
}

// join makes room for the next machine.
func (n *network) join() {
	n.links = append(n.links, nil)
	n.open = append(n.open, nil)
}

// handle carries out an entry of the queue that belongs to the network.
func (n *network) handle(e entry) {
	switch e.kind {
	case entryArrive:
		n.arrive(e.ref)
	case entryFlush:
		n.flush(e.ref)
	case entryDial:
		n.dialArrives(e.ref)
	case entryDialed:
		n.dialed(e)
	}
}

// discard drops an entry that its machine will never handle.
func (n *network) discard(e entry) { n.flights.take(e.ref) }

// fly puts f on the wire from one end of c to the other, after all that was sent before it.
func (n *network) fly(c *conn, from int, f flight) (arrives Time) {
	end := &c.ends[from]
	to := c.ends[1-from].node
	arrives = n.now
	if f.kind == flightData {
		l := n.link(end.node, to)
		arrives = n.transmit(l, f.msg) + n.messageLatency(l, end.node, to)
	} else {
		arrives += n.controlLatency(end.node, to)
	}
	end.last = max(arrives, end.last)
	f.conn, f.dir, f.sent = c, uint8(from), n.cause
	n.queue.push(entry{at: end.last, kind: entryArrive, node: to, ref: n.flights.put(f)})
	return end.last
}

// appear lets f arrive at an end at a given moment without crossing the network.
func (n *network) appear(c *conn, from int, f flight, at Time) {
	f.conn, f.dir, f.sent, f.forced = c, uint8(from), n.cause, true
	n.queue.push(entry{at: at, kind: entryArrive, node: c.ends[1-from].node, ref: n.flights.put(f)})
}

// send puts a message on a connection. It returns false if the machine's end is gone: the program
// will be told, if it has not been.
func (n *network) send(node NodeID, e *Effect) bool {
	c := n.conns[e.Conn]
	end := -1
	if c != nil {
		end = c.endOf(node)
	}
	if end < 0 || !c.ends[end].open || !c.accepted {
		return false
	}
	to := c.ends[1-end].node
	size, key := e.Msg.Size(), e.Msg.Key()
	n.messages++
	n.bytes += uint64(size)
	r := n.emit(KindSend, node, key^uint64(to)<<56^uint64(size))
	cause := n.setCause(n.index - 1)
	at := n.fly(c, end, flight{msg: e.Msg, key: key, number: n.messages})
	n.cause = cause
	if r != nil {
		r.Message, r.To, r.Port, r.Number, r.Arrive = e.Msg, to, c.port, n.messages, at
	}
	return true
}

// arrive handles the end of a flight: it reaches its machine, or a cut or a hold keeps it back.
func (n *network) arrive(ref uint32) {
	f := n.flights.at(ref)
	from, to := &f.conn.ends[f.dir], &f.conn.ends[1-f.dir]
	if !f.forced {
		l := n.link(from.node, to.node)
		// A reset need not keep the order of the flights: a machine that has started again sends
		// one.
		if from.gap && f.kind == flightData || l.cut && from.lost {
			from.gap = from.gap || f.kind == flightData
			n.lose(ref)
			return
		}
		if l.cut || len(from.stalled) > 0 || l.holding(f.msg) {
			from.stalled = append(from.stalled, ref)
			return
		}
	}
	n.deliver(ref)
}

// deliver hands a flight to the machine at its end of the connection.
func (n *network) deliver(ref uint32) {
	f := n.flights.at(ref)
	c := f.conn
	to := &c.ends[1-f.dir]
	if f.kind == flightGaveUp && c.connected {
		n.flights.take(ref)
		return
	}
	if to.open && n.hosts.power(to.node) == paused {
		f.forced = true
		n.hosts.park(to.node, entry{kind: entryArrive, node: to.node, ref: ref})
		return
	}
	arrived := n.flights.take(ref)
	n.cause = arrived.sent
	switch {
	case !to.open:
		n.miss(&arrived)
	case arrived.kind == flightData:
		from := c.ends[arrived.dir].node
		n.record(KindRecv, arrived.key^uint64(from)<<56, &arrived)
		n.causeIsLast()
		n.tell(Received, &arrived)
	case arrived.kind == flightAccepted:
		c.connected = true
		n.record(KindOpen, uint64(c.id), &arrived)
		n.causeIsLast()
		n.tell(Connected, &arrived)
	case arrived.kind == flightReset:
		n.breakEnd(Closed, &arrived)
	default:
		n.breakEnd(Refused, &arrived)
	}
}

// breakEnd closes the end of a connection that learns of a reset, a refusal or a timeout.
func (n *network) breakEnd(news EventKind, f *flight) {
	c := f.conn
	to := &c.ends[1-f.dir]
	to.open = false
	n.unlist(to.node, c)
	n.record(KindClose, uint64(c.id)^uint64(news), f)
	n.causeIsLast()
	if f.kind == flightGaveUp && c.accepted {
		n.fly(c, int(1-f.dir), flight{kind: flightReset})
	}
	n.forget(c)
	n.tell(news, f)
}

// miss handles a flight that arrives at a closed end. A machine without power does not answer; any
// other machine answers data with a reset.
func (n *network) miss(f *flight) {
	c := f.conn
	if f.kind != flightData {
		n.forget(c)
		return
	}
	n.record(KindDrop, f.number, f)
	if n.hosts.power(c.ends[1-f.dir].node) != off && c.ends[f.dir].open {
		n.causeIsLast()
		n.fly(c, int(1-f.dir), flight{kind: flightReset})
	}
}

// record records the end of a flight, at the machine that the flight was sent to.
func (n *network) record(kind RecordKind, key uint64, f *flight) {
	c := f.conn
	if r := n.emit(kind, c.ends[1-f.dir].node, key); r != nil {
		r.Message, r.To, r.Port, r.Number = f.msg, c.ends[f.dir].node, c.port, f.number
	}
}

// tell hands the event that a flight brings to the process that it was sent to.
func (n *network) tell(news EventKind, f *flight) {
	c := f.conn
	n.hosts.deliver(c.ends[1-f.dir].node,
		Event{Kind: news, Conn: c.id, From: c.ends[f.dir].node, Port: c.port, Msg: f.msg})
}

// closeEnd closes a program's end of a connection.
func (n *network) closeEnd(node NodeID, id ConnID) {
	c := n.conns[id]
	if c == nil {
		return
	}
	end := c.endOf(node)
	if end < 0 || !c.ends[end].open {
		return
	}
	c.ends[end].open = false
	n.unlist(node, c)
	if c.accepted {
		n.fly(c, end, flight{kind: flightReset})
	}
	n.forget(c)
}

// abandon closes every end of a machine whose process is gone. The kernel resets its connections
// at once; after a loss of power they fall silent instead.
func (n *network) abandon(node NodeID, powerLost bool) {
	conns := n.open[node-1]
	n.open[node-1] = nil
	for _, c := range conns {
		if end := c.endOf(node); end >= 0 && c.ends[end].open {
			c.ends[end].open = false
			if powerLost {
				n.unsend(c, end)
			} else {
				n.fly(c, end, flight{kind: flightReset})
			}
		}
		n.forget(c)
	}
}

// between lists the connections of two machines.
func (n *network) between(a, b NodeID) []*conn {
	var conns []*conn
	for _, c := range n.open[a-1] {
		other := c.ends[0].node
		if other == a {
			other = c.ends[1].node
		}
		if other == b && c.accepted {
			conns = append(conns, c)
		}
	}
	return conns
}

// reset breaks connections at once, for both ends.
func (n *network) reset(conns []*conn) {
	for _, c := range conns {
		n.appear(c, 0, flight{kind: flightReset}, n.now)
		n.appear(c, 1, flight{kind: flightReset}, n.now)
	}
}

// unlist takes c off the list of a machine that has closed its end.
func (n *network) unlist(node NodeID, c *conn) {
	open := n.open[node-1]
	for i := range open {
		if open[i] == c {
			n.open[node-1] = append(open[:i], open[i+1:]...)
			return
		}
	}
}

// forget drops a connection that both ends have closed.
func (n *network) forget(c *conn) {
	if c.ends[0].open || c.ends[1].open {
		return
	}
	delete(n.conns, c.id)
	for dir := range c.ends {
		for _, ref := range c.ends[dir].stalled {
			n.flights.take(ref)
		}
		c.ends[dir].stalled = nil
	}
}
