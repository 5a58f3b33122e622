package tree

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// check runs a property a thousand times: most histories do not tell a wrong replay from a right
// one (a closeSession that forgets its list took 928).
func check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	for range 10 {
		rapid.Check(t, property)
	}
}

// A fuzzy snapshot and the log from its zxid on give the exact state: at the transaction after
// which the last chunk was made, and after every later one.
func TestFuzzySnapshotAndLogAreExact(t *testing.T) {
	check(t, func(t *rapid.T) {
		h := newHistory()
		for range rapid.IntRange(0, 30).Draw(t, "before") {
			h.step(t)
		}
		start := len(h.txns)
		s, r := NewSnapshotter(h.tree), NewRestorer()
		for done := false; !done; {
			var chunk []byte
			chunk, done = s.Next(nil, rapid.SampledFrom([]int{1, 40, 200}).Draw(t, "chunk"))
			if err := r.Add(chunk); err != nil {
				t.Fatalf("add: %v", err)
			}
			for range rapid.IntRange(0, 4).Draw(t, "between") {
				h.step(t)
			}
		}
		exactFrom := len(h.txns)
		for range rapid.IntRange(0, 10).Draw(t, "afterwards") {
			h.step(t)
		}
		restored, err := r.Finish()
		if err != nil {
			t.Fatalf("finish: %v", err)
		}
		if restored.LastProcessed() != s.Zxid() {
			t.Fatalf("restored at %s, named %s", FormatZxid(restored.LastProcessed()),
				FormatZxid(s.Zxid()))
		}
		// The log may begin anywhere before the snapshot's zxid: that part is replayed twice.
		from := rapid.IntRange(0, start).Draw(t, "log from")
		for i := from; i < len(h.txns); i++ {
			restored.Apply(h.txns[i])
			if i+1 >= exactFrom && restored.Digest() != h.digests[i] {
				t.Fatalf("after %v: %s", h.txns[i], cmp.Diff(dump(h.tree), dump(restored)))
			}
		}
		if err := audit(restored); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(dump(h.tree), dump(restored)); d != "" {
			t.Fatalf("restored tree differs: %s", d)
		}
	})
}

// A replay from any transaction, at any time, leads to the same state, also if it is done twice.
func TestReplayOfAnySuffixIsExact(t *testing.T) {
	check(t, func(t *rapid.T) {
		h := newHistory()
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			h.step(t)
			if err := audit(h.tree); err != nil {
				t.Fatal(err)
			}
		}
		replica := New()
		for i := 0; i < len(h.txns); i++ {
			replica.Apply(h.txns[i])
			replica.Apply(h.txns[i])
			if replica.Digest() != h.digests[i] {
				t.Fatalf("%v twice: %s", h.txns[i], cmp.Diff(dump(h.tree), dump(replica)))
			}
		}
		for _, txn := range h.txns[rapid.IntRange(0, len(h.txns)).Draw(t, "again from"):] {
			replica.Apply(txn)
		}
		if d := cmp.Diff(dump(h.tree), dump(replica)); d != "" {
			t.Fatalf("replayed tree differs: %s", d)
		}
		if replica.LastProcessed() != h.zxid && len(h.txns) > 0 {
			t.Fatalf("last processed %s", FormatZxid(replica.LastProcessed()))
		}
	})
}

func TestTxnRoundTrip(t *testing.T) {
	check(t, func(t *rapid.T) {
		h := newHistory()
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			h.step(t)
		}
		for _, txn := range h.txns {
			b := txn.Append([]byte("prefix"))[len("prefix"):]
			got, err := DecodeTxn(b)
			if err != nil {
				t.Fatalf("%v: %v", txn, err)
			}
			if d := cmp.Diff(txn, got); d != "" {
				t.Fatalf("%v: %s", txn, d)
			}
			for i := range b {
				if _, err := DecodeTxn(b[:i]); err == nil {
					t.Fatalf("%v: its first %d of %d bytes decode", txn, i, len(b))
				}
			}
		}
	})
}

