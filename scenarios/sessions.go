package scenarios

import (
	"fmt"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// state returns the state of a client's session, as the client knows it.
func state(c engine.Actor) client.State {
	if list := c.States(); len(list) > 0 {
		return list[len(list)-1].State
	}
	return client.Connecting
}

// closed reports whether the ensemble has ended a session.
func (p *player) closed(session int64) bool {
	for i := range p.e.Closings() {
		if c := &p.e.Closings()[i]; c.Session == session && c.AppliedAt >= 0 {
			return true
		}
	}
	return false
}

// retries reports whether a client repeats a call that was lost with its connection. A plain client
// repeats a read if the drawing shows its answer. Of the libraries only Curator repeats calls, also
// writes.
func (p *player) retries(a *script.Act, o *engine.Op) bool {
	library := p.spec.Stage.Library
	if library != client.Plain {
		return library.Repeats() && o.Done() && o.Outcome != client.OK && (o.Code == tree.ConnectionLoss ||
			o.Code == tree.SessionExpired)
	}
	return !o.Op.Type.Writes() && o.Outcome == client.Failed && o.Code == tree.ConnectionLoss &&
		p.spec.Cast.Roles[a.To].Kind == script.RoleEnsemble && p.supplies(a.Expect) &&
		a.Answer != nil && p.supplies(a.Answer.Expect) &&
		a.Answer.Reply.Outcome != script.Unanswered
}

// renews reports whether a client whose session is over opens a new one for a call. It does not if
// the drawing shows that the call fails for this reason, or if an expect line says that the call
// differs.
func (p *player) renews(a *script.Act, o *engine.Op) bool {
	over := o.Outcome == client.NotSent && o.Code == tree.SessionExpired ||
		o.Code == tree.ConnectionLoss && o.AppliedAt < 0 && p.closed(o.Session)
	if !over || !p.supplies(a.Expect) || a.Answer != nil && (!p.supplies(
		a.Answer.Expect) || a.Answer.Reply.Code == tree.SessionExpired ||
		a.Answer.Reply.Outcome == script.Unanswered ||
		a.Answer.Reply.Outcome == script.WentWrong && a.Answer.Reply.Code == tree.OK) {
		return false
	}
	_, can := p.e.Actor(a.From).(engine.Renewer)
	return can && p.spec.Stage.Library == client.Plain
}

// renew opens a new session for a client, and calls a function when the client is connected. It
// returns a sentence about the supplied session.
func (p *player) renew(t *thread, who string, then func(ok bool)) (supplied string) {
	c := p.e.Actor(who)
	switch now := state(c); {
	case now == client.Expired, p.closed(c.Session()):
		supplied = fmt.Sprintf("the session of %s is over: %[1]s opens a new session", who)
	case now == client.Closed:
		supplied = fmt.Sprintf("%s closed its session earlier and opens a new session", who)
	default:
		supplied = fmt.Sprintf("%s opens a new session; the servers expire the old session when "+
			"its timeout has passed", who)
	}
	old := c.Session()
	c.(engine.Renewer).Renew()
	ready := func() bool { return c.Connected() && c.Session() != old }
	t.wait = &waiting{until: p.now() + p.e.GiveUp(), ready: ready, then: func() { then(ready()) }}
	return supplied
}

// wake waits until a client's pause is over.
func (p *player) wake(a *script.Act) *waiting {
	c := p.e.Actor(a.Wakes)
	over := func() bool { return !c.Paused() }
	return &waiting{until: p.now() + p.e.GiveUp(), ready: over, then: func() {
		r := &arrowRun{verdict: Applied, at: p.now(), index: p.act(a)}
		if !over() {
			r.verdict, r.at, r.instead = Never, -1, a.Wakes+" is still paused"
		}
		p.judge(a, r)
	}}
}

// restart restarts a client or a server. If it is running, it crashes first, which is reported.
func (p *player) restart(f sim.Fault, r *arrowRun) error {
	if f.Kind == sim.FaultRestart && len(f.Who) == 1 && p.up(f.Who[0]) {
		if err := p.e.Apply(sim.Crash(f.Who[0])); err != nil {
			return err
		}
		r.supplied = append(r.supplied, f.Who[0]+" is running, so it crashes before it restarts")
	}
	p.empty(f, r)
	return p.e.Apply(f)
}

// moves reports whether a client has to connect to another server for a call, because its last
// drawn call went to a different server.
func (p *player) moves(a *script.Act) (engine.Mover, bool) {
	if p.spec.Cast.Roles[a.To].Kind != script.RoleServer && !p.isServer(a.To) {
		return nil, false
	}
	last := p.drawnAt[a.From]
	p.drawnAt[a.From] = a.To
	m, can := p.e.Actor(a.From).(engine.Mover)
	return m, can && last != "" && last != a.To && m.Server() != a.To && p.up(a.To)
}

// lagWait is how long a client waits before it repeats a read at a server that lagged.
const lagWait = 100 * sim.Millisecond

// supplies reports whether the lab may add what makes a line come as drawn, although the drawing does
// not show it: a line that comes later comes after something that is not drawn. Without such lines,
// the author says what comes.
func (p *player) supplies(e diagram.Expect) bool {
	return e == diagram.Unsaid || e == diagram.Later && !p.strict
}

// lagged reports whether a read, with a drawn answer, was answered by a server that had not yet
// applied the changes drawn above. A drawing of calls to the ensemble knows no such server. If the
// author expects the stale answer, it is kept.
func (p *player) lagged(a *script.Act, o *engine.Op) bool {
	if p.emptied > 0 || o.Op.Type.Writes() || !o.Done() ||
		o.Outcome != client.OK && o.Code != tree.NoNode ||
		p.spec.Cast.Roles[a.To].Kind != script.RoleEnsemble || !p.supplies(a.Expect) ||
		len(p.changesMissed(o)) == 0 {
		return false
	}
	if a.Answer != nil {
		return p.supplies(a.Answer.Expect)
	}
	return a.Awaits && o.Code == tree.NoNode || a.Claims && len(a.Reply.Values) > 0 && !p.strict
}

// changesMissed returns the changes to the node of a read that were made before the read, but not
// yet applied by the server that answered.
func (p *player) changesMissed(o *engine.Op) (list []engine.Change) {
	all := p.e.Changes()
	for i := len(all) - 1; i >= 0 && int64(all[i].Zxid) > o.Zxid; i-- {
		c := all[i]
		parent, _, _ := tree.SplitPath(c.Path)
		if c.At <= o.CalledAt && (c.Path == o.Op.Path || parent == o.Op.Path) {
			list = append(list, c)
		}
	}
	slices.Reverse(list)
	return list
}

// lag describes a read at a server that lagged.
func (p *player) lag(o *engine.Op) Omitted {
	return Omitted{OmittedLag, lagWait, fmt.Sprintf("%s's server had not yet applied the change "+
		"to %s: the read at %s was repeated", o.Client, o.Op.Path, o.CalledAt.Seconds())}
}

// empty formats the disk of a server before its restart, if the disks of all voters have been
// wiped.
func (p *player) empty(f sim.Fault, r *arrowRun) {
	if p.sim == nil || len(f.Who) != 1 {
		return
	}
	who := f.Who[0]
	switch f.Kind {
	case sim.FaultWipe:
		p.wiped[who] = true
	case sim.FaultRestart:
		if len(p.wiped) < p.spec.Stage.Servers {
			delete(p.wiped, who)
			return
		}
		if p.sim.Empty(who); p.emptied == 0 {
			p.emptied = p.now()
			r.supplied = append(r.supplied, "every disk was wiped: the servers start an empty "+
				"ensemble, and everything committed is lost")
		}
	}
}

// lossChecks returns the checks of a run in which every disk was wiped. What was committed before
// is lost, so no property can span that moment.
func (p *player) lossChecks() []judge.Check {
	return []judge.Check{{Name: judge.CheckInvariants, Verdict: lin.Linearizable, Bad: true,
		Promised: true, Text: fmt.Sprintf("every invariant held until %s, when all disks were "+
			"wiped. What was committed before is lost, as on Apache ZooKeeper; other checks are "+
			"skipped",
			p.emptied.Seconds())}}
}
