package explore

import (
	"cmp"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// locals are the local states that a search has met, and what each event leads to.
type locals struct {
	setup *Setup
	words *words
	texts interner
	list  []local // by number, from 1
	after pairs   // (local state, event) to an outcome
	made  []outcome
	calls callTable
	buf   []byte
	alive []cached // servers that are in a local state now, by its number
	exits map[string]int

	// check compares two ways to each local state.
	check  bool
	others map[uint32]origin
	differ string // the first difference
	cold   bool
	mutate func([]byte) []byte
	goal   *Goal

	Steps, Rebuilt int
}

// local is a server's state: how to get there, and what choices depend on.
type local struct {
	server uint8
	origin origin
	sum    summary
	goal   uint32 // the conditions of the goal that hold
}

// origin is the last step to a local state. from is 0 for a new server's disk.
type origin struct {
	from uint32
	by   event
}

// outcome is what an event leads to.
type outcome struct {
	to      uint32
	calls   uint32 // number of the list of reports; 0 for none
	effects []effect
	dials   []dialled
	died    bool
	broken  string
}

// dialled is a connection that a step opens.
type dialled struct {
	to   int
	port sim.Port
}

// cached is a server that is in a local state now.
type cached struct {
	of uint32
	v  *server
}

// cacheSize is how many servers are kept, so that one need not be built again from its disk.
const cacheSize = 1 << 11

// callTable numbers lists of reports from 1.
type callTable struct {
	texts interner
	list  [][]report
}

func newLocals(s *Setup, w *words) *locals {
	return &locals{setup: s, words: w, texts: newInterner(), list: make([]local, 1),
		after: newPairs(), alive: make([]cached, cacheSize), exits: map[string]int{},
		calls: callTable{texts: newInterner(), list: make([][]report, 1)}}
}

// number returns the number of the state that a server is in.
func (l *locals) number(v *server, o origin) uint32 {
	l.buf = v.appendState(l.buf[:0])
	if l.mutate != nil {
		l.buf = l.mutate(l.buf)
	}
	n, fresh := l.texts.number(l.buf)
	if fresh {
		l.list = append(l.list, local{server: uint8(v.id), origin: o, sum: v.summary(),
			goal: l.goal.of(v)})
	} else if l.check {
		if _, known := l.others[n]; !known && l.list[n].origin != o && o.from != 0 {
			l.others[n] = o
		}
	}
	return n
}

// next returns what an event leads to in a local state.
func (l *locals) next(at uint32, e event) *outcome {
	a, b := e.key(at)
	n, ok := l.after.get(a, b)
	if !ok {
		l.made = append(l.made, l.run(at, e))
		n = uint32(len(l.made) - 1)
		l.after.put(a, b, n)
	}
	return &l.made[n]
}

// run steps the engine.
func (l *locals) run(at uint32, e event) outcome {
	v := l.take(at)
	o, state := l.outcome(v, e)
	if o.broken != "" {
		return o
	}
	o.to = l.number(v, origin{at, e})
	l.alive[o.to%cacheSize] = cached{o.to, v}
	if v.exit != "" {
		l.exits[v.exit]++
	}
	if l.check {
		l.compare(at, e, &o, state)
	}
	return o
}

// outcome hands an event to a server. It returns the outcome but for the next state's number, and
// the state as text.
func (l *locals) outcome(v *server, e event) (o outcome, state string) {
	if o.broken = v.run(e); o.broken != "" {
		return o, ""
	}
	l.Steps++
	o.effects = append([]effect(nil), v.effects...)
	for i := range o.effects {
		if f := &o.effects[i]; f.kind == sim.Dial {
			o.dials = append(o.dials, dialled{f.conn.end(1), f.conn.port()})
		}
	}
	o.died = v.died
	o.calls = l.calls.number(v.rec.list, &l.buf)
	if l.check {
		state = string(v.appendState(nil))
	}
	return o, state
}

// number returns the number of a list of reports.
func (t *callTable) number(list []report, buf *[]byte) uint32 {
	if len(list) == 0 {
		return 0
	}
	*buf = appendReports((*buf)[:0], list)
	n, fresh := t.texts.number(*buf)
	if fresh {
		t.list = append(t.list, list)
	}
	return n
}

// take returns a server in a local state: a kept one, or one built from its disk.
func (l *locals) take(at uint32) *server {
	if c := &l.alive[at%cacheSize]; c.of == at && c.v != nil && !l.cold {
		v := c.v
		*c = cached{}
		return v
	}
	return l.rebuild(at, origin{})
}

// divergence is the panic of a server that does not come to the state that it came to before.
type divergence string

// rebuild builds a server again, from its disk and the events that led to a local state. If last is
// set, it is the last of these events.
func (l *locals) rebuild(at uint32, last origin) *server {
	var chain []event
	if last.by.kind != 0 {
		chain, at = append(chain, last.by), last.from
	}
	id := l.list[at].server
	for l.list[at].origin.by.kind != 0 {
		chain = append(chain, l.list[at].origin.by)
		at = l.list[at].origin.from
	}
	v := newServer(l.setup, l.words, int(id))
	for i := len(chain) - 1; i >= 0; i-- {
		if broken := v.run(chain[i]); broken != "" {
			panic(divergence("a server that was rebuilt from its events fails an assertion: " +
				broken))
		}
		l.Rebuilt++
	}
	return v
}

// compare reaches a local state by a second chain of events, if there is one, and requires that
// event e has the same outcome there.
func (l *locals) compare(at uint32, e event, want *outcome, state string) {
	other, ok := l.others[at]
	if !ok || l.differ != "" {
		return
	}
	got, reached := l.outcome(l.rebuild(at, other), e)
	switch {
	case got.broken != want.broken:
		l.differ = "two servers in equal states got the same event, but only one of them failed " +
			"an assertion: " +
			cmp.Or(got.broken, want.broken)
	case got.calls != want.calls:
		l.differ = "the same event makes two servers in equal states report different things"
	case reached != state:
		l.differ = "the same event leads two servers in equal states to different states"
	case !equalEffects(got.effects, want.effects) || got.died != want.died:
		l.differ = "the same event makes two servers in equal states send different messages"
	}
}

func equalEffects(a, b []effect) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// judge returns a peer that compares votes as the setup's peers do.
func (s *Setup) judge() *zab.Peer {
	return zab.New(s.config(1), zab.Stored{}, nil, &app{}, &zab.IO{})
}