func FuzzDecodeTxn(f *testing.F) {
	for _, txn := range sampleTxns() {
		f.Add(txn.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		txn, err := DecodeTxn(b)
		if err != nil {
			return
		}
		if again := txn.Append(nil); !bytes.Equal(again, b) {
			t.Fatalf("%x decodes to %v, which is %x", b, txn, again)
		}
		tree := New() // whatever decodes can be applied
		tree.Apply(txn)
		tree.Apply(txn)
		if err := audit(tree); err != nil {
			t.Fatalf("%v: %v", txn, err)
		}
	})
}

func FuzzRestore(f *testing.F) {
	tree := New()
	for _, txn := range sampleTxns() {
		tree.Apply(txn)
	}
	whole, _ := NewSnapshotter(tree).Next(nil, 1<<20)
	f.Add(whole, 7)
	f.Add(whole[:len(whole)-3], 1)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		r := NewRestorer()
		if cut < 1 {
			cut = 1
		}
		for i := 0; i < len(b); i += min(cut, len(b)-i) {
			if r.Add(b[i:i+min(cut, len(b)-i)]) != nil {
				return
			}
		}
		restored, err := r.Finish()
		if err != nil {
			return
		}
		if err := audit(restored); err != nil {
			t.Fatal(err)
		}
	})
}

// A snapshot that is cut anywhere, or has any bit flipped, is refused.
func TestDamagedSnapshotIsRefused(t *testing.T) {
	tree := New()
	for _, txn := range sampleTxns() {
		tree.Apply(txn)
	}
	whole, done := NewSnapshotter(tree).Next(nil, 1<<20)
	if !done {
		t.Fatal("not in one chunk")
	}
	restore := func(b []byte) error {
		r := NewRestorer()
		if err := r.Add(b); err != nil {
			return err
		}
		_, err := r.Finish()
		return err
	}
	if err := restore(whole); err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		if restore(whole[:i]) == nil {
			t.Fatalf("cut at %d of %d is accepted", i, len(whole))
		}
		for bit := range 8 {
			bad := bytes.Clone(whole)
			bad[i] ^= 1 << bit
			if restore(bad) == nil {
				t.Fatalf("bit %d of byte %d flipped is accepted", bit, i)
			}
		}
	}
	if restore(append(bytes.Clone(whole), 0)) == nil {
		t.Fatal("a byte too many is accepted")
	}
}

func sampleTxns() []*Txn {
	h := func(zxid int64, op OpCode) TxnHeader {
		return TxnHeader{Session: 0x100000000000001, Cxid: 3, Zxid: 1<<32 + zxid,
			TimeMs: 1_700_000_000_000 + zxid, Type: op}
	}
	return []*Txn{
		{h(1, OpCreateSession), &CreateSessionTxn{4000}},
		{h(2, OpCreate), &CreateTxn{"/a", []byte("1"), OpenACL, false, 1, 0}},
		{h(3, OpCreate2), &CreateTxn{"/a/e", nil, ReadACL, true, 1, 0}},
		{h(4, OpSetData), &SetDataTxn{"/a", []byte{}, 1}},
		{h(5, OpSetACL), &SetACLTxn{"/a", []ACL{{31, "digest", "bob:x"}}, 1}},
		{h(6, OpError), &ErrorTxn{NoNode}},
		{h(7, OpMulti), &MultiTxn{[]SubTxn{{OpCheck, &CheckVersionTxn{"/a", 1}},
			{OpCreate, &CreateTxn{"/b", nil, OpenACL, false, 2, 0}}, {OpDelete, &DeleteTxn{"/b"}}}}},
		{h(8, OpMulti),
			&MultiTxn{[]SubTxn{{OpError, &ErrorTxn{OK}}, {OpError, &ErrorTxn{NotEmpty}}}}},
	}
}

// dump is a tree in a form whose differences cmp can show.
type dumped struct {
	Path     string
	Data     []byte
	ACL      []ACL
	Stat     Stat
	CVersion int32
}

type dumpedTree struct {
	Sessions []Session
	Nodes    []dumped
	Digest   uint64
}

func dump(t *Tree) dumpedTree {
	d := dumpedTree{Sessions: t.AppendSessions(nil), Digest: t.Digest()}
	for n := t.Root(); n != nil; n = t.after(n.Path()) {
		d.Nodes = append(d.Nodes, dumped{n.Path(), n.Data(), n.ACL(), n.Stat(), n.CVersion()})
	}
	return d
}
