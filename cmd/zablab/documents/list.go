package documents

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// List returns the command zablab list.
func List() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the chapters of the book",
		Long: `Lists the chapters that come with the lab: name, title, and how many diagrams and
arrows each has. Every command that takes a document also takes a chapter, by name
or number.

Exit status: 0 success; 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return list(cmd) },
	}
}

func list(cmd *cobra.Command) error {
	type chapter struct {
		Name     string `json:"name"`
		Title    string `json:"title"`
		Diagrams int    `json:"diagrams"`
		Arrows   int    `json:"arrows"`
	}
	var chapters []chapter
	for _, c := range book.Chapters() {
		doc, err := diagram.ParseStrict(c.Name, c.Text)
		if err != nil {
			return err
		}
		compiled, err := script.Compile(doc, script.Options{Strict: true})
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(c.Name, ".md")
		chapters = append(chapters, chapter{name, doc.Title, len(doc.Diagrams), compiled.Arrows()})
	}
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"chapters": chapters})
		return nil
	}
	t := terminal.NewTable(out, "Chapter", "Title", "Diagrams", "Arrows")
	for _, c := range chapters {
		t.Row(c.Name, c.Title, fmt.Sprint(c.Diagrams), fmt.Sprint(c.Arrows))
	}
	t.Render()
	fmt.Fprintf(out,
		"\nTo play a chapter: zablab replay %s, or zablab replay 1. To read a chapter: zablab read 1\n",
		chapters[0].Name)
	return nil
}
