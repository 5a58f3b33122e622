package tree

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// putter commits the next transaction to a tree, and fails the test if the tree refuses it.
type putter struct {
	t    *testing.T
	tree *Tree
	zxid int64
}

func newPutter(t *testing.T) *putter { return &putter{t: t, tree: New()} }

func (p *putter) do(session int64, op OpCode, body Body) Result {
	p.t.Helper()
	p.zxid++
	r := p.tree.Apply(&Txn{TxnHeader{Session: session, Zxid: p.zxid, TimeMs: 1000 * p.zxid,
		Type: op}, body})
	if r.Code != OK && op != OpError && op != OpMulti {
		p.t.Fatalf("%v: %v", describe(op, body), r.Code)
	}
	if err := audit(p.tree); err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *putter) create(path string, owner int64) Result {
	p.t.Helper()
	up, _, _ := SplitPath(path)
	return p.do(owner, OpCreate, &CreateTxn{path, []byte("x"), OpenACL, owner != 0,
		p.tree.Node(up).CVersion() + 1, 0})
}

func (p *putter) stat(path string) Stat {
	p.t.Helper()
	n := p.tree.Node(path)
	if n == nil {
		p.t.Fatalf("%s is not there", path)
	}
	return n.Stat()
}

// Corpus, root-initial and zookeeper-subtree.
func TestInitialTree(t *testing.T) {
	tree := New()
	for _, c := range []struct {
		path string
		stat Stat
		acl  []ACL
	}{
		{"/", Stat{Cversion: -1, NumChildren: 1}, OpenACL},
		{"", Stat{Cversion: -1, NumChildren: 1}, OpenACL},
		{"/zookeeper", Stat{Cversion: -2, NumChildren: 2}, OpenACL},
		{"/zookeeper/config", Stat{Aversion: -1}, ReadACL},
		{"/zookeeper/quota", Stat{}, OpenACL},
	} {
		n := tree.Node(c.path)
		if n == nil {
			t.Fatalf("%q is not there", c.path)
		}
		if d := cmp.Diff(c.stat, n.Stat()) + cmp.Diff(c.acl, n.ACL()); d != "" {
			t.Errorf("%q: %s", c.path, d)
		}
		if n.Data() == nil || len(n.Data()) != 0 {
			t.Errorf("%q: data %v, want empty", c.path, n.Data())
		}
	}
	if d := cmp.Diff([]string{"config", "quota"},
		tree.Node("/zookeeper").AppendChildren(nil)); d != "" {
		t.Error(d)
	}
	if err := audit(tree); err != nil {
		t.Error(err)
	}
	// Corpus, allchildrennumber: 3 of ZooKeeper's own below the root.
	if n, ok := tree.NumDescendants("/"); n != 3 || !ok {
		t.Errorf("%d descendants of the root, %v", n, ok)
	}
	if _, ok := tree.NumDescendants("/nope"); ok {
		t.Error("descendants of a missing node")
	}
}

// Corpus, root-writes and create-basic: what each write does to the stats of node and parent.
func TestStats(t *testing.T) {
	p := newPutter(t)
	p.create("/a", 0) // zxid 1
	want := Stat{Czxid: 1, Mzxid: 1, Pzxid: 1, Ctime: 1000, Mtime: 1000, DataLength: 1}
	if d := cmp.Diff(want, p.stat("/a")); d != "" {
		t.Errorf("after create: %s", d)
	}
	if d := cmp.Diff(Stat{Cversion: 0, NumChildren: 2, Pzxid: 1}, p.stat("/")); d != "" {
		t.Errorf("root after create: %s", d)
	}
	r := p.do(0, OpSetData, &SetDataTxn{"/a", []byte("three"), 1}) // 2
	want.Mzxid, want.Mtime, want.Version, want.DataLength = 2, 2000, 1, 5
	if d := cmp.Diff(want, p.stat("/a")) + cmp.Diff(want, r.Stat); d != "" {
		t.Errorf("after setData: %s", d)
	}
	p.create("/a/b", 0) // 3
	p.create("/a/c", 0) // 4
	p.do(0, OpDelete, &DeleteTxn{"/a/b"})
	want.Pzxid, want.Cversion, want.NumChildren = 5, 3, 1
	if d := cmp.Diff(want, p.stat("/a")); d != "" {
		t.Errorf("after two creates and a delete below: %s", d)
	}
	if got := p.tree.Node("/a").CVersion(); got != 2 {
		t.Errorf("internal cversion %d, want the 2 creates", got)
	}
	p.do(0, OpSetACL, &SetACLTxn{"/a", ReadACL, 1}) // 6
	want.Aversion = 1
	if d := cmp.Diff(want, p.stat("/a")); d != "" {
		t.Errorf("after setACL: %s", d)
	}
}

