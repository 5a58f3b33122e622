package scenarios

import (
	"cmp"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// trap is a notification that the drawing shows as lost. When a change fires its watch, the links
// to its client are cut.
type trap struct {
	who    string
	notice script.Notice
	from   int // the first change that counts
}

// sprung returns the index of the first trap whose watch has fired, or -1.
func (p *player) sprung() int {
	for i := range p.traps {
		t := &p.traps[i]
		for list := p.e.Changes(); t.from < len(list); t.from++ {
			if p.notifies(&t.notice, &list[t.from]) {
				return i
			}
		}
	}
	return -1
}

// spring cuts the links to the clients whose notifications are lost, and breaks their connections:
// what is on its way is lost.
func (p *player) spring() {
	for i := p.sprung(); i >= 0; i = p.sprung() {
		who := p.traps[i].who
		p.traps = append(p.traps[:i:i], p.traps[i+1:]...)
		for _, server := range p.e.ServerNames() {
			// An engine that cannot cut loses nothing, which the verdict shows.
			_ = p.e.Apply(sim.Cut(server, who))
			_ = p.e.Apply(sim.Reset(server, who))
		}
	}
}

// notifies reports whether a change is one that a notification may report.
func (p *player) notifies(n *script.Notice, c *engine.Change) bool {
	path, parent := p.real(n.Path), ""
	if at, _, ok := tree.SplitPath(c.Path); ok {
		parent = at
	}
	child := c.Event != tree.NodeDataChanged && (n.Event == 0 || n.Event == tree.NodeChildrenChanged) &&
		(path == "" || path == parent)
	return child || (n.Event == 0 || n.Event == c.Event) && (path == "" || path == c.Path)
}

// nothingLost says why no notification could be lost: the client had no watch, or nothing fired the
// watch. It is empty if a watch has fired.
func (p *player) nothingLost(x *absence) string {
	d := x.a.Denied
	watcher := d.To
	for _, o := range p.e.Ops() {
		if o.Client != watcher || !o.Op.Watch || o.RetIndex < 0 {
			continue
		}
		n := d.Notice
		n.Path = cmp.Or(n.Path, o.Op.Path)
		if c := p.fires(o, &n); c != nil && p.notifies(&n, c) && !x.ends(c.At, c.Index) {
			return ""
		}
	}
	set := p.watchOf(watcher, "")
	if set == nil {
		return watcher + " had set no watch, so there was no notification to lose"
	}
	return "there was no notification to lose: " + p.whyNoChange(cmp.Or(p.real(d.Notice.Path), set.Op.Path),
		d.Notice.Event)
}

// fires returns the change that fired the watch that a call has set: the first after its answer, or
// for a persistent watch the first that a notification may report; nil if there is none.
func (p *player) fires(o *engine.Op, n *script.Notice) *engine.Change {
	for i := range p.e.Changes() {
		c := &p.e.Changes()[i]
		parent, _, _ := tree.SplitPath(c.Path)
		child := o.Op.Type == tree.OpGetChildren2 && parent == o.Op.Path &&
			c.Event != tree.NodeDataChanged
		if o.Op.Type == tree.OpAddWatch && !p.notifies(n, c) {
			continue
		}
		if o.Op.WatchMode == tree.WatchPersistentRecursive && strings.HasPrefix(c.Path, o.Op.Path+"/") {
			child = true
		}
		here := c.Path == o.Op.Path && (o.Op.Type != tree.OpGetChildren2 ||
			c.Event == tree.NodeDeleted)
		if int64(c.Zxid) > o.Zxid && (child || here) {
			return c
		}
	}
	return nil
}
