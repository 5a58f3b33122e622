package witness_test

import (
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
)

// B reads after A's write was answered, and gets the old state. ZooKeeper permits that; with
// Linearizable the breach is reported, with the write that the read missed.
func ExampleJudge() {
	record := lin.Record{Ops: lin.History{
		{Client: "A", Session: 1, Kind: lin.Create, Path: "/x", Data: "old", Call: 0, Return: 10,
			Outcome: lin.OK, Zxid: 1<<32 + 1},
		{Client: "A", Session: 1, Kind: lin.Set, Path: "/x", Data: "new", Version: lin.AnyVersion,
			Call: 20, Return: 30, Outcome: lin.OK, Zxid: 1<<32 + 2},
		{Client: "B", Session: 2, Kind: lin.Get, Path: "/x", Call: 40, Return: 50, Outcome: lin.OK,
			Result: lin.Result{Data: "old"}, Zxid: 1<<32 + 1},
	}}
	for _, options := range []witness.Options{{}, {Linearizable: true}} {
		report, err := witness.Judge(record, options)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(report.Result(), "-", report.Of("linearizable-reads").Text)
	}
	// Output:
	// ok - 1 of 1 read was stale, by at most 20µs: a newer state existed before the reply came; stale reads are allowed
	// broken - stale read: B: get /x: old, called at 40 µs, shows zxid 1/1, but /x was changed at zxid 1/2, and a reply at 30 µs had already shown this zxid or a later one
}
