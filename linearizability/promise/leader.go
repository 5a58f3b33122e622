package promise

import (
	"cmp"
	"slices"
	"strconv"

	lin "github.com/zablab/zablab/linearizability"
)

// This file judges what holders promise that fence their writes by a number, or hold a lease.

// guardedWrite is a write of a node that only holders write.
type guardedWrite struct {
	client lin.Client
	node   lin.Path
	token  int64
	txn    lin.Zxid
	at     int64
	place  int64
}

// guarded judges WritesInOrder: the value of each write to a guarded node begins with the token of
// the holder that made it. The order of the writes is that of their transactions.
func (j *judge) guarded() {
	offices := make(map[lin.Path]lin.Path) // of a guarded node
	for i := range j.holds {
		if h := &j.holds[i]; h.Guards != "" {
			offices[h.Guards] = h.Office
		}
	}
	if len(offices) == 0 {
		return
	}
	var writes []guardedWrite
	for i := range j.Ops {
		o := &j.Ops[i]
		if o.Txn == 0 || o.Outcome == lin.Failed {
			continue
		}
		parts := o.Ops
		if o.Kind != lin.Multi {
			parts = j.Ops[i : i+1]
		}
		for k := range parts {
			s := &parts[k]
			if offices[s.Path] == "" || s.Kind != lin.Set {
				continue
			}
			if token, ok := leadingNumber(s.Data); ok {
				writes = append(writes, guardedWrite{o.Client, s.Path, token, o.Txn, o.Call,
					max(0, o.CallPlace-1)})
			}
		}
	}
	slices.SortStableFunc(writes, func(a, b guardedWrite) int { return cmp.Compare(a.txn, b.txn) })
	newest := make(map[lin.Path]*guardedWrite)
	for i := range writes {
		w := &writes[i]
		j.judged(WritesInOrder)
		if last := newest[w.node]; last == nil || w.token >= last.token {
			newest[w.node] = w
		} else {
			j.broken(WritesInOrder, w.at, []int64{last.place, w.place}, "%s writes %s with token "+
				"%d (zxid %v), although %s has already written it with the larger token %d (zxid %v): "+
				"a holder of %s must not write with a smaller token than an earlier write", w.client,
				w.node, w.token, w.txn, last.client, last.token, last.txn, offices[w.node])
		}
	}
}

// leadingNumber returns the decimal number that a value begins with.
func leadingNumber(s string) (n int64, ok bool) {
	end := 0
	for end < len(s) && '0' <= s[end] && s[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	return n, err == nil
}

// renewed judges StopsInTime: after its last write of the office, a holder of a lease tries for at
// most Renews to write it again, by its own clock, and then lets go. It is late if it makes calls
// for the office at two moments after that; a paused client makes none.
func (j *judge) renewed() {
	for i := range j.holds {
		h := &j.holds[i]
		if h.Renews == 0 {
			continue
		}
		j.judged(StopsInTime)
		var calls []*lin.Operation
		for k := range j.Ops {
			if o := &j.Ops[k]; o.Client == h.Client && o.Path == h.Office && h.At <= o.Call &&
				o.Call < h.ended {
				calls = append(calls, o)
			}
		}
		slices.SortStableFunc(calls, func(a, b *lin.Operation) int { return cmp.Compare(a.Call, b.Call) })
		j.renewals(h, calls)
	}
}

// renewals judges the calls of one holder, in the order of their times.
func (j *judge) renewals(h *hold, calls []*lin.Operation) {
	begun, written, late := int64(-1), h.At, int64(0)
	for _, o := range calls {
		if begun < written && written <= o.Call {
			begun, late = o.Call, 0 // the first call of an attempt to renew
		}
		switch {
		case o.Call <= begun+2*h.Renews: // its clock may run at half its speed
		case late == 0:
			late = o.Call
		case late != o.Call:
			j.broken(StopsInTime, o.Call, []int64{h.from, max(0, o.CallPlace-1)}, "%s holds the "+
				"lease %s. It has tried to renew the lease since %s and still tries at %s, but it "+
				"promised to stop after %s by its own clock", h.name(), h.Office, seconds(begun),
				seconds(o.Call),
				seconds(h.Renews))
			return
		}
		if o.Outcome == lin.OK && (o.Kind == lin.Set || o.Kind == lin.Create) {
			written = max(written, o.Return)
		}
	}
}
