package workload

import (
	"slices"
	"strconv"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// The workloads here use what recipes do not: every request that a server knows.

// reopen makes ephemeral nodes, closes its session, and goes on in another.
func reopen(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		p.Create("/open-", value(p, n), tree.EphemeralSequential)
		p.Create("/open"+strconv.Itoa(p.Rand().Intn(3)), value(p, n), tree.Ephemeral)
		think(p)
		p.Do(tree.Op{Type: tree.OpGetEphemerals, Path: one(p, "/", "/open-", "/open1")})
		think(p)
		if p.Rand().Intn(3) == 0 {
			p.Reopen()
		}
	}
}

// watcherTypes are the kinds of watches that removeWatches and checkWatches know.
var watcherTypes = []tree.WatcherType{tree.WatcherChildren, tree.WatcherData, tree.WatcherAny,
	tree.WatcherPersistent, tree.WatcherPersistentRecursive}

func one[T any](p *client.Proc, list ...T) T { return list[p.Rand().Intn(len(list))] }

// rush starts a few requests one after the other, and then waits for their answers: each meets the
// earlier ones while they are under way.
func rush(p *client.Proc, next func() tree.Op) {
	var calls []*client.Call
	for range 1 + p.Rand().Intn(4) {
		calls = append(calls, p.Start(next()))
	}
	for _, call := range calls {
		p.Await(call)
	}
	if p.Rand().Intn(2) == 0 {
		think(p)
	}
}

// subscribe sets, asks for and removes watches of every kind, on nodes that exist and on nodes that
// do not, and changes these nodes.
func subscribe(p *client.Proc) {
	path := some(p, "s")
	for n := 0; p.WaitConnected(); n++ {
		if p.Rand().Intn(2) == 0 { // otherwise again the path of before
			path = some(p, "s")
			if p.Rand().Intn(2) == 0 {
				path += "/k" + strconv.Itoa(p.Rand().Intn(2))
			}
		}
		rush(p, func() tree.Op { return notice(p, path, n) })
	}
}

// notice is a request about the watches of a path, or one that causes events.
func notice(p *client.Proc, path string, n int) tree.Op {
	op := tree.Op{Path: path, Version: tree.AnyVersion}
	switch p.Rand().Intn(12) {
	case 0:
		op.Type = tree.OpAddWatch
		op.WatchMode = one(p, tree.WatchPersistent, tree.WatchPersistentRecursive)
	case 1, 2:
		op.Type = one(p, tree.OpRemoveWatches, tree.OpRemoveWatches, tree.OpCheckWatches)
		op.WatcherType = one(p, watcherTypes...)
	case 3, 4:
		op.Type, op.Data, op.ACL = tree.OpCreate, value(p, n), tree.OpenACL
		op.Flags = one(p, tree.Persistent, tree.Persistent, tree.Ephemeral)
	case 5: // a child of the path, or a grandchild
		op = tree.Op{Type: tree.OpCreate, Path: path + "/k" + strconv.Itoa(p.Rand().Intn(2)),
			ACL: tree.OpenACL}
	case 6:
		op.Type = tree.OpDelete
	case 7:
		op.Type, op.Data = tree.OpSetData, value(p, n)
	default:
		op.Type = one(p, tree.OpGetData, tree.OpExists, tree.OpGetChildren2, tree.OpGetChildren)
		op.Watch = p.Rand().Intn(4) > 0
	}
	return op
}

// modes are the modes of the nodes that verify creates.
var modes = []tree.CreateMode{tree.Persistent, tree.Persistent, tree.Ephemeral,
	tree.PersistentSequential}

// step is a random part of a multi, or a write of its own.
func step(p *client.Proc, n int) tree.Op {
	path := some(p, "k")
	if p.Rand().Intn(3) == 0 {
		path += "/" + strconv.Itoa(p.Rand().Intn(2))
	}
	version := one(p, tree.AnyVersion, tree.AnyVersion, 0, 1, 2)
	switch p.Rand().Intn(6) {
	case 0:
		return tree.Op{Type: tree.OpCheck, Path: path, Version: version}
	case 1:
		return tree.Op{Type: tree.OpDelete, Path: path, Version: version}
	case 2:
		return tree.Op{Type: tree.OpSetData, Path: path, Data: value(p, n), Version: version}
	case 3:
		return tree.Op{Type: tree.OpCreate2, Path: path, Data: value(p, n), ACL: tree.OpenACL,
			Flags: one(p, modes...)}
	}
	return tree.Op{Type: tree.OpCreate, Path: path, Data: value(p, n), ACL: tree.OpenACL,
		Flags: one(p, modes...)}
}

// verify makes checks, and multis of a few random parts, many of which fail; and reads several
// nodes at once.
func verify(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		rush(p, func() tree.Op {
			switch p.Rand().Intn(5) {
			case 0, 1:
				return step(p, n)
			case 2, 3:
				parts := make([]tree.Op, 1+p.Rand().Intn(4))
				for i := range parts {
					parts[i] = step(p, n)
				}
				return tree.Op{Type: tree.OpMulti, Ops: parts}
			}
			if p.Rand().Intn(2) == 0 {
				return tree.Op{Type: tree.OpGetAllChildrenNumber, Path: some(p, "k")}
			}
			return tree.Op{Type: tree.OpMultiRead, Ops: []tree.Op{
				{Type: tree.OpGetData, Path: some(p, "k")},
				{Type: tree.OpGetChildren, Path: some(p, "k")},
				{Type: tree.OpGetData, Path: some(p, "k") + "/0"},
			}}
		})
	}
}

