package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/script"
)

// guideRules are what no table says.
const guideRules = `A document is Markdown, or any text, with Mermaid sequence diagrams in it: fenced as mermaid, or behind
a bare line sequenceDiagram. Everything else is for people.

S1 to S9 are servers. A participant whose name or alias says ZooKeeper, ZK, ensemble or cluster is the
ensemble as clients see it. Everybody else is a client.

An arrow is carried out, or awaited, when the one before it is done. A solid arrow from a client is a call;
a dashed one to it an answer to its oldest call without one, or a notification; an arrow between servers a
message. Dashed arrows that follow one another are awaited together. par ... and ... end and --race start
calls together, alt ... else ... end is one of these, opt perhaps, loop again. Arrows between clients are
remarks, and so are notes in which nothing is understood.

The second diagram begins where the first ended, unless it says fresh.

The longest phrase counts, in whatever case; the words around it, the path and what stands in parentheses
are yours. An arrow in which nothing is understood is an error that names its line; --lenient plays the
rest and lists what it left out.
`

func newGuide() *cobra.Command {
	return &cobra.Command{
		Use:   "guide",
		Short: "How to write a document: every word that a drawing may use",
		Long:  "Prints all that the player understands, from the tables that it looks into.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			all := script.Vocabularies()
			if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
				writeJSON(out, map[string]any{"vocabulary": all})
				return nil
			}
			p := painter(out)
			fmt.Fprintf(out, "%s\n\n%s", p.bold("Writing a document that runs"), guideRules)
			for _, v := range all {
				fmt.Fprintf(out, "\n%s\n", p.bold(v.Where))
				for _, t := range v.Terms {
					fmt.Fprintf(out, "  %s\n", wrap(strings.Join(t.Phrases, " · "), 92, "  "))
					fmt.Fprintf(out, "      %s\n", p.faint(wrap(t.Means, 88, "      ")))
				}
			}
			fmt.Fprintln(out, "\nPlay it: zablab replay FILE; the run drawn back: zablab replay --diagram out.mmd FILE")
			return nil
		},
	}
}
