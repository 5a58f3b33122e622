package linearizability

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// patience is the default of [Options.Patience].
const patience = 200 * time.Millisecond

// certify tries the order of the zxids. If it keeps real time and the model gives every answer in
// it, the history is linearizable; if not, nothing is proved. A write without an answer and without
// a zxid is taken to have never happened.
func (v *Verdict) certify(h History, parts [][]int) bool {
	orders := make([][]int, len(parts))
	for k, part := range parts {
		var ok bool
		if orders[k], ok = v.byZxid(h, part); !ok {
			return false
		}
	}
	v.Result, v.Certified, v.Order = Linearizable, true, merge(h, orders)
	v.Longest, v.Blame, v.Misses = v.Order, nil, nil
	return true
}

// byZxid is the order of one part's zxids; ok is false if it does not explain every answer.
func (v *Verdict) byZxid(h History, part []int) (order []int, ok bool) {
	for _, i := range part {
		switch {
		case h[i].zxid() != 0:
			order = append(order, i)
		case h[i].Outcome != Unknown:
			return nil, false
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(h[a].zxid(), h[b].zxid()), reads(&h[a])-reads(&h[b]),
			cmp.Compare(h[a].Call, h[b].Call))
	})
	state, latest := v.model.Init(), int64(math.MinInt64)
	for _, i := range order {
		op := &h[i]
		latest = max(latest, op.Call)
		if op.Outcome != Unknown && op.Return < latest {
			return nil, false
		}
		if ok, state = v.model.Step(state, sorted(op), nil); !ok {
			return nil, false
		}
	}
	return order, true
}

// zxid is that of a write, as far as it is known, or of the state that a reply shows.
func (op *Operation) zxid() Zxid {
	if op.Txn != 0 || op.Outcome == Unknown {
		return op.Txn
	}
	return op.Zxid
}

// reads is 1 for an operation that follows the write with its zxid.
func reads(op *Operation) int {
	if op.Kind.Write() {
		return 0
	}
	return 1
}
