package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// grant is a fencing token that a drawing shows: the token stands for the czxid of a node that the
// client has created, so its number is invented. What counts is its place among the others.
type grant struct {
	n    uint32
	who  string
	path string // of the node: the numbers of two locks have nothing to do with each other
	made int    // the line of the create
	line int    // the line that shows the number first
}

// tokens reads the fencing tokens of an arrow. A number that contradicts the numbers of other lines
// makes the line different from every run: see [Act.Refuted].
func (c *compiler) tokens(a *Act, l line) {
	if c.script.strict || !strings.Contains(strings.ToLower(l.text), "token") &&
		c.cast.Roles[a.From].Kind != RoleResource {
		return
	}
	n, ok := tokenIn(l.words)
	if a.Kind == Reply && !ok && c.cast.Roles[a.From].Kind != RoleResource && c.asked[a.To] != nil &&
		c.asked[a.To].Op.Type == tree.OpCreate2 {
		named := slices.IndexFunc(a.Reply.Values, func(v string) bool {
			_, value, given := strings.Cut(strings.ToLower(v), "token=")
			return given && len(value) == 1 && value >= "a" && value <= "z"
		})
		if named >= 0 { // token=N is a name for the number
			a.told("%s is not checked: it is a name for a token", a.Reply.Values[named])
			a.Reply.Values = nil
		}
		return
	}
	switch {
	case a.Kind == Call && ok && a.Op.Type == tree.OpCreate2 && !a.Op.Flags.IsSequential():
		c.granted(a, a.From, n, a)
		a.Reply.Values = nil
		a.gets = !a.Claims && !denied(l.words, len(l.words)-1)
	case a.Kind == Reply && ok && c.cast.Roles[a.From].Kind != RoleResource:
		call := c.asked[a.To]
		if call == nil || call.Op.Type != tree.OpCreate2 || call.Op.Flags.IsSequential() ||
			a.Reply.Outcome == WentWrong {
			return
		}
		a.Reply.Values, a.Reply.Outcome = nil, WentWell
		c.granted(a, a.To, n, call)
	case a.Kind == Write && ok:
		c.shows(a, a.From, n)
	case a.Kind == Reply && c.cast.Roles[a.From].Kind == RoleResource:
		c.weighs(a, l)
	}
}

// gets makes a create whose text shows the token that its client gets claim that it succeeds, if the
// drawing shows no answer.
func (s *supplier) gets() {
	for _, a := range s.acts {
		if a.Kind == Call && a.gets && a.Answer == nil && !a.Claims {
			a.Reply, a.Claims = Answer{Outcome: WentWell}, true
		}
	}
}

// granted notes the token that a create of a client gets. Each create gets a newer token than those
// above it.
func (c *compiler) granted(a *Act, who string, n uint32, create *Act) {
	made := create.Pos.Line
	if old, ok := c.token[who]; ok && old.made == made && old.n != n {
		a.Refuted = fmt.Sprintf("the token of %s is %d in line %d", c.cast.Drawn(who),
			old.n, old.line)
		return
	}
	c.place(a, grant{n, who, create.Op.Path, made, a.Pos.Line})
}

// shows compares the token of a write with the token that its client has.
func (c *compiler) shows(a *Act, who string, n uint32) {
	if old, ok := c.token[who]; ok {
		if old.n != n {
			a.Refuted = fmt.Sprintf("%s has token %d, as line %d says", c.cast.Drawn(who), old.n,
				old.line)
		}
		return
	}
	g := grant{n: n, who: who, made: a.Pos.Line, line: a.Pos.Line}
	if create := c.creates[who]; create != nil {
		g.made, g.path = create.Pos.Line, create.Op.Path
	}
	if len(c.creates) == 0 { // the order of the grants is not drawn: the numbers say it
		for i := range c.grants {
			if old := &c.grants[i]; old.n == n && old.who != who {
				a.Refuted = fmt.Sprintf("token %d is that of %s, as line %d says", n,
					c.cast.Drawn(old.who), old.line)
				return
			}
			if c.grants[i].n < n {
				g.made = max(g.made, c.grants[i].made+1)
			} else {
				g.made = min(g.made, c.grants[i].made-1)
			}
		}
	}
	c.place(a, g)
}

// place adds a token to those that the drawing shows, unless it contradicts one of them.
func (c *compiler) place(a *Act, g grant) {
	for i := range c.grants {
		old := &c.grants[i]
		if old.path != g.path || old.made == g.made && old.who == g.who || (old.n < g.n) == (old.made < g.made) && old.n != g.n {
			continue
		}
		first, second := old, &g
		if g.made < old.made {
			first, second = &g, old
		}
		a.Refuted = fmt.Sprintf("the token of %s must be greater than %d, the token of %s, "+
			"because each later create gets a greater token", c.cast.Drawn(second.who), first.n,
			c.cast.Drawn(first.who))
		return
	}
	if len(c.grants) < 1000 {
		c.grants = append(c.grants, g)
	}
	if _, known := c.token[g.who]; !known || c.token[g.who].made < g.made {
		c.token[g.who] = g
		a.beside("token %d stands for the transaction id of the node that %s creates", g.n,
			c.cast.Drawn(g.who))
	}
}

// writesToken reports whether a line between participants that are no servers is about a write with
// a fencing token: it shows one, or answers a line that does.
func (c *compiler) writesToken(a *Act, l line) bool {
	if _, ok := tokenIn(l.words); ok && !c.script.strict {
		if c.guards == nil {
			c.guards = make(map[string]bool)
		}
		c.guards[a.To] = true
		return true
	}
	return c.guards[a.From]
}

