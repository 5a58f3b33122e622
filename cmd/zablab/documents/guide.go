package documents

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/script"
)

// guideRules are the rules that no table contains.
const guideRules = `A document is Markdown, or any text, that contains Mermaid sequence diagrams: in a fence marked
mermaid, or after a bare line sequenceDiagram. Everything else is for people.

S1 to S9 are servers. A participant whose name or alias says ZooKeeper, ZK, ensemble or cluster
is the ensemble as clients see it. All other participants are clients.

The player carries out or awaits an arrow when the one before it is done. A solid arrow from a
client is a call. A dashed arrow to a client is the answer to its oldest unanswered call, or a
notification. An arrow between servers is a message. Dashed arrows that follow one another are
awaited together. par ... and ... end, or --race, starts calls together; alt ... else ... end
plays one of these; opt is optional; loop repeats. Arrows between clients are remarks, and so
are notes without a word of the lists below.

The second diagram continues where the first ended, unless it says fresh.

The longest phrase that fits counts, in upper or lower case. The words around it, the path and
whatever is in parentheses are yours. An arrow without any known phrase is an error that names
its line, and the rest plays; with --strict nothing plays.
`

// Guide is zablab guide.
func Guide() *cobra.Command {
	return &cobra.Command{
		Use:   "guide",
		Short: "Show how to write a document: every word that a drawing may use",
		Long: `Prints every phrase that the player understands, with its meaning, from the
player's own tables.

Exit status: 0, or 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			all := script.Vocabularies()
			if command.JSON(cmd) {
				command.WriteJSON(out, map[string]any{"vocabulary": all})
				return nil
			}
			p := terminal.PaintFor(out)
			fmt.Fprintf(out, "%s\n\n%s", p.Bold("Writing a document that runs"), guideRules)
			for _, v := range all {
				fmt.Fprintf(out, "\n%s\n", p.Bold(v.Where))
				for _, t := range v.Terms {
					fmt.Fprintf(out, "  %s\n",
						terminal.Wrap(strings.Join(t.Phrases, " · "), 92, "  "))
					fmt.Fprintf(out, "      %s\n", p.Faint(terminal.Wrap(t.Means, 88, "      ")))
				}
			}
			fmt.Fprintln(out, "\nPlay it:      zablab replay FILE\n"+
				"Draw its run: zablab replay --diagram out.mmd FILE")
			return nil
		},
	}
}
