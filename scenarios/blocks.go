package scenarios

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
)

// block begins a block: par, alt, opt, loop or seq.
func (p *player) block(t *thread, a *script.Act) {
	switch a.Block {
	case "par":
		first := len(p.e.Ops())
		for i := range a.Branches {
			t.kids = append(t.kids, &thread{acts: a.Branches[i].Acts, lanes: t.lanes.clone()})
		}
		kids := t.kids
		t.after = func() {
			base := len(t.lanes.drawn)
			for _, k := range kids {
				t.lanes.join(k.lanes, base)
			}
			if a.Race {
				p.winner(a, first)
			}
		}
	case "alt", "opt":
		t.wait = p.choose(t, a)
	default:
		var acts []*script.Act
		for range a.Times {
			acts = append(acts, a.Branches[0].Acts...)
		}
		if len(acts) > 0 {
			t.kids = []*thread{{acts: acts, lanes: t.lanes}}
		}
	}
}

// winner records which client won a race: the one whose write took effect first.
func (p *player) winner(a *script.Act, first int) {
	best := -1
	racers := 0
	for i := first; i < len(p.e.Ops()); i++ {
		o := p.e.Ops()[i]
		if !o.Op.Type.Writes() || !racesIn(a, o.Client) {
			continue
		}
		racers++
		if o.AppliedAt >= 0 && p.wentWell(o) &&
			(best < 0 || o.AppliedZ < p.e.Ops()[best].AppliedZ) {
			best = i
		}
	}
	if racers < 2 {
		return
	}
	name := Nobody
	if best >= 0 {
		name = p.e.Ops()[best].Client
	}
	p.run.winners = append(p.run.winners, fmt.Sprintf("%d %s", a.Pos.Line, name))
}

// wentWell reports whether a write took effect, even if it has no answer yet.
func (p *player) wentWell(o *engine.Op) bool {
	if o.Done() {
		return o.Outcome.String() == "ok"
	}
	for _, c := range p.e.Changes() {
		if c.Zxid == o.AppliedZ {
			return true
		}
	}
	return false
}

// racesIn reports whether a client makes a call in a branch of a par.
func racesIn(a *script.Act, client string) bool {
	for i := range a.Branches {
		for _, b := range a.Branches[i].Acts {
			if b.Kind == script.Call && b.From == client {
				return true
			}
		}
	}
	return false
}

// choose waits until the run shows which branch of an alt to play. The guard of a branch is the
// expectations at its beginning. A branch without a guard is played when no guard can be met. If no
// branch has a guard, the seed decides.
func (p *player) choose(t *thread, a *script.Act) *waiting {
	guards := make([][]expectation, len(a.Branches))
	guarded := 0
	for i := range a.Branches {
		guards[i] = p.guard(t, a.Branches[i].Acts)
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
			case guarded == 0 && a.Options: // what must happen, before its options
				i = 0
			case guarded == 0 && !p.strict && failing(a) >= 0:
				i = failing(a)
			case guarded == 0 && a.Block == "alt":
				i = p.e.Chance(fmt.Sprintf("alt %d", a.Number)).Intn(len(a.Branches))
			case guarded == 0:
				i = p.e.Chance(fmt.Sprintf("opt %d", a.Number)).Intn(2) - 1
			default:
				i = p.fallback(a, guards)
			}
			if i < 0 {
				p.run.branches = append(p.run.branches, fmt.Sprintf("%d not: %s", a.Pos.Line,
					a.Branches[0].Label))
				return
			}
			p.run.branches = append(p.run.branches, fmt.Sprintf("%d %s", a.Pos.Line,
				a.Branches[i].Label))
			for k := range a.Branches {
				if a.Options && k != i {
					p.skip(a.Branches[k].Acts)
				}
			}
			if len(a.Branches[i].Acts) > 0 {
				t.kids = []*thread{{acts: a.Branches[i].Acts, lanes: t.lanes}}
			}
		},
	}
}

// failing returns the only branch whose label is a fault, as in alt A fails: a drawing shows it
// because it happens. It returns -1 if there is no such branch, or several.
func failing(a *script.Act) (branch int) {
	branch = -1
	for i, b := range a.Branches {
		if len(b.Acts) == 0 || b.Acts[0].Kind != script.Fault || b.Acts[0].Text != b.Label {
			continue
		}
		if branch >= 0 {
			return -1
		}
		branch = i
	}
	return branch
}

// skip gives a verdict to the lines of an option that is not played.
func (p *player) skip(acts []*script.Act) {
	for _, a := range acts {
		switch {
		case a.Kind == script.Block:
			for i := range a.Branches {
				p.skip(a.Branches[i].Acts)
			}
		case p.run.arrows[a.ID] == nil:
			p.judge(a, &arrowRun{verdict: Remark, at: -1, index: -1,
				supplied: []string{"not played, because another option of the block is played"}})
		}
	}
}

// fallback returns the branch to play when no guard is met: a branch without a guard or, if every
// branch has one, the last branch, whose arrows then say what happened instead. An opt is skipped.
func (p *player) fallback(a *script.Act, guards [][]expectation) int {
	for i := range guards {
		if len(guards[i]) == 0 {
			return i
		}
	}
	if a.Block == "opt" {
		return -1
	}
	return len(guards) - 1
}

// guard returns the expectations at the beginning of a branch, without using up any call or event
// for them.
func (p *player) guard(t *thread, acts []*script.Act) (group []expectation) {
	left := make(map[string][]int)
	for _, a := range acts {
		switch a.Kind {
		case script.Remark, script.Unread:
			continue
		case script.Reply:
			list, ok := left[a.To]
			if !ok {
				list = p.unclaimed[a.To]
			}
			x := p.expectation(t, a)
			if n := p.suiting(a, list); n >= 0 {
				x.op = list[n]
				list = slices.Delete(slices.Clone(list), n, n+1)
			}
			left[a.To] = list
			group = append(group, x)
		case script.Event, script.Happening, script.Packet:
			group = append(group, p.expectation(t, a))
		default:
			return group
		}
	}
	return group
}

// holds reports whether every expectation of a guard is met.
func (p *player) holds(guard []expectation) bool {
	all, missing := p.lookFor(guard, false)
	if missing > 0 {
		return false
	}
	for i := range all {
		if !p.isDrawn(&guard[i], &all[i]) {
			return false
		}
	}
	return true
}

// fails reports whether an expectation of a guard can no longer be met.
func (p *player) fails(guard []expectation) bool {
	all, _ := p.lookFor(guard, false)
	for i := range all {
		if all[i].ok && !p.isDrawn(&guard[i], &all[i]) || p.hopeless(&guard[i]) {
			return true
		}
	}
	return false
}

// isDrawn reports whether the event found for an expectation agrees with the drawing.
func (p *player) isDrawn(x *expectation, f *found) bool {
	if f.wrong != "" {
		return false
	}
	return f.op < 0 || p.agrees(x.a, p.e.Ops()[f.op])
}
