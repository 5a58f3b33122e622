package lint

import (
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// Escapes in a workflow command of GitHub Actions, one for its message and one for its properties.
var (
	message  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// annotate prints one annotation.
func annotate(out io.Writer, level, file string, at diagram.Pos, text string) {
	fmt.Fprintf(out, "::%s file=%s,line=%d,col=%d::%s\n", level, property.Replace(file),
		max(1, at.Line), max(1, at.Column), message.Replace(text))
}

// github prints a warning for each unread line, and an error for each unreadable file.
func (r *report) github(out io.Writer) {
	for i := range r.files {
		f := &r.files[i]
		for _, e := range f.errors {
			annotate(out, "error", f.name, diagram.Pos{Line: e.Line, Column: e.Column}, e.Message)
		}
		if f.story != nil && f.story.problem != nil {
			annotate(out, "warning", f.name, f.story.at, f.story.problem.Error())
		}
		for _, scene := range f.scenes() {
			for _, g := range scene.Readings() {
				if g.Kind != script.Unread {
					continue
				}
				text := g.Text + ": " + g.Problem
				if g.Nearest != "" {
					text += "; nearest: " + g.Nearest
				}
				annotate(out, "warning", f.name, diagram.Pos{Line: g.Line, Column: g.Column}, text)
			}
		}
	}
}
