package documents

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
)

// Read is zablab read.
func Read() *cobra.Command {
	width := 0
	cmd := &cobra.Command{
		Use:   "read [DOC]",
		Short: "Read a chapter of the book, or any document, in the terminal",
		Long: `Renders a document for the terminal, with its diagrams drawn as text. A document
is a chapter by name or number, or a file. Without one, the chapters are listed.

Exit status: 0, or 2 wrong usage or an unreadable document.`,
		Example: "  zablab read the-leader-dies\n  zablab read my-election.md | less",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return list(cmd)
			}
			return read(cmd, args[0], width)
		},
	}
	cmd.Flags().IntVar(&width, "width", 0,
		"width of the page in columns, 40 to 300 (default: the terminal's, at most 100)")
	return cmd
}

// read prints one document.
func read(cmd *cobra.Command, name string, width int) error {
	if width != 0 && (width < 40 || width > 300) {
		return fmt.Errorf("--width %d: write 40 to 300 columns", width)
	}
	text, shown, err := command.ReadDocument("read", name)
	if err != nil {
		return err
	}
	doc, err := diagram.ParseStrict(shown, text)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if width == 0 {
		width = terminal.Width(out)
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, jsonRead(doc, string(text), width))
		return nil
	}
	p := terminal.PaintFor(out)
	page, err := render(doc, string(text), width, p)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	fmt.Fprintf(out, "%s%s  zablab replay %s\n", page, p.Bold("Play it"), book.ShortName(shown))
	return nil
}

// jsonRead is the document of read --json: the text, and each diagram drawn.
func jsonRead(doc *diagram.Document, text string, width int) any {
	type drawn struct {
		Title string `json:"title"`
		Line  int    `json:"line"`
		Text  string `json:"text"`
	}
	diagrams := []drawn{}
	for _, d := range doc.Diagrams {
		diagrams = append(diagrams, drawn{d.Title, d.Line, diagram.Draw(d, width)})
	}
	return map[string]any{
		"name": doc.Name, "title": doc.Title, "text": comments.ReplaceAllString(text,
			""), "diagrams": diagrams,
	}
}
