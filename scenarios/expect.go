package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// found is what the run has so far for one expectation.
type found struct {
	ok    bool
	op    int // index of the operation, or -1
	event int // index among the client's events
	at    sim.Time
	index int64
	to    int64  // of a message: the record of its arrival
	wrong string // what a message contradicts
	zxid  zab.Zxid
}

// expectation is one expected thing. A group of expectations is awaited together.
type expectation struct {
	a     *script.Act
	op    int    // of a reply: the call that it answers, or -1
	after int64  // the record of the drawing's last action before it
	lanes *lanes // messages that its thread has shown
	lost  bool   // it must not arrive
	met   found  // of a state: where it was first met, after all that is drawn above it

	scanned int64 // records already searched for a message
	seen    []sighting
	others  []zab.Message // messages between the same two servers that do not fit
}

// expect waits for an expectation together with the expectations directly after it. The group ends
// with an expectation that mentions a watch, because that watch is set after the wait.
func (p *player) expect(t *thread, first *script.Act) *waiting {
	group := []expectation{p.claim(t, first)}
	for t.pc < len(t.acts) && group[len(group)-1].a.Watcher == "" && len(t.acts[t.pc].Before) == 0 {
		a := t.acts[t.pc]
		switch {
		case a.Kind == script.Reply, a.Kind == script.Event, a.Kind == script.Packet,
			a.Kind == script.Happening:
			group = append(group, p.claim(t, a))
		case (a.Kind == script.Remark || a.Kind == script.Unread) && a.Watcher == "":
			p.pass(a)
		default:
			return p.await(t, group)
		}
		t.pc++
	}
	return p.await(t, group)
}

func (p *player) expectation(t *thread, a *script.Act) expectation {
	return expectation{a: a, op: -1, after: p.since(p.e.Index()).index, lanes: t.lanes}
}

// claim matches a drawn answer with the client's call that it answers.
func (p *player) claim(t *thread, a *script.Act) expectation {
	x := p.expectation(t, a)
	if a.Kind != script.Reply || a.Astray != "" {
		return x
	}
	list := p.unclaimed[a.To]
	if at := p.suiting(a, list); at >= 0 {
		x.op = list[at]
		p.unclaimed[a.To] = append(list[:at:at], list[at+1:]...)
	}
	return x
}

// await waits until every expectation of a group is met or hopeless, and then judges all.
func (p *player) await(t *thread, group []expectation) *waiting {
	return &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			all, _ := p.lookFor(group, false)
			met := true
			for i := range all {
				if met && all[i].ok && group[i].a.Kind == script.Happening {
					group[i].met = all[i] // a state may pass before the others are met
				}
				met = met && all[i].ok
			}
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
			p.watch(t, group[len(group)-1].a)
		},
	}
}

// hopeless reports whether an expectation cannot be met by waiting longer.
func (p *player) hopeless(x *expectation) bool {
	return x.a.Order || x.a.Early > 0 || x.a.Kind == script.Packet && !p.sees() || x.a.Kind == script.Reply && x.op < 0 &&
		!x.a.Either && x.a.Happening.What == 0 && p.resources[x.a.From] == nil
}

// cursors say which events of the run earlier arrows have used up.
type cursors struct {
	events  map[string]int
	changes int
	reigns  int
	lanes   *lanes
	used    map[int64]bool // messages, by their record
	shifts  map[uint32]int64
}

