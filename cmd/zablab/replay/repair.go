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

// repairs reports whether to print the document itself, not its run.
func (f *flags) repairs() bool { return f.fix || f.format == formatMermaid }

// checkRepair returns an error for flags that exclude each other.
func (f *flags) checkRepair() error {
	json, _ := f.set.GetBool("json")
	switch {
	case f.format != formatText && f.format != formatMermaid:
		return fmt.Errorf("--format %s: must be text or mermaid", f.format)
	case f.output != "" && !f.repairs():
		return errors.New("--output needs --fix or --format mermaid: add one of them")
	case f.write && !f.fix:
		return errors.New("--write needs --fix: add --fix")
	case f.write && f.output != "":
		return errors.New("--write and --output exclude each other: leave out one")
	case f.fix && f.format == formatMermaid, f.repairs() && (f.all || f.explain || json):
		return errors.New("--fix and --format mermaid print a document: give only one of these two " +
			"flags, and leave out --all, --explain and --json")
	}
	return nil
}

// oneOrWrite returns an error for several documents in one output, and for a document without a
// file to write.
func (f *flags) oneOrWrite(files []command.File) error {
	if !f.write && len(files) != 1 {
		return fmt.Errorf("replay: one output cannot hold %d documents: name one document, "+
			"or use --fix --write", len(files))
	}
	for _, file := range files {
		if f.write && file.Path == "" {
			return fmt.Errorf("--write %s: this document is not a file: use --output", file.Name)
		}
	}
	return nil
}

// repair prints or writes each document as it was read, or corrected to what was played. It reports
// the number of changes on standard error.
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

// repaired returns the text of a document as it was read, or corrected to what was played. A
// drawing in another notation is first converted to Mermaid.
func (s *session) repaired(f command.File, doc *script.Script, r *scenarios.Result) (text string,
	changes int, err error) {
	if !s.flags.fix {
		return repair.Mermaid(f.Doc), 0, nil
	}
	text = string(f.Text)
	if !isMermaid(text, f.Doc) {
		if s.flags.write {
			return "", 0, fmt.Errorf("--write %s: the corrected drawing is Mermaid, and would overwrite "+
				"the whole file, including the text around the drawing: use --output", f.Name)
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
	for range mostRounds {
		fixed, n := repair.Fix(text, doc, r)
		fixed, more := repair.Strict(f.Name, fixed, s.options)
		if fixed == text || n+more == 0 || s.options.Stop() {
			break
		}
		text, changes = fixed, changes+n+more
		if doc, r = s.again(f.Name, text); doc == nil {
			break
		}
	}
	return text, changes, nil
}

// mostRounds limits how often a corrected document is played and corrected again. What the first
// round writes out, such as a call that the drawing leaves out, can change the run below it.
const mostRounds = 4

// again plays a corrected document. It returns nil if the document cannot be played.
func (s *session) again(name, text string) (doc *script.Script, r *scenarios.Result) {
	parsed, err := diagram.Parse(name, []byte(text))
	if err != nil {
		return nil, nil
	}
	if doc, err = script.Compile(parsed, s.options.Options); err != nil {
		return nil, nil
	}
	if r, err = scenarios.Replay(doc, s.options); err != nil {
		return nil, nil
	}
	return doc, r
}

// isMermaid reports whether every line of every diagram is Mermaid, unchanged by the parser.
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
