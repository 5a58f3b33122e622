package scenarios

import (
	"errors"
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// judgeRun checks what has happened in a world so far.
func (p *player) judgeRun(o *Options) (checks []Check, verdicts []lin.Verdict) {
	e := p.e
	inv := Check{CheckInvariants, lin.Linearizable, "nothing to check: nobody can look into these servers", true, nil, ""}
	if p.sim != nil {
		inv.Text = fmt.Sprintf("every truth about ZAB, disks, trees and sessions held at all %d events", p.sim.World.Stats().Events)
	}
	if err := e.Err(); err != nil && !p.interrupted() {
		inv.Verdict, inv.Text = lin.Broken, err.Error()
		var v *ensemble.Violation
		if errors.As(err, &v) {
			inv.Breaches = []Breach{{Called: v.At, Returned: -1, Seen: v.Text, steps: []int64{v.Step}}}
		}
	}
	checks = append(checks, inv)
	h := e.History()
	options := JudgeOptions{LinearizableReads: o.LinearizableReads, QuorumSync: p.spec.stage.QuorumSync}
	for _, m := range fitting(h, nil) {
		if m == lin.Election {
			options.Models = append(options.Models, m)
		}
	}
	options.Models = append([]lin.Model{lin.ZNode, lin.Register}, options.Models...)
	j, err := Judge(h, p.record(), options)
	if err != nil {
		return append(checks, Check{CheckWrites, lin.Undecided, err.Error(), true, nil, ""}), nil
	}
	p.run.figures = j.Figures
	return append(append(checks, j.Checks...), p.checkFencing()...), j.Verdicts
}

// record is the run's, with what the resources outside saw.
func (p *player) record() lin.Record {
	r := p.e.Record()
	for _, name := range p.spec.cast.order {
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

// checkFencing says whether a resource took a write with a token older than one that it had seen:
// the mark of two who lead at once. One that is not fenced may, and that is the lesson.
func (p *player) checkFencing() (list []Check) {
	for _, name := range p.spec.cast.order {
		r := p.resources[name]
		if r == nil {
			continue
		}
		c := Check{CheckFencing, lin.Linearizable, "", r.fenced, nil, ""}
		stale := 0
		for i := range r.answers {
			a := &r.answers[i]
			if !a.stale || !a.ok {
				continue
			}
			if stale++; stale == 1 {
				c.Verdict = lin.Broken
				c.Text = fmt.Sprintf("%s took a write of %s with token %v although %v had been there before",
					name, a.client, a.token, a.newest)
			}
		}
		if stale == 0 {
			c.Text = fmt.Sprintf("%s took no write from the past, out of %d", name, len(r.answers))
		}
		list = append(list, c)
	}
	return list
}

// healBound is how long a healed ensemble may take to be at rest: an election may have backed off
// to a minute, and a synchronisation may fail once (ZAB.md B.5).
func healBound(c ensemble.Config) sim.Time {
	return 60*sim.Second + 2*sim.Time(c.InitLimit+c.SyncLimit)*c.Tick + 2*c.SessionTimeout
}

// checkLive heals everything and wants a leader, everybody in broadcast with equal trees, every
// operation answered and the sessions of the dead over (ZAB.md B.5).
func checkLive(e engine.Engine, s *Stage) Check {
	c := Check{CheckLive, lin.Linearizable, "", true, nil, ""}
	if err := e.Heal(); err != nil {
		c.Verdict, c.Text = lin.Broken, err.Error()
		return c
	}
	began, bound := e.Now(), healBound(s.config(0))
	ok := e.Run(began+bound, e.AtRest)
	switch {
	case !ok:
		c.Verdict, c.Text = lin.Broken, e.Err().Error()
		var v *ensemble.Violation
		if !errors.As(e.Err(), &v) {
			c.Text = "after healing: " + c.Text
		}
	case !e.AtRest():
		c.Verdict, c.Text = lin.Broken, fmt.Sprintf("%s after everything was healed the servers do not serve the same", bound)
	default:
		c.Text = fmt.Sprintf("with everything healed, all serve the same state after %s", (e.Now() - began).Brief())
	}
	return c
}