// lookFor finds the events that meet the expectations of one thread's group, in order. If keep is
// set, it uses these events up.
func (p *player) lookFor(group []expectation, keep bool) (all []found, missing int) {
	at := cursors{
		events: p.events, changes: p.changes, reigns: p.reigns, lanes: group[0].lanes, used: p.used,
		shifts: p.shifts,
	}
	if !keep {
		at.events = maps.Clone(p.events)
		at.lanes = at.lanes.clone()
		at.used, at.shifts = maps.Clone(p.used), maps.Clone(p.shifts)
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

// look finds the event that meets one expectation.
func (p *player) look(x *expectation, at *cursors) found {
	switch {
	case x.a.Order, x.a.Early > 0:
		return found{op: -1}
	case x.a.Kind == script.Reply && p.resources[x.a.From] != nil:
		return p.lookAnswer(x)
	case x.a.Kind == script.Reply && x.op >= 0:
		o := p.e.Ops()[x.op]
		if o.Done() && p.messages {
			p.show(x, at.lanes)
		}
		return found{ok: o.Done(), op: x.op, at: o.ReturnedAt, index: o.RetIndex}
	case x.a.Kind == script.Event, x.a.Kind == script.Reply && x.a.Either:
		return p.lookEvent(x, at)
	case x.a.Kind == script.Packet:
		return p.lookPacket(x, at)
	case x.a.Happening.What != 0: // a reply, too, if no call is open
		return p.lookHappening(x, at)
	}
	return found{op: -1}
}

func (p *player) lookEvent(x *expectation, at *cursors) found {
	c := p.e.Actor(x.a.To)
	n := x.a.Notice
	n.Path = p.real(n.Path)
	for i := at.events[x.a.To]; i < len(c.Events()); i++ {
		e := &c.Events()[i]
		if n.Agrees(e.Event) {
			at.events[x.a.To] = i + 1
			return found{ok: true, op: -1, event: i, at: e.At, index: e.Index,
				zxid: zab.Zxid(e.Event.Zxid)}
		}
	}
	return found{op: -1, event: -1}
}

func (p *player) lookHappening(x *expectation, at *cursors) found {
	h := &x.a.Happening
	after := x.after
	switch h.What {
	case script.NodeDeleted, script.NodeCreated:
		want := tree.NodeDeleted
		if h.What == script.NodeCreated {
			want = tree.NodeCreated
		}
		list, path := p.e.Changes(), p.real(h.Path)
		for i := at.changes; i < len(list); i++ {
			if c := &list[i]; c.Index > after && c.Path == path && c.Event == want &&
				(!h.Ends || p.closedAt(c.Zxid)) {
				at.changes = i + 1
				return found{ok: true, op: -1, at: c.At, index: c.Index, zxid: c.Zxid}
			}
		}
	case script.SessionOver:
		for i := range p.e.Closings() {
			c := &p.e.Closings()[i]
			if c.Index > after && (h.Client == "" || p.e.ClientOf(c.Session) == h.Client) {
				return found{ok: true, op: -1, at: c.AppliedAt, index: c.Index, zxid: c.Zxid}
			}
		}
		ops := p.e.Ops() // a client may close its session itself
		for i := len(ops) - 1; i >= 0 && ops[i].CallIndex >= after; i-- {
			o := ops[i]
			if o.Op.Type == tree.OpCloseSession && o.ApplyIndex > after &&
				(h.Client == "" || o.Client == h.Client) {
				return found{ok: true, op: -1, at: o.AppliedAt, index: o.ApplyIndex}
			}
		}
	case script.LearnsLoss, script.LearnsExpiry, script.LearnsConnection:
		return p.lookState(h, after)
	case script.BeginsToLead, script.StopsLeading:
		return p.lookBelief(h, after)
	case script.LeaderElected, script.BecomesLeader:
		list := p.e.Reigns()
		for i := at.reigns; i < len(list); i++ {
			r := &list[i]
			if r.Index > after && (h.Server == "" || engine.ServerName(r.Leader) == h.Server) {
				at.reigns = i + 1
				return found{ok: true, op: -1, at: r.From, index: r.Index}
			}
		}
	default:
		as := zab.Looking
		switch h.What {
		case script.BecomesFollower:
			as = zab.Following
		case script.IsLeading:
			as = zab.Leading
		}
		if x.met.ok {
			return x.met
		}
		if !slices.ContainsFunc(strings.Split(h.Server, ","),
			func(server string) bool { return !p.e.Stands(server, as) }) {
			return found{ok: true, op: -1, at: p.now(), index: p.e.Index() - 1}
		}
	}
	return found{op: -1}
}

// closedAt says whether a transaction ended a session.
func (p *player) closedAt(z zab.Zxid) bool {
	return slices.ContainsFunc(p.e.Closings(),
		func(c engine.Closing) bool { return c.Zxid == z })
}

// conclude judges one expectation.
func (p *player) conclude(x *expectation, f *found) {
	a := x.a
	if f.ok {
		p.settle(a, f.index)
	} else {
		p.settle(a, -1)
	}
	r := &arrowRun{at: f.at, index: f.index}
	switch {
	case a.Kind == script.Reply && p.resources[a.From] != nil:
		p.concludeAnswer(x, f, r)
	case a.Astray != "":
		r.verdict, r.at, r.instead = Never, -1, a.Astray
	case a.Kind == script.Reply && x.op < 0 && !a.Either && a.Happening.What == 0:
		r.verdict, r.at, r.instead = Never, -1, "the drawing has no unanswered call by "+a.To
	case a.Kind == script.Packet && !p.sees():
		r.verdict, r.at, r.instead = Unplayed, -1, "the engine that plays this diagram "+
			"does not record messages between servers"
	case !f.ok && f.op >= 0 && a.Reply.Outcome == script.Unanswered && !a.Either:
		// The drawing shows that no answer comes.
		r.verdict, r.at, r.index, r.answer = AsDrawn, p.now(), p.e.Index()-1, "no answer"
		p.foretold(f.op)
	case !f.ok:
		r.verdict, r.at = Never, -1
		if f.op >= 0 {
			r.instead = answer(p.e.Ops()[f.op])
		}
		p.otherEvent(x, r)
	case f.op >= 0:
		p.concludeCall(a, f, r)
	case a.Kind == script.Packet && f.wrong != "":
		r.verdict, r.instead = Different, f.wrong
	case a.Kind == script.Packet:
		r.verdict = AsDrawn
		p.bindEpoch(a, f.zxid)
		if a.HasZxid && a.ZxidFree && a.Zxid.Counter() != f.zxid.Counter() {
			drawn := fmt.Sprintf("zxid %d", a.Zxid.Counter())
			if e := a.Zxid.Epoch(); e != 0 {
				drawn = fmt.Sprintf("zxid %d.%d", e, a.Zxid.Counter())
			}
			p.tellName(drawn, f.zxid.String(), r)
		}
	case a.Happening.What != 0:
		r.omitted = p.causes(f, "", a)
		r.verdict = lateIf(r.omitted)
	default:
		if other := p.otherServer(a, p.notifier(a.To, f.event)); other != "" {
			r.verdict, r.instead = Different, other+" notified "+a.To
			break
		}
		p.tellName(a.Notice.Path, p.real(a.Notice.Path), r)
		r.omitted = p.causes(f, a.To, a)
		r.verdict = lateIf(r.omitted)
	}
	p.judge(a, r)
}

// concludeCall judges the answer to a call that has come.
func (p *player) concludeCall(a *script.Act, f *found, r *arrowRun) {
	o := p.e.Ops()[f.op]
	r.answer = answer(o)
	if !p.agrees(a, o) {
		r.verdict, r.instead = Different, p.answerTo(a, o)
		return
	}
	if other := p.otherServer(a, p.answerer(f.op)); other != "" && !p.calledAt(a.From, f.op) {
		r.verdict, r.instead = Different, other+" answered: "+answer(o)
		return
	}
	if o.Op.Flags.IsSequential() && len(a.Reply.Values) > 0 {
		p.bind(a.Reply.Values[0], o, r)
	}
	p.foretold(f.op)
	r.omitted = p.between(action{at: o.CalledAt, index: o.CallIndex - 1}, f.at, a.To)
	r.verdict = lateIf(r.omitted)
}

// otherEvent says what came instead of an expected event.
func (p *player) otherEvent(x *expectation, r *arrowRun) {
	if x.a.Early > 0 {
		r.verdict = Different
		r.instead = fmt.Sprintf("a leader first sends LEADERINFO with the new epoch, and then waits "+
			"for the message of line %d before it sends NEWLEADER", x.a.Early)
		return
	}
	if x.a.Order {
		r.instead = "ZooKeeper sends no commands to clients: it only answers calls, and notifies " +
			"watchers of changes"
		return
	}
	if x.a.Kind != script.Event {
		switch {
		case r.instead != "":
		case x.a.Kind == script.Packet:
			r.instead = p.whyNoMessage(x)
		case x.a.Happening.What != 0:
			r.instead = p.whyNothing(&x.a.Happening)
		case x.a.Either:
			r.instead = p.whyNoEvent(x.a)
		default:
			r.instead = "this event did not happen within " + p.e.GiveUp().String()
		}
		return
	}
	c := p.e.Actor(x.a.To)
	if i := p.events[x.a.To]; i < len(c.Events()) {
		e := &c.Events()[i]
		p.events[x.a.To] = i + 1
		r.verdict, r.at, r.index = Different, e.At, e.Index
		r.instead = fmt.Sprintf("%s %s", e.Event.Type, e.Event.Path)
		return
	}
	r.instead = p.whyNoEvent(x.a)
}
