package trial

import (
	"testing"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// TestLearnTerm: a server learns a later term from an entry, and a role tells its term, which is lower
// than before if the server's disk was wiped.
func TestLearnTerm(t *testing.T) {
	terms := make(map[string]uint32)
	for i, x := range []struct {
		body    any
		term    uint32
		patched bool
	}{
		{Became{Role: "follower", Term: 3}, 3, false}, {Took{Term: 5, Index: 1}, 5, true},
		{Took{Term: 4, Index: 2}, 5, false}, {Became{Role: "follower", Term: 1}, 1, false},
		{Took{Term: 2, Index: 1}, 2, true},
	} {
		e := trace.Event{N: "S1"}
		learnTerm(&e, &sim.Record{Body: x.body}, terms)
		if terms["S1"] != x.term || (e.Patch.Epoch != nil) != x.patched {
			t.Errorf("record %d: term %d, patched %v", i, terms["S1"], e.Patch.Epoch != nil)
		}
	}
}
