package safety

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// What a search of many worlds needs of an audit: to write its state, to compare two of them by it,
// and to go on with a server's life in an audit that is read back.

// Search prepares the audit for a search of states ([Audit.AppendState]). From then on the audit
// does not check PromiseQuorum and LogRolls, because these checks need past events that a state
// does not contain.
func (a *Audit) Search() { a.search = true }

// Resume returns a [Watch] for the process that a server is running now. A search needs one after
// [ReadState], because the audit that ReadState returns has no Watches yet for the running servers.
func (a *Audit) Resume(id zab.ID) *Watch { return &Watch{a: a, s: &a.servers[id]} }

// Life returns the number of the process that a server is running now: the value of life in the
// latest call of [Audit.Probe] or [Audit.Watch] for this server. Before the first process it
// returns 0.
func (a *Audit) Life(id zab.ID) uint32 { return a.servers[id].life }

// OnBooted registers the function f, which the audit calls whenever a server has read its disk. In
// f, call [Audit.ReadDisk] for this server.
func (a *Audit) OnBooted(f func(zab.ID)) { a.booted = f }

// Inconsistent reports a violation that a peer has found in a message of its leader, or in its own
// state if leader is 0.
func (b *Watch) Inconsistent(leader zab.ID, name, text string) {
	if leader == 0 {
		b.a.broken(name, "S%d: %s", b.s.id, text)
		return
	}
	b.a.broken(name, "S%d reports about its leader S%d: %s", b.s.id, leader, text)
}

// AppendState appends everything of the audit's state that its later checks depend on. It leaves
// out the counts of past events. For the process that led an epoch, the state does not have the
// number of the process, but only whether it is still the server's present process. The test
// TestState lists every field that is left out.
func (a *Audit) AppendState(dst []byte) []byte {
	w := stateWriter{sim.StateWriter{B: dst}}
	w.chain(&a.chosen)
	w.Numbers(uint64(a.settled), uint64(len(a.epochs)))
	for _, n := range slices.Sorted(maps.Keys(a.epochs)) {
		e := a.epochs[n]
		w.Numbers(uint64(n), uint64(e.leader), uint64(e.committed))
		w.Flags(e.life == a.servers[e.leader].life, e.established, e == a.last,
			slices.Contains(a.reigns, e))
		w.mark(e.initial)
		w.mark(e.end)
		w.chain(&e.broadcast)
	}
	for i := range a.servers {
		w.server(&a.servers[i])
	}
	return w.B
}

// stateWriter appends the parts of an audit.
type stateWriter struct{ sim.StateWriter }

func (w *stateWriter) mark(m mark) {
	w.Numbers(uint64(m.zxid))
	w.B = binary.LittleEndian.AppendUint64(w.B, m.hash)
}

func (w *stateWriter) chain(c *chain) {
	w.Numbers(uint64(len(c.marks)))
	for _, m := range c.marks {
		w.mark(m)
	}
}

func (w *stateWriter) server(s *server) {
	w.chain(&s.log)
	w.mark(s.delivered)
	w.mark(s.acked)
	w.Flags(s.looking, s.booting)
	w.Numbers(uint64(s.base), uint64(s.durable), uint64(s.accepted), uint64(s.current))
	w.Numbers(uint64(len(s.parts)))
	for i := range s.parts {
		w.Numbers(uint64(s.parts[i].epoch))
		w.chain(&s.parts[i].held)
	}
	w.Numbers(uint64(len(s.snaps)))
	for i := range s.snaps {
		w.Numbers(uint64(s.snaps[i].zxid), uint64(s.snaps[i].exact))
		w.chain(&s.snaps[i].history)
	}
	w.Numbers(uint64(len(s.tails)))
	for _, m := range s.tails {
		w.mark(m)
	}
	w.Numbers(uint64(len(s.catchUps)))
	for i := range s.catchUps {
		u := &s.catchUps[i]
		w.Numbers(uint64(u.epoch), uint64(u.order.committed))
		w.mark(u.owed)
		w.chain(&u.sending)
		w.Numbers(u.order.epoch())
	}
}

// epoch returns the number of the epoch whose leader gave the order, and 0 for no order.
func (o *order) epoch() uint64 {
	if o.reign == nil {
		return 0
	}
	return uint64(o.reign.number)
}

// ReadState decodes what AppendState appended. It returns the audit, and the bytes of b that follow
// the state. It panics if b does not begin with a state.
//
// The state does not say how often each server was restarted, so in the new audit every server runs
// its first process. It does say whether the leader of an epoch still runs the process that was
// elected.
func ReadState(b []byte, voters zab.Set, highest zab.ID, fail func(name, text string)) (
	a *Audit, rest []byte) {
	a = New(voters, highest, fail)
	a.Search()
	r := stateReader{b}
	for i := range a.servers {
		a.servers[i].life = 1
	}
	a.chosen = r.chain()
	a.settled = r.zxid()
	for range r.number() {
		e := &epoch{number: uint32(r.number()), leader: zab.ID(r.number()), committed: r.zxid()}
		flags := r.number()
		e.life, e.established = uint32(flags&1), flags&2 != 0
		e.initial, e.end, e.broadcast = r.mark(), r.mark(), r.chain()
		a.epochs[e.number] = e
		if flags&4 != 0 {
			a.last = e
		}
		if flags&8 != 0 {
			a.reigns = append(a.reigns, e)
		}
	}
	for i := range a.servers {
		r.server(a, &a.servers[i])
	}
	return a, r.b
}

// stateReader reads what a stateWriter has appended.
type stateReader struct{ b []byte }

func (r *stateReader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		panic("safety: ReadState: these bytes are not the state of an audit")
	}
	r.b = r.b[size:]
	return n
}

func (r *stateReader) zxid() zab.Zxid { return zab.Zxid(r.number()) }

func (r *stateReader) mark() mark {
	m := mark{zxid: r.zxid(), hash: binary.LittleEndian.Uint64(r.b)}
	r.b = r.b[8:]
	return m
}

func (r *stateReader) chain() (c chain) {
	if n := r.number(); n > 0 {
		c.marks = make([]mark, n)
	}
	for i := range c.marks {
		c.marks[i] = r.mark()
	}
	return c
}

func (r *stateReader) server(a *Audit, s *server) {
	s.log, s.delivered, s.acked = r.chain(), r.mark(), r.mark()
	flags := r.number()
	s.looking, s.booting = flags&1 != 0, flags&2 != 0
	s.base, s.durable = r.zxid(), r.zxid()
	s.accepted, s.current = uint32(r.number()), uint32(r.number())
	for range r.number() {
		s.parts = append(s.parts, part{uint32(r.number()), r.chain()})
	}
	for range r.number() {
		n := snap{zxid: r.zxid(), exact: r.zxid()}
		n.history = r.chain()
		s.snaps = append(s.snaps, n)
	}
	for range r.number() {
		s.tails = append(s.tails, r.mark())
	}
	for range r.number() {
		u := catchUp{epoch: uint32(r.number()), order: order{committed: r.zxid()}}
		u.owed, u.sending = r.mark(), r.chain()
		u.order.reign = a.epochs[uint32(r.number())] // nil for 0: no order
		s.catchUps = append(s.catchUps, u)
	}
}
