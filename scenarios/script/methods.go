package script

import (
	"slices"
	"strings"
)

// namedAnswer reads an answer that is written as a method of the caller, such as lockGranted("a"),
// as its words: lock granted. The argument is left out if it names the node of the open call; any
// other one stays, and is compared with what the call returns.
func (c *compiler) namedAnswer(who string, l line) line {
	name, args, called := strings.Cut(l.text, "(")
	args, closed := strings.CutSuffix(strings.TrimSpace(args), ")")
	call := c.asked[who]
	if c.script.strict || !called || !closed || call == nil || strings.ContainsAny(args, "()") ||
		strings.ContainsAny(name, " ./:=") {
		return l
	}
	words := wordsOf(camel(name))
	if len(words) < 2 || !answers(words) {
		return l
	}
	plain := lineOf(camel(name))
	plain.cross = l.cross
	arg, path := bare(strings.TrimSpace(args)), call.Op.Path
	if arg != "" && arg != path && arg != lastName(path) && "/"+arg != path {
		plain = lineOf(camel(name) + ` "` + arg + `"`)
		plain.cross = l.cross
	}
	return plain
}

// answers reports whether the words of a method's name say how a call for a lock ended, and no more.
func answers(words []word) bool {
	if n, _ := waitAnswers.at(words); n == len(words) {
		return true
	}
	last := words[len(words)-1:]
	return startsIn(last, outcomes) && !slices.ContainsFunc(words[:len(words)-1], func(w word) bool {
		return !has([]word{w}, "lock", "lease", "leadership", "on", "node", "session", "mutex")
	})
}