// Corpus, sequential-overflow: after 2^31-1 creates the counter does not grow any more, nor does
// pzxid, and the cversion that clients see wraps.
func TestSequenceCounterAtItsEnd(t *testing.T) {
	p := newPutter(t)
	p.create("/ovf", 0)
	ovf := p.tree.Node("/ovf")
	ovf.cversion = 2147483645
	p.tree.rehash(ovf)
	if got := ovf.Stat().Cversion; got != -6 {
		t.Fatalf("cversion %d, corpus says -6", got)
	}
	counter := ovf.CVersion()
	for i, want := range []struct {
		name     string
		cversion int32
		pzxid    int64
	}{{"/ovf/n-2147483645", -5, 2}, {"/ovf/n-2147483646", -4, 3}, {"/ovf/n-2147483647", -5, 3}} {
		path := SequentialName("/ovf/n-", ovf.CVersion())
		p.create(path, 0)
		if path != want.name || ovf.Stat().Cversion != want.cversion || ovf.Pzxid() != want.pzxid {
			t.Errorf("create %d: %s cversion %d pzxid %d, want %v", i, path, ovf.Stat().Cversion,
				ovf.Pzxid(), want)
		}
	}
	if got := ovf.CVersion(); got != counter+2 {
		t.Errorf("counter %d, want it to stand at %d", got, counter+2)
	}
}

func TestSequentialName(t *testing.T) {
	for _, c := range []struct {
		counter int32
		want    string
	}{{0, "/q/n-0000000000"}, {12, "/q/n-0000000012"}, {2147483647, "/q/n-2147483647"},
		{-2147483648, "/q/n--2147483648"}, {-5, "/q/n--000000005"}} {
		if got := SequentialName("/q/n-", c.counter); got != c.want {
			t.Errorf("%d: %s, want %s", c.counter, got, c.want)
		}
	}
}

// Corpus, multi-failure-rolls-back.
func TestFailedMultiDoesNothing(t *testing.T) {
	p := newPutter(t)
	p.create("/a", 0)
	before := p.tree.Digest()
	r := p.do(0, OpMulti, &MultiTxn{[]SubTxn{
		{OpCreate, &CreateTxn{"/b", nil, OpenACL, false, 2, 0}},
		{OpDelete, &DeleteTxn{"/a"}},
		{OpError, &ErrorTxn{BadVersion}},
		{OpDelete, &DeleteTxn{"/a"}},
	}})
	var codes []Code
	for _, sub := range r.Multi {
		codes = append(codes, sub.Code)
	}
	if d := cmp.Diff([]Code{OK, OK, BadVersion, RuntimeInconsistency}, codes); d != "" {
		t.Error(d)
	}
	if r.Code != BadVersion || p.tree.Digest() != before {
		t.Errorf("code %v, digest %x, before %x", r.Code, p.tree.Digest(), before)
	}
	if p.tree.LastProcessed() != 2 {
		t.Errorf("last processed %d: a failed write takes a zxid", p.tree.LastProcessed())
	}
}

func TestSessionsAndTheirNodes(t *testing.T) {
	p := newPutter(t)
	for _, id := range []int64{7, -3, 5} {
		p.do(id, OpCreateSession, &CreateSessionTxn{int32(1000 + id)})
	}
	if d := cmp.Diff([]Session{{-3, 997}, {5, 1005}, {7, 1007}},
		p.tree.AppendSessions(nil)); d != "" {
		t.Error(d)
	}
	p.create("/b", 5)
	p.create("/a", 5)
	p.create("/c", 7)
	if d := cmp.Diff([]string{"/a", "/b"}, p.tree.AppendEphemerals(nil, 5)); d != "" {
		t.Error(d)
	}
	if got := p.stat("/a").EphemeralOwner; got != 5 {
		t.Errorf("owner %d", got)
	}
	// One ephemeral node is not in the list, as after a bug of the leader: it is deleted too.
	p.do(5, OpCloseSession, &CloseSessionTxn{[]string{"/a"}})
	if p.tree.Node("/a") != nil || p.tree.Node("/b") != nil || p.tree.Node("/c") == nil {
		t.Error("closeSession removed the wrong nodes")
	}
	if _, ok := p.tree.Session(5); ok || p.tree.NumSessions() != 2 || p.tree.NumEphemerals(5) != 0 {
		t.Error("the session is still there")
	}
	if ms, ok := p.tree.Session(7); ms != 1007 || !ok {
		t.Errorf("session 7: %d ms, %v", ms, ok)
	}
}

