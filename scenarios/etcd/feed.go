package etcd

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// change is one change of a node, in a revision.
type change struct {
	path     string
	event    tree.EventType
	revision int64
	lease    int64 // of a node that was created or deleted
}

// watch is a one-time watch that has not fired, of a node or of the list of its children; or one
// that persists, as addWatch sets it.
type watch struct {
	path     string
	list     bool
	persists bool
	mode     tree.AddWatchMode // of a watch that persists
	from     int64             // it fires for changes after this revision
}

// same reports whether another watch waits for the same.
func (w *watch) same(o watch) bool {
	o.from = w.from
	return o == *w
}

// covers reports whether a watch that persists sees the changes of a node itself.
func (w *watch) covers(path string) bool {
	return w.path == path || w.mode == tree.WatchPersistentRecursive &&
		(w.path == "/" || strings.HasPrefix(path, w.path+"/"))
}

// changeOf translates an event of a node; ok is false for a key of the lab.
func changeOf(e *event) (c change, ok bool) {
	if !isNode(e.KV.Key) {
		return c, false
	}
	c = change{path: string(e.KV.Key), event: tree.NodeDataChanged, revision: e.KV.Mod,
		lease: e.KV.Lease}
	switch {
	case e.Type == "DELETE":
		c.event, c.lease = tree.NodeDeleted, e.Prev.Lease
	case e.KV.Version == 1:
		c.event = tree.NodeCreated
	}
	return c, true
}

// feed receives every change since the session began, in order, by one watch of etcd, and fires the
// watches of ZooKeeper, which are filters on it. After a lost connection, the watch continues at
// the next server, from the revision after the last one: it misses nothing.
func (l *life) feed() {
	for {
		k := l.connection()
		if k == nil {
			return
		}
		l.mu.Lock()
		start := l.reached + 1
		l.mu.Unlock()
		w := watchCreate{Key: everyKey, End: allEnd, Start: start, Prev: true}
		_ = stream(k.ctx, l.http[forWatch], l.address(k.server, forWatch), w, l.shows)
		if !l.awake() {
			return
		}
		l.lose(k)
	}
}

// shows takes the changes of a message. It returns false if the life has ended.
func (l *life) shows(m *watchResponse) bool {
	if !l.awake() {
		return false
	}
	for i := range m.Events {
		l.mu.Lock()
		late := m.Events[i].KV.Mod <= l.reached
		l.mu.Unlock()
		if late {
			continue // of a message that came twice
		}
		c, ok := changeOf(&m.Events[i])
		if ok {
			l.c.e.awaitSeen(c.revision)
			l.mu.Lock()
			if l.holds {
				l.recent = append(l.recent, c)
			} else {
				l.fire(&c)
			}
			l.mu.Unlock()
		}
		if i+1 == len(m.Events) || m.Events[i+1].KV.Mod != m.Events[i].KV.Mod {
			l.mu.Lock()
			l.reached = m.Events[i].KV.Mod
			l.mu.Unlock()
			l.change.Broadcast()
		}
	}
	return true
}

// fire removes the one-time watches that wait for a change, and tells the client's program of it:
// once of each event, however many watches see it. The caller holds mu, so that events come in the
// order of the changes.
func (l *life) fire(c *change) {
	var data, list, parent bool
	above := parentOf(c.path)
	kept := l.watches[:0]
	for _, w := range l.watches {
		switch {
		case c.revision <= w.from:
		case w.persists:
			data = data || w.covers(c.path)
			parent = parent || w.mode == tree.WatchPersistent && w.path == above &&
				c.event != tree.NodeDataChanged
		case w.path == c.path && !w.list:
			data = true
			continue
		case w.path == c.path && w.list && c.event == tree.NodeDeleted:
			list = true
			continue
		case w.path == above && w.list && c.event != tree.NodeDataChanged:
			parent = true
			continue
		}
		kept = append(kept, w)
	}
	l.watches = kept
	if data || list {
		l.notify(tree.WatchEvent{Type: c.event, Path: c.path, Zxid: c.revision})
	}
	if parent {
		l.notify(tree.WatchEvent{Type: tree.NodeChildrenChanged, Path: above, Zxid: c.revision})
	}
}

// notify tells the client's program of an event.
func (l *life) notify(e tree.WatchEvent) {
	server := l.server
	l.c.e.Post(true, func(at sim.Time) {
		c := l.c
		if c.life != l {
			return
		}
		c.events = append(c.events, engine.Notice{
			Client: c.name, Session: c.session, Event: e, At: at, Index: c.e.Next(),
			Server: name(server),
		})
	})
}

// settle gives an operation its answer: after the events of all that the answer shows, and before
// those of later changes, which may be the first ones of the watch that the operation has set.
func (l *life) settle(o *engine.Op, a *answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(l.recent) && l.recent[n].revision <= a.revision {
		l.fire(&l.recent[n])
		n++
	}
	l.c.e.Post(true, func(at sim.Time) { l.answered(o, *a, at) })
	if w := a.watch; w != nil && !slices.ContainsFunc(l.watches, w.same) {
		l.watches = append(l.watches, *w)
	}
	for ; n < len(l.recent); n++ {
		l.fire(&l.recent[n])
	}
	l.recent, l.holds = l.recent[:0], false
}

// catchUp waits until the feed has shown everything up to a revision, so that an answer never
// overtakes the events of what it shows. ZooKeeper promises that; etcd orders only the events of
// one watch, so its clients have to wait.
func (l *life) catchUp(revision int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.reached < revision && !l.gone && !l.over {
		l.change.Wait()
	}
}
