package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/claims"
)

func newClaims() *cobra.Command {
	seeds := allSeeds
	cmd := &cobra.Command{
		Use:   "claims [ID...]",
		Short: "What is said about ZooKeeper, and what the runs make of it",
		Long: "Lists statements of the tutorial that the lab began with, and of the book; plays what speaks for each or\n" +
			"against it; and says whether it holds, holds under a condition, or does not hold, and what is true instead.\n\n" +
			"Exit status: 0 every claim's evidence came as its document says; 2 one did not, or usage; 130 interrupted.",
		Example: "  zablab claims\n  zablab claims no-timers ephemeral-goes-at-once",
		RunE:    func(cmd *cobra.Command, args []string) error { return runClaims(cmd, args, seeds) },
	}
	cmd.Flags().IntVar(&seeds, "seeds", allSeeds, "how many seeds each diagram is played with")
	return cmd
}

func runClaims(cmd *cobra.Command, args []string, seeds int) error {
	if seeds < 1 {
		return fmt.Errorf("--seeds %d: play at least one", seeds)
	}
	docs, err := claims.Documents()
	if err != nil {
		return err
	}
	if err := known(docs, args); err != nil {
		return err
	}
	var all []claims.Claim
	for _, doc := range docs {
		list, err := claims.Play(doc, scenarios.Options{Seeds: seeds}, shell, args...)
		if err != nil {
			return err
		}
		all = append(all, list...)
		if cmd.Context().Err() != nil {
			return status(exitInterrupted)
		}
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(cmd.OutOrStdout(), map[string]any{"claims": all})
		return nil
	}
	out := cmd.OutOrStdout()
	p := painter(out)
	counts := make(map[claims.Verdict]int)
	for i := range all {
		c := &all[i]
		counts[c.Verdict]++
		if i == 0 || all[i-1].Document != c.Document {
			fmt.Fprintf(out, "%s\n\n", p.bold(title(c.Document)))
		}
		printClaim(p, out, c)
	}
	fmt.Fprintf(out, "%d hold, %d hold under a condition, %d do not hold; each played with %s.\n", counts[claims.Holds],
		counts[claims.HoldsIf], counts[claims.DoesNotHold], plural(seeds, "seed", "seeds"))
	return nil
}

func title(document string) string {
	if document == "claims/tutorial.md" {
		return "What the tutorial says"
	}
	return "What the book says"
}

// known says which of these names no claim has.
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
			return fmt.Errorf("claims %s: there is none of that name: zablab claims lists them", name)
		}
	}
	return nil
}

func printClaim(p paint, out interface{ Write([]byte) (int, error) }, c *claims.Claim) {
	mark, verdict := p.green("✓"), "holds"
	switch c.Verdict {
	case claims.HoldsIf:
		mark, verdict = p.yellow("◐"), "holds if "+c.If
	case claims.DoesNotHold:
		mark, verdict = p.red("✗"), "does not hold"
	}
	const indent = "    "
	fmt.Fprintf(out, "%s %s\n", mark, p.bold(wrap(c.Statement, 92, "  ")))
	fmt.Fprintf(out, "%s%s\n", indent, wrap(verdict, 90, indent))
	if c.Instead != "" {
		fmt.Fprintf(out, "%s%s\n", indent, wrap(c.Instead, 90, indent))
	}
	for _, e := range c.Evidence {
		word := "against"
		if e.Supports {
			word = "for"
		}
		if e.If {
			word += ", if so"
		}
		fmt.Fprintf(out, "%s%s\n", indent, p.faint(wrap(fmt.Sprintf("%s: %s:%d · %s", word, e.Document, e.Line, e.Figure), 90, indent+"  ")))
	}
	fmt.Fprintf(out, "%s%s\n\n", indent, p.faint(strings.TrimSpace(c.ID)))
}
