// Command engine is the engine of a page: it plays a document again, with faults and calls that the
// reader has added. The page runs it, compiled for wasip1, in a worker.
//
// The command reads a [fork.Request] as JSON from standard input, and writes a [fork.Answer] as one
// line of JSON to standard output, followed by the trace of the run if there is one.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/zablab/zablab/cmd/zablab/web/fork"
)

func main() {
	// The program plays one run and ends, on one thread: what collects garbage stops the run. A
	// WebAssembly program has 4 GB at most, so the memory of a long run is limited.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(1 << 30)
	// Nothing is collected before the program uses five times these bytes, which it never touches: a run
	// of 100,000 events is written before that.
	ballast := make([]byte, 64<<20)
	defer runtime.KeepAlive(ballast)
	var r fork.Request
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		fmt.Fprintf(os.Stderr, "engine: cannot read the request: %v: the request must be a "+
			"fork.Request as JSON\n", err)
		os.Exit(2)
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := fork.Play(&r, out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "engine: %v\n", err)
		os.Exit(1)
	}
}
