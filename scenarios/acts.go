package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// act writes a record that the drawing does something, and returns the index of the record.
func (p *player) act(a *script.Act) int64 {
	return p.actAs(a, actRecord{a.Pos.Line, a.Text})
}

// actAs is act with another body of the record.
func (p *player) actAs(a *script.Act, body fmt.Stringer) int64 {
	index := p.e.Act(sim.HashString(a.Text), body)
	p.actions = append(p.actions, action{at: p.now(), index: index})
	return index
}

// actRecord is the body of the record that act writes.
type actRecord struct {
	line int
	text string
}

// String returns the sentence of the record in a trace.
func (r actRecord) String() string { return fmt.Sprintf("line %d: %s", r.line, r.text) }

// since returns the last action of the drawing before a record.
func (p *player) since(index int64) action {
	for i := len(p.actions) - 1; i >= 0; i-- {
		if p.actions[i].index < index {
			return p.actions[i]
		}
	}
	return action{at: 0, index: -1}
}

// actionAt returns the action with a record.
func (p *player) actionAt(index int64) action {
	for i := len(p.actions) - 1; i >= 0; i-- {
		if p.actions[i].index == index {
			return p.actions[i]
		}
	}
	return action{index: index}
}

// call makes a client call the ensemble, and waits until a write takes effect or a read is
// answered. If the arrow points to another server, the client first connects to that one.
func (p *player) call(t *thread, a *script.Act) {
	caller := a.From
	c := p.e.Actor(caller)
	if c == nil {
		p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: caller +
			" is in no diagram: add the line \"participant " + caller + "\""})
		return
	}
	if a.Own && p.sim != nil {
		p.made(t, a)
		return
	}
	if !c.Up() && !p.strict && p.supplies(a.Expect) && p.e.Apply(sim.Restart(caller)) == nil {
		p.callAgain(t, a)
		return
	}
	if !c.Up() {
		p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: caller +
			" is down because of an earlier fault"})
		return
	}
	from := p.actionAt(p.act(a))
	var supplied []string
	if p.returns(a) {
		supplied = append(supplied, p.mend(caller))
	}
	m, moves := p.moves(a)
	if !moves {
		p.do(t, a, &attempt{from: from, supplied: supplied})
		return
	}
	former, next := m.Server(), a.To
	told := fmt.Sprintf("%s moves from %s to %s, with its session", caller, former, next)
	m.Move(next)
	t.wait = &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool { return c.Connected() && m.Server() == next },
		then:  func() { p.do(t, a, &attempt{from: from, supplied: append(supplied, told)}) },
	}
}

// callAgain makes the call of a client that a fault has crashed and that is restarted for this
// call.
func (p *player) callAgain(t *thread, a *script.Act) {
	caller := a.From
	c := p.e.Actor(caller)
	from := p.actionAt(p.act(a))
	told := caller + " is down, and restarts for its call"
	t.wait = &waiting{until: p.now() + p.e.GiveUp(), ready: c.Connected, then: func() {
		p.do(t, a, &attempt{from: from, supplied: []string{told}})
	}}
}

// attempt is a call of the drawing that is being made.
type attempt struct {
	from     action
	supplied []string
	omitted  []Omitted
	renewed  bool
	asked    bool // the call was repeated
}

