package engine

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Leadership is the Role of a client's belief that it leads, if its program says only that it
// leads, and not on which path.
const Leadership = "leadership"

// beliefs returns the spans in which clients believed that they held an office. A program may
// mark the offices that it holds ([client.Proc.Mark]), which readers share, or declare its belief
// without an office ([client.Proc.Believe]). For other programs it is inferred, as in tutorials: a
// client holds the office of a path once it learns that its ephemeral node there was created, and
// the office of a parent once it sees its own sequential node as the parent's first child. The
// client believes this, even while it is paused or cut off, until it learns that the node is gone
// or belongs to another client, or that its session has ended; or until it deletes the node, or
// dies.
func (a *Account) beliefs() (list []lin.Belief) {
	ops := a.byClient()
	for i := range a.Heard {
		switch c := &a.Heard[i]; {
		case slices.ContainsFunc(c.Marks, func(m Mark) bool { return m.Kind == client.Holds }):
			list = append(list, c.marked()...)
		case len(c.Beliefs) > 0:
			list = append(list, c.declared()...)
		default:
			list = append(list, c.inferred(ops[c.Client]).list...)
		}
	}
	for i := range list {
		list[i].To = min(list[i].To, int64(a.Now))
	}
	return list
}

// byClient returns the operations of each client.
func (a *Account) byClient() map[string][]*Op {
	ops := make(map[string][]*Op)
	for _, o := range a.Ops {
		ops[o.Client] = append(ops[o.Client], o)
	}
	return ops
}

// Held is what is inferred of a client at some moment: the offices that it believes to hold, and the
// ephemeral nodes that it knows as its own.
type Held struct {
	since map[string]int64 // by role
	nodes map[string]int64 // sessions, by path
}

// Held returns, for each client in Heard, what is inferred of it at the end of the account. An
// account that begins at this moment needs it: see [Heard].
func (a *Account) Held() []*Held {
	list, ops := make([]*Held, len(a.Heard)), a.byClient()
	for i := range a.Heard {
		k := a.Heard[i].inferred(ops[a.Heard[i].Client])
		if len(k.nodes)+len(k.holds) == 0 {
			continue
		}
		list[i] = &Held{nodes: k.nodes, since: make(map[string]int64)}
		for role, n := range k.holds { // order: each role alone
			list[i].since[role] = k.list[n].From
		}
	}
	return list
}

