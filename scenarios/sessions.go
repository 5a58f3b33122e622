package scenarios

import (
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// state is the last state of a client's session that the client knows of.
func state(c engine.Actor) client.State {
	if list := c.States(); len(list) > 0 {
		return list[len(list)-1].State
	}
	return client.Connecting
}

// closed says that the ensemble has ended a session.
func (p *player) closed(session int64) bool {
	for i := range p.e.Closings() {
		if c := &p.e.Closings()[i]; c.Session == session && c.AppliedAt >= 0 {
			return true
		}
	}
	return false
}

// retries says that a read was lost with its connection, where the drawing shows its answer: clients
// ask again. Of the libraries, only Curator does, and for writes too.
func (p *player) retries(a *script.Act, o *engine.Op) bool {
	library := p.spec.Stage.Library
	if library != client.Plain {
		return library.Repeats() && o.Done() && o.Outcome != client.OK && (o.Code == tree.ConnectionLoss ||
			o.Code == tree.SessionExpired)
	}
	return !o.Op.Type.Writes() && o.Outcome == client.Failed && o.Code == tree.ConnectionLoss &&
		p.spec.Cast.Roles[a.To].Kind == script.RoleEnsemble && a.Expect == diagram.Unsaid &&
		a.Answer != nil && a.Answer.Expect == diagram.Unsaid &&
		a.Answer.Reply.Outcome != script.Unanswered
}

// renews says whether a client that has learnt of the end of its session opens a new one for a
// call. It does not where the drawing shows that the call fails for this reason, or where the
// author expects anything else than what is drawn.
func (p *player) renews(a *script.Act, o *engine.Op) bool {
	over := o.Outcome == client.NotSent && o.Code == tree.SessionExpired ||
		o.Code == tree.ConnectionLoss && o.AppliedAt < 0 && p.closed(o.Session)
	if !over || a.Expect != diagram.Unsaid || a.Answer != nil && (a.Answer.Expect !=
		diagram.Unsaid || a.Answer.Reply.Code == tree.SessionExpired ||
		a.Answer.Reply.Outcome == script.Unanswered ||
		a.Answer.Reply.Outcome == script.WentWrong && a.Answer.Reply.Code == tree.OK) {
		return false
	}
	_, can := p.e.Actor(a.From).(engine.Renewer)
	return can && p.spec.Stage.Library == client.Plain
}

// renew opens a new session for a client, and goes on when it is connected. What was supplied is
// returned.
func (p *player) renew(t *thread, who string, then func(ok bool)) (supplied string) {
	c := p.e.Actor(who)
	supplied = who + " opens a new session"
	switch now := state(c); {
	case now == client.Expired, p.closed(c.Session()):
		supplied = fmt.Sprintf("the session of %s is over: %[1]s opens a new one", who)
	case now == client.Closed:
		supplied = fmt.Sprintf("%s had closed its session, and opens a new one", who)
	default:
		supplied += ": the old one continues until its timeout"
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
			r.verdict, r.at, r.instead = Never, -1, "the pause of "+a.Wakes+" goes on"
		}
		p.judge(a, r)
	}}
}

// restart restarts a client or a server. One that runs is killed first, which is reported.
func (p *player) restart(f sim.Fault, r *arrowRun) error {
	if f.Kind == sim.FaultRestart && len(f.Who) == 1 && p.up(f.Who[0]) {
		if err := p.e.Apply(sim.Crash(f.Who[0])); err != nil {
			return err
		}
		r.supplied = append(r.supplied, f.Who[0]+" was running, and is killed first")
	}
	p.empty(f, r)
	return p.e.Apply(f)
}

// moves says whether a call goes to another server than the one its client is connected to, and was
// drawn to be: then the client moves there.
func (p *player) moves(a *script.Act) (engine.Mover, bool) {
	if p.spec.Cast.Roles[a.To].Kind != script.RoleServer {
		return nil, false
	}
	last := p.drawnAt[a.From]
	p.drawnAt[a.From] = a.To
	m, can := p.e.Actor(a.From).(engine.Mover)
	return m, can && last != "" && last != a.To && m.Server() != a.To && p.up(a.To)
}

// lagWait is how long a client waits before it asks a server again that had not caught up.
const lagWait = 100 * sim.Millisecond

// lagged says that a read whose answer is drawn was answered by a server that had not applied yet
// what is drawn above it. Paper has no such
// server, where an arrow goes to the ensemble. Where the author expects it, it stays.
func (p *player) lagged(a *script.Act, o *engine.Op) bool {
	if p.emptied > 0 || o.Op.Type.Writes() || !o.Done() ||
		o.Outcome != client.OK && o.Code != tree.NoNode ||
		p.spec.Cast.Roles[a.To].Kind != script.RoleEnsemble || a.Expect != diagram.Unsaid ||
		len(p.changesMissed(o)) == 0 {
		return false
	}
	if a.Answer != nil {
		return a.Answer.Expect == diagram.Unsaid
	}
	return a.Awaits && o.Code == tree.NoNode
}

// changesMissed are the changes of a read's node that were made before the read, and that the
// server which answered it had not applied.
func (p *player) changesMissed(o *engine.Op) (list []engine.Change) {
	for _, c := range p.e.Changes() {
		parent, _, _ := tree.SplitPath(c.Path)
		if int64(c.Zxid) > o.Zxid && c.At <= o.CalledAt && (c.Path == o.Op.Path ||
			parent == o.Op.Path) {
			list = append(list, c)
		}
	}
	return list
}

// lag describes such a server.
func (p *player) lag(o *engine.Op) Omitted {
	return Omitted{OmittedLag, lagWait, fmt.Sprintf("%s's server had not yet applied the change "+
		"to %s: the read of %s was repeated", o.Client, o.Op.Path, o.CalledAt.Seconds())}
}

// empty formats a server's disk before its restart, if the drawing has wiped the disks of all
// voters.
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

// lossChecks are the checks of a run in which every disk was wiped: what was committed before that
// is lost, so nothing can hold across it.
func (p *player) lossChecks() []judge.Check {
	return []judge.Check{{Name: judge.CheckInvariants, Verdict: lin.Linearizable, Bad: true,
		Promised: true, Text: fmt.Sprintf("held until %s, when every disk was wiped: everything "+
			"committed before is lost, as on Apache ZooKeeper, and no check spans the loss",
			p.emptied.Seconds())}}
}
