package apache_test

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/tree"
	"pgregory.net/rapid"
)

// action is one operation of a session, or a change of its connection. Paths are relative to the
// sequence's root.
type action struct {
	session string
	resume  bool // resume the session on a new connection
	behind  int64
	op      tree.Op
}

func (a action) GoString() string { return a.String() }

func (a action) String() string {
	if a.resume {
		return a.session + " resume"
	}
	s := fmt.Sprintf("%s %s %q", a.session, a.op.Type, a.op.Path)
	if a.op.Data != nil {
		s += fmt.Sprintf(" data %q", a.op.Data)
	}
	if a.op.Flags != 0 {
		s += " " + a.op.Flags.String()
	}
	if a.op.Watch {
		s += " watch"
	}
	if len(a.op.ACL) > 0 && a.op.ACL[0] != tree.OpenACL[0] {
		s += fmt.Sprintf(" acl %v", a.op.ACL)
	}
	if w := a.op.SetWatches; w != nil {
		s += fmt.Sprintf(" %d zxids ago, data %q exist %q child %q persistent %q recursive %q",
			a.behind, w.Data, w.Exist, w.Child, w.Persistent, w.Recursive)
	}
	for _, part := range a.op.Ops {
		s += " | " + strings.TrimPrefix(action{op: part}.String(), " ")
	}
	return s +
		fmt.Sprintf(" version %d mode %d type %d", a.op.Version, a.op.WatchMode, a.op.WatcherType)
}

var (
	kinds = []tree.OpCode{
		tree.OpCreate, tree.OpCreate, tree.OpCreate2, tree.OpCreate2, tree.OpDelete, tree.OpDelete,
		tree.OpSetData, tree.OpSetData, tree.OpExists, tree.OpGetData, tree.OpGetChildren,
		tree.OpGetChildren2, tree.OpGetACL, tree.OpSetACL, tree.OpGetAllChildrenNumber,
		tree.OpGetEphemerals, tree.OpSync, tree.OpPing, tree.OpMulti, tree.OpMulti,
		tree.OpMultiRead, tree.OpAuth, tree.OpAddWatch, tree.OpRemoveWatches, tree.OpCheckWatches,
		tree.OpSetWatches, tree.OpSetWatches2, tree.OpCloseSession, tree.OpNotification, // resume
	}
	partKinds = []tree.OpCode{
		tree.OpCreate, tree.OpCreate2, tree.OpDelete, tree.OpSetData, tree.OpCheck,
	}
	paths = []string{
		"/a", "/a", "/a", "/a", "/a/b", "/a/b", "/a/b", "/c", "/c", "/c/n-", "/a/n-",
		"/a/n-0000000000", "/c/n-0000000001", "/a/b/d", "/a/b/d", "",
		"/a", "/a", "/a/b", "/a/b", "/c", "/c", "/c/n-", "/a/n-", "/a/n-0000000001", "/a/b/d", "",
		"/c/", "/a//b", "/a/./b", "/a/\x01",
	}
	modes = []tree.CreateMode{
		0, 0, 0, 0, 0, tree.Ephemeral, tree.Ephemeral, tree.PersistentSequential,
		tree.EphemeralSequential,
	}
	schemes = []string{"digest", "digest", "digest", "digest", "nonsense"}
	logins  = []string{"u:p", "v:q"}
	lists   = [][]tree.ACL{
		tree.OpenACL, tree.OpenACL, tree.OpenACL, tree.OpenACL, tree.OpenACL, tree.OpenACL,
		tree.OpenACL, tree.OpenACL, tree.OpenACL, tree.OpenACL, tree.OpenACL, tree.OpenACL,
		tree.OpenACL, tree.OpenACL, tree.ReadACL, {}, nil, {{Perms: tree.PermAll, Scheme: "auth"}},
		{{Perms: tree.PermAll, Scheme: "digest", ID: tree.DigestID("u:p")}},
		{
			{Perms: tree.PermRead | tree.PermCreate, Scheme: "digest", ID: tree.DigestID("v:q")},
			{Perms: tree.PermRead, Scheme: "world", ID: "anyone"},
		},
		{{Perms: tree.PermWrite | tree.PermDelete, Scheme: "ip", ID: "127.0.0.1"}},
		{{Perms: tree.PermAll, Scheme: "ip", ID: "127.0.0.0/8"}},
		{{Perms: tree.PermAll, Scheme: "ip", ID: "10.0.0.1"}},
		{{Perms: tree.PermAll, Scheme: "world", ID: "someone"}},
		{
			{Perms: tree.PermRead, Scheme: "world", ID: "anyone"},
			{Perms: tree.PermRead, Scheme: "world", ID: "anyone"},
		},
	}
	texts = [][]byte{nil, {}, []byte("x"), []byte("longer"), {0, 255}}
)

