// Command cluster runs a whole cluster of unmodified hashicorp/raft servers in a world of package
// sim. It is built for wasip1, which has one thread. Its host is package raft, which supplies all
// randomness and a clock that moves only when every goroutine waits. So a seed determines a run.
//
// The program reads a task.Settings from standard input and writes a task.Result to standard
// output.
//
//   - lab.go: how the world and the servers' goroutines take turns
//   - node.go, port.go: a server, and its program in the world from one start to the next crash
//   - conn.go: raft's StreamLayer on the connections of the world
//   - store.go, snapshot.go: raft's LogStore, StableStore and snapshots
//   - user.go: the clients
//   - trace.go: the trace of a run (zablab.trace/1)
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/zablab/zablab/scenarios/raft/task"
)

func main() {
	debug.SetGCPercent(50) // wasm memory never shrinks
	var s task.Settings
	if err := json.NewDecoder(os.Stdin).Decode(&s); err != nil {
		fmt.Fprintln(os.Stderr, "guest: settings:", err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(run(&s)); err != nil {
		fmt.Fprintln(os.Stderr, "guest: result:", err)
		os.Exit(1)
	}
}
