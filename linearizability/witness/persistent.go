package witness

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// lasting is a persistent or recursive watch, which stays until it is removed.
type lasting struct {
	op        int
	recursive bool
	path      lin.Path
	// gap is true from a reconnection until the watch is certainly set again. Changes in between
	// may be reported or not, because setting the watch again fires no event for missed changes.
	gap bool
}

// covers reports whether the watch waits for a change: a persistent one for changes of its node and
// of the list of its children, a recursive one for changes of its node and all below it, but of no
// list.
func (s *lasting) covers(path lin.Path, kind lin.EventKind) bool {
	switch {
	case !s.recursive:
		return s.path == path
	case kind == lin.EventChildren:
		return false
	}
	below, ok := strings.CutPrefix(string(path), string(s.path))
	return ok && (below == "" || below[0] == '/' || s.path == "/")
}

// add adds a lasting watch. A second one of the same mode changes nothing.
func (w *listener) add(i int) {
	op := &w.Ops[i]
	w.known = true
	s := lasting{op: i, recursive: op.Mode == lin.WatchRecursive, path: op.Path}
	same := func(o lasting) bool { return o.path == s.path && o.recursive == s.recursive }
	if !slices.ContainsFunc(w.stays, same) {
		w.stays = append(w.stays, s)
	}
}

// remove removes the watches of a RemoveWatches, or counts those that a CheckWatches asks for. If
// the answer is "ok", there must be at least one; if it is "no watcher", there must be none.
func (w *listener) remove(i int) {
	op := &w.Ops[i]
	all := op.Mode == lin.WatchAny
	gone := 0
	if op.Outcome == lin.OK || op.Code == lin.NoWatcher {
		n := len(w.open) + len(w.stays)
		if op.Kind == lin.CheckWatches {
			open, stays := w.open, w.stays
			w.open, w.stays = slices.Clone(open), slices.Clone(stays)
			defer func() { w.open, w.stays = open, stays }()
		}
		w.open = slices.DeleteFunc(w.open, func(o watch) bool {
			return o.path == op.Path && (all || o.list == (op.Mode == lin.WatchChildren) &&
				(op.Mode == lin.WatchChildren || op.Mode == lin.WatchData))
		})
		w.stays = slices.DeleteFunc(w.stays, func(s lasting) bool {
			return s.path == op.Path && (all || s.recursive && op.Mode == lin.WatchRecursive ||
				!s.recursive && op.Mode == lin.WatchPersistent)
		})
		gone = n - len(w.open) - len(w.stays)
	}
	switch {
	case op.Outcome == lin.OK && gone == 0 && !w.blind:
		w.broken(checkWatches,
			i, -1, string(lin.NoWatcher), "ok", op.String()+", although there was no watch to remove")
	case op.Code == lin.NoWatcher && gone > 0:
		w.broken(checkWatches,
			i, -1, "ok", string(lin.NoWatcher), op.String()+" found no watch, although there was "+
				"one to remove")
	}
}

// certain returns a lasting watch that must report a change, or nil.
func (w *listener) certain(h *happening) *lasting {
	for i := range w.stays {
		if s := &w.stays[i]; !h.floating && !s.gap && s.covers(w.pathOf(h), h.kind) {
			return s
		}
	}
	return nil
}

func (w *listener) pathOf(h *happening) lin.Path { return w.search.w.nodes[h.id].path }

// shown checks that the lasting watches reported every change that a reply shows.
func (w *listener) shown(i int) {
	diary, z := w.search.w.diary, w.Ops[i].Zxid
	for _, p := range w.late {
		w.overdue(i, &diary[p])
	}
	w.late = w.late[:0]
	if len(w.stays) == 0 {
		w.next = max(w.next, before(len(diary), func(k int) bool { return diary[k].at <= z }))
		return
	}
	for ; w.next < len(diary) && diary[w.next].at <= z; w.next++ {
		w.overdue(i, &diary[w.next])
	}
	for k := range w.stays {
		w.stays[k].gap = false
	}
}

// overdue records a breach if a lasting watch must have reported a change.
func (w *listener) overdue(i int, h *happening) {
	if s := w.certain(h); s != nil {
		w.missing(i, s.op, w.pathOf(h), h.change)
	}
}