func drawAction(t *rapid.T) action {
	a := action{session: rapid.SampledFrom([]string{"s1", "s2", "s3"}).Draw(t, "session")}
	kind := rapid.SampledFrom(kinds).Draw(t, "kind")
	if a.resume = kind == tree.OpNotification; a.resume {
		return a
	}
	a.op = drawOp(t, kind)
	switch kind {
	case tree.OpMulti:
		a.op.Ops = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) tree.Op {
			return drawOp(t, rapid.SampledFrom(partKinds).Draw(t, "part"))
		}), 0, 5).Draw(t, "parts")
	case tree.OpMultiRead:
		a.op.Ops = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) tree.Op {
			kinds := []tree.OpCode{tree.OpGetData, tree.OpGetChildren}
			return drawOp(t, rapid.SampledFrom(kinds).Draw(t, "part"))
		}), 1, 4).Draw(t, "parts")
	case tree.OpSetWatches, tree.OpSetWatches2:
		path := rapid.SampledFrom([]string{"/a", "/a/b", "/c", "/c/n-0000000001"})
		some := rapid.SliceOfNDistinct(path, 0, 3, rapid.ID[string])
		s := &tree.SetWatches{
			Data: some.Draw(t, "data"), Exist: some.Draw(t, "exist"), Child: some.Draw(t, "child"),
		}
		if kind == tree.OpSetWatches2 {
			s.Persistent, s.Recursive = some.Draw(t, "persistent"), some.Draw(t, "recursive")
		}
		a.op.SetWatches = s
		a.behind = rapid.Int64Range(0, 8).Draw(t, "zxids ago")
	}
	return a
}

func drawOp(t *rapid.T, kind tree.OpCode) tree.Op {
	op := tree.Op{Type: kind}
	path := func() { op.Path = rapid.SampledFrom(paths).Draw(t, "path") }
	data := func() { op.Data = rapid.SampledFrom(texts).Draw(t, "data") }
	version := func() {
		op.Version = rapid.SampledFrom([]int32{-1, -1, -1, 0, 1, 2, -2}).Draw(t, "version")
	}
	switch kind {
	case tree.OpCreate, tree.OpCreate2:
		path()
		data()
		op.ACL = rapid.SampledFrom(lists).Draw(t, "acl")
		op.Flags = rapid.SampledFrom(modes).Draw(t, "mode")
	case tree.OpDelete, tree.OpCheck:
		path()
		version()
	case tree.OpSetData:
		path()
		data()
		version()
	case tree.OpSetACL:
		path()
		version()
		op.ACL = rapid.SampledFrom(lists).Draw(t, "acl")
	case tree.OpExists, tree.OpGetData, tree.OpGetChildren, tree.OpGetChildren2:
		path()
		op.Watch = rapid.Bool().Draw(t, "watch")
	case tree.OpAddWatch:
		path()
		op.WatchMode = tree.AddWatchMode(rapid.IntRange(0, 1).Draw(t, "mode"))
	case tree.OpRemoveWatches, tree.OpCheckWatches:
		path()
		op.WatcherType = tree.WatcherType(rapid.IntRange(1, 3).Draw(t, "type"))
	case tree.OpAuth:
		op.Scheme = rapid.SampledFrom(schemes).Draw(t, "scheme")
		op.Data = []byte(rapid.SampledFrom(logins).Draw(t, "login"))
	case tree.OpPing, tree.OpCloseSession, tree.OpMulti,
		tree.OpMultiRead, tree.OpSetWatches, tree.OpSetWatches2:
	default:
		path()
	}
	return op
}
