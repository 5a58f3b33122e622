package linearizability

// register is the model of one value under one path: a set, or a create, writes it, a delete
// takes it away, a get reads it. Versions, parents and failed writes are none of its business.
type register struct {
	present bool
	data    string
}

// step says whether an operation can have gone as it did. Failed writes are not handed to it.
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

// unfit marks the paths that are no registers: those that a multi, a sequential create or an
// ephemeral node touches.
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

// forRegister says whether the register model judges an operation.
func forRegister(op *Operation, unfit map[Path]bool) bool {
	switch op.Kind {
	case Create, Set, Delete:
		return op.Outcome != Failed && !unfit[op.Path]
	case Get, Exists:
		return (op.Outcome == OK || op.Outcome == Failed && op.Code == NoNode) && !unfit[op.Path]
	}
	return false
}
