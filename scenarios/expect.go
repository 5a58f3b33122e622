package scenarios

import (
	"fmt"
	"maps"
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// found is what answers one expectation, so far as the run has come.
type found struct {
	ok    bool
	op    int // index of the operation; -1
	event int // index among the client's events
	at    sim.Time
	index int64
	to    int64 // of a message: the record of its arrival
	early bool  // a message that was sent before something that is drawn above it
	zxid  zab.Zxid
}

// expectation is one expected thing in a group that is awaited together.
type expectation struct {
	a     *act
	op    int     // of a reply: the call that it answers; -1 if there is none
	after int64   // the record of the last thing that the drawing had done by then
	lanes []int64 // of its thread

	scanned int64 // records looked through for a message
	seen    []sighting
}

// expect waits for an expectation and for those that stand directly behind it.
func (p *player) expect(t *thread, first *act) *waiting {
	group := []expectation{p.claim(t, first)}
	for t.pc < len(t.acts) {
		a := t.acts[t.pc]
		switch a.kind {
		case Reply, Event, Packet, Happening:
			group = append(group, p.claim(t, a))
		case RemarkKind, Unread:
			p.judge(a, &arrowRun{verdict: Remark, at: -1, index: -1})
		default:
			return p.await(group)
		}
		t.pc++
	}
	return p.await(group)
}

func (p *player) expectation(t *thread, a *act) expectation {
	return expectation{a: a, op: -1, after: p.since(p.e.Index()).index, lanes: t.lanes}
}

// claim takes the oldest call that a drawn answer can be for. Those that only set a watch come
// last, and a sync where the answer tells of a node: drawings seldom show their answers.
func (p *player) claim(t *thread, a *act) expectation {
	x := p.expectation(t, a)
	if a.kind != Reply {
		return x
	}
	list := p.unclaimed[a.to]
	at := -1
	for n, i := range list {
		op := &p.e.Ops()[i].Op
		if !op.Watch && (op.Type != tree.OpSync || !a.reply.tells()) {
			at = n
			break
		}
	}
	if at < 0 && len(list) > 0 && !a.either {
		at = 0
	}
	if at >= 0 {
		x.op = list[at]
		p.unclaimed[a.to] = append(list[:at:at], list[at+1:]...)
	}
	return x
}

func (p *player) await(group []expectation) *waiting {
	return &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			all, _ := p.lookFor(group, false)
			for i := range all {
				if !all[i].ok && !p.hopeless(&group[i]) {
					return false
				}
			}
			return true
		},
		then: func() {
			all, _ := p.lookFor(group, true)
			for i := range all {
				p.conclude(&group[i], &all[i])
			}
		},
	}
}

// hopeless says that an expectation cannot be met however long one waits.
func (p *player) hopeless(x *expectation) bool {
	return x.a.kind == Packet && !p.sees() || x.a.kind == Reply && x.op < 0 && !x.a.either && p.resources[x.a.from] == nil
}

// cursors are how far the run has been used up by what was drawn.
type cursors struct {
	events  map[string]int
	changes int
	reigns  int
	lanes   []int64
	used    map[int64]bool // messages, by their record
}

// lookFor finds what answers each expectation of a group of one thread, in order. With keep, what
// is found is used up.
func (p *player) lookFor(group []expectation, keep bool) (all []found, missing int) {
	at := cursors{events: p.events, changes: p.changes, reigns: p.reigns, lanes: group[0].lanes, used: p.used}
	if !keep {
		at.events = maps.Clone(p.events)
		at.lanes = slices.Clone(at.lanes)
		at.used = maps.Clone(p.used)
	}
	all = make([]found, len(group))
	for i := range group {
		all[i] = p.look(&group[i], &at)
		if !all[i].ok {
			missing++
		}
	}
	if keep {
		p.changes, p.reigns = at.changes, at.reigns
	}
	return all, missing
}

func (p *player) look(x *expectation, at *cursors) found {
	switch {
	case x.a.kind == Reply && p.resources[x.a.from] != nil:
		return p.lookAnswer(x)
	case x.a.kind == Reply && x.op >= 0:
		o := p.e.Ops()[x.op]
		return found{ok: o.Done(), op: x.op, at: o.ReturnedAt, index: o.RetIndex}
	case x.a.kind == Event, x.a.kind == Reply && x.a.either:
		return p.lookEvent(x, at)
	case x.a.kind == Packet:
		return p.lookPacket(x, at)
	case x.a.kind == Happening:
		return p.lookHappening(x, at)
	}
	return found{op: -1}
}