// declared returns the beliefs that a client's programs declared.
func (c *Heard) declared() (list []lin.Belief) {
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

// marked returns the spans in which a client's programs held offices that only one may hold.
func (c *Heard) marked() (list []lin.Belief) {
	type claim struct {
		program int
		office  string
	}
	open := make(map[claim]int)
	deaths := c.Deaths
	die := func(before int64) {
		for len(deaths) > 0 && deaths[0].Index <= before {
			for at, i := range open { // order: each ends separately
				list[i].To = int64(deaths[0].At)
				delete(open, at)
			}
			deaths = deaths[1:]
		}
	}
	for i := range c.Marks {
		m := &c.Marks[i]
		at := claim{m.Program, m.Office}
		die(m.Index)
		k, holds := open[at]
		switch {
		case m.Kind == client.Holds && excludes(m.As) && !holds:
			open[at] = len(list)
			list = append(list, lin.Belief{
				Client: lin.Client(c.Client), Role: m.Office, From: int64(m.At), To: lin.Infinity,
			})
		case m.Kind == client.LetsGo && holds:
			list[k].To = int64(m.At)
			delete(open, at)
		}
	}
	die(lin.Infinity)
	return list
}

// news is something that a client does or learns.
type news struct {
	at    sim.Time
	index int64
	op    *Op          // it calls this one, or, if reply is true, gets its answer
	event *Notice      // or gets this watch event
	state *StateChange // or its session changes
	reply bool
}

// inference derives what one client believes.
type inference struct {
	c     *Heard
	list  []lin.Belief
	holds map[string]int   // by role, the index of its open belief
	nodes map[string]int64 // sessions of the ephemeral nodes that it knows as its own, by path
}

// inferred returns what is inferred from the client's operations.
func (c *Heard) inferred(ops []*Op) inference {
	all := make([]news, 0, len(c.Events)+len(c.States)+len(c.Deaths)+2*len(ops))
	for _, o := range ops {
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
	k := inference{c: c, holds: make(map[string]int), nodes: make(map[string]int64)}
	if c.Before != nil {
		maps.Copy(k.nodes, c.Before.nodes)
		for _, role := range slices.Sorted(maps.Keys(c.Before.since)) {
			k.begin(role, sim.Time(c.Before.since[role]))
		}
	}
	for i := range all {
		k.learn(&all[i])
	}
	return k
}

func (k *inference) begin(role string, at sim.Time) {
	if _, holds := k.holds[role]; !holds {
		k.holds[role] = len(k.list)
		k.list = append(k.list, lin.Belief{
			Client: lin.Client(k.c.Client), Role: role, From: int64(at), To: lin.Infinity,
		})
	}
}

func (k *inference) end(role string, at sim.Time) {
	if i, holds := k.holds[role]; holds {
		k.list[i].To = int64(at)
		delete(k.holds, role)
	}
}

// gone ends the beliefs that a node of the client was the reason for.
func (k *inference) gone(path string, at sim.Time) {
	if _, own := k.nodes[path]; !own {
		return
	}
	delete(k.nodes, path)
	k.end(path, at)
	if parent, _, ok := tree.SplitPath(path); ok && numbered(path) {
		k.end(parent, at)
	}
}

func (k *inference) learn(n *news) {
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
	case n.op.Op.Type == tree.OpDelete: // it gives the node up, whatever the answer
		k.gone(n.op.Op.Path, n.at)
	case n.op.Op.Type == tree.OpCloseSession:
		k.forget(n.at, func(int64) bool { return true })
	}
}

// sessionIs ends the beliefs from other sessions of the client, or all beliefs if this session has
// ended.
func (k *inference) sessionIs(s *StateChange) {
	k.forget(s.At, func(session int64) bool { return s.State.Final() || session != s.Session })
}

func (k *inference) forget(at sim.Time, which func(session int64) bool) {
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

func (k *inference) answered(o *Op, at sim.Time) {
	failed := o.Outcome == client.Failed && o.Code == tree.NoNode
	created, _ := o.Created()
	for _, node := range created {
		if k.nodes[node.Path] = o.Session; !node.Sequential {
			k.begin(node.Path, at)
		}
	}
	if o.Op.Type == tree.OpMulti && o.Outcome == client.OK {
		for i := range o.Op.Ops {
			if part := &o.Op.Ops[i]; part.Type == tree.OpDelete {
				k.gone(part.Path, at)
			}
		}
	}
	switch o.Op.Type {
	case tree.OpExists, tree.OpGetData:
		switch {
		case failed:
			k.gone(o.Op.Path, at)
		case o.Outcome != client.OK:
		case o.Result.Stat.EphemeralOwner == o.Session && o.Session != 0:
			// The node is the client's own, but the answer to its create was lost. Recipes look for
			// such a node.
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

// listed begins or ends a belief: is the first of the listed sequential nodes the client's own?
func (k *inference) listed(o *Op, at sim.Time) {
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

// numbered reports whether a name ends in ten digits, as the name of a sequential node does.
func numbered(name string) bool {
	if len(name) < 10 {
		return false
	}
	suffix := name[len(name)-10:]
	return !strings.ContainsFunc(suffix, func(r rune) bool { return r < '0' || r > '9' })
}

// excludes reports whether an office held in this way is meant for one holder at a time. A lease
// promises less, but two leases at once are an overlap too.
func excludes(as client.Access) bool { return as == client.Exclusive || as == client.Lease }
