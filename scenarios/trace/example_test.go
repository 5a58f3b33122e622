package trace_test

import (
	"bytes"
	"fmt"

	"github.com/zablab/zablab/scenarios/trace"
)

// A writer writes a run's events, and a reader returns each with the state after it.
func Example() {
	var file bytes.Buffer
	w := trace.NewWriter(&file, &trace.Header{
		Commit: "unknown", Title: "S1 elects itself", Seed: 1,
		Nodes: []trace.Node{{ID: "S1", Kind: "server"}},
	})
	leader := "S1"
	for i, e := range []trace.Event{
		{
			N: "S1", K: "role", Cause: -1, Patch: trace.Patch{Role: "looking"},
			Say: "S1 looks for a leader",
		},
		{N: "S1", K: "role", Cause: 0, T: 200_000, Say: "S1 leads",
			Patch: trace.Patch{Role: "leading", Leader: &leader}},
	} {
		e.I = int64(i)
		w.Add(&e)
	}
	if err := w.End(&trace.End{T: 200_000}, nil); err != nil {
		fmt.Println(err)
	}

	r, err := trace.NewReader("run.ndjson", &file)
	if err != nil {
		fmt.Println(err)
		return
	}
	for r.Next() {
		fmt.Printf("%6d µs  %-21s  S1 is %s\n",
			r.Event().T, r.Event().Say, r.State().Find("S1").Role)
	}
	fmt.Println("complete:", r.Ended, "error:", r.Err())
	// Output:
	//      0 µs  S1 looks for a leader  S1 is looking
	// 200000 µs  S1 leads               S1 is leading
	// complete: true error: <nil>
}
