package script

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// negators are words that negate the words after them.
var negators = lexiconOf([]string{
	"not", "never", "no", "without", "neither", "nor", "nothing", "nobody", "none", "cannot", "non",
	"dont", "doesnt", "didnt", "isnt", "wasnt", "cant", "wont", "no longer", "instead of",
	"rather than", "stop", "stops", "stopped", "ceases", "ceased", "refuses", "refused to",
	"skips", "skipped", "skip", "avoids", "avoid", "forgets", "forgot", "omits", "omitted",
	"refrains", "prevented", "prevents", "denies",
})

// attempts are phrases for an attempt that fails. A drawing shows a failed attempt by an answer.
var attempts = lexiconOf([]string{
	"cannot", "can't", "cant", "can not", "could not", "couldn't", "unable", "fails to",
	"failed to", "fail to", "is not able", "not allowed",
})

// openings are words that leave open whether something happens, or say that it happened before.
var openings = lexiconOf([]string{
	"will", "would", "could", "might", "may", "should", "plans", "intends", "about to", "shall",
	"has", "had", "have", "already", "previously", "going to",
})

// futures are words that say that something is still to happen.
var futures = lexiconOf([]string{"will", "would", "could", "might", "may", "should", "plans",
	"intends", "about to", "shall", "going to", "is to be", "are to be", "supposed to",
	"expected to"})

// future returns the word that says that the word at this index is still to happen, or "".
func future(words []word, at int) (said string) {
	if at < 0 {
		return ""
	}
	before(words, at, func(w []word) bool {
		n, _ := futures.at(w)
		if n > 0 {
			said = w[0].raw
		}
		return n > 0
	})
	return said
}

// subordinates are words that begin a clause about time or reason.
var subordinates = lexiconOf([]string{
	"if", "unless", "when", "whenever", "while", "because", "since", "until", "where", "whether",
	"so", "as", "before", "after", "once", "which", "that", "to",
})

// clauses are words that separate two clauses of a sentence.
var clauses = lexiconOf([]string{"and", "but", "then", "so", "or", "if", "when", "because", "until"})

// negates reports whether a text begins with a negator.
func negates(words []word) bool {
	if len(words) == 0 {
		return false
	}
	if strings.HasSuffix(words[0].is, "n't") {
		return true
	}
	n, _ := negators.at(words)
	return n > 0
}

// before reports whether is finds something up to four words before the word at this index, in the
// same clause.
func before(words []word, at int, is func([]word) bool) bool {
	for i := at; i > 0 && i > at-5 && !words[i].fresh; {
		i--
		if is(words[i:]) && !words[i].quoted {
			return true
		}
		if n, _ := clauses.at(words[i:]); n > 0 {
			return false
		}
	}
	return false
}

// denied reports whether the word at this index is negated, as in "does not create".
func denied(words []word, at int) bool { return before(words, at, negates) }

// attempted reports whether the word at this index is a failed attempt, as in "cannot create".
func attempted(words []word, at int) bool {
	return before(words, at, func(w []word) bool { n, _ := attempts.at(w); return n > 0 })
}

// open reports whether the word at this index is uncertain or past, as in "may create" and "has
// created".
func open(words []word, at int) bool {
	return before(words, at, func(w []word) bool { n, _ := openings.at(w); return n > 0 })
}

// stray returns a negation after index from whose meaning is unclear: it does not belong to a flag,
// a reason for a failure, or a clause about time or reason. Without such a negation it returns "".
func stray(words []word, from int) string {
	subordinate, aside, about := false, false, false
	for i := from; i < len(words); i++ {
		w := words[i]
		if w.quoted || w.isPath() {
			continue
		}
		if w.fresh && i > 0 {
			subordinate, aside = false, true
			about = sentence(words[i-1].raw, w.raw)
		}
		if n, _ := subordinates.at(words[i:]); n > 0 {
			subordinate = true
		}
		if n, _ := reasons.at(words[i:]); n > 0 {
			i += n - 1
			continue
		}
		if n, _ := faultWords.at(words[i:]); n > 0 && negates(words[i:]) {
			i += n - 1
			continue
		}
		if !negates(words[i:]) || subordinate || i+1 < len(words) && flagAhead(words[i+1:]) {
			continue
		}
		if (aside || determiners[w.is]) && !tells(words[i:min(i+4, len(words))], !about) {
			continue
		}
		return w.raw
	}
	return ""
}