func (p *player) lookEvent(x *expectation, at *cursors) found {
	c := p.e.Actor(x.a.to)
	for i := at.events[x.a.to]; i < len(c.Events()); i++ {
		e := &c.Events()[i]
		if x.a.notice.agrees(e.Event) {
			at.events[x.a.to] = i + 1
			return found{ok: true, op: -1, event: i, at: e.At, index: e.Index, zxid: zab.Zxid(e.Event.Zxid)}
		}
	}
	return found{op: -1, event: -1}
}

// sighting is a message of the kind that an expectation waits for.
type sighting struct {
	at         sim.Time
	send, recv int64          // records; recv is -1 until it has arrived
	scanned    int64          // records looked through for its arrival
	packet     *engine.Packet // of an engine that keeps no records
}

// sees says whether what servers say to each other can be seen.
func (p *player) sees() bool {
	_, ok := p.packets()
	return ok || p.sim != nil
}

// packets are what an engine that is not simulated has seen.
func (p *player) packets() (list []*engine.Packet, ok bool) {
	if w, is := p.e.(engine.Watcher); is {
		return w.Packets()
	}
	return nil, false
}

// lookPacket finds a message between servers. On the lane of each server messages are matched in
// the order in which they are drawn, in each branch of a par by itself: so two that cross each other
// can be drawn. One that was sent before its turn is found all the same, and is early.
func (p *player) lookPacket(x *expectation, at *cursors) found {
	from, to := zab.ID(x.a.from[1]-'0'), zab.ID(x.a.to[1]-'0')
	if p.sim != nil {
		p.scan(x, from, to)
	} else {
		p.scanPackets(x, from, to)
	}
	early := found{op: -1}
	for i := range x.seen {
		s := &x.seen[i]
		if s.recv < 0 || at.used[s.send] {
			continue
		}
		f := found{ok: true, op: -1, at: s.at, index: s.send, to: s.recv}
		if s.send > at.lanes[from] && s.recv > at.lanes[to] {
			at.lanes[from], at.lanes[to], at.used[s.send] = s.send, s.recv, true
			return f
		}
		if !early.ok {
			early = f
			early.early = true
		}
	}
	if early.ok {
		at.used[early.index] = true
	}
	return early
}

// scan goes on through the records where it stopped last.
func (p *player) scan(x *expectation, from, to zab.ID) {
	records := p.sim.World.Records()
	end := int64(len(records))
	for i := max(x.scanned, x.after+1); i < end; i++ {
		r := &records[i]
		if r.Kind != sim.KindSend || r.Node != from || r.To != to || r.Message.Name() != x.a.packet {
			continue
		}
		m, ok := r.Message.(zab.Message)
		if ok && x.a.says(m) {
			x.seen = append(x.seen, sighting{at: r.At, send: i, recv: -1, scanned: i + 1})
		}
	}
	x.scanned = end
	for i := range x.seen {
		s := &x.seen[i]
		for ; s.recv < 0 && s.scanned < end; s.scanned++ {
			q := &records[s.scanned]
			if q.Number == records[s.send].Number && (q.Kind == sim.KindRecv || q.Kind == sim.KindDrop) {
				s.recv = s.scanned
			}
		}
	}
}

// scanPackets goes on through the messages of an engine that keeps no records.
func (p *player) scanPackets(x *expectation, from, to zab.ID) {
	list, _ := p.packets()
	for ; x.scanned < int64(len(list)); x.scanned++ {
		m := list[x.scanned]
		if m.Send > x.after && m.From == from && m.To == to && m.Message.Name() == x.a.packet && x.a.says(m.Message) {
			x.seen = append(x.seen, sighting{at: m.SentAt, send: m.Send, packet: m})
		}
	}
	for i := range x.seen {
		x.seen[i].recv = x.seen[i].packet.Recv
	}
}

