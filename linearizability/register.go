package linearizability

// register is the model of one value at one path: a set or create writes it, a delete removes it, a
// get reads it. It ignores versions, parents and failed writes.
type register struct {
	present bool
	data    string
}

// step returns whether an operation can have had its outcome, and the value after the operation. op
// is never a failed write.
func (r register) step(op *Operation) (bool, register) {
	switch op.Kind {
	case Create, Set:
		return true, register{true, op.Data}
	case Delete:
		return true, register{}
	case Get:
		if op.Outcome == Failed {
			return !r.present, r
		}
		return r.present && r.data == op.Result.Data, r
	}
	if op.Outcome == Failed { // exists
		return !r.present, r
	}
	return r.present, r
}

// unfit marks the paths that are not registers: those of multis, sequential creates and ephemeral
// nodes.
func unfit(h History) map[Path]bool {
	marks := make(map[Path]bool)
	for i := range h {
		op := &h[i]
		for k := range op.Ops {
			marks[op.Ops[k].Path] = true
		}
		if op.Kind == Create && (op.Ephemeral || op.Sequential) {
			marks[op.Path] = true
			marks[op.Result.Path] = true
		}
	}
	return marks
}

// forRegister reports whether the register model judges an operation.
func forRegister(op *Operation, unfit map[Path]bool) bool {
	switch op.Kind {
	case Create, Set, Delete:
		return op.Outcome != Failed && !unfit[op.Path]
	case Get, Exists:
		return (op.Outcome == OK || op.Outcome == Failed && op.Code == NoNode) && !unfit[op.Path]
	}
	return false
}
