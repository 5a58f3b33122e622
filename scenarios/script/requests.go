package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// wants are words for a wish. With a word for an office they are a call that has no verb of the
// table: request the leader lock, campaign for leadership.
var wants = lexiconOf([]string{
	"request", "requests", "try", "tries", "attempt", "attempts", "obtain", "obtains", "take",
	"takes", "grab", "grabs", "compete", "competes", "campaign", "campaigns", "win", "wins", "hold",
	"holds", "contend", "contends", "run", "runs", "apply", "applies", "elect", "trylock",
	"tryacquire", "lock", "trybecomeleader", "becomeleader", "become", "becomes", "ask", "asks",
})

// offices are words for what one client at a time may hold. A client that asks for an office
// creates an ephemeral node.
var offices = lexiconOf([]string{"lock", "locks", "leadership", "leader", "mutex", "lease",
	"election", "master", "controller", "active", "trybecomeleader", "becomeleader", "trylock",
	"tryacquire"})

// tickets are words for a sequence number. A client that asks for a number creates a sequential
// node.
var tickets = lexiconOf([]string{"id", "ids", "ticket", "sequence", "number", "token"})

// ranks are words for the place of a client's node among its siblings.
var ranks = lexiconOf([]string{"lowest", "smallest", "minimum", "lowest seq"})

// siblings are words for what a client looks for among the other nodes.
var siblings = lexiconOf([]string{"duplicates", "duplicate", "uniqueness", "others", "other nodes",
	"other members", "siblings", "conflicts", "collisions"})

// contents are words for what a client reads, and lists for a list of nodes.
var (
	contents = lexiconOf([]string{"metadata", "info", "information", "state", "status", "config",
		"configuration", "data", "value", "settings", "schema", "details", "location", "address",
		"map", "mapping", "assignment", "assignments", "topology"})
	lists = lexiconOf([]string{"list", "members", "addresses", "instances", "nodes", "children",
		"providers", "available"})
)

// request is the call that a text makes without a verb of the table: it names the flags of a node,
// it asks for an office or a number, or whether the client is the first. A text that denies
// something, or leaves it open, makes none.
func request(words []word) (v verb, flags string, ok bool) {
	if len(words) == 0 || openings.in(words) || attempts.in(words) {
		return verbNone, "", false
	}
	for i := range words {
		if negates(words[i:]) {
			return verbNone, "", false
		}
	}
	asks := questions(words)
	checks := has(words[:1], "check", "checks", "re-check", "re-checks", "recheck", "rechecks")
	switch {
	case checks && (has(words[1:], "for existing", "for an existing") ||
		has(words[1:], "own", "previous") && (nodeNouns.in(words) || firstPath(words) != "")):
		return verbExists, "", true
	case ranks.in(words) && (asks || checks), checks && siblings.in(words),
		checks && has(words[1:min(4, len(words))], "children", "the children", "all children"):
		return verbChildren, "", true
	case asks && has(words[:1], "who", "which", "what", "where"):
		return verbGet, "", true
	case rangeOfIDs(words):
		return verbSet, "", true
	case has(words[:1], "request", "requests", "ask", "asks", "query", "queries") &&
		lists.in(words):
		return verbChildren, "", true
	case has(words[:1], "request", "requests", "ask", "asks") && contents.in(words):
		return verbGet, "", true
	case slices.ContainsFunc(words, func(w word) bool {
		return !w.quoted && (isEphemeral(w) || isSequential(w)) && !dashed(w, 'e') &&
			!dashed(w, 's')
	}):
		return verbCreate, "", true
	case has(words[:1], "elect", "elects") && has(words, "partition", "partitions", "shard", "shards"):
		return verbNone, "", false // of the application
	case wants.in(words) && offices.in(words), getsOffice(words):
		return verbCreate, "ephemeral", true
	case has(words[:1], "request", "requests", "ask", "asks") && tickets.in(words) &&
		!has(words, "range", "ranges", "block of", "batch of", "chunk of", "whether", "which",
			"failed", "rejected", "denied", "refused", "exhausted"):
		return verbCreate, "ephemeral, sequential", true
	}
	return verbNone, "", false
}

