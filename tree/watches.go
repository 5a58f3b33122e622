package tree

// WatcherID identifies a watcher. The caller decides whether a watcher is a session or a
// connection.
type WatcherID int64

// Fired is an event for one watcher. ACL is the access list of the event's node: the caller should
// not send the event to a client that may not read that node (ZOOKEEPER-4799).
type Fired struct {
	Watcher WatcherID
	WatchEvent
	ACL []ACL
}

// Watches are the watches that clients have set at one server. They are not part of the replicated
// state: each server has its own, and a client that moves to another server sets its watches again
// there.
//
// As in ZooKeeper, there are two tables. The data table contains the watches set by getData, exists
// and addWatch; getData watches and exists watches look the same in it. The child table contains
// the watches set by getChildren, and those set by addWatch with the mode WatchPersistent, which
// are thus in both tables. Recursive watches are only in the data table (but see
// [Watches.SingleMode]). A watch is removed when it fires, unless addWatch has set it.
//
// An event first notifies the watchers of its path, in the order in which they set their watches.
// Then it notifies the recursive watchers of the parent, of the parent's parent, and so on up to
// the root. No watcher gets an event twice, even if it has a watch in each table. (In ZooKeeper the
// order of the watchers of one path is that of a hash table.)
type Watches struct {
	data, child watchTable
	watchers    map[WatcherID]*watcher
	single      bool
	fired       []Fired
	round       uint64 // numbers the current event, which each watcher gets once
}

// watchMode is a set: one watcher can have a plain and a persistent watch on a path.
type watchMode uint8

const (
	modeStandard watchMode = 1 << iota
	modePersistent
	modeRecursive

	modeAny = modeStandard | modePersistent | modeRecursive
)

type watchTable struct {
	paths     map[string]*pathWatches
	count     int
	recursive int // with modeRecursive
}

// pathWatches are the watches of one path in one table, in the order in which they were set.
type pathWatches struct{ first, last *watch }

// watcher holds the watches of one client in both tables.
type watcher struct {
	id    WatcherID
	first *watch
	keys  map[watchKey]*watch
	round uint64 // the last event it got
}

type watchKey struct {
	table *watchTable
	path  string
}

// watch is one client's watch of one path in one table. It is in two linked lists, that of the path
// and that of the client, so that firing the watch and dropping the client are both cheap.
type watch struct {
	watcher *watcher
	key     watchKey
	modes   watchMode

	prevOfPath, nextOfPath       *watch
	prevOfWatcher, nextOfWatcher *watch
}

// NewWatches returns empty tables.
func NewWatches() *Watches {
	return &Watches{
		data:     watchTable{paths: make(map[string]*pathWatches)},
		child:    watchTable{paths: make(map[string]*pathWatches)},
		watchers: make(map[WatcherID]*watcher),
	}
}

// SingleMode makes w behave like ZooKeeper before 3.9 (ZOOKEEPER-4466). A watcher can have only one
// kind of watch on a path: plain, persistent or recursive. A new watch replaces the old one, so a
// getData with a watch ends a persistent watch. removeWatches removes the watch, whatever its kind.
// checkWatches succeeds even if only another client watches the path. The replacement can be
// incomplete: a recursive watch has an entry in the data table and one in the child table, and a new
// data watch replaces only the first. The other entry remains, and still reports deletes.
func (w *Watches) SingleMode() { w.single = true }

// Len returns the number of watches. A watch that is in both tables counts twice.
func (w *Watches) Len() int { return w.data.count + w.child.count }

// WatchData sets the watch of a getData or an exists, which fires once. An exists sets the watch
// even if the node is missing, but a getData only if the node exists: so do not call WatchData for
// a getData that failed.
func (w *Watches) WatchData(id WatcherID, path string) { w.add(&w.data, id, path, modeStandard) }

// WatchChildren sets the one-shot watch of a getChildren.
func (w *Watches) WatchChildren(id WatcherID, path string) {
	w.add(&w.child, id, path, modeStandard)
}

// AddWatch sets a watch that persists until it is removed (DataTree.addWatch, 3.6 and later).
func (w *Watches) AddWatch(id WatcherID, path string, mode AddWatchMode) {
	if mode == WatchPersistentRecursive {
		w.add(&w.data, id, path, modeRecursive)
		if w.single {
			w.add(&w.child, id, path, modeRecursive)
		}
		return
	}
	w.add(&w.data, id, path, modePersistent)
	w.add(&w.child, id, path, modePersistent)
}

// Contains reports whether the watcher with the given id has a watch of the type kind on path. The
// server calls it to answer a checkWatches request.
func (w *Watches) Contains(id WatcherID, path string, kind WatcherType) bool {
	has := func(table *watchTable, modes watchMode) bool {
		if w.single {
			return table.paths[path] != nil
		}
		watch := w.find(table, id, path)
		return watch != nil && watch.modes&modes != 0
	}
	switch kind {
	case WatcherChildren:
		return has(&w.child, modeStandard)
	case WatcherData:
		return has(&w.data, modeStandard)
	case WatcherPersistent:
		return has(&w.data, modePersistent)
	case WatcherPersistentRecursive:
		return has(&w.data, modeRecursive)
	case WatcherAny:
		return has(&w.child, modeAny) || has(&w.data, modeAny)
	}
	return false
}

