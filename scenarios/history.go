package scenarios

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// If a drawing shows an election among servers with different histories, an earlier leader must
// have made writes, and some servers must have fallen behind. The lab plays this before the drawing
// begins, so that the servers have on their disks what they vote with.

// historian is the client that makes the writes before the drawing begins.
const historian = "Before"

// foretime plays the time before a drawing. It returns false if the run failed.
func (p *player) foretime() bool {
	list := p.spec.History
	if len(list) == 0 || p.sim == nil {
		return true
	}
	leader := script.Leads(list)
	if !p.e.Run(p.now()+sim.Millisecond, func() bool { return false }) { // the servers start
		return p.failed()
	}
	for i, h := range list {
		if i+1 > leader || h.Counter == 0 {
			p.apply(sim.Crash(h.Server))
		}
	}
	ok := p.runUntil(p.e.Serves)
	for i, h := range list {
		if i+1 > leader && h.Counter > 0 {
			p.apply(sim.Restart(h.Server))
		}
	}
	c, err := p.e.AddActor(historian, leader, 0)
	if err != nil {
		p.err = err
		return false
	}
	ok = ok && p.runUntil(p.e.Serves)
	c.Start()
	ok = ok && p.runUntil(c.Connected) && p.writeHistory(list, leader)
	p.apply(sim.Crash(historian))
	for _, name := range p.e.ServerNames() {
		if p.up(name) {
			p.apply(sim.Crash(name))
		}
	}
	p.apply(sim.Heal())
	for _, name := range p.e.ServerNames() {
		p.apply(sim.Restart(name))
	}
	p.actions = append(p.actions, action{at: p.now(), index: p.e.Index() - 1})
	p.run.began = p.now()
	return ok
}

// writeHistory makes writes until the leader's history is as long as the longest. The link from the
// leader to a server with a shorter history is cut when that server has its history.
func (p *player) writeHistory(list []script.History, leader int) bool {
	lead := list[leader-1]
	each := apart(list, lead.Counter)
	for n := uint32(2); n <= lead.Counter+1; n++ {
		for _, h := range list {
			if h.Counter+1 == n && h.Counter < lead.Counter {
				p.apply(sim.Cut(lead.Server, h.Server))
			}
		}
		if n > lead.Counter {
			break
		}
		p.asked--
		op := tree.Op{Type: tree.OpCreate2, Path: fmt.Sprintf("/before-%d", n), ACL: tree.OpenACL}
		p.e.Actor(historian).Do(op, p.asked)
		limit := p.now() + each // time for the write, with or without a quorum
		if !p.e.Run(limit, func() bool { return false }) {
			return p.failed()
		}
	}
	return true
}

// apart is the time between two writes: 200 ms, or less if the leader makes many writes without a
// quorum, because it must make them before it gives up.
func apart(list []script.History, most uint32) sim.Time {
	counters := make([]uint32, len(list))
	for i, h := range list {
		counters[i] = h.Counter
	}
	slices.Sort(counters)
	alone := sim.Time(most - counters[len(counters)-(len(counters)/2+1)])
	return min(200*sim.Millisecond, 2*sim.Second/max(1, alone))
}

// runUntil lets time pass until something is so, within reason.
func (p *player) runUntil(is func() bool) bool {
	if !p.e.Run(p.now()+script.Longest, is) {
		return p.failed()
	}
	return true
}

// failed notes that the run has failed.
func (p *player) failed() bool {
	if p.cut = p.interrupted(); !p.cut {
		p.run.failure = p.e.Err()
	}
	return false
}

func (p *player) apply(f sim.Fault) {
	if err := p.e.Apply(f); err != nil && p.err == nil && !slices.Contains(
		[]sim.FaultKind{sim.FaultHeal}, f.Kind) {
		p.err = err
	}
}