// rangeOfIDs reports whether a text asks for a range of numbers, which its client takes from a
// counter: request the next id range. The range must be what its verb asks for: a text about what
// became of a range, or about numbers in a range, asks for none.
func rangeOfIDs(words []word) bool {
	if !has(words[:min(1, len(words))], "request", "requests", "ask", "asks", "reserve", "reserves",
		"lease", "allocate", "allocates") || firstPath(words) != "" || questions(words) ||
		negated(words) {
		return false
	}
	rest := words[1:]
	for len(rest) > 0 && !rest[0].fresh && rangeFillers[rest[0].is] {
		rest = rest[1:]
	}
	if len(rest) < 2 || rest[0].fresh || rest[1].fresh || rest[0].quoted {
		return false
	}
	counted := func(w word) bool { return tickets.in([]word{w}) || counterNouns[w.is] }
	switch {
	case counted(rest[0]) && rangeNouns[rest[1].is]:
		rest = rest[2:]
	case rangeNouns[rest[0].is] && rest[1].is == "of":
		at := slices.IndexFunc(rest[:min(5, len(rest))], counted)
		if at < 0 || has(rest[:at], "in", "the", "with", "without", "from") {
			return false
		}
		rest = rest[at+1:]
	default:
		return false
	}
	return !has(rest, "is", "was", "are", "were", "has", "had", "failed", "fails", "rejected",
		"denied", "refused", "exhausted", "changed", "in the", "whether", "which", "if", "when", "error")
}

// rangeFillers may stand between a verb and the range that it asks for.
var rangeFillers = wordSet("for", "a", "an", "the", "next", "new", "another", "one", "its", "free",
	"fresh", "unique", "more")

// rangeNouns are words for a range.
var rangeNouns = wordSet("range", "ranges", "block", "batch", "chunk")

// counterNouns are words for what a counter gives, beside the tickets.
var counterNouns = wordSet("numbers", "counter")

// held says whether a text says that its client has a node already: already held znode. If no line
// above creates that node, it is created here.
func held(words []word) bool {
	if has(words[:min(1, len(words))], "lease", "lock", "leadership") && len(words) > 1 {
		return has(words[1:2], "held") && (len(words) == 2 || words[2].fresh) // lease held (token=5)
	}
	return has(words[:min(1, len(words))], "already") && len(words) > 1 && nodeNouns.in(words) &&
		has(words[1:2], "held", "holds", "has", "owns", "created", "registered", "have")
}

// method reads the call of a method of an application's own whose name begins with a verb of the
// table: listServices(), registerLeadership("x"). One that registers for an office makes the node
// of a latch, which is ephemeral and sequential.
func (c *compiler) method(a *Act, l line) (done bool, err error) {
	name, rest, called := strings.Cut(l.text, "(")
	name = strings.TrimSpace(name)
	if !called || c.script.strict || strings.ContainsAny(name, " ./") {
		return false, nil
	}
	words := wordsOf(camel(name))
	n, v := calls.at(words)
	switch v {
	case verbNone, verbCheck, verbMulti, verbClose, verbSync:
		return false, nil
	}
	if n == 0 || len(words) < 2 {
		return false, nil
	}
	text := strings.Join([]string{camel(name), "(" + rest}, " ")
	if v == verbGet && (counterWords.in(wordsOf(text)) || has(wordsOf(text), "cas", "cas/increment")) {
		v = verbSet // it gives what it counts up
	}
	if v == verbCreate && offices.in(words) {
		text += " (ephemeral, sequential)"
	}
	all := wordsOf(text)
	op, err := parseOne(v, text, all, all[n:])
	if errors.Is(err, errNoPath) {
		if !offices.in(words) {
			words = words[:n] // the rest of the name is no path
		}
		err = c.path(a, &op, words)
	}
	if err != nil {
		return true, err
	}
	a.Op = op
	a.told("this arrow is the call %s", sayOp(&op))
	return true, nil
}

// camel splits a name such as listServices or list_services into its words.
func camel(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r == '_' && i > 0 && i < len(name)-1 {
			r = ' '
		}
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// requested reads a call whose text has no verb of the table, if it is plain what it asks for.
func (c *compiler) requested(a *Act, l line) (done bool, err error) {
	v, flags, ok := request(l.words)
	if !ok && c.cast.Roles[a.To].Part && has(l.words[:min(1, len(l.words))], "assign", "assigns",
		"distribute", "distributes", "record", "records") && !negated(l.words) {
		v, ok = verbSet, true // nodes of the tree are written
	}
	if held(l.words) && c.creates[a.From] == nil {
		v, flags, ok = verbCreate, "ephemeral", true
	}
	if !ok {
		return false, nil
	}
	text := l.text
	if flags != "" {
		text += " (" + flags + ")"
	}
	op, err := parseOne(v, text, wordsOf(text), l.words)
	if err == errNoPath {
		err = c.path(a, &op, l.words)
	}
	if err != nil {
		return true, err
	}
	a.Op = op
	a.Supplied = append(a.Supplied, fmt.Sprintf("this arrow is the call %s", sayOp(&op)))
	return true, nil
}
