package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// absence is something that the drawing says does not happen, from the last action above it until
// the next line about the same participant.
type absence struct {
	a     *script.Act
	at    sim.Time
	after int64  // from this record on, it must not happen
	ops   int    // number of operations before that record
	op    int    // of an absent answer: its call, or -1
	over  string // why the drawing is wrong already: what it says lasts is over
	from  cursors

	ended bool
	until sim.Time
	index int64    // the record at which the absence ends, or -1
	least sim.Time // it does not end before
}

// grace is how long an absence extends beyond the next line of its lane. An event in this time was
// already on its way when that line began, so it belongs to the absence.
const grace = 100 * sim.Millisecond

// deny begins an absence. It changes nothing in the run.
func (p *player) deny(t *thread, a *script.Act) {
	if a.Denied.Kind == script.Heartbeat {
		p.mute(t, a)
		return
	}
	x := &absence{a: a, at: p.now(), after: p.since(p.e.Index()).index, ops: len(p.e.Ops()), op: -1,
		from: cursors{events: maps.Clone(p.events), changes: p.changes, reigns: p.reigns}}
	if a.Denied.Kind == script.Reply {
		x.op = p.claim(t, a.Denied).op
	}
	if a.Denied.Kind == script.Happening || a.Denied.Kind == script.Event {
		x.least = p.spans(a.Denied.Happening.Client)
		x.over = p.overBefore(a.Denied)
	}
	if a.Wait > 0 { // after 10s the session is not over
		t.wait = &waiting{until: p.now() + a.Wait, ready: func() bool { return false },
			then: func() { p.settleOne(x) }}
		return
	}
	for _, y := range p.absences { // an action since then makes this line the next one of its lane
		if y.after < x.after && inLane(y.a, a) {
			p.end(y, -1)
		}
	}
	p.absences = append(p.absences, x)
	if a.Lost && a.Denied.Kind == script.Event { // what is lost has happened
		t.wait = &waiting{until: p.now() + p.e.GiveUp(),
			ready: func() bool { return p.nothingLost(x) == "" }, then: func() {}}
	}
}

// overBefore says that a session or a node, which must not end by the drawing, has already ended;
// "" if it has not.
func (p *player) overBefore(a *script.Act) string {
	h := &a.Happening
	switch {
	case a.Kind != script.Happening:
	case h.What == script.NodeDeleted && h.Path != "":
		path := p.real(h.Path)
		for _, c := range slices.Backward(p.e.Changes()) {
			switch {
			case c.Path != path:
			case c.Event == tree.NodeDeleted:
				return path + " was deleted at " + c.At.Seconds()
			case c.Event == tree.NodeCreated:
				return ""
			}
		}
		if h.Stays {
			return path + " does not exist"
		}
	case h.What == script.SessionOver && h.Client != "":
		if c := p.e.Actor(h.Client); c != nil && (p.closed(c.Session()) || p.hasClosed(h.Client)) {
			return "the session of " + h.Client + " has already ended"
		}
	}
	return ""
}

// hasClosed reports whether the last operation of a client closed its session.
func (p *player) hasClosed(who string) bool {
	for _, o := range slices.Backward(p.e.Ops()) {
		if o.Client == who {
			return o.Op.Type == tree.OpCloseSession && (o.ApplyIndex > 0 || o.Done())
		}
	}
	return false
}

// spans returns when the last fault with a drawn length ends: that of one client, or of any if who
// is empty. What a drawing denies below a pause of 60 s must not happen in these 60 s.
func (p *player) spans(who string) (end sim.Time) {
	for name, until := range p.spanEnds { // order: only the greatest counts
		if who == "" || name == who {
			end = max(end, until)
		}
	}
	return end
}

// mute judges a line that says that a client is silent. The client must be down, paused or without
// a connection, at the latest when it must have noticed the loss.
func (p *player) mute(t *thread, a *script.Act) {
	who := a.Denied.From
	c := p.e.Actor(who)
	silent := func() bool {
		return !c.Up() || c.Paused() || !c.Connected() || p.closed(c.Session())
	}
	t.wait = &waiting{until: p.now() + p.e.GiveUp(), ready: silent, then: func() {
		r := &arrowRun{verdict: AsDrawn, at: p.now(), index: p.e.Index() - 1}
		if !silent() {
			r.verdict, r.instead = Different, who+" is up and connected"
		}
		p.judge(a, r)
	}}
}

// settle ends the absences in the lane of an act at a record. An action ends them when its turn
// comes, an expectation when it is met.
func (p *player) settle(a *script.Act, index int64) {
	switch a.Kind {
	case script.Remark, script.Unread, script.Block, script.Absence:
		return
	}
	for _, x := range p.absences {
		if x.a != a && inLane(x.a, a) {
			p.end(x, index)
		}
	}
}

// end ends an absence at a record, or now.
func (p *player) end(x *absence, index int64) {
	if x.ended {
		return
	}
	x.ended, x.until, x.index = true, p.now()+grace, index
	// From here on what was lost may arrive.
	if k := x.a.Denied.Kind; x.a.Lost && index < 0 && (k == script.Packet || k == script.Event) {
		x.until, x.index = p.now(), p.e.Index()
	}
}

// inLane reports whether an act is in the lane of an absence: that of its client, or of the
// participant over which the note stands.
func inLane(absence, b *script.Act) bool {
	lane := absence.From
	if k := absence.Denied.Kind; k == script.Reply || k == script.Event ||
		absence.Lost && k == script.Packet {
		lane = absence.Denied.To
	}
	names := strings.Split(b.From+","+b.To, ",")
	return slices.ContainsFunc(strings.Split(lane, ","),
		func(name string) bool { return name != "" && slices.Contains(names, name) })
}

