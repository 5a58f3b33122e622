package scenarios

import (
	"slices"

	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
)

// supply makes the calls that the drawings assume, one after the other. Clients that cannot call
// now leave theirs out.
func (p *player) supply(t *thread, list []script.Supply, then func()) {
	for i, s := range list {
		if s.Lose != nil {
			p.traps = append(p.traps, trap{who: s.Lose.Denied.To, notice: s.Lose.Denied.Notice,
				from: len(p.e.Changes())})
			continue
		}
		if s.Fault != nil {
			f := *s.Fault
			f.Who = slices.Clone(f.Who)
			for k, who := range f.Who {
				f.Who[k] = p.role(who)
			}
			_ = p.e.Apply(f) // an engine that cannot cut loses nothing, which the verdict shows
			continue
		}
		if c := p.e.Actor(s.Client); c == nil || !c.Up() || !c.Connected() {
			continue
		}
		ask := func() {
			p.ask(t, s.Client, p.realOp(s.Op), s.Drawn, func() { p.supply(t, list[i+1:], then) })
		}
		if s.Op.Watch { // its server may not yet have applied what is drawn above
			p.ask(t, s.Client, tree.Op{Type: tree.OpSync, Path: "/"}, false, ask)
		} else {
			ask()
		}
		return
	}
	then()
}

// ask has a client make a call that is not drawn, and waits for its answer. Such calls have
// negative tags, unless the drawing shows their effect.
func (p *player) ask(t *thread, who string, op tree.Op, drawn bool, then func()) {
	p.asked--
	tag, first := p.asked, len(p.e.Ops())
	if drawn {
		p.tag++
		tag = p.tag
	}
	p.e.Actor(who).Do(op, tag)
	t.wait = &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			for _, o := range p.e.Ops()[first:] {
				if o.Client == who && o.Tag == tag {
					return o.Done()
				}
			}
			return false
		},
		then: then,
	}
}

// watch sets the watch that an answer or a remark mentions, if the client can.
func (p *player) watch(t *thread, a *script.Act) {
	c := p.e.Actor(a.Watcher)
	if a.Watcher == "" || c == nil || !c.Up() {
		return
	}
	p.ask(t, a.Watcher, p.realOp(*a.Watch), false, func() {})
}
