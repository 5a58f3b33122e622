package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the lab's own chapters",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, args []string) error { return list(cmd) },
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
		doc, err := diagram.Parse(c.Name, c.Text)
		if err != nil {
			return err
		}
		compiled, err := script.Compile(doc, script.Options{})
		if err != nil {
			return err
		}
		chapters = append(chapters, chapter{strings.TrimSuffix(c.Name, ".md"), doc.Title, len(doc.Diagrams), compiled.Arrows()})
	}
	out := cmd.OutOrStdout()
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(out, map[string]any{"chapters": chapters})
		return nil
	}
	t := newTable(out, "Chapter", "Title", "Diagrams", "Arrows")
	for _, c := range chapters {
		t.row(c.Name, c.Title, fmt.Sprint(c.Diagrams), fmt.Sprint(c.Arrows))
	}
	t.render()
	fmt.Fprintln(out, "\nPlay one: zablab replay "+chapters[0].Name+", or by its number: zablab replay 1; zablab read shows it")
	return nil
}
