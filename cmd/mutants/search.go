package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/zablab/zablab/scenarios/explore"
)

// What a hunt checks after its runs: whether programs are left when they have ended, and whether
// searches of small worlds find what they find in a sound engine. A search lets any timer fire at
// any moment, and runs code of an engine that no run of the fuzzer reaches.

// worlds are the small worlds that are searched. Together they take 4 s.
var worlds = []string{"oracle", "write", "versions", "counter", "timeout", "observer", "beside"}

// leastSearched is the least time of a hunt after which worlds are searched.
const leastSearched = 20 * time.Second

// mostStates bounds a search: the largest of these worlds has 646,405 states.
const mostStates = 2_000_000

// search searches the small worlds. It returns what they are like, or the first violation.
func search() (found string, broken *explore.Violation, err error) {
	var text []string
	for _, name := range worlds {
		setup, ok := explore.FindSetup(name)
		if !ok {
			return "", nil, fmt.Errorf("no setup of zablab explore is called %s: correct the "+
				"name in cmd/mutants/search.go", name)
		}
		x, err := explore.New(setup, explore.Options{Threads: 1,
			Progress: func(p explore.Progress) bool { return p.States < mostStates }})
		if err != nil {
			return "", nil, err
		}
		r := x.Run()
		if r.Broken != nil {
			return "", r.Broken, nil
		}
		text = append(text, fmt.Sprintf("%s: %d states, %d choices, %d final "+
			"states", name, r.States,
			r.Choices, r.Ends))
	}
	return strings.Join(text, "; "), nil, nil
}

// spareRoutines is how many more goroutines than at its start a hunt may have between two batches.
const spareRoutines = 20

// leaks says what is left when the runs have ended, if anything is: programs that were not ended.
func leaks(before int) string {
	now := runtime.NumGoroutine()
	if now <= before+spareRoutines {
		return ""
	}
	return fmt.Sprintf("after the runs there are %d goroutines, %d more than before: some client "+
		"programs were never stopped", now, now-before)
}
