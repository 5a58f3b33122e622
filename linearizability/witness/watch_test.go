package witness

import (
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// inOrder is a record of operations, and of events that reach A, one after the other.
func inOrder(list ...any) (r lin.Record) {
	for i, x := range list {
		at := int64(10 * i)
		switch x := x.(type) {
		case op:
			x.Call, x.Return, x.Place = at, at+5, at+5
			r.Ops = append(r.Ops, x)
		case lin.Event:
			x.At, x.Place = at, at
			r.Events = append(r.Events, x)
		}
	}
	return r
}

func mode(m lin.WatchMode) func(*op) { return func(o *op) { o.Mode = m } }

// What A does: set a persistent watch (stays), remove watches (takes), read at zxid z (looks).
func stays(path lin.Path, m lin.WatchMode, z lin.Zxid) op {
	return did("A", 0, z, lin.AddWatch, path, mode(m))
}

func takes(path lin.Path, m lin.WatchMode, z lin.Zxid) op {
	return did("A", 0, z, lin.RemoveWatches, path, mode(m))
}

func looks(z lin.Zxid) op { return did("A", 0, z, lin.Exists, "/never", failed(lin.NoNode)) }

func create(z lin.Zxid, path lin.Path) op { return did("B", 0, z, lin.Create, path) }
func remove(z lin.Zxid, path lin.Path) op { return did("B", 0, z, lin.Delete, path) }
func sets(z lin.Zxid, path lin.Path) op   { return did("B", 0, z, lin.Set, path) }

func isTold(z int64, kind lin.EventKind, path lin.Path) lin.Event { return event(z, 0, kind, path) }

var reconnected = lin.Event{Client: "A", Session: 1, Kind: lin.Reconnected}

// seeks: A waits for a path with exists. none: A's removeWatches finds no watch.
func seeks(path lin.Path) op {
	return did("A", 0, 1, lin.Exists, path, failed(lin.NoNode),
		watching)
}

func none(path lin.Path, m lin.WatchMode, z lin.Zxid) op {
	return did("A", 0, z, lin.RemoveWatches, path, mode(m), failed(lin.NoWatcher))
}

func persistent(e lin.Event) lin.Event {
	e.Persistent = true
	return e
}

// swapped is a record that holds, and the same with the entries at i and k swapped.
func swapped(name string, i, k int, list ...any) neighbour {
	bad := slices.Clone(list)
	bad[i], bad[k] = bad[k], bad[i]
	return neighbour{name, checkWatches, Options{}, inOrder(list...), inOrder(bad...)}
}

// goneTwice: A watches the data and the children of a node, and gets two events of its deletion.
func goneTwice(between ...any) lin.Record {
	list := []any{create(1, "/x"), did("A", 0, 1, lin.Exists, "/x", watching),
		did("A", 0, 1, lin.Children, "/x", watching), remove(2, "/x")}
	list = append(list, between...)
	return inOrder(append(list, isTold(2, lin.EventDeleted, "/x"),
		isTold(2, lin.EventDeleted, "/x"), looks(2))...)
}

// ends deletes two nodes at once: by the end of their session, or by a multi.
func ends(session bool) lin.Record {
	list := []any{did("C", 0, 1, lin.Create, "/x", ephemeral),
		did("C", 0, 2, lin.Create, "/y", ephemeral), stays("/", lin.WatchRecursive, 2)}
	if session {
		list = append(list, did("C", 0, 3, lin.CloseSession, ""))
	} else {
		list = append(list, did("C", 0, 3, lin.Multi, "", of(remove(0, "/x"), remove(0, "/y"))))
	}
	return inOrder(append(list, isTold(3, lin.EventDeleted, "/y"),
		isTold(3, lin.EventDeleted, "/x"), looks(3))...)
}

// watchNeighbours: each rule about watches rejects the record that breaks it, and no other.
var watchNeighbours = []neighbour{
	// One-shot watches.
	swapped("watch-order", 4, 5,
		did("A", 0, 1, lin.Exists, "/x", failed(lin.NoNode), watching),
		did("A", 0, 1, lin.Exists, "/y", failed(lin.NoNode), watching),
		create(2, "/x"), create(3, "/y"), isTold(2, lin.EventCreated, "/x"),
		isTold(3, lin.EventCreated, "/y"), looks(3)),
	{"watch-gap-is-over", checkWatches, Options{},
		inOrder(seeks("/x"), create(2, "/x"), remove(3, "/x"), reconnected, looks(3)),
		inOrder(seeks("/x"), reconnected, looks(1), create(2, "/x"), remove(3, "/x"), looks(3))},
	{"watch-kind-set-again", checkWatches, Options{},
		inOrder(seeks("/x"), create(2, "/x"), sets(3, "/x"), reconnected,
			isTold(2, lin.EventCreated, "/x"), looks(3)),
		inOrder(seeks("/x"), create(2, "/x"), sets(3, "/x"), reconnected,
			isTold(3, lin.EventChanged, "/x"), looks(3))},
	{"watch-gone-twice", checkWatches, Options{}, goneTwice(reconnected), goneTwice()},
	{"watch-removed", checkWatches, Options{},
		inOrder(seeks("/x"), takes("/x", lin.WatchData, 1), create(2, "/x"), looks(2)),
		inOrder(seeks("/x"), takes("/x", lin.WatchData, 1), create(2, "/x"),
			isTold(2, lin.EventCreated, "/x"), looks(2))},
	{"watch-removed-and-none", checkWatches, Options{},
		inOrder(seeks("/x"), takes("/x", lin.WatchAny, 1)),
		inOrder(seeks("/x"), takes("/x", lin.WatchChildren, 1))},
	{"watch-removed-and-lost", checkWatches, Options{},
		inOrder(seeks("/x"), create(2, "/x"), isTold(2, lin.EventCreated, "/x"),
			none("/x", lin.WatchData, 2)),
		inOrder(seeks("/x"), none("/x", lin.WatchData, 1))},

	// Persistent watches.
	{"sets-none", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1)),
		inOrder(did("A", 0, 1, lin.AddWatch, "/x", mode(lin.WatchPersistent),
			failed(lin.Code("bad arguments"))))},
	{"says-it-is-none", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			persistent(isTold(2, lin.EventCreated, "/x")), stays("/y", lin.WatchRecursive, 2),
			create(3, "/y"), persistent(isTold(3, lin.EventCreated, "/y"))),
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			persistent(isTold(2, lin.EventCreated, "/x")), stays("/y", lin.WatchRecursive, 2),
			create(3, "/y"), isTold(3, lin.EventCreated, "/y"))},
	{"says-it-is-one", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), seeks("/y"), create(2, "/y"),
			isTold(2, lin.EventCreated, "/y"), create(3, "/x"),
			persistent(isTold(3, lin.EventCreated, "/x"))),
		inOrder(stays("/x", lin.WatchPersistent, 1), seeks("/y"), create(2, "/y"),
			persistent(isTold(2, lin.EventCreated, "/y")))},
	{"stays-missing", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			isTold(2, lin.EventCreated, "/x"), looks(2)),
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"), looks(2))},
	{"stays-twice", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			isTold(2, lin.EventCreated, "/x"), looks(2)),
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			isTold(2, lin.EventCreated, "/x"), isTold(2, lin.EventCreated, "/x"), looks(2))},
	swapped("stays-late", 2, 3,
		stays("/", lin.WatchRecursive, 1), create(2, "/x"), isTold(2, lin.EventCreated, "/x"),
		looks(2)),
	swapped("stays-after-own-reply", 1, 2,
		stays("/", lin.WatchRecursive, 1), isTold(2, lin.EventCreated, "/x"),
		did("A", 0, 2, lin.Create, "/x")),
	{"stays-kind", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			isTold(2, lin.EventCreated, "/x"), looks(2)),
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			isTold(2, lin.EventChanged, "/x"), looks(2))},
	swapped("stays-order", 3, 4,
		stays("/", lin.WatchRecursive, 1), create(2, "/x"), create(3, "/y"),
		isTold(2, lin.EventCreated, "/x"), isTold(3, lin.EventCreated, "/y"), looks(3)),
	swapped("stays-order-in-a-multi", 4, 5,
		stays("/", lin.WatchPersistent, 1), stays("/", lin.WatchRecursive, 1),
		did("B", 0, 2, lin.Multi, "", of(create(0, "/x"), create(0, "/y"))),
		isTold(2, lin.EventCreated, "/x"), isTold(2, lin.EventChildren, "/"),
		isTold(2, lin.EventCreated, "/y"), isTold(2, lin.EventChildren, "/"), looks(2)),
	{"stays-covers-below", checkWatches, Options{},
		inOrder(create(1, "/x"), stays("/x", lin.WatchRecursive, 1), create(2, "/x/y"),
			isTold(2, lin.EventCreated, "/x/y"), looks(2)),
		inOrder(create(1, "/x"), stays("/x", lin.WatchRecursive, 1), create(2, "/xy"),
			isTold(2, lin.EventCreated, "/xy"), looks(2))},
	{"stays-persistent-is-not-recursive", checkWatches, Options{},
		inOrder(create(1, "/x"), stays("/x", lin.WatchPersistent, 1), create(2, "/x/y"),
			isTold(2, lin.EventChildren, "/x"), looks(2)),
		inOrder(create(1, "/x"), stays("/x", lin.WatchPersistent, 1), create(2, "/x/y"),
			isTold(2, lin.EventChildren, "/x"), isTold(2, lin.EventCreated, "/x/y"), looks(2))},
	{"stays-recursive-tells-of-no-lists", checkWatches, Options{},
		inOrder(create(1, "/x"), stays("/x", lin.WatchRecursive, 1), create(2, "/x/y"),
			isTold(2, lin.EventCreated, "/x/y"), looks(2)),
		inOrder(create(1, "/x"), stays("/x", lin.WatchRecursive, 1), create(2, "/x/y"),
			isTold(2, lin.EventCreated, "/x/y"), isTold(2, lin.EventChildren, "/x"), looks(2))},
	{"stays-serves-both-by-one-event", checkWatches, Options{},
		inOrder(seeks("/x"), stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			isTold(2, lin.EventCreated, "/x"), looks(2)),
		inOrder(seeks("/x"), stays("/x", lin.WatchPersistent, 1), create(2, "/x"),
			isTold(2, lin.EventCreated, "/x"), isTold(2, lin.EventCreated, "/x"), looks(2))},
	{"stays-removed", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), takes("/x", lin.WatchPersistent, 1),
			create(2, "/x"), looks(2)),
		inOrder(stays("/x", lin.WatchPersistent, 1), takes("/x", lin.WatchPersistent, 1),
			create(2, "/x"), isTold(2, lin.EventCreated, "/x"), looks(2))},
	{"stays-removed-another", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchRecursive, 1), stays("/x", lin.WatchPersistent, 1),
			takes("/x", lin.WatchPersistent, 1),
			create(2, "/x"), isTold(2, lin.EventCreated, "/x"), looks(2)),
		inOrder(stays("/x", lin.WatchRecursive, 1), stays("/x", lin.WatchPersistent, 1),
			takes("/x", lin.WatchPersistent, 1),
			create(2, "/x"), looks(2))},
	{"stays-removed-and-lost", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), none("/x", lin.WatchRecursive, 1)),
		inOrder(stays("/x", lin.WatchPersistent, 1), none("/x", lin.WatchPersistent, 1))},
	{"stays-gap", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"), reconnected, looks(2)),
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"), looks(2))},
	{"stays-gap-is-over-with-a-reply", checkWatches, Options{},
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"), reconnected, sets(3, "/x"),
			looks(3)),
		inOrder(stays("/x", lin.WatchPersistent, 1), create(2, "/x"), reconnected, looks(2),
			sets(3, "/x"), looks(3))},
	{"stays-gap-is-over-with-an-event", checkWatches, Options{},
		inOrder(stays("/", lin.WatchRecursive, 1), create(2, "/x"), create(3, "/y"), reconnected,
			isTold(3, lin.EventCreated, "/y"), looks(3)),
		inOrder(stays("/", lin.WatchRecursive, 1), create(2, "/x"), create(3, "/y"), reconnected,
			isTold(2, lin.EventCreated, "/x"), looks(3))},
	{"stays-misses-what-setting-again-tells", checkWatches, Options{},
		inOrder(seeks("/x"), stays("/", lin.WatchRecursive, 1), create(2, "/x"), create(3, "/y"),
			reconnected, isTold(2, lin.EventCreated, "/x"), looks(3)),
		inOrder(seeks("/x"), stays("/", lin.WatchRecursive, 1), create(2, "/x"), create(3, "/y"),
			isTold(2, lin.EventCreated, "/x"), looks(3))},
	{"stays-ends-of-a-session-in-any-order", checkWatches, Options{}, ends(true), ends(false)},
	{"stays-passed-over-without-addWatch", checkWatches, Options{},
		inOrder(create(2, "/x"), persistent(isTold(2, lin.EventCreated, "/x")), looks(2)),
		inOrder(create(2, "/x"), isTold(2, lin.EventCreated, "/x"), looks(2))},
}
