package lint

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/scenarios/script"
)

// The values of --format.
const (
	formatText   = "text"
	formatGitHub = "github"
)

// Command returns the command zablab lint.
func Command() *cobra.Command {
	format, width := formatText, 0
	cmd := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Show how the lab reads each line of a sequence diagram, and which lines it cannot read",
		Long: `Reads documents without playing them. For each line of each diagram it prints how the
line is understood, and what the lab adds because the line does not say it, such as a
path. For a line that is not understood, it prints the reason and the nearest phrase. It
reports all problems at once. A document is a file, a chapter, a folder (searched to any
depth), a glob, or - for standard input.

With --format github it prints only the problems, as annotations for CI systems.

For a document with the steps of a small ensemble (zablab explore -o) it says whether each
step is possible after those before it.

Exit status: 0 every line is understood; 2 wrong usage or an unreadable file; 3 a line
is not understood, or a step is not possible.`,
		Example: "  zablab lint my-election.md\n" +
			"  zablab lint --format github docs\n" +
			"  pbpaste | zablab lint -",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return run(cmd, args, format, width)
		},
	}
	cmd.Flags().StringVar(&format, "format", formatText,
		"output format: text, or github (annotations for CI systems)")
	cmd.Flags().IntVar(&width, "width", 0,
		"width of the page in columns, 40 to 300 (default: the terminal's)")
	return cmd
}

// report has the results of all files.
type report struct {
	files   []linted
	without int // files without a drawing, found in folders
}

// linted is one file with its compiled script, or with the errors that prevent one.
type linted struct {
	name   string
	script *script.Script
	story  *steps // if the document is a story of a small world
	errors []*diagram.Error
	err    error // an error without a position in the file
}

func (l *linted) scenes() []*script.Scene {
	if l.script == nil {
		return nil
	}
	return l.script.Diagrams
}

func (l *linted) failed() bool { return l.err != nil || len(l.errors) > 0 }

func run(cmd *cobra.Command, args []string, format string, width int) error {
	if format != formatText && format != formatGitHub {
		return fmt.Errorf("--format %s: must be text or github", format)
	}
	if width != 0 && (width < 40 || width > 300) {
		return fmt.Errorf("--width %d: must be from 40 to 300 columns", width)
	}
	files, without, err := command.Files("lint", cmd.InOrStdin(), args)
	if err != nil {
		return err
	}
	r := report{without: without}
	for _, f := range files {
		r.files = append(r.files, lintOne(f))
	}
	out := cmd.OutOrStdout()
	terminal.SetWidth(out, width)
	switch {
	case command.JSON(cmd):
		command.WriteJSON(out, r.json())
	case format == formatGitHub:
		r.github(out)
	default:
		r.print(out)
	}
	return r.status()
}

// lintOne compiles one document without playing it.
func lintOne(f command.File) linted {
	l := linted{name: f.Name}
	err := f.Err
	switch {
	case err == nil && explore.IsStory(f.Doc):
		l.story, err = stepsOf(f.Doc)
	case err == nil:
		l.script, err = script.Compile(f.Doc, script.Options{})
	}
	if l.errors = Placed(err); err != nil && len(l.errors) == 0 {
		l.err = err
	}
	return l
}

// Placed returns the errors in err that have a position.
func Placed(err error) (list []*diagram.Error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			list = append(list, Placed(e)...)
		}
		return list
	}
	var e *diagram.Error
	if errors.As(err, &e) {
		list = append(list, e)
	}
	return list
}

// status returns the exit status. An unreadable file counts more than an unread line.
func (r *report) status() error {
	unread, failed := 0, 0
	for i := range r.files {
		f := &r.files[i]
		if f.failed() {
			failed++
		}
		for _, scene := range f.scenes() {
			unread += scene.Read().Unread
		}
		if f.story != nil && f.story.problem != nil {
			unread++
		}
	}
	switch {
	case failed > 0:
		return command.Status(command.Usage)
	case unread > 0:
		return command.Status(command.Surprise)
	}
	return nil
}

// print prints how every line of every file is read, and the totals.
func (r *report) print(out io.Writer) {
	p := terminal.PaintFor(out)
	var all script.Tally
	for i := range r.files {
		f := &r.files[i]
		var read script.Tally
		for _, scene := range f.scenes() {
			read.Add(scene.Read())
		}
		all.Add(read)
		if f.story != nil {
			f.story.print(out, f.name)
		} else {
			fmt.Fprintf(out, "%s  %s\n", p.Bold(f.name), read)
		}
		if f.err != nil {
			fmt.Fprintf(out, "  %s %s\n", p.Red("✗"), terminal.Fold(out, f.err.Error(), 4))
		}
		for _, e := range f.errors {
			text := fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
			fmt.Fprintf(out, "  %s %s\n", p.Red("✗"), terminal.Fold(out, text, 4))
		}
		for k, scene := range f.scenes() {
			title := scene.Diagram.Title
			if title == "" {
				title = fmt.Sprintf("Diagram %d", k+1)
			}
			fmt.Fprintf(out, "\n%s  %s\n", p.Bold(title),
				p.Faint(fmt.Sprintf("line %d · %s", scene.Diagram.Line, scene.Read())))
			Print(out, scene)
		}
		fmt.Fprintln(out)
	}
	if len(r.files) != 1 {
		fmt.Fprintf(out, "%s, %s without a diagram: %s\n", terminal.Plural(len(r.files), "document",
			"documents"), terminal.Plural(r.without, "file", "files"), all)
	}
}
