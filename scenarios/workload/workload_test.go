package workload

import (
	"slices"
	"strings"
	"testing"
)

// TestAll: workloads are listed in the order of their names, and found by them.
func TestAll(t *testing.T) {
	var names []string
	for _, w := range All() {
		names = append(names, w.Name)
		if f, ok := Find(w.Name); !ok || f.Says != w.Says || w.Says == "" || w.Run == nil ||
			strings.ContainsAny(w.Name, " =") {
			t.Errorf("%+v", w)
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(names)) != len(All()) {
		t.Errorf("%v", names)
	}
	if _, ok := Find("gossip"); ok {
		t.Error("there is a workload that there is not")
	}
}
