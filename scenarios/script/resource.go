package script

import (
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// guarded returns the participants that get writes with fencing tokens in a drawing. The value of a
// participant is true if the drawing shows that it refuses a write.
func (c *Cast) guarded(d *diagram.Diagram) map[string]bool {
	takes := make(map[string]bool)
	refuses := make(map[string]bool)
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		if !ok {
			return true
		}
		words := wordsOf(normal(diagram.Plain(a.Text)))
		if a.From != a.To && c.asks[a.From] && !c.asks[a.To] && !c.namesEnsemble(c.heads[a.To]) &&
			tokenWrite(words) {
			takes[a.To] = false
		}
		if refusals.in(words) {
			refuses[a.From] = true
		}
		return true
	})
	for name := range takes { // order: each is set for itself
		takes[name] = refuses[name]
	}
	return takes
}

// tokenWrite says whether a text is a write with a fencing token.
func tokenWrite(words []word) bool {
	token := false
	for _, w := range words {
		token = token || w.is == "token" || strings.HasPrefix(w.is, "token=") ||
			strings.HasPrefix(w.is, "fencing")
	}
	return token && writeWords.in(words) && !negated(words)
}

var writeWords = lexiconOf([]string{"write", "writes", "update", "updates", "save", "saves", "put",
	"store", "stores", "commit"})

var refusals = lexiconOf([]string{"reject", "rejects", "rejected", "refuse", "refuses", "refused",
	"fenced", "denied", "stale token"})
