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

// told is what reached a client: an operation's reply, or an event (op is -1).
type told struct {
	at        int64
	op, event int
}

// listener is the watches of one session, as we walk along what it was told.
type listener struct {
	*judge
	line  []told
	open  []watch
	stays []stay
	next  int      // in the diary: what stands before was told, or nobody had to be
	late  []int    // what of that may still be told: the nodes of a session go in any order
	again lin.Path // that it went may be told once more, see once
	known bool     // the record has the addWatches of the session
	blind bool     // and perhaps not all watches that it has set
}

// watches: every change that a watch waits for is told once, in the right words, and before any
// reply that shows it.
func (j *judge) watches() {
	if j.aborted {
		return
	}
	type owner struct {
		client  lin.Client
		session lin.Session
	}
	listeners := make(map[owner]*listener)
	var order []*listener
	of := func(c lin.Client, s lin.Session) *listener {
		l := listeners[owner{c, s}]
		if l == nil {
			l = &listener{judge: j}
			listeners[owner{c, s}] = l
			order = append(order, l)
		}
		return l
	}
	for i := range j.Events {
		e := &j.Events[i]
		l := of(e.Client, e.Session)
		l.line = append(l.line, told{cmp.Or(e.Place, e.At), -1, i})
	}
	for i := range j.Ops {
		if op := &j.Ops[i]; op.Watch || op.Kind == lin.AddWatch || op.Kind == lin.RemoveWatches {
			l := of(op.Client, op.Session)
			l.blind = l.blind || op.Outcome == lin.Unknown || op.Zxid == 0
		}
	}
	for i := range j.Ops {
		op := &j.Ops[i]
		if l := listeners[owner{op.Client, op.Session}]; l != nil && op.Outcome != lin.Unknown &&
			op.Zxid != 0 {
			l.line = append(l.line, told{cmp.Or(op.Place, op.Return), i, -1})
		}
	}
	for _, l := range order {
		slices.SortStableFunc(l.line, func(a, b told) int { return cmp.Compare(a.at, b.at) })
		for _, t := range l.line {
			if t.event >= 0 {
				l.event(&j.Events[t.event])
			} else {
				l.reply(t.op)
			}
		}
	}
}

// reply: what an answer shows was told before. Then it sets watches, or takes some away.
func (w *listener) reply(i int) {
	op := &w.Ops[i]
	w.again = ""
	kept := w.open[:0]
	for _, o := range w.open {
		c, fired := w.due(&o)
		switch {
		case fired && c.floating:
			kept = append(kept, o)
		case !fired || c.at > op.Zxid:
			o.carried = false // who answers has set everything again
			kept = append(kept, o)
		case o.carried && o.absent && w.vanished(&o, c.at, op.Zxid):
			o.z, o.carried = op.Zxid, false // the documented gap: it came and went unseen
			kept = append(kept, o)
		default:
			w.missing(i, o.op, o.path, c)
		}
	}
	w.open = kept
	w.shown(i)
	switch {
	case op.Kind == lin.AddWatch && op.Outcome == lin.OK:
		w.stay(i)
	case op.Kind == lin.RemoveWatches:
		w.remove(i)
	case op.Watch && reads(op.Kind):
		w.set(i)
	}
}

// missing is a change that a reply shows and no event has told of.
func (w *listener) missing(i, asked int, path lin.Path, c change) {
	op := &w.Ops[i]
	w.broken(checkWatches, Breach{i, asked, "an event first: " + eventWords(path, c.kind, c.at),
		"none",
		fmt.Sprintf("%s shows zxid %v before the event that %s, for which %s had asked",
			op.String(), op.Zxid, eventWords(path, c.kind, c.at), w.Ops[asked].String())})
}

func eventWords(path lin.Path, kind lin.EventKind, z lin.Zxid) string {
	text := string(path) + " was " + string(kind)
	if kind == lin.EventChildren {
		text = string(path) + " has other children"
	}
	if z != 0 {
		text += " at zxid " + z.String()
	}
	return text
}

// set is a one-shot watch, of which there is one for each path and kind.
func (w *listener) set(i int) {
	op := &w.Ops[i]
	n := watch{op: i, list: op.Kind == lin.Children, absent: op.Outcome == lin.Failed,
		path: op.Path, z: op.Zxid}
	fits := op.Outcome == lin.OK || op.Kind == lin.Exists && op.Code == lin.NoNode
	same := func(o watch) bool { return o.path == n.path && o.list == n.list }
	if fits && !slices.ContainsFunc(w.open, same) {
		w.open = append(w.open, n)
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

// event: it is the next change that some watch waits for. One event serves all of them.
func (w *listener) event(e *lin.Event) {
	if e.Kind == lin.Reconnected {
		for i := range w.open {
			w.open[i].carried = true
		}
		for i := range w.stays {
			w.stays[i].gap = true
		}
		return
	}
	once := w.once(e)
	found := w.follow(e, once)
	text := fmt.Sprintf("%s is told that %s", e.Client, eventWords(e.Path, e.Kind, e.Zxid))
	switch {
	case once == fitWrong:
		w.doubt(e, text+", which is not the change that came first")
	case once == fitRight && !found:
		w.doubt(e, text+", behind what happened later")
	case once == fitNone && !found && (!e.Persistent || w.known):
		w.doubt(e, text+", and no watch was waiting for it: "+w.awaited())
	}
}

// fit is how an event and the one-shot watches of its path go together.
type fit int

const (
	fitNone    fit = iota // there is no such watch
	fitWrong              // it waits for another change
	fitRight              // it waits for this one
	fitCarried            // it may have been told of by setting it again
)

// once takes the one-shot watches out that an event uses up. That a node went is told of twice if
// its data and its children were watched, and both watches are set again.
func (w *listener) once(e *lin.Event) fit {
	best, used := fitNone, 0
	kept := w.open[:0]
	for _, o := range w.open {
		if o.path != e.Path ||
			o.list && (e.Kind == lin.EventCreated || e.Kind == lin.EventChanged) ||
			!o.list && e.Kind == lin.EventChildren {
			kept = append(kept, o)
			continue
		}
		used++
		this := fitWrong
		c, fired := w.due(&o)
		switch {
		case fired && o.carried && o.again(e):
			this = fitCarried
		case fired && c.kind == e.Kind && (e.Zxid == 0 || c.floating || e.Zxid == c.at):
			this = fitRight
		}
		best = max(best, this)
	}
	w.open = kept
	if best == fitNone && e.Kind == lin.EventDeleted && w.again == e.Path {
		w.again, best = "", fitCarried
	} else if best == fitCarried && e.Kind == lin.EventDeleted && used > 1 {
		w.again = e.Path
	}
	return best
}

// again says whether setting the watch again, and then waiting, can bring the event.
func (o *watch) again(e *lin.Event) bool {
	switch e.Kind {
	case lin.EventCreated:
		return o.absent && (e.Zxid == 0 || e.Zxid > o.z)
	case lin.EventChanged, lin.EventDeleted, lin.EventChildren:
		return !o.absent && (e.Zxid == 0 || e.Zxid > o.z)
	}
	return false
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
	j.broken(checkWatches, Breach{-1, -1, "no such event", string(e.Kind) + " " + string(e.Path),
		text})
}
