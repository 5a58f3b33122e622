package workload

import (
	"slices"
	"strings"
	"testing"
)

// TestAll: workloads are listed in the order of their names, and found by them.
func TestAll(t *testing.T) {
	var both []string
	for _, list := range [][]Workload{All(), OnRequest(), Shared(), Rare()} {
		var names []string
		for _, w := range list {
			names = append(names, w.Name)
			if f, ok := Find(w.Name); !ok || f.Says != w.Says || w.Says == "" || w.Run == nil ||
				strings.ContainsAny(w.Name, " =") {
				t.Errorf("%+v", w)
			}
		}
		if !slices.IsSorted(names) {
			t.Errorf("%v", names)
		}
		both = append(both, names...)
	}
	if slices.Sort(both); len(slices.Compact(both)) != len(Every()) {
		t.Errorf("%v", both)
	}
	if _, ok := Find("gossip"); ok {
		t.Error("there is a workload that there is not")
	}
}
