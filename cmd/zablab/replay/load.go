package replay

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/scenarios/script"
)

// loaded has the documents to play.
type loaded struct {
	scripts []*script.Script
	files   []command.File    // files of the scripts
	errors  []error           // one for each document that cannot be played
	story   *diagram.Document // the only document, if it is a story of a small world
}

// load reads and compiles the documents to play. It fails if no document can be played, or if one
// cannot be played that must be: a chapter when names is empty, or any document with --strict. The
// errors of other documents are in l.errors.
func load(cmd *cobra.Command, names []string, o *scenarios.Options) (l loaded, err error) {
	compile := o.Options
	if len(names) == 0 {
		compile.Strict = true // the lab's own chapters
		for _, c := range book.Chapters() {
			names = append(names, c.Name)
		}
	}
	files, _, err := command.Files("replay", cmd.InOrStdin(), names)
	if err != nil {
		return l, err
	}
	if len(files) == 0 {
		return l, fmt.Errorf("replay %s: no sequence diagram found: name a file with a Mermaid or "+
			"PlantUML sequence diagram, or a chapter of the book (zablab list)", names[0])
	}
	if len(files) == 1 && files[0].Err == nil && explore.IsStory(files[0].Doc) {
		l.story = files[0].Doc
		return l, nil
	}
	for _, f := range files {
		var s *script.Script
		if err = f.Err; err == nil {
			s, err = script.Compile(f.Doc, compile)
		}
		if err != nil {
			l.errors = append(l.errors, err)
			continue
		}
		l.scripts, l.files = append(l.scripts, s), append(l.files, f)
	}
	if len(l.scripts) == 0 || compile.Strict {
		return l, errors.Join(l.errors...)
	}
	return l, nil
}

// failed prints the errors in l.errors, and returns the resulting exit status.
func (l *loaded) failed(cmd *cobra.Command) error {
	for _, err := range l.errors {
		fmt.Fprintf(cmd.ErrOrStderr(), "zablab: %v\n", err)
	}
	if len(l.errors) > 0 {
		return command.Status(command.Usage)
	}
	return nil
}
