package client

import (
	"cmp"
	"slices"

	"github.com/zablab/zablab/tree"
)

// Watch is a watch that a program has set. It fires once.
type Watch struct {
	Path  string
	Event tree.WatchEvent // the event, once the watch has fired

	proc  *Proc
	set   bool // the watch is registered
	fired bool
	ended bool // the watch will never fire: it was not set, or its session is over
}

// Fired reports whether the watch has fired.
func (w *Watch) Fired() bool { return w.fired }

// Ended reports whether the watch can no longer fire: it was not set, or its session is over.
func (w *Watch) Ended() bool { return w.ended }

// watchTable is one of the lists in a setWatches (ZKWatchManager).
type watchTable uint8

const (
	tableData watchTable = iota
	tableExist
	tableChild
	tablePersistent
	tableRecursive
)

// registry has the watches of a client, sorted by table and path.
type registry struct{ entries []watchEntry }

type watchEntry struct {
	table   watchTable
	path    string
	handles []*Watch
}

func (r *registry) find(t watchTable, path string) (int, bool) {
	return slices.BinarySearchFunc(r.entries, path, func(e watchEntry, path string) int {
		if d := cmp.Compare(e.table, t); d != 0 {
			return d
		}
		return cmp.Compare(e.path, path)
	})
}

func (r *registry) add(t watchTable, path string, w *Watch) {
	i, ok := r.find(t, path)
	if !ok {
		r.entries = slices.Insert(r.entries, i, watchEntry{table: t, path: path})
	}
	if w != nil {
		w.set = true
		r.entries[i].handles = append(r.entries[i].handles, w)
	}
}

func (r *registry) remove(t watchTable, path string) {
	if i, ok := r.find(t, path); ok {
		for _, w := range r.entries[i].handles {
			w.ended = true
		}
		r.entries = slices.Delete(r.entries, i, i+1)
	}
}

// onReply registers the watch that a read has set, and removes watches that a removeWatches has
// removed. An exists sets a watch even if the node is missing.
func (r *registry) onReply(call *Call, code tree.Code) {
	op := &call.Op
	if code == tree.NoNode && op.Type == tree.OpExists && op.Watch {
		r.add(tableExist, op.Path, call.watch)
		return
	}
	if code != tree.OK {
		return
	}
	switch op.Type {
	case tree.OpExists, tree.OpGetData:
		if op.Watch {
			r.add(tableData, op.Path, call.watch)
		}
	case tree.OpGetChildren, tree.OpGetChildren2:
		if op.Watch {
			r.add(tableChild, op.Path, call.watch)
		}
	case tree.OpAddWatch:
		t := tablePersistent
		if op.WatchMode == tree.WatchPersistentRecursive {
			t = tableRecursive
		}
		r.add(t, op.Path, call.watch)
	case tree.OpRemoveWatches:
		r.removeKind(op.WatcherType, op.Path)
	}
}

func (r *registry) removeKind(kind tree.WatcherType, path string) {
	any := kind == tree.WatcherAny
	if any || kind == tree.WatcherData {
		r.remove(tableData, path)
		r.remove(tableExist, path)
	}
	if any || kind == tree.WatcherChildren {
		r.remove(tableChild, path)
	}
	if any || kind == tree.WatcherPersistent {
		r.remove(tablePersistent, path)
	}
	if any || kind == tree.WatcherPersistentRecursive {
		r.remove(tableRecursive, path)
	}
}

// fire removes and fires the plain watches that match an event (ZKWatchManager.materialize).
func (r *registry) fire(e tree.WatchEvent) {
	switch e.Type {
	case tree.NodeCreated, tree.NodeDataChanged:
		r.use(tableData, e)
		r.use(tableExist, e)
	case tree.NodeChildrenChanged:
		r.use(tableChild, e)
	case tree.NodeDeleted:
		r.use(tableData, e)
		r.use(tableExist, e)
		r.use(tableChild, e)
	}
	r.tell(tablePersistent, e.Path, e)
	if e.Type == tree.NodeChildrenChanged {
		return
	}
	for path, ok := e.Path, true; ok; path, _, ok = tree.SplitPath(path) {
		r.tell(tableRecursive, path, e)
	}
}

// stays reports whether an event fires a watch that remains set.
func (r *registry) stays(e tree.WatchEvent) bool {
	if _, ok := r.find(tablePersistent, e.Path); ok {
		return true
	}
	path, ok := e.Path, e.Type != tree.NodeChildrenChanged
	for ; ok; path, _, ok = tree.SplitPath(path) {
		if _, found := r.find(tableRecursive, path); found {
			return true
		}
	}
	return false
}

func (r *registry) use(t watchTable, e tree.WatchEvent) {
	r.tell(t, e.Path, e)
	if i, ok := r.find(t, e.Path); ok {
		r.entries = slices.Delete(r.entries, i, i+1)
	}
}

func (r *registry) tell(t watchTable, path string, e tree.WatchEvent) {
	i, ok := r.find(t, path)
	if !ok {
		return
	}
	for _, w := range r.entries[i].handles {
		if !w.fired {
			w.fired, w.Event = true, e
		}
	}
}

func (r *registry) endAll() {
	for i := range r.entries {
		for _, w := range r.entries[i].handles {
			w.ended = true
		}
	}
	r.entries = nil
}

// setWatches returns the requests that set all watches again. Each is smaller than maxBytes.
func (r *registry) setWatches(lastZxid int64, maxBytes int) []*tree.SetWatches {
	var parts []*tree.SetWatches
	var s *tree.SetWatches
	size := 0
	for i := range r.entries {
		e := &r.entries[i]
		if s == nil || size+len(e.path)+4 > maxBytes {
			s, size = &tree.SetWatches{RelativeZxid: lastZxid}, 0
			parts = append(parts, s)
		}
		size += len(e.path) + 4
		switch e.table {
		case tableData:
			s.Data = append(s.Data, e.path)
		case tableExist:
			s.Exist = append(s.Exist, e.path)
		case tableChild:
			s.Child = append(s.Child, e.path)
		case tablePersistent:
			s.Persistent = append(s.Persistent, e.path)
		case tableRecursive:
			s.Recursive = append(s.Recursive, e.path)
		}
	}
	return parts
}