// says is false if a message has another zxid, or is for another server, or about another node, than the
// drawing says.
func (a *act) says(m zab.Message) bool {
	if a.hasZxid && m.At() != a.zxid {
		return false
	}
	switch m := m.(type) {
	case *zab.Notification:
		return a.voteFor == 0 || m.Vote.Leader == a.voteFor
	case *zab.Proposal:
		return a.node == "" || a.node == changes(&m.Entry, a.node)
	case *zab.Inform:
		return a.node == "" || a.node == changes(&m.Entry, a.node)
	}
	return true
}

// changes is the node that a transaction changes, or otherwise if it is none that changes one.
func changes(e *zab.Entry, otherwise string) string {
	txn, err := tree.DecodeTxn(e.Data)
	if err != nil {
		return otherwise
	}
	switch b := txn.Body.(type) {
	case *tree.CreateTxn:
		return b.Path
	case *tree.DeleteTxn:
		return b.Path
	case *tree.SetDataTxn:
		return b.Path
	}
	return otherwise
}

func (p *player) lookHappening(x *expectation, at *cursors) found {
	h := &x.a.happening
	after := x.after
	switch h.what {
	case nodeDeleted, nodeCreated:
		want := tree.NodeDeleted
		if h.what == nodeCreated {
			want = tree.NodeCreated
		}
		list := p.e.Changes()
		for i := at.changes; i < len(list); i++ {
			if c := &list[i]; c.Index > after && c.Path == h.path && c.Event == want {
				at.changes = i + 1
				return found{ok: true, op: -1, at: c.At, index: c.Index, zxid: c.Zxid}
			}
		}
	case sessionOver:
		for i := range p.e.Closings() {
			c := &p.e.Closings()[i]
			if c.Index > after && (h.client == "" || p.e.ClientOf(c.Session) == h.client) {
				return found{ok: true, op: -1, at: c.AppliedAt, index: c.Index, zxid: c.Zxid}
			}
		}
	case leaderElected, becomesLeader:
		list := p.e.Reigns()
		for i := at.reigns; i < len(list); i++ {
			r := &list[i]
			if r.Index > after && (h.server == "" || engine.ServerName(r.Leader) == h.server) {
				at.reigns = i + 1
				return found{ok: true, op: -1, at: r.From, index: r.Index}
			}
		}
	default:
		as := zab.Looking
		if h.what == becomesFollower {
			as = zab.Following
		}
		if p.e.Stands(h.server, as) {
			return found{ok: true, op: -1, at: p.now(), index: p.e.Index() - 1}
		}
	}
	return found{op: -1}
}

// conclude judges one expectation.
func (p *player) conclude(x *expectation, f *found) {
	a := x.a
	r := &arrowRun{at: f.at, index: f.index}
	switch {
	case a.kind == Reply && p.resources[a.from] != nil:
		p.concludeAnswer(x, f, r)
	case a.kind == Reply && x.op < 0 && !a.either:
		r.verdict, r.at, r.instead = Never, -1, a.to+" has asked nothing that is not answered in the drawing"
	case a.kind == Packet && !p.sees():
		r.verdict, r.at, r.instead = Unplayed, -1, "what servers say to each other cannot be seen here"
	case !f.ok:
		r.verdict, r.at = Never, -1
		if f.op >= 0 {
			r.instead = answer(p.e.Ops()[f.op])
		}
		p.otherEvent(x, r)
	case f.op >= 0:
		o := p.e.Ops()[f.op]
		r.answer = answer(o)
		if !a.reply.agrees(o) {
			r.verdict, r.instead = Different, answer(o)
			break
		}
		r.omitted = p.between(action{at: o.CalledAt, index: o.CallIndex - 1}, f.at, a.to)
		r.verdict = lateIf(r.omitted)
	case a.kind == Packet && f.early:
		r.verdict, r.instead = Different, "it was sent before what is drawn above it, at "+f.at.Seconds()
	case a.kind == Packet:
		r.verdict = AsDrawn
	case a.kind == Happening:
		r.omitted = p.behind(f, "", a)
		r.verdict = lateIf(r.omitted)
	default:
		r.omitted = p.behind(f, a.to, a)
		r.verdict = lateIf(r.omitted)
	}
	p.judge(a, r)
}

