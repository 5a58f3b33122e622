package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the lab's own chapters",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			type chapter struct {
				Name     string `json:"name"`
				Title    string `json:"title"`
				Diagrams int    `json:"diagrams"`
				Arrows   int    `json:"arrows"`
			}
			var list []chapter
			for _, c := range scenarios.Book() {
				doc, err := diagram.Parse(c.Name, c.Text)
				if err != nil {
					return err
				}
				script, err := scenarios.Compile(doc, scenarios.Options{})
				if err != nil {
					return err
				}
				list = append(list, chapter{strings.TrimSuffix(c.Name, ".md"), doc.Title, len(doc.Diagrams), script.Arrows()})
			}
			out := cmd.OutOrStdout()
			if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
				writeJSON(out, map[string]any{"chapters": list})
				return nil
			}
			t := newTable(out, "Chapter", "Title", "Diagrams", "Arrows")
			for _, c := range list {
				t.row(c.Name, c.Title, fmt.Sprint(c.Diagrams), fmt.Sprint(c.Arrows))
			}
			t.render()
			fmt.Fprintln(out, "\nPlay one: zablab replay "+list[0].Name+", or by its number: zablab replay 1")
			return nil
		},
	}
}
