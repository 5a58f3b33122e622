package replay

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/repair"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// The values of --format.
const (
	formatText    = "text"
	formatMermaid = "mermaid"
)

// repairs says that the document is to be printed, and not its run.
func (f *flags) repairs() bool { return f.fix || f.format == formatMermaid }

// checkRepair fails for flags that do not go together.
func (f *flags) checkRepair() error {
	json, _ := f.set.GetBool("json")
	switch {
	case f.format != formatText && f.format != formatMermaid:
		return fmt.Errorf("--format %s: write text or mermaid", f.format)
	case f.output != "" && !f.repairs():
		return errors.New("--output needs --fix or --format mermaid: add one of them")
	case f.write && !f.fix:
		return errors.New("--write needs --fix: add --fix")
	case f.write && f.output != "":
		return errors.New("--write and --output exclude each other: leave out one")
	case f.fix && f.format == formatMermaid, f.repairs() && (f.all || f.explain || json):
		return errors.New("--fix and --format mermaid each print a document: leave out the other, " +
			"--all, --explain and --json")
	}
	return nil
}

// oneOrWrite fails for several documents in one output, and for one that has no file to write.
func (f *flags) oneOrWrite(files []command.File) error {
	if !f.write && len(files) != 1 {
		return fmt.Errorf("replay: one output cannot hold %d documents: name one, or use --fix "+
			"--write",
			len(files))
	}
	for _, file := range files {
		if f.write && file.Path == "" {
			return fmt.Errorf("--write %s: not a file: use --output", file.Name)
		}
	}
	return nil
}

// repair prints or writes each document as it was read or played. What it changes is said on
// standard error.
func (s *session) repair(files []command.File) error {
	unread := 0
	for i, r := range s.results {
		unread += r.Read.Unread
		text, changes, err := s.repaired(files[i], s.scripts[i], r)
		if err != nil {
			return err
		}
		name := s.flags.output
		if s.flags.write {
			name = files[i].Path
		}
		switch {
		case name == "":
			fmt.Fprint(s.cmd.OutOrStdout(), text)
		case s.flags.write && changes == 0:
		default:
			if err := command.WriteFile(name, []byte(text)); err != nil {
				return err
			}
		}
		if s.flags.fix {
			fmt.Fprintf(s.cmd.ErrOrStderr(), "%s: %s\n", r.Name,
				terminal.Plural(changes, "change", "changes"))
		}
	}
	switch {
	case s.options.Stop():
		return command.Status(command.Interrupted)
	case unread > 0:
		return command.Status(command.Surprise)
	}
	return nil
}

// repaired is the text of a document as it was read or played. A drawing in another notation than
// Mermaid becomes Mermaid first.
func (s *session) repaired(f command.File, doc *script.Script, r *scenarios.Result) (text string,
	changes int, err error) {
	if !s.flags.fix {
		return repair.Mermaid(f.Doc), 0, nil
	}
	text = string(f.Text)
	if !isMermaid(text, f.Doc) {
		if s.flags.write {
			return "", 0, fmt.Errorf("--write %s: the drawing is not Mermaid, and what is around it "+
				"would be lost: use --output", f.Name)
		}
		text = repair.Mermaid(f.Doc)
		text = strings.ReplaceAll(text, "sequenceDiagram\n",
			"sequenceDiagram\n    %% fixed: it was another notation, and is Mermaid now\n")
		changes++
		parsed, err := diagram.Parse(f.Name, []byte(text))
		if err != nil {
			return "", 0, err
		}
		if doc, err = script.Compile(parsed, s.options.Options); err != nil {
			return "", 0, err
		}
		if r, err = scenarios.Replay(doc, s.options); err != nil {
			return "", 0, err
		}
	}
	text, n := repair.Fix(text, doc, r)
	return text, changes + n, nil
}

// isMermaid says that all diagrams of a document are written in Mermaid, line by line as parsed.
func isMermaid(text string, doc *diagram.Document) bool {
	lines := strings.Split(text, "\n")
	for _, d := range doc.Diagrams {
		if d.Line < 1 || d.Line > len(lines) ||
			!strings.Contains(lines[d.Line-1], "sequenceDiagram") {
			return false
		}
	}
	return true
}
