package promise

import (
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// wait is a time in which a program waited for an office, for an item, or at a barrier.
type wait struct {
	*lin.Mark // the last mark that says that the program waits
	from      int64
}

// progress judges Progress: while no fault acts, a program whose client is connected does not wait
// longer than the bound for a free office or item, or at an open barrier.
func (j *judge) progress() {
	if j.FaultFree.Within == 0 {
		return
	}
	open := make(map[who]wait)
	connected := make(map[lin.Client]*lin.Mark)
	for i := range j.Marks {
		m := &j.Marks[i]
		switch at := (who{client: m.Client, program: m.Program}); m.Kind {
		case lin.Connected:
			connected[m.Client] = m
		case lin.ConnectionLost, lin.SessionOver:
			delete(connected, m.Client)
		case lin.Died:
			var all []who
			for at := range open { // order: each ends separately
				if at.client == m.Client {
					all = append(all, at)
				}
			}
			slices.SortFunc(all, func(a, b who) int { return a.program - b.program })
			for _, at := range all {
				j.waited(open[at], connected[m.Client], m)
				delete(open, at)
			}
			delete(connected, m.Client)
		default:
			w, waits := open[at]
			same := waits && w.Kind == m.Kind && w.Office == m.Office
			if waits && !same {
				j.waited(w, connected[m.Client], m)
				delete(open, at)
			}
			if slices.Contains([]lin.MarkKind{lin.Waits, lin.Takes, lin.Enters, lin.Leaves}, m.Kind) {
				if !same {
					w.from = m.At
				}
				w.Mark = m
				open[at] = w
			}
		}
	}
}

// waited judges a wait that ends with a mark.
func (j *judge) waited(w wait, connected, end *lin.Mark) {
	if connected == nil || end.At <= j.FaultFree.From || w.Kind == lin.Waits && w.As == lin.Lease {
		return
	}
	j.judged(Progress)
	since := max(w.from, j.FaultFree.From, connected.At)
	if end.At-since <= j.FaultFree.Within {
		return
	}
	var free bool
	switch declared := j.is[w.Office] != nil; {
	case declared && w.Kind == lin.Waits:
		since, free = j.freeDeclared(w, since, end.At)
	case declared && (w.Kind == lin.Enters || w.Kind == lin.Leaves):
		since, free = j.openDeclared(w, since, end)
	case w.Kind == lin.Waits:
		since, free = j.freeOffice(w, connected.Session, since, end.At)
	case w.Kind == lin.Takes:
		since, free = j.freeItem(w, since, end.At)
	case w.Kind == lin.Enters:
		since, free = j.openBarrier(w, since, end.At)
	case w.Kind == lin.Leaves:
		since, free = j.emptyBarrier(w, since, end.At)
	}
	if free && end.At-since > j.FaultFree.Within {
		j.broken(Progress, end.At, []int64{w.Place, end.Place},
			"%s %s %s until %s, although it could have continued at %s, and no fault was active "+
				"after %[5]s", w.Client, waiting[w.Kind], w.Office, seconds(end.At), seconds(since))
	}
}

// waiting says what a waiting program does.
var waiting = map[lin.MarkKind]string{
	lin.Waits: "waits for", lin.Takes: "waits for an item of", lin.Enters: "waits to enter",
	lin.Leaves: "waits to leave",
}

// exists reports whether a node exists until just before a moment.
func exists(l *lin.Life, at int64) bool { return l.From < at && l.To >= at }

// freed returns since when none of the nodes that exclude a program has existed; free is false if
// one of them still exists.
func (j *judge) freed(since, end int64, excludes func(*lin.Life) bool) (_ int64, free bool) {
	for i := range j.Lives {
		l := &j.Lives[i]
		switch {
		case l.From >= end || !excludes(l):
		case exists(l, end):
			return 0, false
		default:
			since = max(since, l.To)
		}
	}
	return since, true
}

// oldest returns since when the waiting program's node has been the oldest one of its office; free
// is false if there is an older one. To a program without a node, all nodes of others are older.
func (j *judge) oldest(w wait, session lin.Session, since, end int64) (_ int64, free bool) {
	own := lin.Infinity
	for i := range j.Lives {
		l := &j.Lives[i]
		if l.Ephemeral && parent(l.Path) == w.Office && l.Maker == session && exists(l, end) {
			own = min(own, l.Made)
		}
	}
	return j.freed(since, end, func(l *lin.Life) bool {
		return l.Ephemeral && parent(l.Path) == w.Office && l.Made < own && l.Maker != session
	})
}

// freeOffice returns since when nothing excludes the waiting program from its office; free is false
// if something does. In a line, the tickets before its own exclude it; if it has no ticket,
// all of them do.
func (j *judge) freeOffice(w wait, session lin.Session, since, end int64) (_ int64, free bool) {
	if w.ByAge {
		return j.oldest(w, session, since, end)
	}
	own, line := -1, false
	for i := range j.Lives {
		l := &j.Lives[i]
		if n, numbered := number(l.Path); numbered && parent(l.Path) == w.Office {
			if line = true; l.Maker == session && exists(l, end) {
				own = max(own, n)
			}
		}
	}
	return j.freed(since, end, func(l *lin.Life) bool {
		if !line {
			return l.Path == w.Office && l.Maker != session
		}
		n, numbered := number(l.Path)
		return numbered && parent(l.Path) == w.Office && (own < 0 || n < own) &&
			!(w.As == lin.Shared && readers(l.Path))
	})
}

// freeItem returns since when the oldest item of a queue has been there.
func (j *judge) freeItem(w wait, since, end int64) (_ int64, free bool) {
	for i := range j.Lives {
		l := &j.Lives[i]
		if parent(l.Path) == w.Office && isItem(l.Path) && exists(l, end) {
			return max(since, l.From), true
		}
	}
	return 0, false
}

// openBarrier returns since when a barrier has been open, or has had as many programs in it as its
// size.
func (j *judge) openBarrier(w wait, since, end int64) (_ int64, free bool) {
	n := 0
	for i := range j.Lives {
		l := &j.Lives[i]
		if parent(l.Path) != w.Office || !exists(l, end) {
			continue
		}
		if base(l.Path) == gate {
			return max(since, l.From), true
		}
		if n++; n == w.Size {
			return max(since, l.From), true
		}
	}
	return 0, false
}

// emptyBarrier returns since when no other program has been in a barrier.
func (j *judge) emptyBarrier(w wait, since, end int64) (_ int64, free bool) {
	return j.freed(since, end, func(l *lin.Life) bool {
		return parent(l.Path) == w.Office && base(l.Path) != gate && l.Path != w.Node
	})
}
