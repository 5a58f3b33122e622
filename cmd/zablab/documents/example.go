package documents

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/lint"
	"github.com/zablab/zablab/cmd/zablab/repair"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// drawing is the guide's example: it is drawn as people draw, with much left out.
//
//go:embed example.mmd
var drawing string

// example is the drawing, how the lab reads it, and the drawing corrected to what was played.
type example struct {
	script   *script.Script
	repaired string
}

// newExample reads and plays the drawing.
func newExample() (e example, err error) {
	doc, err := diagram.Parse("example.mmd", []byte(drawing))
	if err != nil {
		return e, err
	}
	if e.script, err = script.Compile(doc, script.Options{}); err != nil {
		return e, err
	}
	result, err := scenarios.Replay(e.script, scenarios.Options{})
	if err != nil {
		return e, err
	}
	e.repaired, _ = repair.Fix(drawing, e.script, result)
	return e, nil
}

// print prints the example.
func (e *example) print(out io.Writer, p terminal.Paint) {
	fmt.Fprintf(out, "\n%s\n\n%s", p.Bold("Example: a drawing that was not written for the lab"),
		indented(drawing))
	fmt.Fprintf(out, "\n%s\n", p.Bold("How the lab reads this drawing, as zablab lint prints it"))
	lint.Print(out, e.script.Diagrams[0])
	fmt.Fprintf(out, "\n%s\n\n%s", p.Bold("The same drawing, as played: zablab replay --fix"),
		indented(e.repaired))
}

// json is the example as JSON.
func (e *example) json() any {
	return map[string]any{
		"drawing": drawing, "readings": lint.Readings(e.script.Diagrams[0]), "repaired": e.repaired,
	}
}

// indented indents a text that users copy, so that it stands out from the prose.
func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}
