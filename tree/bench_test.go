package tree

import (
	"fmt"
	"testing"
)

func benchTree(nodes int) (*Tree, []string) {
	t := New()
	t.Apply(&Txn{TxnHeader{Zxid: 1, Type: OpCreate}, &CreateTxn{"/q", nil, OpenACL, false, 1, 0}})
	paths := make([]string, nodes)
	for i := range paths {
		paths[i] = fmt.Sprintf("/q/n-%010d", i)
		t.Apply(&Txn{TxnHeader{Zxid: int64(i) + 2, Type: OpCreate},
			&CreateTxn{paths[i], []byte("value"), OpenACL, false, int32(i) + 1, 0}})
	}
	return t, paths
}

func BenchmarkApplyCreateDelete(b *testing.B) {
	t, _ := benchTree(1000)
	header := TxnHeader{Session: 1, Zxid: 5000}
	create, remove := &CreateTxn{"/q/z", make([]byte, 100), OpenACL, true, 1001, 0}, &DeleteTxn{"/q/z"}
	txn := &Txn{TxnHeader: header}
	b.ReportAllocs()
	for b.Loop() {
		txn.Type, txn.Body = OpCreate, create
		t.Apply(txn)
		txn.Type, txn.Body = OpDelete, remove
		t.Apply(txn)
	}
}

func BenchmarkApplySetData(b *testing.B) {
	t, paths := benchTree(1000)
	body := &SetDataTxn{"", make([]byte, 100), 0}
	txn := &Txn{TxnHeader{Zxid: 5000, Type: OpSetData}, body}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body.Path = paths[i%len(paths)]
		body.Version++
		t.Apply(txn)
	}
}

// BenchmarkApplySetDataOthersWatch applies a setData while there are a thousand watches on other
// nodes.
func BenchmarkApplySetDataOthersWatch(b *testing.B) {
	t, paths := benchTree(1000)
	w := NewWatches()
	t.Watch(w)
	for i, path := range paths {
		w.WatchChildren(WatcherID(i), path)
	}
	body := &SetDataTxn{"", make([]byte, 100), 0}
	txn := &Txn{TxnHeader{Zxid: 5000, Type: OpSetData}, body}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body.Path = paths[i%len(paths)]
		t.Apply(txn)
	}
}

var sinkStat Stat

func BenchmarkGet(b *testing.B) {
	t, paths := benchTree(1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		n := t.Node(paths[i%len(paths)])
		sinkStat = n.Stat()
	}
}

func BenchmarkChildren1000(b *testing.B) {
	t, _ := benchTree(1000)
	buf := make([]string, 0, 1000)
	b.ReportAllocs()
	for b.Loop() {
		buf = t.Node("/q").AppendChildren(buf[:0])
	}
}

func BenchmarkComputeDigest1000(b *testing.B) {
	t, _ := benchTree(1000)
	b.ReportAllocs()
	for b.Loop() {
		t.ComputeDigest()
	}
}

func BenchmarkDecodeCreate(b *testing.B) {
	txn := &Txn{TxnHeader{1, 2, 1<<32 | 3, 1_700_000_000_000, OpCreate},
		&CreateTxn{"/q/n-0000000001", make([]byte, 100), OpenACL, true, 1, 0}}
	raw := txn.Append(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeTxn(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendCreate(b *testing.B) {
	txn := &Txn{TxnHeader{1, 2, 1<<32 | 3, 1_700_000_000_000, OpCreate},
		&CreateTxn{"/q/n-0000000001", make([]byte, 100), OpenACL, true, 1, 0}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = txn.Append(buf[:0])
	}
}

func BenchmarkSnapshotAndRestore1000(b *testing.B) {
	t, _ := benchTree(1000)
	b.ReportAllocs()
	for b.Loop() {
		s, r := NewSnapshotter(t), NewRestorer()
		for done := false; !done; {
			var chunk []byte
			chunk, done = s.Next(nil, 16<<10)
			if err := r.Add(chunk); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := r.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReplyKeyAndSize(b *testing.B) {
	m := &Reply{1, 1<<32 | 3, OK, OpResult{Type: OpGetData, Data: make([]byte, 100)}}
	b.ReportAllocs()
	for b.Loop() {
		if m.Key() == 0 || m.Size() == 0 {
			b.Fatal("zero")
		}
	}
}
