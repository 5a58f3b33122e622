package contract

import (
	"bytes"
	"reflect"
	"testing"
)

// Requests and answers come back as they were sent, and nothing shorter is taken for one.
func TestFrames(t *testing.T) {
	r := Request{7, Write, "r1", "A-3"}
	a := Answer{7, OK, "S2", 12, 3, Register{"A-3", 9}, ""}
	b := append(r.Bytes(), a.Bytes()...)
	in := bytes.NewReader(b)
	first, err := ReadFrame(in)
	if err != nil {
		t.Fatal(err)
	}
	if again, ok := ParseRequest(first); !ok || again != r {
		t.Errorf("%+v, %t: want %+v", again, ok, r)
	}
	second, err := ReadFrame(in)
	if err != nil {
		t.Fatal(err)
	}
	if again, ok := ParseAnswer(second); !ok || again != a {
		t.Errorf("%+v, %t: want %+v", again, ok, a)
	}
	for n := range second {
		if again, ok := ParseAnswer(second[:n]); ok {
			t.Errorf("%d of %d bytes are read as %+v", n, len(second), again)
		}
	}
	for n := range first {
		if again, ok := ParseRequest(first[:n]); ok {
			t.Errorf("%d of %d bytes are read as %+v", n, len(first), again)
		}
	}
}

// A journal ends at the first record that is not whole.
func TestJournal(t *testing.T) {
	e := Entry{5, 2, 1, []byte("x")}
	b := AppendRecord(nil, Entries, AppendEntry(AppendEntry(nil, &e), &e))
	whole := len(b)
	b = AppendRecord(b, Set, AppendPair(nil, "term", []byte{4}))
	for n := range b {
		kind, body, rest, ok := NextRecord(b[:n])
		if ok != (n >= whole) {
			t.Fatalf("%d of %d bytes: %t", n, len(b), ok)
		}
		if !ok {
			continue
		}
		again, more, ok := NextEntry(body)
		if kind != Entries || !ok || !reflect.DeepEqual(again, e) {
			t.Fatalf("%c %+v %t: want %+v", kind, again, ok, e)
		}
		if _, more, ok = NextEntry(more); !ok || len(more) > 0 {
			t.Fatalf("%d bytes after the second entry, %t", len(more), ok)
		}
		if _, _, _, ok := NextRecord(rest); ok {
			t.Fatalf("a second record in %d of %d bytes", n, len(b))
		}
	}
	b[whole-1] ^= 1
	if _, _, _, ok := NextRecord(b); ok {
		t.Error("a record with a flipped bit is read")
	}
	if i, term, ok := ParseSnapshotName(SnapshotName(300, 7)); !ok || i != 300 || term != 7 {
		t.Errorf("snapshot %d of term %d, %t", i, term, ok)
	}
}

// The digest depends on the registers, not on the order in which they were set.
func TestDigest(t *testing.T) {
	a, b := NewRegisters(), NewRegisters()
	a.Set("x", "1")
	a.Set("y", "2")
	b.Set("y", "2")
	if a.Digest == b.Digest {
		t.Error("one register more has the same digest")
	}
	if b.Set("x", "1"); a.Digest != b.Digest {
		t.Error("the order matters")
	}
	if b.Set("x", "1"); a.Digest == b.Digest {
		t.Error("a second set has the same digest")
	}
}
