// Command generate builds the engine of the page and writes it to the folder built, from where a
// release embeds it: go generate ./cmd/zablab/web. Without it, the first page builds the engine.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/zablab/zablab/cmd/zablab/web"
)

func main() {
	b, err := web.BuildEngine(context.Background(), func(text string) { fmt.Fprintln(os.Stderr, text) })
	if err == nil {
		err = os.WriteFile("built/engine.wasm.gz", b, 0o644)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "generate: %v\n", err)
		os.Exit(1)
	}
}
