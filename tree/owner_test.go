package tree

import "testing"

// TestTransient: containers and nodes with a time to live are kept as such in a transaction and in a
// snapshot, and no session owns them.
func TestTransient(t *testing.T) {
	tr := New()
	zxid := int64(0)
	apply := func(session int64, op OpCode, body Body) {
		t.Helper()
		zxid++
		txn := &Txn{TxnHeader{Session: session, Zxid: zxid, TimeMs: 1000 * zxid, Type: op}, body}
		again, err := DecodeTxn(txn.Append(nil))
		if err != nil {
			t.Fatal(err)
		}
		if r := tr.Apply(again); r.Code != OK {
			t.Fatalf("%v: %v", txn, r.Code)
		}
	}
	apply(7, OpCreateContainer, &CreateTxn{Path: "/c", ParentCVersion: 1})
	apply(7, OpCreateTTL, &CreateTxn{Path: "/t", ParentCVersion: 2, TTL: 3000})
	apply(7, OpCreateTTL, &CreateTxn{Path: "/u", ParentCVersion: 3, TTL: MaxTTL})
	apply(7, OpCreate, &CreateTxn{Path: "/c/e", Ephemeral: true, ParentCVersion: 1})
	check := func(want ...string) {
		t.Helper()
		r := NewRestorer()
		chunk, done := NewSnapshotter(tr).Next(nil, 1<<20)
		if err := r.Add(chunk); err != nil || !done {
			t.Fatal(err, done)
		}
		restored, err := r.Finish()
		if err != nil || restored.Digest() != tr.Digest() || !restored.HasTransient() {
			t.Fatalf("%v: digest %x, not %x", err, restored.Digest(), tr.Digest())
		}
		got := restored.AppendIdle(nil, 6000)
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] ||
			len(got) > 1 && got[1] != want[1] {
			t.Errorf("idle: %q, not %q", got, want)
		}
		for _, path := range []string{"/c", "/t", "/u"} {
			if n := restored.Node(path); n != nil && (n.EphemeralOwner() != 0 || !n.Transient() ||
				n.Stat().EphemeralOwner != 0) {
				t.Errorf("%s: owner 0x%x", path, n.EphemeralOwner())
			}
		}
	}
	check("/t")
	apply(7, OpCloseSession, &CloseSessionTxn{Paths: []string{"/c/e"}})
	check("/c", "/t")
	apply(7, OpSetData, &SetDataTxn{Path: "/t", Version: 1}) // it lives from now on
	check("/c")
	apply(0, OpDeleteContainer, &DeleteTxn{Path: "/c"})
	check()
	if tr.NumEphemerals(7) != 0 || tr.Node("/c") != nil {
		t.Error("something is left")
	}
}
