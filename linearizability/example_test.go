package linearizability_test

import (
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
)

// Two clients create the same node. One is told so, the other that it is there already, before
// anybody had asked for it.
func ExampleCheck() {
	history := lin.History{
		{Client: "A", Session: 1, Kind: lin.Create, Path: "/leader", Ephemeral: true,
			Call: 50, Return: 60, Outcome: lin.OK},
		{Client: "B", Session: 2, Kind: lin.Create, Path: "/leader", Ephemeral: true,
			Call: 10, Return: 20, Outcome: lin.Failed, Code: lin.NodeExists},
	}
	verdict, err := lin.Check(history, lin.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verdict.Model, verdict.Scope, verdict.Result)
	for _, i := range verdict.Blame {
		fmt.Println(history[i].String())
	}
	// Output:
	// znode/1 writes broken
	// B: create /leader (ephemeral): node exists
}
