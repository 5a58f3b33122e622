package documents

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/replay"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/claims"
)

// Claims returns the command zablab claims. Some claims cite commands as evidence; Claims calls the
// parameter shell to run such a command.
func Claims(shell func(ctx context.Context, line string) (string, error)) *cobra.Command {
	seeds := replay.AllSeeds
	cmd := &cobra.Command{
		Use:   "claims [ID...]",
		Short: "Check by simulation whether statements about ZooKeeper are true",
		Long: `Checks whether statements (claims) about ZooKeeper are true. The claims are from the
lab's original tutorial and from the book. For each claim the command plays the diagrams,
and runs the commands, that serve as evidence. It reports whether the claim holds, holds
under a condition, or does not hold. For a claim that does not hold, it also prints what
is true. Without an ID the command checks all claims.

Exit status: 0 all evidence agrees with the documents; 2 a run differs from its
document, or wrong usage; 130 interrupted.`,
		Example: "  zablab claims\n  zablab claims no-timers ephemeral-goes-at-once",
		RunE: func(cmd *cobra.Command,
			args []string) error {
			return runClaims(cmd, args, seeds, shell)
		},
	}
	cmd.Flags().IntVar(&seeds, "seeds", replay.AllSeeds,
		"number of seeds to play each diagram with")
	return cmd
}

// runClaims plays the named claims, or all, and prints them.
func runClaims(cmd *cobra.Command, args []string, seeds int,
	shell func(context.Context, string) (string, error)) error {
	if seeds < 1 {
		return fmt.Errorf("--seeds %d: must be at least 1", seeds)
	}
	docs, err := claims.Documents()
	if err != nil {
		return err
	}
	if err := known(docs, args); err != nil {
		return err
	}
	ctx := cmd.Context()
	stopped := func() bool { return ctx.Err() != nil }
	run := func(line string) (string, error) { return shell(ctx, line) }
	var all []claims.Claim
	for _, doc := range docs {
		list, err := claims.Play(doc, scenarios.Options{Seeds: seeds, Stop: stopped}, run, args...)
		if stopped() {
			return command.Status(command.Interrupted) // the evidence is incomplete
		}
		if err != nil {
			return err
		}
		all = append(all, list...)
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), map[string]any{"claims": all})
		return nil
	}
	out := cmd.OutOrStdout()
	p := terminal.PaintFor(out)
	counts := make(map[claims.Verdict]int)
	for i := range all {
		c := &all[i]
		counts[c.Verdict]++
		if i == 0 || all[i-1].Document != c.Document {
			fmt.Fprintf(out, "%s\n\n", p.Bold(title(c.Document)))
		}
		printClaim(p, out, c)
	}
	fmt.Fprintf(out, "%d claims hold, %d hold under a condition, %d do not hold; "+
		"each was played with %s.\n",
		counts[claims.Holds], counts[claims.HoldsIf], counts[claims.DoesNotHold],
		terminal.Plural(seeds, "seed", "seeds"))
	if len(all) > 0 {
		e := all[0].Evidence[0]
		fmt.Fprintf(out, "To read a piece of evidence: zablab read %s:%d\n", e.Document, e.Line)
	}
	return nil
}

// title is the heading of a document of claims.
func title(document string) string {
	if document == "claims/tutorial.md" {
		return "What the tutorial says"
	}
	return "What the book says"
}

// known returns an error if no claim has one of the names.
func known(docs []book.Chapter, names []string) error {
	var all []string
	for _, doc := range docs {
		list, err := claims.Names(doc)
		if err != nil {
			return err
		}
		all = append(all, list...)
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return fmt.Errorf("claims %s: no such claim: zablab claims lists all claims", name)
		}
	}
	return nil
}

// printClaim prints a statement, its verdict, what is true instead, and the evidence.
func printClaim(p terminal.Paint, out io.Writer, c *claims.Claim) {
	mark, verdict := p.Green("✓"), "holds"
	switch c.Verdict {
	case claims.HoldsIf:
		mark, verdict = p.Yellow("◐"), "holds if "+c.If
	case claims.DoesNotHold:
		mark, verdict = p.Red("✗"), "does not hold"
	}
	const indent = "    "
	fmt.Fprintf(out, "%s %s\n", mark, p.Bold(terminal.Wrap(c.Statement, 92, "  ")))
	fmt.Fprintf(out, "%s%s\n", indent, terminal.Wrap(verdict, 90, indent))
	if c.Instead != "" {
		fmt.Fprintf(out, "%s%s\n", indent, terminal.Wrap(c.Instead, 90, indent))
	}
	for _, e := range c.Evidence {
		word := "against"
		if e.Supports {
			word = "for"
		}
		if e.If {
			word += ", if so"
		}
		text := fmt.Sprintf("%s: %s:%d · %s", word, e.Document, e.Line, e.Figure)
		fmt.Fprintf(out, "%s%s\n", indent, p.Faint(terminal.Wrap(text, 90, indent+"  ")))
	}
	fmt.Fprintf(out, "%s%s\n\n", indent, p.Faint(strings.TrimSpace(c.ID)))
}
