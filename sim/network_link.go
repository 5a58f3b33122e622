package sim

import "strings"

// link is the way from one machine to another, in one direction.
type link struct {
	messages  uint64    // sent so far
	control   uint64    // dials, resets and retransmissions so far
	extra     Time      // added by a delay
	lane      lane      // of its bytes
	bandwidth Bandwidth // the network's, unless a fault has set another
	cut       bool      // nothing passes
	holds     []string  // kinds of messages that stay on the wire
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

func (n *network) link(from, to NodeID) *link {
	links := n.links[from-1]
	for len(links) < int(to) {
		links = append(links, link{bandwidth: n.bandwidth})
		n.links[from-1] = links
	}
	return &links[to-1]
}

// messageLatency returns the latency of the next message on a link, which depends on (seed, link,
// count) alone.
func (n *network) messageLatency(l *link, from, to NodeID) Time {
	l.messages++
	chance := keyed(n.seed, uint64(from)<<32|uint64(to), l.messages)
	return spread(chance, n.latency.Min, n.latency.Max) + l.extra
}

// transmit returns when the last byte of a message has left its sender. The messages of all
// connections on a link share its bandwidth, and leave in the order in which they are sent.
func (n *network) transmit(l *link, msg Message) Time {
	if l.bandwidth == 0 {
		return n.now
	}
	return l.lane.carry(n.now, msg.Size(), l.bandwidth)
}

// limit sets the bandwidth between two machines, in both directions. Messages that are already on
// their way arrive as before.
func (n *network) limit(a, b NodeID, bandwidth Bandwidth) {
	n.link(a, b).bandwidth = bandwidth
	n.link(b, a).bandwidth = bandwidth
}

// Backlog returns the time at which the two machines that f names will have sent everything that
// now waits to be sent between them, in both directions.
func (w *World) Backlog(f *Fault) Time {
	a, b := w.Find(f.Who[0]), w.Find(f.Who[1])
	if a == nil || b == nil {
		return w.now
	}
	return w.net.backlog(a.ID, b.ID)
}

// backlog returns the time at which all bytes that now wait to be sent between two machines, in
// either direction, will have been sent.
func (n *network) backlog(a, b NodeID) Time {
	free := max(n.link(a, b).lane.free, n.link(b, a).lane.free)
	return max(n.now, microseconds(free))
}

// controlLatency returns the latency of a dial, a reset or a retransmission. These are counted
// separately, so that a fault does not change the latencies of the messages after it.
func (n *network) controlLatency(from, to NodeID) Time {
	l := n.link(from, to)
	l.control++
	chance := keyed(n.seed, uint64(from)<<32|uint64(to)|1<<31, l.control)
	return spread(chance, n.latency.Min, n.latency.Max) + l.extra
}

// cut lets nothing pass from one machine to another.
func (n *network) cut(from, to NodeID) { n.link(from, to).cut = true }

// mend ends what a cut did to one direction.
func (n *network) mend(from, to NodeID) {
	n.link(from, to).cut = false
	n.unstall()
}

// heal ends every cut.
func (n *network) heal() {
	for _, links := range n.links {
		for i := range links {
			links[i].cut = false
		}
	}
	n.unstall()
}

// hold keeps messages of a kind, and all messages after them, on the wire.
func (n *network) hold(from, to NodeID, kind string) {
	l := n.link(from, to)
	l.holds = append(l.holds, kind)
}

// release ends every hold.
func (n *network) release() {
	for _, links := range n.links {
		for i := range links {
			links[i].holds = nil
		}
	}
	n.unstall()
}

// delay adds extra to the latency between two machines, in both directions.
func (n *network) delay(a, b NodeID, extra Time) {
	n.link(a, b).extra = extra
	n.link(b, a).extra = extra
}

// unsend drops the messages that a cut keeps back, because their sender has lost its power and
// cannot send them again. The messages that a hold keeps back stay on the wire.
func (n *network) unsend(c *conn, from int) {
	end := &c.ends[from]
	end.lost = true
	if n.link(end.node, c.ends[1-from].node).cut {
		for _, ref := range end.stalled {
			end.gap = end.gap || n.flights.at(ref).kind == flightData
			n.lose(ref)
		}
		end.stalled = end.stalled[:0]
	}
}

// lose drops a flight on its way without an event.
func (n *network) lose(ref uint32) {
	f := n.flights.take(ref)
	if f.kind != flightData {
		return
	}
	cause := n.setCause(f.sent)
	n.record(KindDrop, f.number, &f)
	n.cause = cause
}

// unstall sends on the flights that were kept back, wherever no cut or hold keeps them back any
// more.
func (n *network) unstall() {
	for i, conns := range n.open {
		for _, c := range conns {
			for dir := range c.ends {
				if c.keeper(dir) == NodeID(i+1) && len(c.ends[dir].stalled) > 0 {
					n.retransmit(c, dir)
				}
			}
		}
	}
}

// keeper is the machine under which unstall finds what one end has stalled: the receiver while its
// end is open, else the sender. (Both may list the connection, and it must be started once.)
func (c *conn) keeper(dir int) NodeID {
	if to := &c.ends[1-dir]; to.open {
		return to.node
	}
	if from := &c.ends[dir]; from.open {
		return from.node
	}
	return 0
}

func (n *network) retransmit(c *conn, dir int) {
	at := n.now + n.controlLatency(c.ends[dir].node, c.ends[1-dir].node)
	ref := n.flights.put(flight{conn: c, dir: uint8(dir)})
	n.queue.push(entry{at: at, kind: entryFlush, node: c.ends[1-dir].node, ref: ref})
}

// flush delivers the flights that a cut kept back, in order, until a cut or a hold keeps them back
// again.
func (n *network) flush(ref uint32) {
	f := n.flights.take(ref)
	c, from := f.conn, &f.conn.ends[f.dir]
	for len(from.stalled) > 0 {
		l := n.link(from.node, c.ends[1-f.dir].node)
		head := from.stalled[0]
		if l.cut || l.holding(n.flights.at(head).msg) {
			return
		}
		from.stalled = from.stalled[1:]
		n.deliver(head)
	}
	from.stalled = nil
}
