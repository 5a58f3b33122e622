package witness

import (
	"cmp"
	"fmt"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// watch is a one-shot watch that has not fired.
type watch struct {
	op      int
	list    bool // of children; otherwise of data, or of a missing node
	absent  bool
	path    lin.Path
	z       lin.Zxid // the state in which it was set
	carried bool     // over to another connection, and perhaps not set again there
}

// told is what reached a client: the reply to an operation, or an event (op is -1).
type told struct {
	at        int64
	op, event int
}

// listener holds the watches of one session during the walk through all that reached it.
type listener struct {
	*judge
	client  lin.Client
	session lin.Session
	line    []told
	open    []watch
	stays   []lasting
	next    int      // in the diary: earlier changes were notified, or need not be
	late    []int    // earlier changes that may still be notified: a session's nodes go in any order
	again   lin.Path // its deletion may be notified once more, see once
	known   bool     // the record has the addWatches of the session
	blind   bool     // the record may lack some watches of the session
	flags   bool     // the client knows which events are of lasting watches
}

// watches checks that one event of the right kind reports each change that a watch waits for,
// before any reply that shows the change.
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
			l = &listener{judge: j, client: c, session: s}
			listeners[owner{c, s}] = l
			order = append(order, l)
		}
		return l
	}
	flags := make(map[lin.Client]bool)
	for i := range j.Events {
		flags[j.Events[i].Client] = flags[j.Events[i].Client] || j.Events[i].Persistent
	}
	for i := range j.Events {
		e := &j.Events[i]
		l := of(e.Client, e.Session)
		l.flags = flags[e.Client]
		l.line = append(l.line, told{cmp.Or(e.Place, e.At), -1, i})
	}
	for i := range j.Ops {
		if op := &j.Ops[i]; op.Watch || op.Kind == lin.AddWatch || op.Kind == lin.RemoveWatches ||
			op.Kind == lin.CheckWatches {
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
	j.hear = order
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

// reply checks that every watched change that a reply shows was notified before the reply. Then it
// sets or removes the watches of that operation.
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
			o.carried = false // the server that answers has set it again
			kept = append(kept, o)
		case o.carried && o.absent && w.vanished(&o, c.at, op.Zxid):
			o.z, o.carried = op.Zxid, false // the documented gap: created and deleted, unseen
			kept = append(kept, o)
		default:
			w.missing(i, o.op, o.path, c)
		}
	}
	w.open = kept
	w.shown(i)
	switch {
	case op.Kind == lin.AddWatch && op.Outcome == lin.OK:
		w.add(i)
	case op.Kind == lin.AddWatch && op.Outcome == lin.Failed && op.Mode != "":
		w.broken(checkWatches, i, -1, "ok", string(op.Code), op.String()+
			": this call must succeed, because any path can have a persistent or recursive watch")
	case op.Kind == lin.RemoveWatches || op.Kind == lin.CheckWatches:
		w.remove(i)
	case op.Watch && reads(op.Kind):
		w.set(i)
	}
}

// missing records a breach: a reply shows a change that no event has reported.
func (w *listener) missing(i, asked int, path lin.Path, c change) {
	op := &w.Ops[i]
	text := eventWords(path, c.kind, c.at)
	w.broken(checkWatches, i, asked, "an earlier event: "+text, "none",
		fmt.Sprintf("missing event: %s shows zxid %v, but no earlier event says that %s; "+
			"watch set by %s",
			op.String(), op.Zxid, text, w.Ops[asked].String()))
}

func eventWords(path lin.Path, kind lin.EventKind, z lin.Zxid) string {
	text := string(path) + " was " + string(kind)
	if kind == lin.EventChildren {
		text = "the children of " + string(path) + " changed"
	}
	if z != 0 {
		text += " at zxid " + z.String()
	}
	return text
}

// set adds a one-shot watch; there is one for each path and kind.
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

// due returns the first change that a watch waits for.
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

// vanished reports whether a node created at from was deleted again by to.
func (j *judge) vanished(w *watch, from, to lin.Zxid) bool {
	for _, c := range j.search.w.nodes[j.search.w.ids[w.path]].changes {
		if c.at >= from && c.at <= to && c.kind == lin.EventDeleted {
			return true
		}
	}
	return false
}

// event checks that an event is about the next change that a watch waits for. One event serves all
// watches that wait for the same change.
func (w *listener) event(e *lin.Event) {
	switch e.Kind {
	case lin.Unwatched:
		w.open, w.stays, w.again = w.open[:0], w.stays[:0], ""
		return
	case lin.Reconnected:
		for i := range w.open {
			w.open[i].carried = true
		}
		for i := range w.stays {
			w.stays[i].gap = true
		}
		return
	}
	w.flagged(e)
	once := w.once(e)
	found := w.follow(e, once)
	text := fmt.Sprintf("an event tells %s that %s", e.Client, eventWords(e.Path, e.Kind, e.Zxid))
	switch {
	case once == fitWrong:
		w.doubt(e, text+", but this is not the first change after the watch was set")
	case once == fitRight && !found:
		w.doubt(e, text+", but the client had already received the event for a later change")
	case once == fitNone && !found && (!e.Persistent || w.known):
		w.doubt(e, text+", but no watch waited for that change: "+w.awaited())
	}
}

// fit says how an event matches the one-shot watches of its path.
type fit int

const (
	fitNone    fit = iota // there is no such watch
	fitWrong              // one waits for another change
	fitRight              // one waits for this change
	fitCarried            // one was set again, which may have fired the event
)

// once removes the one-shot watches that an event uses up. A deletion is reported twice if both the
// data and the children of the node were watched, and both watches are set again.
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

// again reports whether setting the watch again, and then waiting, can cause the event.
func (o *watch) again(e *lin.Event) bool {
	switch e.Kind {
	case lin.EventCreated:
		return o.absent && (e.Zxid == 0 || e.Zxid > o.z)
	case lin.EventChanged, lin.EventDeleted, lin.EventChildren:
		return !o.absent && (e.Zxid == 0 || e.Zxid > o.z)
	}
	return false
}

// doubt records a breach, unless a write with unknown outcome may have caused the event.
func (j *judge) doubt(e *lin.Event, text string) {
	for i := range j.search.loose {
		if !j.search.loose[i].placed {
			if v := j.report.Of(checkWatches); v.Result != lin.Broken {
				v.Result = lin.Undecided
				v.Text = text + " (undecided: a write without an answer may have caused the " +
					"event)"
			}
			return
		}
	}
	j.broken(checkWatches, -1, -1, "no such event", string(e.Kind)+" "+string(e.Path),
		text)
}
