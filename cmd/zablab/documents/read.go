package documents

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/claims"
	"github.com/zablab/zablab/scenarios/diagram"
)

// Read returns the command zablab read.
func Read() *cobra.Command {
	var f readFlags
	cmd := &cobra.Command{
		Use:   "read [DOC[:LINE]]",
		Short: "Read a chapter of the book, or any document, in the terminal",
		Long: `Renders a document for the terminal, with its diagrams drawn as text. A document
is a chapter by name or number, a page of claims (claims/tutorial), or a file.
With a line number, as zablab claims prints it, only the section of that line is
rendered. Without an argument the command lists the chapters.

A chapter first asks you to predict each run. Its drawings therefore do not say what
the author expects, and a closed box hides the answer to the last task. --answers opens
the box, and adds to each arrow what the author expects.

Exit status: 0 success; 2 wrong usage or an unreadable document.`,
		Example: "  zablab read the-leader-dies\n  zablab read claims/tutorial.md:16\n" +
			"  zablab read my-election.md | less",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return list(cmd)
			}
			return f.read(cmd, args[0])
		},
	}
	cmd.Flags().BoolVar(&f.answers, "answers", false,
		"show the answers to the questions, and next to each arrow what the author expects")
	cmd.Flags().IntVar(&f.width, "width", 0,
		"width of the page in columns, 40 to 300 (default: the terminal's, at most 100)")
	return cmd
}

// readFlags are the flags of zablab read.
type readFlags struct {
	width   int
	answers bool
}

// read prints one document.
func (f *readFlags) read(cmd *cobra.Command, name string) error {
	width := f.width
	if width != 0 && (width < 40 || width > 300) {
		return fmt.Errorf("--width %d: must be from 40 to 300 columns", width)
	}
	name, line := cutLine(name)
	text, shown, err := command.ReadDocument("read", name)
	if err != nil {
		return err
	}
	doc, err := diagram.ParseStrict(shown, text)
	if err != nil {
		return err
	}
	from := 0
	if line > 0 {
		if text, from, err = section(doc, text, line); err != nil {
			return fmt.Errorf("read %s:%d: %w", name, line, err)
		}
	}
	prose := openBoxes(string(text))
	if !f.answers {
		closed(doc)
		prose = closeBoxes(string(text), book.ShortName(shown))
	}
	out := cmd.OutOrStdout()
	if width == 0 {
		width = terminal.Width(out)
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, jsonRead(doc, prose, width, from))
		return nil
	}
	p := terminal.PaintFor(out)
	page := render(doc, prose, width, p)
	play := "replay " + book.ShortName(shown)
	if _, ours := claims.Find(shown); ours {
		play = "claims"
		for _, h := range doc.Headings {
			if line > 0 && h.Line == from+1 && h.Level == 2 { // a claim
				play += " " + h.Text
			}
		}
	}
	fmt.Fprintf(out, "%s%s  zablab %s\n", page, p.Bold("Play it"), play)
	return nil
}

// cutLine parts the name of a document from a line number; without one the number is 0.
func cutLine(name string) (document string, line int) {
	i := strings.LastIndexByte(name, ':')
	if i < 1 {
		return name, 0
	}
	n, err := strconv.Atoi(name[i+1:])
	if err != nil || n < 1 {
		return name, 0
	}
	return name[:i], n
}

// section returns the part of a document that has a line: from the heading before it to the next. The
// number from is that of the lines before the part. It leaves the diagrams of that part in doc, with
// their lines in it.
func section(doc *diagram.Document, source []byte, line int) (part []byte, from int, err error) {
	lines := strings.SplitAfter(strings.TrimSuffix(string(source), "\n"), "\n")
	if line > len(lines) {
		return nil, 0, fmt.Errorf("the document has %s: name one of them",
			terminal.Plural(len(lines), "line", "lines"))
	}
	to := len(lines)
	for _, h := range doc.Headings {
		if h.Line > line {
			to = h.Line - 1
			break
		}
		from = h.Line - 1
	}
	doc.Diagrams = slices.DeleteFunc(doc.Diagrams, func(d *diagram.Diagram) bool {
		return d.Line <= from || d.Line > to
	})
	for _, d := range doc.Diagrams {
		d.Line, d.EndLine = d.Line-from, d.EndLine-from
	}
	return []byte(strings.Join(lines[from:to], "")), from, nil
}

// jsonRead is the output of zablab read --json: the text of the document, and each diagram drawn as
// text. The lines are those of the document, of which the first from are left out.
func jsonRead(doc *diagram.Document, text string, width, from int) any {
	type drawn struct {
		Title string `json:"title"`
		Line  int    `json:"line"`
		Text  string `json:"text"`
	}
	diagrams := []drawn{}
	for _, d := range doc.Diagrams {
		diagrams = append(diagrams, drawn{d.Title, from + d.Line, diagram.Draw(d, width)})
	}
	return map[string]any{
		"name": doc.Name, "title": doc.Title, "diagrams": diagrams,
		"text": comments.ReplaceAllString(text, ""),
	}
}