// do makes a client's call. It repeats the call in a new session if the old session is over. It
// also repeats a read if the server had not yet applied what the drawing shows above.
func (p *player) do(t *thread, a *script.Act, try *attempt) {
	caller := a.From
	c := p.e.Actor(a.From)
	p.tag++
	tag, first := p.tag, len(p.e.Ops())
	life := c.Lives()
	whole := a.Claims || p.spec.Stage.Library.Repeats() // the answer counts, not only the effect
	c.Do(p.realOp(a.Op), tag)
	find := func() int {
		for i := first; i < len(p.e.Ops()); i++ {
			if o := p.e.Ops()[i]; o.Client == a.From && o.Tag == tag {
				return i
			}
		}
		return -1
	}
	t.wait = &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			i := find()
			return i >= 0 && (p.e.Ops()[i].AppliedAt >= 0 && !whole || p.e.Ops()[i].Done()) ||
				c.Lives() != life
		},
		then: func() {
			i := find()
			switch {
			case i >= 0 && !try.renewed && p.renews(a, p.e.Ops()[i]):
				try.renewed = true
				try.supplied = append(try.supplied, p.renew(t, a.From, func(ok bool) {
					if ok {
						p.do(t, a, try)
					} else {
						p.called(a, i, try)
					}
				}))
			case i >= 0 && !try.asked && p.retries(a, p.e.Ops()[i]):
				try.asked = true
				if l := p.spec.Stage.Library; l.Repeats() {
					try.supplied = append(try.supplied, fmt.Sprintf(
						"%s repeats the call of %s because of its outcome: %s",
						l, caller, answer(p.e.Ops()[i])))
				}
				t.wait = &waiting{until: p.now() + p.e.GiveUp(), ready: c.Connected,
					then: func() { p.do(t, a, try) }}
			case i >= 0 && !try.asked && p.lagged(a, p.e.Ops()[i]):
				try.asked = true
				try.omitted = append(try.omitted, p.lag(p.e.Ops()[i]))
				t.wait = &waiting{until: p.now() + lagWait,
					ready: func() bool { return false }, then: func() { p.do(t, a, try) }}
			default:
				p.called(a, i, try)
			}
		},
	}
}

// called judges whether a call was made. Its answer is a separate arrow.
func (p *player) called(a *script.Act, i int, try *attempt) {
	from := try.from
	if caller := a.From; i < 0 {
		p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: caller +
			" did not start the call within " + p.e.GiveUp().String()})
		return
	}
	o := p.e.Ops()[i]
	p.unclaimed[a.From] = append(p.unclaimed[a.From], i)
	r := &arrowRun{at: o.AppliedAt, index: o.ApplyIndex, supplied: try.supplied}
	if !o.Op.Type.Writes() || o.AppliedAt < 0 {
		r.at, r.index = o.ReturnedAt, o.RetIndex
	}
	switch {
	case a.Loses && o.SentAt >= 0 && (!o.Outcome.Definite() || o.Code == tree.ConnectionLoss):
		r.verdict, r.answer = AsDrawn, answer(o)
	case o.AppliedAt < 0 && !o.Done():
		r.verdict, r.at, r.instead = Never, -1, "no answer within "+p.e.GiveUp().String()
	case o.AppliedAt < 0 && o.Lost, o.AppliedAt < 0 && !o.Outcome.Definite(), o.SentAt < 0,
		o.Outcome == client.Failed && !o.Code.Definite():
		r.verdict, r.instead = Different, answer(o)
	default:
		r.omitted = append(p.between(from, r.at, a.From), try.omitted...)
		r.verdict = lateIf(r.omitted)
	}
	if a.Claims && o.Done() && r.verdict != Never {
		if r.answer = answer(o); !p.agrees(a, o) {
			r.verdict, r.instead = Different, answer(o)
		} else if r.verdict == Different {
			r.verdict, r.instead = AsDrawn, ""
		}
	}
	if !o.Op.Flags.IsSequential() {
		p.tellName(a.Op.Path, o.Op.Path, r)
	}
	by := ""
	if m, ok := p.e.Actor(a.From).(engine.Mover); ok {
		by = m.Server()
	}
	p.calls[i] = &callRun{a, r, from, by}
	p.judge(a, r)
}

// callRun is a call of the drawing and its outcome.
type callRun struct {
	a    *script.Act
	r    *arrowRun
	from action
	by   string // the server to which the client was connected when it was done
}

