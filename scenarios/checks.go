package scenarios

import (
	"errors"
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/audit"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
)

// judgeRun makes every check of the run so far, except for liveness.
func (p *player) judgeRun(o *Options) (checks []judge.Check, verdicts []lin.Verdict) {
	if p.emptied > 0 && p.e.Err() == nil {
		return p.lossChecks(), nil
	}
	e := p.e
	inv := judge.Check{Name: judge.CheckInvariants, Verdict: lin.Linearizable,
		Text:     "nothing to check: real servers do not show their state",
		Promised: true, Idle: p.sim == nil}
	if p.sim != nil {
		inv.Text = fmt.Sprintf("every invariant of ZAB, disks, trees and sessions held after "+
			"each of the %d events", p.sim.World.Stats().Events)
	}
	if err := e.Err(); err != nil && !p.interrupted() {
		inv.Verdict, inv.Text = lin.Broken, err.Error()
		var v *audit.Violation
		if errors.As(err, &v) {
			inv.Breaches = []judge.Explained{{Called: v.At, Returned: -1, Seen: v.Text,
				Steps: []int64{v.Step}}}
		}
	}
	checks = append(checks, inv)
	h := e.History()
	options := judge.Options{LinearizableReads: o.LinearizableReads,
		QuorumSync: p.spec.Stage.QuorumSync}
	for _, m := range judge.Models(h, nil) {
		if m == lin.Election {
			options.Models = append(options.Models, m)
		}
	}
	options.Models = append([]lin.Model{lin.ZNode, lin.Register}, options.Models...)
	j, err := judge.Judge(h, p.record(), options)
	if err != nil {
		return append(checks, judge.Check{Name: judge.CheckWrites, Verdict: lin.Undecided,
			Text: err.Error(), Promised: true}), nil
	}
	p.run.figures = j.Figures
	return append(append(checks, j.Checks...), p.checkFencing()...), j.Verdicts
}

// record returns the operations of the run for the judges, including the writes to resources.
func (p *player) record() lin.Record {
	r := p.e.Record()
	for _, name := range p.spec.Cast.Order {
		res := p.resources[name]
		if res == nil {
			continue
		}
		for i := range res.answers {
			a := &res.answers[i]
			r.Accesses = append(r.Accesses, lin.Access{
				Client: lin.Client(a.client), Resource: name, Fenced: res.fenced, At: int64(a.at),
				Token: int64(a.token), Accepted: a.ok,
			})
		}
	}
	return r
}

// checkFencing checks whether a resource accepted a write with an older token than one that it had
// seen, which shows two leaders at once. A resource without fencing may do so: this is what the
// example teaches.
func (p *player) checkFencing() (list []judge.Check) {
	for _, name := range p.spec.Cast.Order {
		r := p.resources[name]
		if r == nil {
			continue
		}
		c := judge.Check{Name: judge.CheckFencing, Verdict: lin.Linearizable, Promised: r.fenced}
		stale := 0
		for i := range r.answers {
			a := &r.answers[i]
			if !a.stale || !a.ok {
				continue
			}
			if stale++; stale == 1 {
				c.Verdict, c.Bad = lin.Broken, !r.fenced
				c.Text = fmt.Sprintf("%s accepted a write by %s with token %v after token %v",
					name, a.client, a.token, a.newest)
			}
		}
		if stale == 0 {
			c.Text = fmt.Sprintf("%s accepted no write with an outdated token (writes that it answered: %d)",
				name, len(r.answers))
		}
		list = append(list, c)
	}
	return list
}

// checkLive heals every fault and waits until the ensemble has recovered. Then there is a leader,
// every server serves an equal tree, every operation is answered and the sessions of dead clients
// are over.
func checkLive(e engine.Engine, s *engine.Stage) judge.Check {
	c := judge.Check{Name: judge.CheckLive, Verdict: lin.Linearizable, Promised: true}
	if err := e.Heal(); err != nil {
		c.Verdict, c.Text = lin.Broken, err.Error()
		return c
	}
	began, bound := e.Now(), s.HealBound()
	ok := e.Run(began+bound, e.AtRest)
	switch {
	case !ok:
		c.Verdict, c.Text = lin.Broken, e.Err().Error()
		var v *audit.Violation
		if !errors.As(e.Err(), &v) {
			c.Text = "after healing: " + c.Text
		}
	case !e.AtRest():
		c.Verdict, c.Text = lin.Broken,
			fmt.Sprintf("%s after all faults were healed, the servers do not serve the same state",
				bound)
	default:
		c.Text = fmt.Sprintf("with all faults healed, all servers serve the same state after %s",
			(e.Now() - began).Brief())
	}
	return c
}
