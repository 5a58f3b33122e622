package tree

import (
	"fmt"
	"testing"
)

// TestSingleMode compares with a live server 3.8.0: a watcher has one mode on a path, and
// checkWatches finds any client's watch. From 3.9 on (ZOOKEEPER-4466) both are different.
func TestSingleMode(t *testing.T) {
	for _, single := range []bool{false, true} {
		w := NewWatches()
		if single {
			w.SingleMode()
		}
		tr := New()
		tr.Watch(w)
		zxid := int64(0)
		apply := func(op OpCode, b Body) string {
			zxid++
			tr.Apply(&Txn{TxnHeader: TxnHeader{Zxid: zxid, Type: op}, Body: b})
			text := ""
			for _, f := range w.Take(nil) {
				text += fmt.Sprintf("%d %s %s, ", f.Watcher, f.Type, f.Path)
			}
			return text
		}
		expect := func(what, got string, inSingle, otherwise string) {
			t.Helper()
			want := otherwise
			if single {
				want = inSingle
			}
			if got != want {
				t.Errorf("single %v, %s: %q, want %q", single, what, got, want)
			}
		}
		apply(OpCreate, &CreateTxn{Path: "/a", ACL: OpenACL, ParentCVersion: 1})

		w.AddWatch(1, "/a", WatchPersistent)
		w.WatchData(1, "/a") // ends the persistent one
		set := &SetDataTxn{Path: "/a", Version: 1}
		expect("the first change", apply(OpSetData, set), "1 NodeDataChanged /a, ",
			"1 NodeDataChanged /a, ")
		expect("the second change", apply(OpSetData, set), "", "1 NodeDataChanged /a, ")
		w.RemoveWatcher(1)

		w.WatchData(1, "/a")
		expect("another's watch", fmt.Sprint(w.Contains(2, "/a", WatcherData)), "true", "false")
		w.RemoveWatcher(1)

		w.AddWatch(3, "/a", WatchPersistentRecursive)
		expect("the child half", fmt.Sprint(w.Contains(3, "/a", WatcherChildren)), "true", "false")
		expect("a plain removal", fmt.Sprint(w.Remove(3, "/a", WatcherData)), "true", "false")
		child := &CreateTxn{Path: "/a/b", ACL: OpenACL, ParentCVersion: 1}
		expect("a create below", apply(OpCreate, child), "", "3 NodeCreated /a/b, ")
		expect("a delete below", apply(OpDelete, &DeleteTxn{Path: "/a/b"}), "3 NodeDeleted /a/b, ",
			"3 NodeDeleted /a/b, ")
		w.RemoveWatcher(3)
		if w.Len() != 0 || w.data.recursive != 0 || w.child.recursive != 0 {
			t.Errorf("single %v: %d watches are left, %d and %d of them recursive", single, w.Len(),
				w.data.recursive, w.child.recursive)
		}
	}
}

// Events from the time in which a client had no server are sent to every client, even if it may not
// read the node. A live server 3.8.0 with the fix of ZOOKEEPER-4799 does the same.
func TestLateEventsHaveNoList(t *testing.T) {
	w, tr := NewWatches(), New()
	tr.Watch(w)
	secret := []ACL{{PermAll, "digest", DigestID("u:p")}}
	tr.Apply(&Txn{TxnHeader: TxnHeader{Zxid: 1, Type: OpCreate},
		Body: &CreateTxn{Path: "/a", ACL: secret, ParentCVersion: 1}})
	w.SetWatches(tr, 1, &SetWatches{Exist: []string{"/a"}})
	got := w.Take(nil)
	if len(got) != 1 || got[0].Type != NodeCreated || got[0].ACL != nil {
		t.Errorf("told %v", got)
	}
	w.WatchData(1, "/a")
	tr.Apply(&Txn{TxnHeader: TxnHeader{Zxid: 2, Type: OpSetData},
		Body: &SetDataTxn{Path: "/a", Version: 1}})
	if got := w.Take(nil); len(got) != 1 || len(got[0].ACL) != 1 {
		t.Errorf("told of a change %v, want the node's list with it", got)
	}
}
