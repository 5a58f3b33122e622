package linearizability

import (
	"fmt"
	"testing"
	"time"
)

// hard is a history in which 24 concurrent sets of one node have no answer, and are read in the
// order that a search tries last.
func hard(zxids bool) (h History) {
	const n = 24
	for i := range n {
		op := call(Client(fmt.Sprint("C", i)), 0, 0, Set, "/x").data(fmt.Sprint(i)).unknown()
		if zxids {
			op.Txn = Zxid(100 - i)
		}
		h = append(h, op)
	}
	for i := n - 1; i >= 0; i-- {
		at := int64(100 + 10*(n-i))
		op := call("Z", at, at+5, Get, "/x").saw(fmt.Sprint(i))
		if zxids {
			op.Zxid = Zxid(100 - i)
		}
		h = append(h, op)
	}
	return h
}

// TestCertified: the zxids may decide what porcupine cannot decide in time, but only as ok.
func TestCertified(t *testing.T) {
	for _, c := range []struct {
		name   string
		h      History
		change func(last, before *Operation)
		want   Answer
	}{
		{"told by zxids", hard(true), func(_, _ *Operation) {}, Linearizable},
		{"without zxids", hard(false), func(_, _ *Operation) {}, Undecided},
		{"a value of no order", hard(true),
			func(last, _ *Operation) { last.Result.Data = "never" }, Undecided},
		{"against real time", hard(true), func(last, before *Operation) {
			// What it reads was true once, but is over when it is called.
			last.Zxid, last.Result.Data = before.Zxid-1, "2"
		}, Undecided},
		{"one has no zxid", hard(true), func(last, _ *Operation) { last.Zxid = 0 }, Undecided},
	} {
		c.change(&c.h[len(c.h)-1], &c.h[len(c.h)-2])
		v, err := Check(c.h, Options{Scope: All, Initial: []Node{{Path: "/x"}},
			Timeout: 20 * time.Millisecond})
		if err != nil || v.Result != c.want || v.Certified != (c.want == Linearizable) {
			t.Errorf("%s: %s, certified %v, %v", c.name, v.Result, v.Certified, err)
		}
		if v.Certified && (len(v.Order) != len(c.h) || v.Order[0] != 23 || v.Order[1] != 24) {
			t.Errorf("%s: order %v", c.name, v.Order)
		}
	}
}
