package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// Check is one thing that was checked, and what came out.
type Check struct {
	Name    string     `json:"name"`
	Verdict lin.Answer `json:"verdict"`
	Text    string     `json:"text,omitempty"`
	// Promised is false for what ZooKeeper does not promise: there, broken is a lesson and no fault.
	Promised bool `json:"promised"`
}

// checkLimit is how much wall time porcupine may take for one history. Past it the verdict is
// undecided, never ok.
const checkLimit = 20 * time.Second

// The checks, by name.
const (
	CheckInvariants = "invariants"
	CheckWrites     = "linearizable-writes"
	CheckRegister   = "linearizable-reads"
	CheckSessions   = "session-order"
	CheckLive       = "live-after-healing"
	CheckFencing    = "no-stale-writes"
	CheckAgree      = "judges-agree"
	CheckWitness    = "witness" // the second judge's, each with its own name behind a slash
)

// judgeRun checks what has happened in a world so far.
func judgeRun(e *ensemble.Ensemble, o *Options) (checks []Check, writes lin.Verdict) {
	inv := Check{CheckInvariants, lin.Linearizable, fmt.Sprintf("every truth about ZAB, disks, trees and sessions held at all %d events", e.World.Stats().Events), true}
	if err := e.Err(); err != nil {
		inv.Verdict, inv.Text = lin.Broken, err.Error()
	}
	checks = append(checks, inv)
	h := e.History()
	for _, m := range []struct {
		name     string
		options  lin.Options
		promised bool
		ok       string
	}{
		{CheckWrites, lin.Options{Model: lin.ZNode}, true, "porcupine found one order of %d operations that explains every answer to a write"},
		{CheckRegister, lin.Options{Model: lin.Register}, o.LinearizableReads, "reads too, which ZooKeeper does not promise: %d operations, and no stale read"},
	} {
		m.options.Timeout = checkLimit
		v, err := lin.Check(h, m.options)
		c := Check{m.name, v.Result, fmt.Sprintf(m.ok, len(h)), m.promised}
		switch {
		case err != nil:
			c.Verdict, c.Text = lin.Undecided, err.Error()
		case v.Result == lin.Broken:
			c.Text = "no order explains the answer to: "
			for n, i := range v.Blame {
				if n > 0 {
					c.Text += "; "
				}
				c.Text += h[i].String()
			}
			if !m.promised {
				c.Text = "a stale read, which ZooKeeper allows: " + c.Text
			}
		case v.Result == lin.Undecided:
			c.Text = fmt.Sprintf("not decided within %s", checkLimit)
		}
		if m.name == CheckWrites {
			writes = v
		}
		checks = append(checks, c)
	}
	s := Check{CheckSessions, lin.Linearizable, "no session ever went back in time", true}
	if b := lin.SessionOrder(h); len(b) > 0 {
		s.Verdict, s.Text = lin.Broken, b[0].Text
	}
	return append(checks, s), writes
}

// witnessChecks are the verdicts of the second judge, which believes the zxids.
func (p *player) witnessChecks(o *Options) (list []Check) {
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
	report, err := witness.Judge(r, witness.Options{
		QuorumSync: p.spec.stage.QuorumSync, Linearizable: o.LinearizableReads,
	})
	if err != nil {
		return []Check{{CheckWitness, lin.Undecided, err.Error(), true}}
	}
	for i := range report.Verdicts {
		v := &report.Verdicts[i]
		list = append(list, Check{CheckWitness + "/" + v.Check, v.Result, v.Text, true})
	}
	return list
}

// judgesAgree is broken if porcupine, which may choose the order of writes, finds none where the
// witness, which is told the order, has no complaint: then one of the two is wrong.
func judgesAgree(checks []Check) Check {
	c := Check{CheckAgree, lin.Linearizable, "the two judges, who share no code, agree", true}
	porcupine, complaint := false, false
	for _, k := range checks {
		porcupine = porcupine || k.Name == CheckWrites && k.Verdict == lin.Broken
		complaint = complaint || strings.HasPrefix(k.Name, CheckWitness+"/") && k.Verdict != lin.Linearizable
	}
	if porcupine && !complaint {
		c.Verdict, c.Text = lin.Broken, "porcupine finds no order of the writes, and the witness has no complaint: one of them is wrong"
	}
	return c
}

// checkFencing says whether a resource took a write with a token older than one that it had seen:
// the mark of two who lead at once. One that is not fenced may, and that is the lesson.
func (p *player) checkFencing() (list []Check) {
	for _, name := range p.spec.cast.order {
		r := p.resources[name]
		if r == nil {
			continue
		}
		c := Check{CheckFencing, lin.Linearizable, "", r.fenced}
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
func checkLive(e *ensemble.Ensemble) Check {
	c := Check{CheckLive, lin.Linearizable, "", true}
	if err := e.Heal(); err != nil {
		c.Verdict, c.Text = lin.Broken, err.Error()
		return c
	}
	began, bound := e.World.Now(), healBound(e.Config())
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
		c.Text = fmt.Sprintf("with everything healed, all serve the same state after %s", (e.World.Now() - began).Brief())
	}
	return c
}
