// Command tutor is the WebAssembly program (wasip1) of a site with exercises. Each page of the site
// runs it in a web worker. Like the command engine, which is the program of a page with a single
// run, it plays runs again. It also checks answers to exercises.
//
// The command reads a request as JSON from standard input: a [fork.Request], or {"check":
// {"exercise": "3", "answer": "..."}}. The answer is the contents of the file that the reader of
// the exercise wrote. If the exercise asks for a single line, the request may have this line
// instead of the whole file. The output is a [fork.Answer] with the trace, or the verdict on the
// answer as one line of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/zablab/zablab/cmd/zablab/web/fork"
)

// request is what a page asks for: a run, or a check.
type request struct {
	fork.Request
	Check *question `json:"check"`
}

func main() {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := answer(os.Stdin, out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "tutor: %v\n", err)
		os.Exit(1)
	}
}

// answer answers one request.
func answer(in io.Reader, out io.Writer) error {
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("cannot read the request: %w: the request must be JSON", err)
	}
	if r.Check == nil {
		return fork.Play(&r.Request, out)
	}
	v, err := r.Check.verdict()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(v)
}