// outlast waits, at the end of a diagram, for what the diagram denies. Absent actions of clients
// need no wait, because clients do only what is drawn.
func (p *player) outlast(t *thread) bool {
	until := p.now()
	for _, x := range p.absences {
		switch {
		case x.ended:
			until = max(until, x.until, x.least)
		case p.passive(x.a.Denied.Kind):
			until = max(until, x.at+p.e.GiveUp(), x.least)
		}
	}
	if until == p.now() {
		return false
	}
	t.wait = &waiting{until: until, ready: func() bool { return false }, then: func() {}}
	return true
}

// passive reports whether acts of this kind happen to a participant without an action of its own.
func (p *player) passive(k script.Kind) bool {
	return k == script.Happening || k == script.Event || k == script.Packet && p.sees()
}

// settleAll judges all absences at the end of a diagram.
func (p *player) settleAll() {
	for _, x := range p.absences {
		p.settleOne(x)
	}
	p.absences = nil
}

// settleOne judges an event that the drawing denies.
func (p *player) settleOne(x *absence) {
	caller := x.a.Denied.To
	r := &arrowRun{verdict: AsDrawn, at: x.at, index: x.after}
	if x.over != "" {
		r.verdict, r.instead = Different, x.over
	} else if x.a.Denied.Kind == script.Packet && !p.sees() {
		r.verdict, r.at, r.instead = Unplayed, -1, "the engine that plays this diagram "+
			"does not record messages between servers"
	} else if x.a.Lost && x.a.Denied.Kind == script.Reply && x.op < 0 {
		r.verdict, r.at, r.instead = Never, -1, "the drawing has no unanswered call by "+caller
	} else if why := p.lossless(x); why != "" {
		r.verdict, r.at, r.instead = Never, -1, why
	} else if what := p.happened(x); what != "" {
		r.verdict, r.instead = Different, what
	}
	p.judge(x.a, r)
}

// lossless says why a lost notification had nothing to lose, or returns "".
func (p *player) lossless(x *absence) string {
	if !x.a.Lost || x.a.Denied.Kind != script.Event {
		return ""
	}
	return p.nothingLost(x)
}

// ends reports whether a moment is after the end of an absence.
func (x *absence) ends(at sim.Time, index int64) bool {
	return x.ended && at > x.least && (at > x.until || x.index >= 0 && index >= x.index)
}

// happened describes what happened although the drawing denies it, or returns "".
func (p *player) happened(x *absence) string {
	d := x.a.Denied
	switch d.Kind {
	case script.Call:
		for _, o := range p.e.Ops()[x.ops:] {
			if o.Client == d.From && o.Op.Type == d.Op.Type && o.Op.Path == p.realOp(d.Op).Path &&
				string(o.Op.Data) == string(d.Op.Data) &&
				!(x.ended && o.CalledAt >= x.until-grace) {
				return d.From + " did so"
			}
		}
	case script.Reply:
		if x.op < 0 {
			return ""
		}
		if o := p.e.Ops()[x.op]; o.Done() && o.Outcome.Definite() &&
			!(x.a.Lost && o.Code == tree.ConnectionLoss) {
			return fmt.Sprintf("the call of %s ended: %s", d.To, answer(o))
		}
	case script.Fault:
		return p.struck(&d.Fault)
	case script.Event, script.Happening, script.Packet:
		return p.occurred(x)
	}
	return ""
}

// struck describes the effect of a fault that the drawing denies, or returns "".
func (p *player) struck(f *script.FaultNote) string {
	for _, who := range f.Fault.Who {
		switch {
		case f.Fault.Kind == sim.FaultRestart && p.up(who):
			return who + " is up"
		case f.Fault.Kind != sim.FaultRestart && !p.up(who):
			return who + " is down"
		}
	}
	if f.Fault.Kind == sim.FaultSplit && len(f.Fault.Groups) > 0 && p.apart[f.Fault.Groups[0][0]] {
		return f.Fault.Groups[0][0] + " is cut off from all servers"
	}
	return ""
}

// occurred looks in the run for an event that the drawing denies. It ignores events that another
// line of the drawing shows.
func (p *player) occurred(x *absence) string {
	e := expectation{a: x.a.Denied, lost: x.a.Lost, op: -1, after: x.after, lanes: newLanes()}
	at := x.from
	at.lanes, at.used, at.shifts = e.lanes, make(map[int64]bool), maps.Clone(p.shifts)
	for {
		f := p.look(&e, &at)
		switch {
		case !f.ok || f.wrong != "", x.ends(f.at, f.index):
			return ""
		case f.index > x.after && !p.drawn(f.index):
			return "this event happened at " + f.at.Seconds() + ", although the drawing says " +
				"that it does not happen"
		case x.a.Denied.Kind == script.Happening && !usedUp(x.a.Denied.Happening.What):
			return ""
		}
	}
}

// usedUp reports whether a found event is used up, so that the next search returns the next event.
func usedUp(what script.OccurrenceKind) bool {
	switch what {
	case script.NodeDeleted, script.NodeCreated, script.LeaderElected, script.BecomesLeader:
		return true
	}
	return false
}

// drawn reports whether an arrow of the drawing shows the event of a record.
func (p *player) drawn(index int64) bool {
	return slices.ContainsFunc(p.run.arrows, func(r *arrowRun) bool {
		return r != nil && r.index == index && r.verdict != Applied
	})
}