// foretold judges a call again when its drawn answer has come: the call is as drawn, even if the
// drawn answer is a failure. An expect line at the call itself has precedence.
func (p *player) foretold(i int) {
	c := p.calls[i]
	if c == nil || c.a.Expect != diagram.Unsaid || !c.r.verdict.Wrong() ||
		p.run.arrows[c.a.ID] != c.r {
		return
	}
	if c.r.at < 0 {
		c.r.at, c.r.index = p.now(), p.e.Index()-1
	}
	c.r.omitted = p.between(c.from, c.r.at, c.a.From)
	c.r.verdict, c.r.instead = lateIf(c.r.omitted), ""
}

// heartbeat checks that the session of a client is alive. The arrow may point either way. If the
// arrow says that the client connects, an ended session is replaced.
func (p *player) heartbeat(t *thread, a *script.Act) {
	who := a.From
	if p.spec.Cast.Roles[who].Kind != script.RoleClient {
		who = a.To
	}
	c := p.e.Actor(who)
	if c == nil {
		p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: who +
			" is in no diagram: add the line \"participant " + who + "\""})
		return
	}
	began := action{at: p.now(), index: p.e.Index() - 1}
	_, can := c.(engine.Renewer)
	anew, fresh := a.Connects()
	over := func() bool { return can && anew && c.Up() && state(c).Final() }
	up := func() bool { return c.Connected() && !p.closed(c.Session()) }
	if a.Answer != nil {
		up = func() bool { return state(c) == client.Expired } // its answer: expired
	}
	var supplied []string
	if p.apart[who] && anew {
		supplied = append(supplied, p.mend(who))
	}
	judge := func() {
		r := &arrowRun{verdict: AsDrawn, at: p.now(), index: p.e.Index() - 1, supplied: supplied}
		if !up() {
			r.verdict, r.at, r.instead = Never, -1, who+" has no connection"
			if !c.Up() {
				r.instead = who + " is down"
			} else if a.Answer != nil {
				r.instead = "the session of " + who + " has not expired"
			} else if state(c) == client.Expired || p.closed(c.Session()) {
				r.instead = "the session of " + who + " has expired"
			}
		} else {
			r.omitted = p.between(began, r.at, who)
			r.verdict = lateIf(r.omitted)
		}
		p.judge(a, r)
	}
	renew := func() {
		var told string
		told = p.renew(t, who, func(bool) {
			supplied = append(supplied, told)
			began = action{at: p.now(), index: p.e.Index() - 1}
			judge()
		})
	}
	t.wait = &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool { return up() || over() },
		then: func() {
			if c.Up() && can && (over() || fresh && c.Connected()) {
				renew()
				return
			}
			judge()
		},
	}
}

// fault carries out the fault of a note.
func (p *player) fault(a *script.Act) {
	if p.pausedAgain(a) {
		p.judge(a, &arrowRun{verdict: Applied, at: p.now(), index: p.actions[len(p.actions)-1].index,
			whom: "paused already"})
		return
	}
	faults, whom, err := p.victims(a)
	r := &arrowRun{verdict: Applied, at: p.now(), index: p.act(a), whom: whom}
	for _, f := range faults {
		if err == nil {
			err = p.restart(f, r)
		}
	}
	if f := &a.Fault; f.Parts != "" {
		p.apart[f.Parts] = true
	} else if f.Fault.Kind == sim.FaultHeal {
		clear(p.apart)
	}
	var notHere *engine.NotHere
	if errors.As(err, &notHere) {
		p.judge(a, &arrowRun{verdict: Unplayed, at: -1, index: -1, instead: notHere.Why})
		return
	}
	if err != nil && !p.strict && len(faults) == 1 && p.again(faults[0]) {
		r.whom = "down already"
		p.judge(a, r)
		return
	}
	if err != nil && !p.strict {
		p.judge(a, &arrowRun{verdict: Unread, at: -1, index: -1,
			instead: strings.TrimPrefix(err.Error(), "0.000s ")})
		return
	}
	if err != nil {
		p.err = &diagram.Error{File: p.script.Doc.Name, Line: a.Pos.Line, Column: a.Pos.Column,
			Message: fmt.Sprintf("%s: %s (seed %#x, t=%s)", script.Clip(a.Text),
				strings.TrimPrefix(err.Error(), "0.000s "),
				p.seed, p.now().Seconds())}
		return
	}
	if f := &a.Fault; f.Fault.Kind == sim.FaultPause && len(f.Fault.Who) == 1 {
		p.actions[len(p.actions)-1].pauses = f.Fault.Who[0]
	}
	p.lasts(a, faults)
	p.judge(a, r)
}