// follow reports whether an event is the next in order that a lasting or a one-shot watch waits
// for. Watches that are set again report missed changes in any order.
func (w *listener) follow(e *lin.Event, once fit) bool {
	diary := w.search.w.diary
	wanted := func(h *happening) bool { return w.tells(e, h) && (once == fitRight || w.covered(h)) }
	if k := slices.IndexFunc(w.late, func(p int) bool { return wanted(&diary[p]) }); k >= 0 {
		w.late = slices.Delete(w.late, k, k+1)
		return true
	}
	for p := w.next; p < len(diary); p++ {
		h := &diary[p]
		if e.Zxid != 0 && h.at > e.Zxid && !h.floating {
			break
		}
		if !wanted(h) {
			continue
		}
		if !h.floating {
			w.upTo(p, e)
			w.next = p + 1
			if once != fitCarried {
				w.setAgain(h)
			}
		}
		return true
	}
	// When a change without a zxid happened is unknown, only that it happened before this.
	return slices.ContainsFunc(diary[:w.next], func(h happening) bool {
		return h.floating && wanted(&h)
	})
}

// tells reports whether an event is about a change.
func (w *listener) tells(e *lin.Event, h *happening) bool {
	return h.kind == e.Kind && w.pathOf(h) == e.Path &&
		(e.Zxid == 0 || h.floating || h.at == e.Zxid)
}

// covered reports whether any lasting watch may report a change.
func (w *listener) covered(h *happening) bool {
	path := w.pathOf(h)
	return slices.ContainsFunc(w.stays, func(s lasting) bool { return s.covers(path, h.kind) })
}

// upTo checks the order of events: when event e reports entry p of the diary, earlier events must
// have reported all entries before p. If the end of one session made both changes, the event for
// the earlier change may come later.
func (w *listener) upTo(p int, e *lin.Event) {
	diary := w.search.w.diary
	early := func(q int) {
		h := &diary[q]
		if h.free && h.at == diary[p].at {
			w.late = append(w.late, q)
			return
		}
		if w.certain(h) == nil {
			return
		}
		text := eventWords(w.pathOf(h), h.kind, h.at)
		told := eventWords(e.Path, e.Kind, e.Zxid)
		w.broken(checkWatches, -1, -1, "an earlier event: "+text, told,
			fmt.Sprintf("events out of order: %s learned that %s before it learned that %s",
				e.Client, told, text))
	}
	passed := w.late
	w.late = nil
	for _, q := range passed {
		early(q)
	}
	for q := w.next; q < p; q++ {
		early(q)
	}
}

// setAgain ends the gap of a watch if only this watch can have reported the change.
func (w *listener) setAgain(h *happening) {
	only := -1
	for i := range w.stays {
		if s := &w.stays[i]; s.covers(w.pathOf(h), h.kind) {
			if !s.gap || only >= 0 {
				return
			}
			only = i
		}
	}
	if only >= 0 {
		w.stays[only].gap = false
	}
}

// awaited says which change the lasting watches wait for.
func (w *listener) awaited() string {
	diary := w.search.w.diary
	for p := w.next; p < len(diary); p++ {
		if h := &diary[p]; w.covered(h) {
			return "the next expected event says that " + eventWords(w.pathOf(h), h.kind, h.at)
		}
	}
	return "no event was expected"
}

// flagged checks Event.Persistent: the client must report correctly whether a persistent watch of
// its own waited for an event. A client that never sets the field may not know, and is not checked.
func (w *listener) flagged(e *lin.Event) {
	if !w.flags || w.blind || !w.known {
		return
	}
	waits := slices.ContainsFunc(w.stays, func(s lasting) bool { return s.covers(e.Path, e.Kind) })
	if waits == e.Persistent {
		return
	}
	reported, right := "no persistent watch", "a persistent watch"
	text := "reports the event as not persistent, although a persistent watch of this client waited " +
		"for it"
	if e.Persistent {
		reported, right = right, reported
		text = "reports the event as persistent, although no persistent watch of this client waited " +
			"for it"
	}
	w.broken(checkWatches, -1, -1, right, reported, fmt.Sprintf("an event tells %s that %s: %s %s",
		e.Client, eventWords(e.Path, e.Kind, e.Zxid), e.Client, text))
}
