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
