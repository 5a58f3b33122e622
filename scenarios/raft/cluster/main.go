// Command cluster runs a whole cluster of unmodified hashicorp/raft servers in a world of package sim. It is built
// for wasip1 and run by package raft, whose clock stands still while anything runs and moves when everything
// waits, so that a seed is a run: there is one thread, and all chance comes from the host.
//
// It reads settings from its standard input, and writes what came of them to its standard output, both as
// package task has them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/zablab/zablab/scenarios/raft/task"
)

func main() {
	debug.SetGCPercent(50) // memory that a guest once had it keeps
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
