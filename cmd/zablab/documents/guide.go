package documents

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/script"
)

// guideRules are the rules for drawings that no table of the player contains.
const guideRules = `A document is Markdown or other text with sequence diagrams. A diagram is written in PlantUML or in
Mermaid. Mermaid is in a fence marked mermaid, or follows a line that has only the word
sequenceDiagram. The lab ignores everything else.

The lab recognises participants by their names and by what they do. A participant that receives
calls and is named ZooKeeper, ZK, ensemble or cluster is the ensemble as clients see it. A
participant that exchanges votes, proposals and acknowledgements is a server: S1 to S9, Leader,
Follower 1. A participant that makes calls is a client.

The player goes through the arrows from top to bottom. It makes the clients' calls itself, each when
the action before it is done, and waits for every other arrow to happen. Messages between servers
must come in the drawn order if they use the same connection, if the same server sends them, or if
one could have caused the other. The drawn order of other messages has no meaning. A solid arrow
from a client is a call. A dashed arrow to a client answers one of its open calls, or is a
notification. An arrow between servers is a message. par ... and ... end, or --race, starts calls
together; alt ... else ... end plays one of its branches; opt ... end is played or skipped; loop ...
end repeats. If a branch begins with arrows that the player waits for, the player plays this branch
if these arrows happen in the run. If no branch begins with such an arrow, the seed decides. The
player skips remarks. Arrows between clients are remarks, and so are notes that contain none of the
phrases listed below.

A crossed arrow (-x, --x) is lost in transit. A denied action (does not create, never deletes) is
not carried out; the player checks that it does not happen.

The lab supplies what a drawing leaves out, and reports what it has supplied: parents of nodes, a
watch that an answer mentions, real names instead of made-up sequence numbers. A diagram continues
where the previous one ended, unless the line "%% lab: fresh" stands before its arrows.

The lab reads a line by the phrases that are listed at the end of this guide. If several match, the
longest one counts. Upper and lower case are equivalent. The author is free in all other words of a
line, in paths, and in text in parentheses. A line that is not understood is unread: the lab
reports it with the nearest phrase, and plays the other lines; with --strict the lab plays nothing.
zablab lint shows how each line is read.
`

// Guide returns the command zablab guide.
func Guide() *cobra.Command {
	return &cobra.Command{
		Use:   "guide",
		Short: "Show how to write a sequence diagram that runs: every phrase that the lab understands",
		Long: `Prints every phrase that the player understands, with its meaning, from the
player's own tables, and ends with an example: a drawing, how it is read, and the
same drawing as played.

Exit status: 0 success; 2 wrong usage.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			all := script.Vocabularies()
			e, err := newExample()
			if err != nil {
				return err
			}
			if command.JSON(cmd) {
				command.WriteJSON(out, map[string]any{"vocabulary": all, "example": e.json()})
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
			e.print(out, p)
			fmt.Fprintln(out, "\nShow how FILE is read: zablab lint FILE\n"+
				"Play FILE:             zablab replay FILE\n"+
				"Draw the run of FILE:  zablab replay --diagram out.mmd FILE")
			return nil
		},
	}
}
