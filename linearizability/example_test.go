package linearizability_test

import (
	"fmt"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// Two clients create the same node. A succeeds; the answer to B says that the node exists, before A
// has even asked for it.
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

// A system of your own: a counter with two copies, one of which takes the set while the other
// answers the get. The recorder reads the clock; any clock that the callers share will do.
func ExampleRecorder() {
	clock := int64(0)
	rec := lin.NewRecorder(func() int64 { clock += 10; return clock })
	copies := map[string]string{}

	set := rec.Begin(lin.Operation{Client: "A", Kind: lin.Set, Path: "/counter", Data: "1",
		Version: lin.AnyVersion})
	copies["left"] = "1"
	set.OK(lin.Result{}, 0)

	get := rec.Begin(lin.Operation{Client: "B", Kind: lin.Get, Path: "/counter"})
	get.OK(lin.Result{Data: copies["right"]}, 0)

	history := rec.History()
	verdict, err := lin.Check(history, lin.Options{
		Model: lin.Register, Initial: []lin.Node{{Path: "/counter", Data: "0"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verdict.Result)
	for _, m := range verdict.Misses {
		fmt.Println(m.Text)
	}
	// Output:
	// broken
	// B: get /counter: "": cannot be the next operation: the model would answer 1 (model state: 1)
}

// A lock of any kind: B acquires it while A holds it.
func ExampleReadRecord() {
	record, err := lin.ReadRecord("locks.jsonl", strings.NewReader(`
		{"client":"A","op":"acquire","path":"/lock","call":0,"return":10,"result":{"token":33}}
		{"client":"B","op":"acquire","path":"/lock","call":20,"return":30,"result":{"token":34}}
		{"client":"A","op":"use","path":"/lock","token":33,"call":40,"return":50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	verdict, err := lin.Check(record.Ops, lin.Options{Model: lin.Lock})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verdict.Model, verdict.Result)
	miss := verdict.Misses[0]
	fmt.Println(record.Ops[miss.Op].String())
	fmt.Println("the answer would be:", miss.Reference)
	fmt.Println("state of the model:", miss.State)
	// Output:
	// lock/1 broken
	// B: acquire /lock: token 34
	// the answer would be: held
	// state of the model: held by A, token 33
}
