package linearizability

import (
	"sync/atomic"

	"github.com/anishathalye/porcupine"
)

// treeModel returns the model of a tree in porcupine's form. Its inputs are operations with their
// outcomes.
func treeModel(t *tree, o *Options, steps *atomic.Int64) porcupine.Model {
	begin := (&state{closed: o.Closed}).put(&node{path: "/"}, true)
	for i := range o.Initial {
		n := &o.Initial[i]
		begin = begin.put(&node{path: n.Path, data: n.Data, version: n.Version,
			creates: n.Creates, owner: n.Owner}, true)
	}
	return porcupine.Model{
		Init: func() any { return begin },
		Step: func(s, in, _ any) (bool, any) {
			steps.Add(1)
			ok, next := t.step(s.(*state), in.(*Operation), false)
			return ok, next
		},
		Equal:             func(a, b any) bool { return a.(*state).equal(b.(*state)) },
		Hash:              func(s any) uint64 { return s.(*state).hash },
		DescribeOperation: func(in, _ any) string { return in.(*Operation).String() },
		DescribeState:     func(s any) string { return s.(*state).String() },
	}
}

// registerModel returns the model of a register in porcupine's form, one for each part. The first
// operation of a part decides which register it is, and so the value that it begins with.
func registerModel(initial []Node, steps *atomic.Int64) porcupine.Model {
	begin := map[Path]register{"/": {present: true}} // as in the tree: the root always exists
	for _, n := range initial {
		begin[n.Path] = register{true, n.Data}
	}
	return porcupine.Model{
		Init: func() any { return registerState{} },
		Step: func(s, in, _ any) (bool, any) {
			steps.Add(1)
			old, op := s.(registerState), in.(*Operation)
			if !old.begun {
				old = registerState{true, begin[op.Path]}
			}
			ok, next := old.register.step(op)
			return ok, registerState{true, next}
		},
		Hash:              func(s any) uint64 { return hash(0, s.(registerState).data) },
		DescribeOperation: func(in, _ any) string { return in.(*Operation).String() },
		DescribeState:     func(s any) string { return s.(registerState).register.String() },
	}
}

type registerState struct {
	begun bool
	register
}
