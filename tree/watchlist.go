package tree

import (
	"cmp"
	"slices"
	"strings"
)

// The linked lists of Watches.

func (w *Watches) find(table *watchTable, id WatcherID, path string) *watch {
	if who := w.watchers[id]; who != nil {
		return who.keys[watchKey{table, path}]
	}
	return nil
}

// add sets a watch, or adds a mode to an existing watch, which keeps its place in the list.
func (w *Watches) add(table *watchTable, id WatcherID, path string, mode watchMode) {
	who := w.watchers[id]
	if who == nil {
		who = &watcher{id: id, keys: make(map[watchKey]*watch)}
		w.watchers[id] = who
	}
	key := watchKey{table, path}
	x := who.keys[key]
	if x == nil {
		x = &watch{watcher: who, key: key}
		w.link(x)
	}
	w.count(x, -1)
	if w.single {
		x.modes = 0
	}
	x.modes |= mode
	w.count(x, 1)
}

// count adds n to the table's number of recursive watches, if the watch is recursive.
func (w *Watches) count(x *watch, n int) {
	if x.modes&modeRecursive != 0 {
		x.key.table.recursive += n
	}
}

// Watched is one watch in a list of watches.
type Watched struct {
	Path    string
	Watcher WatcherID
}

// AppendWatched appends all watches, sorted by path and then by watcher. A watch that is in both
// tables is appended twice.
func (w *Watches) AppendWatched(dst []Watched) []Watched {
	from := len(dst)
	for _, table := range []*watchTable{&w.data, &w.child} {
		for path, list := range table.paths { // order: sorted below
			for x := list.first; x != nil; x = x.nextOfPath {
				dst = append(dst, Watched{path, x.watcher.id})
			}
		}
	}
	slices.SortFunc(dst[from:], func(a, b Watched) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Watcher, b.Watcher))
	})
	return dst
}

func (w *Watches) drop(table *watchTable, id WatcherID, path string, modes watchMode) bool {
	x := w.find(table, id, path)
	if x != nil && w.single {
		modes = modeAny
	}
	if x == nil || x.modes&modes == 0 {
		return false
	}
	w.unset(x, modes)
	return true
}

// unset removes modes from a watch, and unlinks a watch without modes.
func (w *Watches) unset(x *watch, modes watchMode) {
	w.count(x, -1)
	x.modes &^= modes
	w.count(x, 1)
	if x.modes == 0 {
		w.unlink(x)
	}
}

func (w *Watches) link(x *watch) {
	table, who := x.key.table, x.watcher
	list := table.paths[x.key.path]
	if list == nil {
		list = &pathWatches{}
		table.paths[x.key.path] = list
	}
	x.prevOfPath = list.last
	if list.last != nil {
		list.last.nextOfPath = x
	} else {
		list.first = x
	}
	list.last = x

	x.nextOfWatcher = who.first
	if who.first != nil {
		who.first.prevOfWatcher = x
	}
	who.first = x
	who.keys[x.key] = x
	table.count++
}

func (w *Watches) unlink(x *watch) {
	table, who := x.key.table, x.watcher
	list := table.paths[x.key.path]
	if x.prevOfPath != nil {
		x.prevOfPath.nextOfPath = x.nextOfPath
	} else {
		list.first = x.nextOfPath
	}
	if x.nextOfPath != nil {
		x.nextOfPath.prevOfPath = x.prevOfPath
	} else {
		list.last = x.prevOfPath
	}
	if list.first == nil {
		delete(table.paths, x.key.path)
	}

	if x.prevOfWatcher != nil {
		x.prevOfWatcher.nextOfWatcher = x.nextOfWatcher
	} else {
		who.first = x.nextOfWatcher
	}
	if x.nextOfWatcher != nil {
		x.nextOfWatcher.prevOfWatcher = x.prevOfWatcher
	}
	delete(who.keys, x.key)
	if who.first == nil {
		delete(w.watchers, who.id)
	}
	table.count--
}
