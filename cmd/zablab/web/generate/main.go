// Command generate builds the programs that pages run, and writes them to the folder "built". To
// run it, use go generate ./cmd/zablab/web. A release embeds the programs of this folder. If they
// are not embedded, zablab builds each of them when it first needs it.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/zablab/zablab/cmd/zablab/web"
)

func main() {
	for _, p := range web.Programs {
		b, err := p.Build(context.Background(), func(text string) { fmt.Fprintln(os.Stderr, text) })
		if err == nil {
			err = os.WriteFile("built/"+p.BuiltFile(), b, 0o644)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "generate: %v\n", err)
			os.Exit(1)
		}
	}
}
