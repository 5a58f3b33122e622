// Command cluster runs a whole cluster of unmodified hashicorp/raft servers in a world of package
// sim. It is built for wasip1, which has one thread. Its host is package raft, which supplies all
// randomness and a clock that moves only when every goroutine waits. So a seed determines a run.
//
// It reads a task.Settings from standard input and writes a task.Result to standard output.
//
//   - lab.go: the world and the goroutines, and how they take turns
//   - node.go, port.go: a server over all its lives, and its program in the world in one life
//   - conn.go: the world's connections as raft's StreamLayer
//   - store.go, snapshot.go: raft's LogStore, StableStore and snapshots
//   - user.go: the clients
//   - trace.go: the run as zablab.trace/1
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
