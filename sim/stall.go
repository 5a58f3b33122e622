package sim

// unsend forgets what a cut keeps back of a machine that has lost its power: nobody is left to
// send it again. What a hold keeps back is on the wire and stays there.
func (w *World) unsend(c *conn, from int) {
	end := &c.ends[from]
	end.lost = true
	if w.link(end.node, c.ends[1-from].node).cut {
		for _, ref := range end.stalled {
			end.gap = end.gap || w.flights[ref].kind == flightData
			w.lose(ref)
		}
		end.stalled = end.stalled[:0]
	}
}

// lose is a flight that ends on its way, and nobody is told.
func (w *World) lose(ref uint32) {
	f := w.flights[ref]
	w.release(ref)
	if f.kind != flightData {
		return
	}
	cause := w.SetCause(f.sent)
	w.noteDrop(w.machines[f.conn.ends[1-f.dir].node-1], f.conn, &f)
	w.cause = cause
}

func (w *World) noteDrop(m *Machine, c *conn, f *flight) {
	if r := w.Emit(KindDrop, m.ID, f.number); r != nil {
		r.Message, r.To, r.Port, r.Number = f.msg, c.ends[f.dir].node, c.port, f.number
	}
}

// unstall starts what was kept back, wherever nothing keeps it back any more.
func (w *World) unstall() {
	for _, m := range w.machines {
		for _, c := range m.conns {
			for dir := range c.ends {
				if c.keeper(dir) == m.ID && len(c.ends[dir].stalled) > 0 {
					w.retransmit(c, dir)
				}
			}
		}
	}
}

// keeper is the machine that sees to what one end has stalled: the receiver while its end is
// open, else the sender. (Both may list the connection, and it must be started once.)
func (c *conn) keeper(dir int) NodeID {
	if to := &c.ends[1-dir]; to.open {
		return to.node
	}
	if from := &c.ends[dir]; from.open {
		return from.node
	}
	return 0
}

func (w *World) retransmit(c *conn, dir int) {
	at := w.now + w.controlLatency(c.ends[dir].node, c.ends[1-dir].node)
	ref := w.newFlight(flight{conn: c, dir: uint8(dir)})
	w.queue.push(entry{at: at, kind: entryFlush, node: c.ends[1-dir].node, ref: ref})
}

// flush delivers what a cut kept back, in order, as far as nothing keeps it back again.
func (w *World) flush(ref uint32) {
	f := w.flights[ref]
	w.release(ref)
	c, from := f.conn, &f.conn.ends[f.dir]
	for len(from.stalled) > 0 {
		l := w.link(from.node, c.ends[1-f.dir].node)
		head := from.stalled[0]
		if l.cut || l.holding(w.flights[head].msg) {
			return
		}
		from.stalled = from.stalled[1:]
		w.deliver(entry{kind: entryArrive, node: c.ends[1-f.dir].node, ref: head})
		w.applyDue()
	}
	from.stalled = nil
}