// again reports whether a crash is that of a machine which is down: drawings tell a crash twice.
func (p *player) again(f sim.Fault) bool {
	return (f.Kind == sim.FaultCrash || f.Kind == sim.FaultPower) && len(f.Who) == 1 &&
		!p.up(f.Who[0])
}

// pausing reports whether a pause has to wait for the end of another pause of the same client. A
// strict document must not show such a pause.
func (p *player) pausing(a *script.Act) bool {
	f := &a.Fault.Fault
	if p.strict || f.Kind != sim.FaultPause || len(f.Who) != 1 || p.pausedAgain(a) {
		return false
	}
	return p.paused(f.Who[0])
}

// pausedAgain reports whether a pause without a length is the pause that the last action has begun,
// told again.
func (p *player) pausedAgain(a *script.Act) bool {
	f := &a.Fault
	return !p.strict && f.Fault.Kind == sim.FaultPause && f.Open && len(f.Fault.Who) == 1 &&
		len(p.actions) > 0 && p.actions[len(p.actions)-1].pauses == f.Fault.Who[0] &&
		p.paused(f.Fault.Who[0])
}

// paused reports whether a machine is a client that is up and paused.
func (p *player) paused(name string) bool {
	c := p.e.Actor(name)
	return c != nil && c.Up() && c.Paused()
}

// victims returns the faults and the names of their targets. Only the run knows the current leader,
// or which servers are down.
func (p *player) victims(a *script.Act) (faults []sim.Fault, whom string, err error) {
	f := a.Fault.Fault
	switch a.Fault.Target {
	case script.ByName:
		return []sim.Fault{f}, "", nil
	case script.AllDown:
		names := p.e.ServerNames()
		if len(a.Fault.Among) > 0 {
			names = a.Fault.Among
		}
		for _, name := range names {
			if !p.up(name) {
				faults = append(faults, sim.Fault{Kind: f.Kind, Who: []string{name}})
				whom += " " + name
			}
		}
		if whom == "" {
			whom = " nothing to restart: all servers are up"
		}
		return faults, whom[1:], nil
	case script.LeaderServer:
		whom = p.e.LeaderName()
	case script.FollowerServer:
		whom = p.e.FollowerName()
	case script.LeaderClient:
		whom = p.ownerAmong(a.Fault.Among, p.real(a.Fault.Path))
	}
	if whom == "" {
		return nil, "", fmt.Errorf("no server or client matched this note within %s: name a "+
			"server or a client",
			p.e.GiveUp())
	}
	if f.Kind == sim.FaultSplit {
		rest := slices.DeleteFunc(p.e.ServerNames(), func(name string) bool { return name == whom })
		return []sim.Fault{sim.Split([]string{whom}, rest)}, whom, nil
	}
	f.Who = []string{whom}
	return []sim.Fault{f}, whom, nil
}

// up reports whether the process of a client or a server is running.
func (p *player) up(name string) bool {
	if c := p.e.Actor(name); c != nil {
		return c.Up()
	}
	return p.e.Up(name)
}

// ownerAmong returns which of the clients owns the ephemeral node at path, or any ephemeral node if
// path is empty.
func (p *player) ownerAmong(names []string, path string) string {
	for _, name := range names {
		for _, owned := range p.e.Owned(name) {
			if path == "" || owned == path {
				return name
			}
		}
	}
	return ""
}
