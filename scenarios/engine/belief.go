package engine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Leadership is the role that a recipe believes in, whatever its path.
const Leadership = "leadership"

// beliefs are the spans in which clients took themselves for the holder of an office. A program that
// has told ([client.Proc.Believe]) is believed. Of others it is concluded as the tutorials have it:
// whoever is told that its ephemeral node is made holds the office of that path; whoever sees that
// its numbered node is the first of its parent's holds the parent's. It goes on believing, paused
// and cut off as it may be, until it hears otherwise: an event or an answer that the node is gone or
// another's, the end of its session; or until it gives the node up, or dies.
func (a *Account) beliefs() (list []lin.Belief) {
	for i := range a.Heard {
		if c := &a.Heard[i]; len(c.Beliefs) > 0 {
			list = append(list, c.told()...)
		} else {
			list = append(list, c.concluded(a.Ops)...)
		}
	}
	for i := range list {
		list[i].To = min(list[i].To, int64(a.Now))
	}
	return list
}

// told are the beliefs that a client's programs have told of.
func (c *Heard) told() (list []lin.Belief) {
	marks := slices.Clone(c.Beliefs)
	for _, d := range c.Deaths {
		marks = append(marks, Belief{false, d.At, d.Index})
	}
	slices.SortStableFunc(marks, func(a, b Belief) int { return cmp.Compare(a.Index, b.Index) })
	leads := false
	for _, m := range marks {
		switch {
		case m.Leads && !leads:
			list = append(list, lin.Belief{
				Client: lin.Client(c.Client), Role: Leadership, From: int64(m.At), To: lin.Infinity,
			})
		case !m.Leads && leads:
			list[len(list)-1].To = int64(m.At)
		}
		leads = m.Leads
	}
	return list
}

// news is something that a client learns, or does, and what it means for its offices.
type news struct {
	at    sim.Time
	index int64
	op    *Op          // called, or answered if answer is true
	event *Notice      // or a watch event
	state *StateChange // or how it stands with its session
	reply bool         // the op is answered
}

// concluding follows what one client believes.
type concluding struct {
	c     *Heard
	list  []lin.Belief
	holds map[string]int   // by role: which belief in the list is open
	nodes map[string]int64 // own ephemeral nodes that it knows of, by path: of which session
}

func (c *Heard) concluded(ops []*Op) []lin.Belief {
	var all []news
	for _, o := range ops {
		if o.Client != c.Client {
			continue
		}
		all = append(all, news{at: o.CalledAt, index: o.CallIndex, op: o})
		if o.RetIndex >= 0 {
			all = append(all, news{at: o.ReturnedAt, index: o.RetIndex, op: o, reply: true})
		}
	}
	for i := range c.Events {
		all = append(all, news{at: c.Events[i].At, index: c.Events[i].Index, event: &c.Events[i]})
	}
	for i := range c.States {
		all = append(all, news{at: c.States[i].At, index: c.States[i].Index, state: &c.States[i]})
	}
	for i := range c.Deaths {
		all = append(all, news{at: c.Deaths[i].At, index: c.Deaths[i].Index, state: &c.Deaths[i]})
	}
	slices.SortStableFunc(all, func(a, b news) int { return cmp.Compare(a.index, b.index) })
	k := concluding{c: c, holds: make(map[string]int), nodes: make(map[string]int64)}
	for i := range all {
		k.learn(&all[i])
	}
	return k.list
}

func (k *concluding) begin(role string, at sim.Time) {
	if _, holds := k.holds[role]; !holds {
		k.holds[role] = len(k.list)
		k.list = append(k.list, lin.Belief{
			Client: lin.Client(k.c.Client), Role: role, From: int64(at), To: lin.Infinity,
		})
	}
}

func (k *concluding) end(role string, at sim.Time) {
	if i, holds := k.holds[role]; holds {
		k.list[i].To = int64(at)
		delete(k.holds, role)
	}
}

// gone is what follows when one of its nodes is there no more.
func (k *concluding) gone(path string, at sim.Time) {
	if _, own := k.nodes[path]; !own {
		return
	}
	delete(k.nodes, path)
	k.end(path, at)
	if parent, _, ok := tree.SplitPath(path); ok && numbered(path) {
		k.end(parent, at)
	}
}

func (k *concluding) learn(n *news) {
	switch {
	case n.event != nil:
		if n.event.Event.Type == tree.NodeDeleted {
			k.gone(n.event.Event.Path, n.at)
		}
	case n.state != nil:
		if n.state.State.Final() || n.state.State == client.Connected && n.state.Session != 0 {
			k.sessionIs(n.state)
		}
	case n.reply:
		k.answered(n.op, n.at)
	case n.op.Op.Type == tree.OpDelete: // it gives it up, whatever comes of that
		k.gone(n.op.Op.Path, n.at)
	case n.op.Op.Type == tree.OpCloseSession:
		k.forget(n.at, func(int64) bool { return true })
	}
}

// sessionIs ends what a client held in another session, or, if this one is over, all of it.
func (k *concluding) sessionIs(s *StateChange) {
	k.forget(s.At, func(session int64) bool { return s.State.Final() || session != s.Session })
}

func (k *concluding) forget(at sim.Time, which func(session int64) bool) {
	var paths []string
	for path, session := range k.nodes { // order: sorted below
		if which(session) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for _, path := range paths {
		k.gone(path, at)
	}
}

func (k *concluding) answered(o *Op, at sim.Time) {
	failed := o.Outcome == client.Failed && o.Code == tree.NoNode
	switch o.Op.Type {
	case tree.OpCreate, tree.OpCreate2:
		if o.Outcome != client.OK || !o.Op.Flags.IsEphemeral() {
			return
		}
		if k.nodes[o.Result.Path] = o.Session; !o.Op.Flags.IsSequential() {
			k.begin(o.Op.Path, at)
		}
	case tree.OpExists, tree.OpGetData:
		switch {
		case failed:
			k.gone(o.Op.Path, at)
		case o.Outcome != client.OK:
		case o.Result.Stat.EphemeralOwner == o.Session && o.Session != 0:
			// It is its own, though the answer to the create was lost (the recipe asks for this).
			if _, known := k.nodes[o.Op.Path]; !known && !numbered(o.Op.Path) {
				k.nodes[o.Op.Path] = o.Session
				k.begin(o.Op.Path, at)
			}
		default:
			k.gone(o.Op.Path, at)
		}
	case tree.OpGetChildren, tree.OpGetChildren2:
		if o.Outcome == client.OK {
			k.listed(o, at)
		}
	}
}

// listed is a look at the numbered nodes: is the first of them its own?
func (k *concluding) listed(o *Op, at sim.Time) {
	prefix := strings.TrimSuffix(o.Op.Path, "/") + "/"
	first, lowest := "", 0
	for _, name := range o.Result.Children {
		if !numbered(name) {
			continue
		}
		n, _ := strconv.Atoi(name[len(name)-10:])
		if first == "" || n < lowest {
			first, lowest = name, n
		}
	}
	if _, own := k.nodes[prefix+first]; own && first != "" {
		k.begin(o.Op.Path, at)
	} else {
		k.end(o.Op.Path, at)
	}
}

// numbered says whether a name ends as those of sequential nodes do.
func numbered(name string) bool {
	if len(name) < 10 {
		return false
	}
	return !strings.ContainsFunc(name[len(name)-10:], func(r rune) bool { return r < '0' || r > '9' })
}