// aboutTokens reports whether the numbers in a resource's answer are tokens: the answer says so, or
// compares two numbers. In 200 OK and in 1 row updated they are not.
func aboutTokens(l line, list []uint32) bool {
	_, told := tokenIn(l.words)
	text := strings.ToLower(l.text)
	return told || strings.Contains(text, "token") || len(list) > 1 && (strings.ContainsAny(text, "<>≤≥") ||
		strings.Contains(text, "older than") || strings.Contains(text, "stale"))
}

// weighs compares the numbers in a resource's answer with the token of the client that it answers.
// The answer names that token, if it names numbers at all, and a greater one if it refuses the
// token.
func (c *compiler) weighs(a *Act, l line) {
	own, known := c.token[a.To]
	list := numbersIn(l.words)
	if known && a.Reply.Outcome == WentWrong && (len(list) == 0 || slices.Max(list) <= own.n) &&
		c.newest(own) {
		a.Refuted = fmt.Sprintf("no line shows a token greater than %d, so the resource has no reason "+
			"to refuse it", own.n)
		return
	}
	if !known || len(list) == 0 || !aboutTokens(l, list) {
		return
	}
	named, greatest := false, uint32(0)
	for _, n := range list {
		named = named || n == own.n
		greatest = max(greatest, n)
	}
	switch {
	case !named && (len(list) > 1 || a.Reply.Outcome != WentWrong || greatest < own.n):
		a.Refuted = fmt.Sprintf("%s has token %d, as line %d says", c.cast.Drawn(a.To),
			own.n, own.line)
	case a.Reply.Outcome == WentWrong && greatest <= own.n && len(list) > 1:
		a.Refuted = fmt.Sprintf("token %d is not older than token %d, so the resource has no "+
			"reason to refuse it", own.n, greatest)
	case a.Reply.Outcome == WentWell && greatest > own.n:
		a.Refuted = fmt.Sprintf("token %d is older than token %d, so the resource has a reason "+
			"to refuse it", own.n, greatest)
	case compares(l.text):
		a.Refuted = "the comparison in the text is false"
	}
}

// newest reports whether a token is greater than those of all others, of whom the drawing shows one at
// least.
func (c *compiler) newest(own grant) bool {
	others := false
	for i := range c.grants {
		if old := &c.grants[i]; old.who != own.who {
			others = true
			if old.n >= own.n {
				return false
			}
		}
	}
	return others
}

// compares reports whether a text compares two numbers, and the comparison is false: 34 < 33.
func compares(text string) bool {
	for i := 0; i < len(text); i++ {
		at := strings.IndexAny(text[i:], "<>≤≥")
		if at < 0 {
			return false
		}
		i += at
		op, rest := text[i:i+1], text[i+1:]
		for _, long := range []string{"<=", ">=", "≤", "≥"} {
			if strings.HasPrefix(text[i:], long) {
				op, rest = long, text[i+len(long):]
			}
		}
		front := strings.TrimRight(text[:i], " ")
		x, ok1 := number(front[len(strings.TrimRight(front, "0123456789")):])
		rest = strings.TrimLeft(rest, " ")
		y, ok2 := number(rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))])
		if !ok1 || !ok2 {
			continue
		}
		switch op {
		case "<":
			return x >= y
		case "<=", "≤":
			return x > y
		case ">":
			return x <= y
		default:
			return x < y
		}
	}
	return false
}

// tokenIn returns the number of the first fencing token that a text names: token=33, fencing token
// = 33, token: 33, token 33.
func tokenIn(words []word) (n uint32, ok bool) {
	for i, w := range words {
		name, value, given := strings.Cut(w.is, "=")
		if !strings.HasSuffix(name, "token") || w.quoted {
			continue
		}
		if given && value != "" {
			return number(value)
		}
		for _, v := range words[i+1 : min(len(words), i+4)] {
			if n, ok := tokenNumber(v); ok {
				return n, true
			}
			if !has([]word{v}, "=", "is", "no", "number", "now") {
				break
			}
		}
	}
	return 0, false
}

// tokenNumber reads a word as the number of a token: 33, =33, token=33.
func tokenNumber(w word) (uint32, bool) {
	_, value, given := strings.Cut(w.is, "=")
	if !given {
		value = w.is
	}
	return number(value)
}

// numbersIn are the numbers among the words of a text, in their order.
func numbersIn(words []word) (list []uint32) {
	for i, w := range words {
		if w.quoted || spanLength(words, i) > 0 || counted(words, i) {
			continue
		}
		if n, ok := tokenNumber(w); ok {
			list = append(list, n)
		}
	}
	return list
}

// counted reports whether the number at an index is that of rows, of a status or of a line, and no
// token: rows affected = 0, 1 row, HTTP 409.
func counted(words []word, at int) bool {
	from := at
	for from > 0 && has(words[from-1:from], "=", "is", "was") {
		from--
	}
	if from > 0 && rowWords.in(words[from-1:from]) {
		return true
	}
	next := words[at+1:]
	return len(next) > 0 && !next[0].fresh && has(next[:1], "row", "rows", "record", "records")
}

// rowWords are words before a number that is no token.
var rowWords = lexiconOf([]string{"rows", "row", "affected", "records", "count", "status", "http",
	"code", "line", "rowcount"})
