package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// whyNoEvent returns the reason why a notification never came.
func (p *player) whyNoEvent(a *script.Act) string {
	c, who := p.e.Actor(a.To), a.To
	if !c.Up() {
		return who + " is down"
	}
	path := p.real(a.Notice.Path)
	set := p.watchOf(who, path)
	at, call, ensemble := path, "watch "+path, a.From
	if path == "" {
		at = p.lastPath(who)
		call = "watch " + at
	}
	if a.Notice.Event == tree.NodeChildrenChanged {
		call = "children " + at + " (watch)"
	}
	switch {
	case set == nil && at == "":
		return who + " had set no watch"
	case set == nil:
		return fmt.Sprintf("%s had set no watch on %s: add \"%s->>%s: %s\"", who, at, who, ensemble,
			call)
	case set.Session != 0 && set.Session != c.Session():
		return fmt.Sprintf("the watch of %s on %s ended with its session: add "+
			"\"%[1]s->>%[3]s: %[4]s\"", who, set.Op.Path, ensemble, call)
	case p.forgot(c, set):
		return fmt.Sprintf("%s forgets its watches when a connection breaks: add \"%s->>%s: %s\"",
			p.spec.Stage.Library, who, ensemble, call)
	case !c.Connected():
		return who + " has no connection"
	}
	for _, e := range c.Events() {
		if e.At >= set.ReturnedAt && e.Event.Path == set.Op.Path && !e.Persistent {
			return fmt.Sprintf("the watch on %s fired at %s, and a watch fires only once: add "+
				"\"%s->>%s: watch %s\"", set.Op.Path, e.At.Seconds(), who, ensemble, set.Op.Path)
		}
	}
	return p.whyNoChange(set.Op.Path, a.Notice.Event)
}

// forgot reports whether a client's library has forgotten the watch that a call set, because the
// connection broke.
func (p *player) forgot(c engine.Actor, set *engine.Op) bool {
	return p.spec.Stage.Library.Forgets() && slices.ContainsFunc(c.States(),
		func(s engine.StateChange) bool {
			return s.State == client.Disconnected && s.At >= set.ReturnedAt
		})
}

// watchOf returns a client's last call that set a watch on the node at path, or on any node if path
// is empty.
func (p *player) watchOf(who, path string) *engine.Op {
	for i := len(p.e.Ops()) - 1; i >= 0; i-- {
		o := p.e.Ops()[i]
		set := o.Outcome == client.OK || o.Op.Type == tree.OpExists && o.Code == tree.NoNode
		if o.Client == who && o.Op.Watch && set && (path == "" || o.Op.Path == path) {
			return o
		}
	}
	return nil
}

// lastPath returns the path in a client's last call.
func (p *player) lastPath(who string) string {
	for i := len(p.e.Ops()) - 1; i >= 0; i-- {
		if o := p.e.Ops()[i]; o.Client == who && o.Op.Path != "" {
			return o.Op.Path
		}
	}
	return ""
}

// whyNoChange returns the reason why an expected change of a node did not happen.
func (p *player) whyNoChange(path string, event tree.EventType) string {
	exists, known := false, false
	for _, c := range p.e.Changes() {
		if c.Path == path {
			known = true
			exists = c.Event != tree.NodeDeleted
		}
	}
	owner := ""
	for _, c := range p.e.Actors() {
		for _, owned := range p.e.Owned(c.Who()) {
			if owned == path {
				owner = c.Who()
			}
		}
	}
	switch {
	case event == tree.NodeDeleted && exists && owner != "":
		return fmt.Sprintf("%s still exists, because it is an ephemeral node of %s, whose session is "+
			"alive", path, owner)
	case event == tree.NodeDeleted && exists:
		return path + " still exists, because no client deleted it"
	case event == tree.NodeDeleted && known:
		return path + " was already deleted"
	case event == tree.NodeDeleted:
		return path + " never existed, because no client created it"
	case event == tree.NodeCreated && exists:
		return path + " already existed"
	case event == tree.NodeCreated:
		return "no client created " + path
	case event == tree.NodeDataChanged:
		return "no client changed the data of " + path
	case event == tree.NodeChildrenChanged:
		return "no child of " + path + " was created or deleted"
	}
	return "nothing happened to " + path
}

// whyNothing returns the reason why an expected event at the servers never happened.
func (p *player) whyNothing(h *script.Occurrence) string {
	within := " within " + p.e.GiveUp().String()
	switch h.What {
	case script.NodeDeleted:
		return p.whyNoChange(p.real(h.Path), tree.NodeDeleted)
	case script.NodeCreated:
		return p.whyNoChange(p.real(h.Path), tree.NodeCreated)
	case script.SessionOver:
		if h.Client != "" {
			return "the session of " + h.Client + " did not end" + within
		}
		return "no session ended" + within
	case script.LearnsLoss, script.LearnsExpiry, script.LearnsConnection:
		return p.whyNotLearnt(h)
	case script.BeginsToLead, script.StopsLeading:
		return p.whyNoBelief(h) + within
	}
	if down := p.downServers(); 2*len(down) >= p.spec.Stage.Servers {
		return "no quorum, because these servers are down: " + strings.Join(down, ", ")
	}
	leader := p.e.LeaderName()
	switch {
	case h.What == script.LeaderElected && leader != "":
		return leader + " leads, and no later leader was elected"
	case h.What == script.BecomesLeader && leader == h.Server && leader != "":
		return leader + " led already before this line, and no later leader was elected"
	case h.What == script.BecomesLeader && leader != "":
		return leader + " leads"
	case leader == "":
		return "no leader was elected" + within
	}
	return "not" + within + ": " + leader + " leads"
}

func (p *player) downServers() (down []string) {
	for _, name := range p.e.ServerNames() {
		if !p.up(name) {
			down = append(down, name)
		}
	}
	return down
}