// Remove removes the watches of the type kind that the watcher with the given id has on path. The
// server calls it for a removeWatches request. Remove returns false if there was no such watch; the
// server then answers NoWatcher.
func (w *Watches) Remove(id WatcherID, path string, kind WatcherType) bool {
	switch kind {
	case WatcherChildren:
		return w.drop(&w.child, id, path, modeStandard)
	case WatcherData:
		return w.drop(&w.data, id, path, modeStandard)
	case WatcherPersistent:
		child := w.drop(&w.child, id, path, modePersistent)
		return w.drop(&w.data, id, path, modePersistent) || child
	case WatcherPersistentRecursive:
		return w.drop(&w.data, id, path, modeRecursive)
	case WatcherAny:
		child := w.drop(&w.child, id, path, modeAny)
		return w.drop(&w.data, id, path, modeAny) || child
	}
	return false
}

// RemoveWatcher removes all watches of a watcher, because its connection is closed.
func (w *Watches) RemoveWatcher(id WatcherID) {
	who := w.watchers[id]
	for who != nil && who.first != nil {
		w.unset(who.first, modeAny)
	}
}

// Take appends the events that have fired since the last call of Take.
func (w *Watches) Take(dst []Fired) []Fired {
	dst = append(dst, w.fired...)
	clear(w.fired) // let go of paths and lists
	w.fired = w.fired[:0]
	return dst
}

// SetWatches sets the watches of a client that comes from another server (DataTree.setWatches,
// ZOOKEEPER-1667). A watch of getData, exists or getChildren fires at once if its node has changed
// since the last zxid that the client saw; otherwise the watch is set. If a node was both created
// and deleted while the client was disconnected, an exists watch on that node is set again, and the
// client never learns of the two changes. Persistent watches are set, and never fire at once.
func (w *Watches) SetWatches(t *Tree, id WatcherID, s *SetWatches) {
	for _, path := range s.Data {
		n := t.Node(path)
		switch {
		case n == nil:
			w.late(id, NodeDeleted, path, t.lastProcessed)
		case n.mzxid > s.RelativeZxid:
			w.late(id, NodeDataChanged, path, n.mzxid)
		default:
			w.WatchData(id, path)
		}
	}
	for _, path := range s.Exist {
		if n := t.Node(path); n != nil {
			w.late(id, NodeCreated, path, n.czxid)
		} else {
			w.WatchData(id, path)
		}
	}
	for _, path := range s.Child {
		n := t.Node(path)
		switch {
		case n == nil:
			w.late(id, NodeDeleted, path, t.lastProcessed)
		case n.pzxid > s.RelativeZxid:
			w.late(id, NodeChildrenChanged, path, n.pzxid)
		default:
			w.WatchChildren(id, path)
		}
	}
	for _, path := range s.Persistent {
		w.AddWatch(id, path, WatchPersistent)
	}
	for _, path := range s.Recursive {
		w.AddWatch(id, path, WatchPersistentRecursive)
	}
}

// late fires an event that happened while the client had no server. The tree does not record when a
// node was deleted, so a deletion has the newest zxid. The event has no ACL: ZooKeeper sends it
// even to a client that may not read the node (DataTree.setWatches passes no ACL, even after
// ZOOKEEPER-4799).
func (w *Watches) late(id WatcherID, e EventType, path string, zxid int64) {
	w.fired = append(w.fired, Fired{id, WatchEvent{e, path, zxid}, nil})
}

// any reports whether w has watches. w may be nil.
func (w *Watches) any() bool { return w != nil && w.data.count+w.child.count > 0 }

func (w *Watches) created(n *Node) {
	w.round++
	w.fire(&w.data, WatchEvent{NodeCreated, n.path, n.czxid}, n.acl)
	w.round++
	w.fire(&w.child, WatchEvent{NodeChildrenChanged, n.parent.path, n.czxid}, n.parent.acl)
}

func (w *Watches) dataChanged(n *Node) {
	w.round++
	w.fire(&w.data, WatchEvent{NodeDataChanged, n.path, n.mzxid}, n.acl)
}

// deleted fires both tables in one round: a watcher with a data watch and a child watch on the node
// loses both watches and gets one event.
func (w *Watches) deleted(n, parent *Node, zxid int64) {
	w.round++
	w.fire(&w.data, WatchEvent{NodeDeleted, n.path, zxid}, n.acl)
	w.fire(&w.child, WatchEvent{NodeDeleted, n.path, zxid}, n.acl)
	w.round++
	w.fire(&w.child, WatchEvent{NodeChildrenChanged, parent.path, zxid}, parent.acl)
}

// fire gives an event to the watchers of its path, which removes their plain watches, and then to
// the recursive watchers of the nodes above.
func (w *Watches) fire(table *watchTable, e WatchEvent, acl []ACL) {
	if list := table.paths[e.Path]; list != nil {
		for watch := list.first; watch != nil; {
			next := watch.nextOfPath // unset takes the watch out of the list
			if e.Type != NodeChildrenChanged || watch.modes != modeRecursive {
				w.tell(watch.watcher, e, acl)
			}
			w.unset(watch, modeStandard)
			watch = next
		}
	}
	if table.recursive == 0 || e.Type == NodeChildrenChanged {
		return
	}
	for path, _, ok := SplitPath(e.Path); ok; path, _, ok = SplitPath(path) {
		list := table.paths[path]
		if list == nil {
			continue
		}
		for watch := list.first; watch != nil; watch = watch.nextOfPath {
			if watch.modes&modeRecursive != 0 {
				w.tell(watch.watcher, e, acl)
			}
		}
	}
}

func (w *Watches) tell(who *watcher, e WatchEvent, acl []ACL) {
	if who.round == w.round {
		return
	}
	who.round = w.round
	w.fired = append(w.fired, Fired{who.id, e, acl})
}
