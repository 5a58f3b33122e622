package witness

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// stay is a watch that stays until it is removed.
type stay struct {
	op        int
	recursive bool
	path      lin.Path
	// gap is true from a reconnection until it is certain that the watch is set again: what
	// happens meanwhile is told or not, for setting it again tells of nothing that was missed.
	gap bool
}

// covers says whether the watch is told of what happened: a persistent one of its node and of the
// list of its children, a recursive one of its node and of all below, and of no lists.
func (s *stay) covers(path lin.Path, kind lin.EventKind) bool {
	switch {
	case !s.recursive:
		return s.path == path
	case kind == lin.EventChildren:
		return false
	}
	below, ok := strings.CutPrefix(string(path), string(s.path))
	return ok && (below == "" || below[0] == '/' || s.path == "/")
}

// stay is a watch that was added. A second one of the same mode changes nothing.
func (w *listener) stay(i int) {
	op := &w.Ops[i]
	w.known = true
	s := stay{op: i, recursive: op.Mode == lin.WatchRecursive, path: op.Path}
	same := func(o stay) bool { return o.path == s.path && o.recursive == s.recursive }
	if !slices.ContainsFunc(w.stays, same) {
		w.stays = append(w.stays, s)
	}
}

// remove takes watches away: one at least, or the answer is that there was none.
func (w *listener) remove(i int) {
	op := &w.Ops[i]
	all := op.Mode == lin.WatchAny
	gone := 0
	if op.Outcome == lin.OK || op.Code == lin.NoWatcher {
		n := len(w.open) + len(w.stays)
		w.open = slices.DeleteFunc(w.open, func(o watch) bool {
			return o.path == op.Path && (all || o.list == (op.Mode == lin.WatchChildren) &&
				(op.Mode == lin.WatchChildren || op.Mode == lin.WatchData))
		})
		w.stays = slices.DeleteFunc(w.stays, func(s stay) bool {
			return s.path == op.Path && (all || s.recursive && op.Mode == lin.WatchRecursive ||
				!s.recursive && op.Mode == lin.WatchPersistent)
		})
		gone = n - len(w.open) - len(w.stays)
	}
	switch {
	case op.Outcome == lin.OK && gone == 0 && !w.blind:
		w.broken(checkWatches, Breach{i, -1, string(lin.NoWatcher), "ok", op.String() +
			", and none was set"})
	case op.Code == lin.NoWatcher && gone > 0:
		w.broken(checkWatches, Breach{i, -1, "ok", string(lin.NoWatcher), op.String() +
			", and one was set"})
	}
}

// certain is a watch that has to be told of what happened, or nil.
func (w *listener) certain(h *happening) *stay {
	for i := range w.stays {
		if s := &w.stays[i]; !h.floating && !s.gap && s.covers(w.pathOf(h), h.kind) {
			return s
		}
	}
	return nil
}

func (w *listener) pathOf(h *happening) lin.Path { return w.search.w.nodes[h.id].path }

// shown: what a reply shows was told to the watches that stay.
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

// overdue is a breach if a watch had to be told.
func (w *listener) overdue(i int, h *happening) {
	if s := w.certain(h); s != nil {
		w.missing(i, s.op, w.pathOf(h), h.change)
	}
}

// follow says whether an event is the next in order that is to be told: to the watches that stay, or
// to a one-shot one. One that comes of setting watches again tells of what the others have missed,
// and in no order.
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
	// Of what has no zxid nobody knows when it happened, only that it did by then.
	return slices.ContainsFunc(diary[:w.next], func(h happening) bool {
		return h.floating && wanted(&h)
	})
}

// tells says whether an event tells of what happened.
func (w *listener) tells(e *lin.Event, h *happening) bool {
	return h.kind == e.Kind && w.pathOf(h) == e.Path &&
		(e.Zxid == 0 || h.floating || h.at == e.Zxid)
}

// covered says whether any watch that stays may be told of what happened.
func (w *listener) covered(h *happening) bool {
	return slices.ContainsFunc(w.stays, func(s stay) bool { return s.covers(w.pathOf(h), h.kind) })
}

// upTo: what happened before that of which an event tells was told before; or, if the same end of a
// session did both, will be yet.
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
		w.broken(checkWatches,
			Breach{-1, -1, "an event first: " + text, eventWords(e.Path, e.Kind, e.Zxid),
				fmt.Sprintf("%s is told that %s before it is told that %s", e.Client,
					eventWords(e.Path, e.Kind, e.Zxid), text)})
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

// setAgain: if one watch alone can have been told, it is set again.
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

// awaited says what the watches that stay wait for.
func (w *listener) awaited() string {
	diary := w.search.w.diary
	for p := w.next; p < len(diary); p++ {
		if h := &diary[p]; w.covered(h) {
			return "the next was that " + eventWords(w.pathOf(h), h.kind, h.at)
		}
	}
	return "none is left"
}
