package scenarios

import (
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
)

// supply creates the nodes that the drawings assume, one by one, before the first drawing begins.
func (p *player) supply(t *thread, list []script.Supply) {
	if len(list) == 0 || p.e.Actor(list[0].Client) == nil {
		p.startRecipes()
		return
	}
	s := list[0]
	op := tree.Op{Type: tree.OpCreate2, Path: s.Path, Data: []byte(s.Data), ACL: tree.OpenACL}
	p.ask(t, s.Client, op, func() { p.supply(t, list[1:]) })
}

// ask makes an undrawn call of a client, and waits for its answer. Such calls have negative tags.
func (p *player) ask(t *thread, who string, op tree.Op, then func()) {
	p.asked--
	tag, first := p.asked, len(p.e.Ops())
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
	p.ask(t, a.Watcher, p.realOp(a.Watch), func() {})
}
