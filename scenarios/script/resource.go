package script

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// guarded returns the participants that get writes with fencing tokens in a drawing. The value of a
// participant is true if the drawing shows that it refuses a write.
func (c *Cast) guarded(d *diagram.Diagram) map[string]bool {
	takes := make(map[string]bool)
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		if !ok || a.From == a.To || !c.asks[a.From] && !c.hears[a.From] || c.asks[a.To] ||
			c.namesEnsemble(c.heads[a.To]) || !showsToken(a.Text) {
			return true
		}
		if tokenWrite(wordsOf(normal(diagram.Plain(a.Text)))) {
			takes[a.To] = false
		}
		return true
	})
	if len(takes) == 0 {
		return takes
	}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if a, ok := it.(*diagram.Arrow); ok {
			if refuses, found := takes[a.From]; found && !refuses {
				takes[a.From] = refusesWrite(lineOf(diagram.Plain(a.Text)))
			}
		}
		return true
	})
	return takes
}

// showsToken reports whether a text may be about a fencing token.
func showsToken(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "token") || strings.Contains(text, "fencing")
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
	"fenced", "denied", "invalid token", "stale token", "stale write", "outdated", "token outdated",
	"blocked", "too old"})

// mistakes are words for any failure. They are about the token if the text names it, or if the text
// is an answer by which the write fails.
var mistakes = lexiconOf([]string{"error", "invalid"})

// refusesWrite reports whether a text says that a resource refuses a write.
func refusesWrite(l line) bool {
	if refusals.in(l.words) {
		return true // not rejected is about a store that rejects, too
	}
	for i := range l.words {
		if !startsIn(l.words[i:], mistakes) || denied(l.words, i) {
			continue
		}
		if r, ok, err := parseReply(l.text, l.words); has(l.words, "token") ||
			ok && err == nil && r.Outcome == WentWrong {
			return true
		}
	}
	return false
}

// judges says whether a text is the answer of a resource to a write: accepted, write rejected.
func judges(words []word) bool {
	if len(words) > 1 && writeWords.in(words[:1]) {
		words = words[1:]
	}
	for len(words) > 1 && (negates(words) || has(words[:1], "is", "was")) {
		words = words[1:]
	}
	return startsIn(words, outcomes) || startsIn(words, acceptWords)
}

// acceptWords are further words by which a resource says what it does with a write.
var acceptWords = newLexicon([]phrase[Outcome]{{"accept", WentWell}, {"accepts", WentWell},
	{"reject", WentWrong}, {"rejects", WentWrong}, {"refuse", WentWrong}, {"refuses", WentWrong}})

// acceptedIn returns what a resource says that it does with a write, by the verb accept, reject or
// refuse: cannot accept is a refusal, and may reject says nothing.
func acceptedIn(words []word) Outcome {
	at, _, how := find(words, acceptWords)
	switch {
	case at < 0 || open(words, at) || future(words, at) != "" || hypothetical(words):
		return AnyOutcome
	case !denied(words, at) && !attempted(words, at):
		return how
	case how == WentWell:
		return WentWrong
	}
	return WentWell
}

// judges finds the write for which each answer of a resource is drawn. If n answers to a client follow
// its writes, they are for its last n writes.
func (s *supplier) judges() {
	if s.strict {
		return
	}
	open := make(map[string][]*Act) // by client and resource: its writes without an answer
	for i, a := range s.acts {
		switch key := a.To + " " + a.From; {
		case a.Kind == Write:
			open[a.From+" "+a.To] = append(open[a.From+" "+a.To], a)
		case a.Kind == Reply && s.world.Cast.Roles[a.From].Kind == RoleResource && len(open[key]) > 0:
			n := 0
			for _, b := range s.acts[i:min(len(s.acts), i+reach)] {
				if b.Kind == Write && b.From == a.To && b.To == a.From {
					break
				}
				if b.Kind == Reply && b.From == a.From && b.To == a.To {
					n++
				}
			}
			at := max(0, len(open[key])-n)
			a.Judges, open[key] = open[key][at], open[key][at+1:]
		}
	}
}

// questions reports whether a word of a text ends in a question mark.
func questions(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool { return strings.HasSuffix(w.raw, "?") })
}

// rules reports whether a text is about all writes or tokens, or about a choice: accept only if the
// token is newer.
func rules(words []word) bool {
	return has(words, "if", "only", "or", "unless", "when", "tokens", "writes", "any", "all", "every")
}

// judged reads what a resource does with a write, drawn on an arrow to itself, as its answer to the
// client that wrote.
func (c *compiler) judged(a *Act, l line) bool {
	who := c.writer[a.From]
	if a.From != a.To || who == "" || c.script.strict || negated(l.words) || hypothetical(l.words) ||
		questions(l.words) || rules(l.words) {
		return false
	}
	how := acceptedIn(l.words)
	if at, _, is := outcomeIn(l.words); how == AnyOutcome && at >= 0 {
		how = is
	}
	if how != WentWell && how != WentWrong {
		return false
	}
	delete(c.writer, a.From)
	a.Kind, a.To, a.Reply = Reply, who, Answer{Outcome: how}
	a.told("this line is the answer to the write of %s", c.cast.Drawn(who))
	return true
}