// ZOOKEEPER-3249: the snapshot read the parent before the create and the node after it.
func TestReplayedCreateStillCountsAtTheParent(t *testing.T) {
	p := newPutter(t)
	p.create("/p", 0)
	s, r := NewSnapshotter(p.tree), NewRestorer()
	for path := ""; path != "/p"; path = s.path { // as far as /p
		chunk, _ := s.Next(nil, 1)
		if err := r.Add(chunk); err != nil {
			t.Fatal(err)
		}
	}
	create := &Txn{TxnHeader{Zxid: 2, Type: OpCreate}, &CreateTxn{"/p/c", nil, OpenACL, false, 1, 0}}
	p.tree.Apply(create)
	for done := false; !done; {
		var chunk []byte
		chunk, done = s.Next(nil, 1)
		if err := r.Add(chunk); err != nil {
			t.Fatal(err)
		}
	}
	restored, err := r.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if n := restored.Node("/p"); n.CVersion() != 0 || restored.Node("/p/c") == nil {
		t.Fatalf("the snapshot is not the one meant: cversion %d", n.CVersion())
	}
	if res := restored.Apply(create); res.Code != NodeExists {
		t.Errorf("replay says %v", res.Code)
	}
	if restored.Digest() != p.tree.Digest() {
		t.Error(cmp.Diff(dump(p.tree), dump(restored)))
	}
}

// The first decision of doc.go: a replayed delete also deletes children that were created later.
func TestReplayedDeleteTakesTheFutureAlong(t *testing.T) {
	log := []*Txn{
		{TxnHeader{Zxid: 1, Type: OpCreate}, &CreateTxn{"/a", nil, OpenACL, false, 1, 0}},
		{TxnHeader{Zxid: 2, Type: OpDelete}, &DeleteTxn{"/a"}},
		{TxnHeader{Zxid: 3, Type: OpCreate}, &CreateTxn{"/a", nil, OpenACL, false, 2, 0}},
		{TxnHeader{Zxid: 4, Session: 9, Type: OpCreate}, &CreateTxn{"/a/b", nil, OpenACL, true, 1, 0}},
	}
	straight := New()
	for _, txn := range log {
		straight.Apply(txn)
	}
	again := clone(t, straight)
	for _, txn := range log[1:] {
		again.Apply(txn)
		if err := audit(again); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(dump(straight), dump(again)); d != "" {
		t.Error(d)
	}
}

// The same history has the same digest on every machine, and keeps it unless a change alters it on
// purpose.
func TestDigestIsTheSameEverywhere(t *testing.T) {
	tree := New()
	for _, txn := range sampleTxns() {
		tree.Apply(txn)
	}
	whole, _ := NewSnapshotter(tree).Next(nil, 1<<20)
	if got, want := tree.Digest(), uint64(0xa80ed305675e02ee); got != want {
		t.Errorf("digest %#x, want %#x", got, want)
	}
	if got, want := hashOf(whole), uint64(0xb6efb310f2cdb5d8); got != want {
		t.Errorf("snapshot %#x, want %#x", got, want)
	}
}

func TestMalformedPathInATransactionIsRefused(t *testing.T) {
	tree := New()
	for _, path := range []string{"", "/", "a", "a/b", "/a/"} {
		r := tree.Apply(&Txn{TxnHeader{Zxid: 1, Type: OpCreate}, &CreateTxn{Path: path}})
		if r.Code != BadArguments {
			t.Errorf("create %q: %v", path, r.Code)
		}
		r = tree.Apply(&Txn{TxnHeader{Zxid: 1, Type: OpDelete}, &DeleteTxn{path}})
		if r.Code != BadArguments {
			t.Errorf("delete %q: %v", path, r.Code)
		}
	}
}
