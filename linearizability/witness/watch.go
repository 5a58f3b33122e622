package witness

import (
	"cmp"
	"fmt"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// watch is a one-shot watch that waits.
type watch struct {
	op      int
	list    bool // of children; otherwise of data, or of a node to come
	absent  bool
	path    lin.Path
	z       lin.Zxid // the state in which it was set
	carried bool     // over to another connection
}

// line of a client: an operation's reply, or an event (op is -1).
type told struct {
	at        int64
	op, event int
}

// watches: every change that a one-shot watch waits for is told once, in the right words, and
// before any reply that shows it.
func (j *judge) watches() {
	type owner struct {
		client  lin.Client
		session lin.Session
	}
	if j.aborted {
		return
	}
	lines := make(map[owner][]told)
	var order []owner
	add := func(o owner, t told) {
		if _, ok := lines[o]; !ok {
			order = append(order, o)
		}
		lines[o] = append(lines[o], t)
	}
	watched := make(map[owner]bool)
	for i := range j.Events {
		e := &j.Events[i]
		o := owner{e.Client, e.Session}
		watched[o] = true
		add(o, told{cmp.Or(e.Place, e.At), -1, i})
	}
	for i := range j.Ops {
		watched[owner{j.Ops[i].Client, j.Ops[i].Session}] = watched[owner{j.Ops[i].Client, j.Ops[i].Session}] || j.Ops[i].Watch
	}
	for i := range j.Ops {
		op := &j.Ops[i]
		if o := (owner{op.Client, op.Session}); op.Outcome != lin.Unknown && op.Zxid != 0 && watched[o] {
			add(o, told{cmp.Or(op.Place, op.Return), i, -1})
		}
	}
	for _, o := range order {
		list := lines[o]
		slices.SortStableFunc(list, func(a, b told) int { return cmp.Compare(a.at, b.at) })
		j.watchesOf(list)
	}
}

func (j *judge) watchesOf(list []told) {
	var open []watch
	for _, t := range list {
		if t.event >= 0 {
			open = j.event(open, &j.Events[t.event])
			continue
		}
		op := &j.Ops[t.op]
		kept := open[:0]
		for _, w := range open {
			c, fired := j.due(&w)
			switch {
			case !fired || c.at > op.Zxid || c.floating:
				kept = append(kept, w)
			case w.carried && w.absent && j.vanished(&w, c.at, op.Zxid):
				w.z = op.Zxid // the documented gap: it came and went unseen
				kept = append(kept, w)
			default:
				j.broken(checkWatches, Breach{t.op, w.op, fmt.Sprintf("an event first: %s %s at zxid %v", w.path, c.kind, c.at), "none",
					fmt.Sprintf("%s shows zxid %v before the event that %s was %s at zxid %v, for which %s had asked",
						op.String(), op.Zxid, w.path, c.kind, c.at, j.Ops[w.op].String())})
			}
		}
		open = kept
		if !op.Watch || op.Kind.Write() {
			continue
		}
		w := watch{op: t.op, list: op.Kind == lin.Children, absent: op.Outcome == lin.Failed, path: op.Path, z: op.Zxid}
		fits := op.Outcome == lin.OK || op.Kind == lin.Exists && op.Code == lin.NoNode
		if fits && !slices.ContainsFunc(open, func(o watch) bool { return o.path == w.path && o.list == w.list }) {
			open = append(open, w)
		}
	}
}

// due is the first change that a watch waits for.
func (j *judge) due(w *watch) (change, bool) {
	id, ok := j.search.w.ids[w.path]
	if !ok {
		return change{}, false
	}
	n := &j.search.w.nodes[id]
	if !w.list {
		return next(n.changes, w.z)
	}
	c, ok := next(n.lists, w.z)
	for _, d := range n.changes {
		if d.at > w.z && d.kind == lin.EventDeleted && (!ok || d.at <= c.at) {
			return d, true
		}
	}
	return c, ok
}

// vanished says whether a node that was created at from was deleted again by to.
func (j *judge) vanished(w *watch, from, to lin.Zxid) bool {
	for _, c := range j.search.w.nodes[j.search.w.ids[w.path]].changes {
		if c.at >= from && c.at <= to && c.kind == lin.EventDeleted {
			return true
		}
	}
	return false
}

// event takes the watches out that an event uses up.
func (j *judge) event(open []watch, e *lin.Event) []watch {
	if e.Kind == lin.Reconnected {
		for i := range open {
			open[i].carried = true
		}
		return open
	}
	if e.Persistent {
		return open
	}
	used, right := false, false
	kept := open[:0]
	for _, w := range open {
		if w.path != e.Path || w.list && (e.Kind == lin.EventCreated || e.Kind == lin.EventChanged) || !w.list && e.Kind == lin.EventChildren {
			kept = append(kept, w)
			continue
		}
		used = true
		c, fired := j.due(&w)
		right = right || fired && (c.kind == e.Kind || w.carried) && (e.Zxid == 0 || c.floating || w.carried || e.Zxid == c.at)
	}
	switch {
	case !used:
		j.doubt(e, fmt.Sprintf("%s is told that %s was %s, and no watch was waiting for it", e.Client, e.Path, e.Kind))
	case !right:
		j.doubt(e, fmt.Sprintf("%s is told that %s was %s, which is not the change that came first", e.Client, e.Path, e.Kind))
	}
	return kept
}

// doubt is a breach, unless a write of which nobody knows whether it happened may be behind it.
func (j *judge) doubt(e *lin.Event, text string) {
	for i := range j.search.loose {
		if !j.search.loose[i].placed {
			if v := j.report.Of(checkWatches); v.Result != lin.Broken {
				v.Result, v.Text = lin.Undecided, text+", unless a write without an answer did it"
			}
			return
		}
	}
	j.broken(checkWatches, Breach{-1, -1, "no such event", string(e.Kind) + " " + string(e.Path), text})
}
