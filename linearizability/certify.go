package linearizability

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// patience is the default of [Options.Patience].
const patience = 200 * time.Millisecond

// certify tries the order of the zxids. If that order respects real time and the model gives every
// answer, the history is linearizable; if not, nothing is proved. A write with neither an answer
// nor a zxid is assumed never to have happened.
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

// byZxid returns the operations of one part in zxid order; ok is false if that order does not
// explain every answer.
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
	step, latest := v.walk(), int64(math.MinInt64)
	for _, i := range order {
		op := &h[i]
		latest = max(latest, op.Call)
		if op.Outcome != Unknown && op.Return < latest {
			return nil, false
		}
		if !step(sorted(op)) {
			return nil, false
		}
	}
	return order, true
}

// walk returns a function that carries out operations one after another in the model, and returns
// whether each can have had its outcome. Nobody goes back to an earlier state, so a tree may change
// in place.
func (v *Verdict) walk() (step func(op *Operation) bool) {
	now := v.model.Init()
	if v.tree == nil {
		return func(op *Operation) (ok bool) {
			ok, now = v.model.Step(now, op, nil)
			return ok
		}
	}
	first := now.(*state)
	own := &state{slices.Clone(first.nodes), first.closed, first.hash}
	return func(op *Operation) (ok bool) {
		v.steps.Add(1)
		ok, own = v.tree.step(own, op, true)
		return ok
	}
}

// zxid returns the zxid of a write, or 0 if it is unknown; for a read, the zxid of the state that
// the reply shows.
func (op *Operation) zxid() Zxid {
	if op.Txn != 0 || op.Outcome == Unknown {
		return op.Txn
	}
	return op.Zxid
}

// reads returns 1 for a read, which follows the write with the same zxid, and 0 for a write.
func reads(op *Operation) int {
	if op.Kind.Write() {
		return 0
	}
	return 1
}