// otherEvent says which event came instead of one that never did.
func (p *player) otherEvent(x *expectation, r *arrowRun) {
	if x.a.kind != Event {
		if r.instead == "" {
			r.instead = "it did not happen within " + p.e.GiveUp().String()
		}
		return
	}
	c := p.e.Actor(x.a.to)
	if i := p.events[x.a.to]; i < len(c.Events()) {
		e := &c.Events()[i]
		p.events[x.a.to] = i + 1
		r.verdict, r.at, r.index = Different, e.At, e.Index
		r.instead = fmt.Sprintf("%s %s", e.Event.Type, e.Event.Path)
		return
	}
	r.instead = "no event within " + p.e.GiveUp().String()
	if !c.Up() {
		r.instead = x.a.to + " is down"
	}
}

// choose waits until it shows which branch of an alt the run takes. A branch is told by the
// expectations that it begins with; one that begins with anything else is taken when no other is.
// Where none begins with an expectation, the seed decides.
func (p *player) choose(t *thread, a *act) *waiting {
	guards := make([][]expectation, len(a.branches))
	guarded := 0
	for i := range a.branches {
		guards[i] = p.guard(t, a.branches[i].acts)
		if len(guards[i]) > 0 {
			guarded++
		}
	}
	pick := func() int {
		for i := range guards {
			if len(guards[i]) > 0 && p.holds(guards[i]) {
				return i
			}
		}
		return -1
	}
	return &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			if guarded == 0 || pick() >= 0 {
				return true
			}
			for i := range guards {
				if len(guards[i]) > 0 && !p.fails(guards[i]) {
					return false
				}
			}
			return true
		},
		then: func() {
			i := pick()
			switch {
			case i >= 0:
			case guarded == 0 && a.name == "alt":
				i = p.e.Chance(fmt.Sprintf("alt %d", a.pos.Line)).Intn(len(a.branches))
			case guarded == 0:
				i = p.e.Chance(fmt.Sprintf("opt %d", a.pos.Line)).Intn(2) - 1
			default:
				i = p.fallback(a, guards)
			}
			if i < 0 {
				p.run.branches = append(p.run.branches, fmt.Sprintf("%d not: %s", a.pos.Line, a.branches[0].label))
				return
			}
			p.run.branches = append(p.run.branches, fmt.Sprintf("%d %s", a.pos.Line, a.branches[i].label))
			if len(a.branches[i].acts) > 0 {
				t.kids = []*thread{{acts: a.branches[i].acts, lanes: t.lanes}}
			}
		},
	}
}

// fallback is the branch that is taken when no guard holds: one without a guard, or else the last,
// whose arrows will then say what came instead. An opt is passed over.
func (p *player) fallback(a *act, guards [][]expectation) int {
	for i := range guards {
		if len(guards[i]) == 0 {
			return i
		}
	}
	if a.name == "opt" {
		return -1
	}
	return len(guards) - 1
}

// guard is what a branch begins with, without taking anything for it.
func (p *player) guard(t *thread, acts []*act) (group []expectation) {
	taken := make(map[string]int)
	for _, a := range acts {
		switch a.kind {
		case RemarkKind, Unread:
			continue
		case Reply:
			list := p.unclaimed[a.to]
			x := p.expectation(t, a)
			if n := taken[a.to]; n < len(list) {
				x.op = list[n]
				taken[a.to]++
			}
			group = append(group, x)
		case Event, Happening, Packet:
			group = append(group, p.expectation(t, a))
		default:
			return group
		}
	}
	return group
}

// holds says that all of a guard has come true.
func (p *player) holds(guard []expectation) bool {
	all, missing := p.lookFor(guard, false)
	if missing > 0 {
		return false
	}
	for i := range all {
		if !p.agrees(&guard[i], &all[i]) {
			return false
		}
	}
	return true
}

// fails says that some of a guard has come out otherwise.
func (p *player) fails(guard []expectation) bool {
	all, _ := p.lookFor(guard, false)
	for i := range all {
		if all[i].ok && !p.agrees(&guard[i], &all[i]) || p.hopeless(&guard[i]) {
			return true
		}
	}
	return false
}

func (p *player) agrees(x *expectation, f *found) bool {
	if f.op < 0 {
		return true
	}
	return x.a.reply.agrees(p.e.Ops()[f.op])
}