// The users of restrict: the first part of a name is the user, the second the password.
const (
	ann = "ann:one"
	ben = "ben:two"
)

// The names that ACLs have for the users: the SHA-1 of user and password in base 64, made with
// another program.
const (
	annDigest = "ann:grDcJ7OS1jCu/cG2TyJHw/I9L8o="
	benDigest = "ben:5Lk8XnCIbIbi4rhhXgv7RDUB9uw="
)

// lists are the ACLs that restrict gives to nodes.
var lists = [][]tree.ACL{
	tree.OpenACL,
	tree.ReadACL,
	{{Perms: tree.PermAll, Scheme: "auth"}},
	{{Perms: tree.PermAll, Scheme: "digest", ID: annDigest},
		{Perms: tree.PermRead | tree.PermWrite, Scheme: "digest", ID: benDigest}},
	{{Perms: tree.PermAll, Scheme: "digest", ID: benDigest},
		{Perms: tree.PermRead, Scheme: "world", ID: "anyone"},
		{Perms: tree.PermRead, Scheme: "world", ID: "anyone"}},
	{{Perms: tree.PermRead | tree.PermCreate | tree.PermAdmin, Scheme: "ip", ID: "10.0.0.0/24"},
		{Perms: tree.PermDelete, Scheme: "ip", ID: "10.0.1.0/24"}},
	{{Perms: tree.PermCreate | tree.PermDelete | tree.PermAdmin, Scheme: "world", ID: "anyone"}},
	{},
}

// restrict is one user, or both, or nobody, and makes nodes that not everybody may read, write or
// change, and tries what it may not do.
func restrict(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		path := some(p, "a")
		if p.Rand().Intn(3) == 0 {
			path += "/" + strconv.Itoa(p.Rand().Intn(2))
		}
		rush(p, func() tree.Op { return guarded(p, path, n) })
	}
}

// guarded is a request that needs a permission, or gives one.
func guarded(p *client.Proc, path string, n int) tree.Op {
	op := tree.Op{Path: path, Version: one(p, tree.AnyVersion, tree.AnyVersion, 0, 1)}
	switch p.Rand().Intn(12) {
	case 0:
		op = tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte(one(p, ann, ben))}
		if p.Rand().Intn(40) == 0 {
			op.Scheme = "none" // the session fails for good
		}
	case 1, 2, 3:
		op.Type, op.Data, op.ACL = tree.OpCreate2, value(p, n), one(p, lists...)
		op.Flags = one(p, tree.Persistent, tree.Persistent, tree.Ephemeral)
	case 4, 5:
		op.Type, op.ACL = tree.OpSetACL, one(p, lists...)
	case 6:
		op.Type = tree.OpDelete
	case 7:
		op.Type, op.Data = tree.OpSetData, value(p, n)
	case 8:
		op.Type = tree.OpGetACL
	case 9:
		op.Type = one(p, tree.OpGetChildren, tree.OpGetAllChildrenNumber, tree.OpExists)
	case 10:
		op.Type = tree.OpGetData
	case 11:
		op.Type = tree.OpCheck
	}
	return op
}

// mostData is the size in bytes of the largest data of the node /bulk that a request may set: with
// its header, path and version the request has 1048575 bytes, which is all that a server accepts.
const mostData = 0xfffff - 8 - (4 + len("/bulk")) - 4 - 4

// haul writes as much to a node as a server accepts, and one byte more, and reads it.
func haul(p *client.Proc) {
	data := make([]byte, mostData+1)
	for n := 0; n < 2 && p.WaitConnected(); n++ {
		p.Create("/bulk", nil, tree.Persistent)
		size := mostData + p.Rand().Intn(2)
		p.Set("/bulk", data[:size], tree.AnyVersion)
		think(p)
		p.Get("/bulk")
		think(p)
	}
	p.Set("/bulk", value(p, 0), tree.AnyVersion)
}

// crowd creates a thousand children, lists them, and deletes and creates some.
func crowd(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		if _, err := p.Create("/crowd", nil, tree.Persistent); err == nil {
			child := tree.Op{Type: tree.OpCreate, Path: "/crowd/c-", ACL: tree.OpenACL,
				Flags: tree.PersistentSequential}
			for range 10 {
				p.Multi(slices.Repeat([]tree.Op{child}, 100)...)
			}
		}
		names, _, _, err := p.ChildrenW("/crowd")
		if err == nil && len(names) > 0 {
			p.Delete("/crowd/"+one(p, names...), tree.AnyVersion)
		}
		p.Create("/crowd/c-", value(p, n), one(p, modes...))
		p.Do(tree.Op{Type: tree.OpGetAllChildrenNumber, Path: "/crowd"})
		think(p)
		think(p)
	}
}

// Numbers is the path of a node whose counter for sequential children is about to overflow. The
// workload that uses it needs an ensemble in which this node exists from the start.
const Numbers = "/numbers"

// number creates sequential nodes where the numbers overflow.
func number(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		path, err := p.Create(Numbers+one(p, "/", "/n-", "/"), value(p, n),
			one(p, tree.PersistentSequential, tree.EphemeralSequential))
		think(p)
		if err == nil && p.Rand().Intn(2) == 0 {
			p.Delete(path, tree.AnyVersion)
		}
		p.Children(Numbers)
	}
}