// determiners are words that negate only the noun after them.
var determiners = wordSet("no", "nobody", "nothing", "none", "without", "neither", "nor")

// flagAhead reports whether one of the first three words is a flag, such as ephemeral.
func flagAhead(words []word) bool {
	for i := 0; i < len(words) && i < 3; i++ {
		if isEphemeral(words[i]) || isSequential(words[i]) || isWatch(words[i]) ||
			isPersistent(words[i]) {
			return true
		}
	}
	return false
}

// sentence reports whether a new sentence begins between two words. Such a sentence may be a remark
// that makes no call.
func sentence(before, after string) bool {
	r, _ := utf8.DecodeRuneInString(after)
	return strings.ContainsRune(").!?", rune(before[len(before)-1])) && unicode.IsUpper(r)
}

// tells reports whether a text has a path, or a word for an outcome, an event or a fault. If verbs
// is true, verbs of calls count too.
func tells(words []word, verbs bool) bool {
	for i := range words {
		if i > 0 && words[i].fresh {
			return false
		}
		if words[i].isPath() {
			return true
		}
		rest := words[i:]
		if n, _ := calls.at(rest); n > 0 && verbs {
			return true
		}
		if n, how := outcomes.at(rest); n > 0 && how != 0 && rest[0].is != "no" {
			return true
		}
		if n, _ := eventWords.at(rest); n > 0 {
			return true
		}
		if n, _ := faultWords.at(rest); n > 0 {
			return true
		}
	}
	return false
}

// strayError returns the error of a negation that stray found.
func strayError(raw string) error {
	return &misread{why: fmt.Sprintf("unclear what %q negates: put the negation directly before "+
		"the verb "+
		"or the flag, as in \"does not create /x\" or \"create /x (not ephemeral)\"",
		strings.Trim(raw, ".,;:!?()"))}
}

// flag reports whether a flag is set, and whether it is negated: "not ephemeral",
// "sequential=false".
func flag(words []word, is func(word) bool) (on, off bool) {
	for i, w := range words {
		if w.quoted || w.isPath() || !is(w) {
			continue
		}
		_, value, given := strings.Cut(w.is, "=")
		if !given && strings.HasSuffix(w.raw, ":") && i+1 < len(words) {
			value = words[i+1].is
		}
		switch value {
		case "0":
			if strings.HasPrefix(w.is, "seq=") { // the number itself
				on = true
				continue
			}
			fallthrough
		case "false", "no", "off", "none", "null", "nil":
			off = true
			continue
		}
		if strings.HasPrefix(w.is, "non") || strings.HasPrefix(w.is, "not") ||
			strings.HasPrefix(strings.TrimLeft(w.raw, "("), "!") || denied(words, i) {
			off = true
			continue
		}
		on = true
	}
	return on, off
}

func isEphemeral(w word) bool {
	return strings.Contains(w.is, "ephemeral") || w.is == "temporary" || dashed(w, 'e')
}

func isSequential(w word) bool {
	return strings.Contains(w.is, "sequential") || strings.Contains(w.is, "sequence=") ||
		strings.Contains(w.is, "flagsequence") || strings.Contains(w.is, "_sequence") ||
		w.is == "seq" || strings.HasPrefix(w.is, "seq=") ||
		strings.Contains(w.raw, "SEQUENCE") || strings.HasSuffix(w.is, "+seq") || dashed(w, 's') ||
		strings.HasSuffix(w.is, "_seq") && (isEphemeral(w) || strings.HasPrefix(w.is, "persistent"))
}

func isPersistent(w word) bool {
	return strings.Contains(w.is, "persistent") && !strings.Contains(w.is, "sequential")
}

func isWatch(w word) bool {
	is, _, _ := strings.Cut(w.is, "=")
	switch is {
	case "watch", "watching", "watches", "watcher", "watched", "getw", "existsw", "childrenw",
		"childrenwatch", "datawatch",
		"usingwatcher", "zoo_wget", "zoo_wexists", "zoo_wget_children":
		return true
	}
	return dashed(w, 'w')
}

// dashed reports whether a word is an option of zkCli with this letter, such as -s or -se.
func dashed(w word, letter byte) bool {
	return len(w.raw) >= 2 && len(w.raw) <= 4 && w.raw[0] == '-' &&
		strings.Trim(w.raw[1:], "sewR") == "" && strings.IndexByte(w.raw, letter) > 0
}
