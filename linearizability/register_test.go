package linearizability

import "testing"

// The root exists before every history, in the register as in the tree.
func TestRegisterRoot(t *testing.T) {
	h := History{
		{Client: "A", Kind: Exists, Path: "/", Call: 0, Return: 10, Outcome: OK},
		{Client: "A", Kind: Create, Path: "/a", Call: 20, Return: 30, Outcome: OK},
	}
	if v, err := Check(h, Options{Model: Register}); err != nil || v.Result != Linearizable {
		t.Errorf("%v, error %v", v.Result, err)
	}
}

// Each path is a register of its own, also when a client creates a node, its parent and the parent
// of that: a create of the parent is no write of the child.
func TestRegisterNested(t *testing.T) {
	h := History{
		{Client: "A", Kind: Create, Path: "/a", Call: 0, Return: 10, Outcome: OK},
		{Client: "A", Kind: Exists, Path: "/a/b/c", Call: 20, Return: 30, Outcome: Failed, Code: NoNode},
		{Client: "A", Kind: Create, Path: "/a/b", Data: "b", Call: 40, Return: 50, Outcome: OK},
		{Client: "A", Kind: Create, Path: "/a/b/c", Data: "c", Call: 60, Return: 70, Outcome: OK},
		{Client: "B", Kind: Get, Path: "/a/b", Call: 80, Return: 90, Outcome: OK,
			Result: Result{Data: "b"}},
	}
	v, err := Check(h, Options{Model: Register})
	if err != nil || v.Result != Linearizable || v.Parts != 3 {
		t.Errorf("%v of %d parts, error %v: %+v", v.Result, v.Parts, err, v.Misses)
	}
	h[4].Result.Data = "c" // what another path holds
	if v, err := Check(h, Options{Model: Register}); err != nil || v.Result != Broken {
		t.Errorf("a value of another path: %v, error %v", v.Result, err)
	}
}
