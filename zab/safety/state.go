package safety

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/zablab/zablab/zab"
)

// What a search of many worlds needs of an audit: to copy it, to compare two of them, and to go on
// with a server's life in the copy.

// Clone returns an audit in the same state, which calls fail at violations.
func (a *Audit) Clone(fail func(name, text string)) *Audit {
	c := *a
	c.fail, c.booted = fail, nil
	c.chosen = a.chosen.share()
	c.epochs = make(map[uint32]*epoch, len(a.epochs)+1)
	for n, e := range a.epochs { // order: each copy depends on one epoch only
		copied := *e
		copied.broadcast = e.broadcast.share()
		c.epochs[n] = &copied
	}
	moved := func(e *epoch) *epoch {
		if e == nil {
			return nil
		}
		return c.epochs[e.number]
	}
	c.reigns = make([]*epoch, len(a.reigns), len(a.reigns)+1)
	for i, e := range a.reigns {
		c.reigns[i] = moved(e)
	}
	c.last = moved(a.last)
	c.servers = slices.Clone(a.servers)
	for i := range c.servers {
		s := &c.servers[i]
		s.log = s.log.share()
		s.parts, s.snaps = slices.Clone(s.parts), slices.Clone(s.snaps)
		s.tails, s.catchUps = slices.Clone(s.tails), slices.Clone(s.catchUps)
		for k := range s.catchUps {
			s.catchUps[k].order.reign = moved(s.catchUps[k].order.reign)
		}
	}
	return &c
}

// share returns the same history. An append to either does not reach the other.
func (c chain) share() chain { return chain{slices.Clip(c.marks)} }

// Resume returns the [Watch] of the life that a server is in.
func (a *Audit) Resume(id zab.ID) *Watch { return &Watch{a: a, s: &a.servers[id]} }

// Life returns the number of a server's process, as [Audit.Probe] was given it; 0 before the first.
func (a *Audit) Life(id zab.ID) uint32 { return a.servers[id].life }

// OnBooted makes the audit call f when a server has read its disk: f must report that disk, with
// [Audit.ReadDisk].
func (a *Audit) OnBooted(f func(zab.ID)) { a.booted = f }

// Inconsistent reports what a peer has said of its leader, or of itself if leader is 0.
func (b *Watch) Inconsistent(leader zab.ID, name, text string) {
	if leader == 0 {
		b.a.broken(name, "S%d: %s", b.s.id, text)
		return
	}
	b.a.broken(name, "S%d reports about its leader S%d: %s", b.s.id, leader, text)
}

// AppendState appends all that later verdicts of the audit depend on. Left out are the counts of
// what has happened; and of a life only whether it is the server's present one. TestState names
// each field that is left out.
func (a *Audit) AppendState(dst []byte) []byte {
	w := stateWriter{dst}
	w.chain(&a.chosen)
	w.numbers(uint64(a.settled), uint64(len(a.epochs)))
	for _, n := range slices.Sorted(maps.Keys(a.epochs)) {
		e := a.epochs[n]
		w.numbers(uint64(n), uint64(e.leader), uint64(e.committed))
		w.flags(e.life == a.servers[e.leader].life, e.established, e == a.last,
			slices.Contains(a.reigns, e))
		w.mark(e.initial)
		w.mark(e.end)
		w.chain(&e.broadcast)
	}
	for i := range a.servers {
		w.server(&a.servers[i])
	}
	return w.b
}

// stateWriter appends values so that different values never append the same bytes.
type stateWriter struct{ b []byte }

func (w *stateWriter) numbers(list ...uint64) {
	for _, n := range list {
		w.b = binary.AppendUvarint(w.b, n)
	}
}

func (w *stateWriter) flags(list ...bool) {
	n := uint64(0)
	for i, set := range list {
		if set {
			n |= 1 << i
		}
	}
	w.numbers(n)
}

func (w *stateWriter) mark(m mark) {
	w.numbers(uint64(m.zxid))
	w.b = binary.LittleEndian.AppendUint64(w.b, m.hash)
}

func (w *stateWriter) chain(c *chain) {
	w.numbers(uint64(len(c.marks)))
	for _, m := range c.marks {
		w.mark(m)
	}
}

func (w *stateWriter) server(s *server) {
	w.chain(&s.log)
	w.mark(s.delivered)
	w.mark(s.acked)
	w.flags(s.looking, s.booting)
	w.numbers(uint64(s.base), uint64(s.durable), uint64(s.accepted), uint64(s.current))
	w.numbers(uint64(len(s.parts)))
	for i := range s.parts {
		w.numbers(uint64(s.parts[i].epoch))
		w.chain(&s.parts[i].held)
	}
	w.numbers(uint64(len(s.snaps)))
	for i := range s.snaps {
		w.numbers(uint64(s.snaps[i].zxid), uint64(s.snaps[i].exact))
		w.chain(&s.snaps[i].history)
	}
	w.numbers(uint64(len(s.tails)))
	for _, m := range s.tails {
		w.mark(m)
	}
	w.numbers(uint64(len(s.catchUps)))
	for i := range s.catchUps {
		u := &s.catchUps[i]
		w.numbers(uint64(u.epoch), uint64(u.order.committed))
		w.mark(u.owed)
		w.chain(&u.sending)
		w.numbers(u.order.epoch())
	}
}

// epoch returns the number of the epoch whose leader gave the order, and 0 for no order.
func (o *order) epoch() uint64 {
	if o.reign == nil {
		return 0
	}
	return uint64(o.reign.number)
}
