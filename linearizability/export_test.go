package linearizability

import "pgregory.net/rapid"

// What the tests in package linearizability_test need of this package's tests.
var (
	RefInitial = refInitial
	Mutate     = mutate
)

// Explains is the exhaustive enumeration, over the writes of h.
func Explains(h History) bool {
	var rest []int
	for i := range h {
		if h[i].Kind.Write() {
			rest = append(rest, i)
		}
	}
	return newReference().explains(h, rest)
}

// GenTold is genHistory with zxids that are gap apart: one for every answer, and for the
// transactions of most writes without an answer. Intervals are wider than a moment by up to blur.
func GenTold(t *rapid.T, n, blur, gap int) History {
	r := newReference()
	var h History
	z := Zxid(gap)
	for i := range n {
		op := genOp(t, false)
		unknown := op.Kind.Write() && op.Kind != CloseSession &&
			rapid.IntRange(0, 4).Draw(t, "unknown") == 0
		happened := !unknown || rapid.Bool().Draw(t, "happened")
		if happened {
			op = r.do(op)
			if op.Kind.Write() {
				z += Zxid(gap)
			}
		}
		op.Zxid = z
		at := int64(10 * (i + 1))
		op.Call = at - int64(rapid.IntRange(0, blur).Draw(t, "before"))
		op.Return = at + int64(rapid.IntRange(0, blur).Draw(t, "after"))
		if unknown {
			op.Outcome, op.Code, op.Result, op.Zxid = Unknown, "", Result{}, 0
			for k := range op.Ops {
				op.Ops[k].Outcome, op.Ops[k].Code, op.Ops[k].Result = Unknown, "", Result{}
			}
			if happened && rapid.Bool().Draw(t, "seen") {
				op.Txn = z
			}
		}
		h = append(h, op)
	}
	return h
}
