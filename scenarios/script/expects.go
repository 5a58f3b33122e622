package script

import "strings"

// comparisons are what a text may ask of a version other than that it is the expected one.
var comparisons = lexiconOf([]string{"greater", "less", "more",
	"higher", "lower", "larger", "smaller", "newer", "older", "above", "below", "at least", "at most",
	"up to", "changed", "has changed", "differs", "different", "is greater", "is less", "is higher",
	"is lower", "is newer", "is older", "is different", "is above", "is below", "is at least",
	"is at most", "does not equal", "not equal", "not equals", "is not equal", "between", "exceeds",
	"other than", "later", "beyond", "over", "under", "up", "plus", "upwards", "onwards", "onward"})

// signs compare for something else than equality.
const signs = "!<>≠≤≥~"

// conditionWords begin a condition. In one, the version word must be followed by what ZooKeeper can
// check.
var conditionWords = wordSet("if", "when", "only", "while", "where", "whenever", "provided", "once",
	"iff", "long")

// exceptWords turn the version that follows into one that the node must not have, or into a bound.
var exceptWords = wordSet("without", "ignoring", "ignore", "ignores", "unless", "until", "except",
	"not", "never", "min", "minimum", "max", "maximum", "below", "above", "under", "over", "than",
	"least", "most", "before", "after", "since", "beyond", "skip", "skipping", "no", "but")

// conditionFillers are words that may stand between a condition's first word and the version.
var conditionFillers = wordSet("if", "when", "only", "the", "its", "it", "has", "have", "having",
	"with", "at", "on", "in", "current", "expected", "stored", "same", "data", "node", "node's",
	"znode", "znode's", "zk", "still", "and", "iff", "a", "your", "my", "their", "local", "real", "as")

// equalities may stand between a version word and its number.
var equalities = []string{"===", "==", "=", ":", "(", "[", "#", "is equal to", "is still", "is",
	"equal to", "equals", "equal", "matches", "match", "still", "of"}

// notPlain is the error for a condition that ZooKeeper cannot check.
var notPlain = &misread{why: "set and delete can only check that the node has exactly the given " +
	"version: write the number of this version, as in \"version 7\""}

// mostVersions is how many words for a version a text may have: each takes as long as the text.
const mostVersions = 20

// compared returns an error if a set or a delete makes a condition of the version that ZooKeeper
// cannot check: it only compares for equality. What is not plainly such a comparison is one that it
// cannot check.
func compared(text string, words []word) error {
	looked := 0
	for i, w := range words {
		if w.quoted || w.begin+len(w.raw) > len(text) {
			continue
		}
		if comparesWith(w) || closeArgument(w) {
			return notPlain
		}
		if _, may := versionName(w, true); !may {
			continue // in a condition or not: few words are looked at further
		}
		if looked++; looked > mostVersions {
			return notPlain
		}
		condition, except := leadsTo(text, words, i)
		name, ok := versionName(w, condition != notCondition)
		at := strings.Index(strings.ToLower(w.raw), name)
		if at < 0 || w.begin+at+len(name) > len(text) {
			continue
		}
		if !ok && name == "v" && at <= 1 && moreThanShort(text[w.begin+at+1:]) {
			return notPlain
		}
		if !ok {
			continue
		}
		if condition == strangeCondition ||
			!plainlyExpects(text[w.begin+at+len(name):], condition == plainCondition, except) {
			return notPlain
		}
	}
	return nil
}

// versionName returns the name of a version with which a word begins: version>=3. In a condition,
// it may be short: v3.
func versionName(w word, conditional bool) (name string, ok bool) {
	if strings.TrimLeft(w.raw, "(") == "-v" {
		return "-v", true
	}
	name = w.is
	if at := strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && r != '_' && (r != '-' || conditional)
	}); at >= 0 {
		name = name[:at]
	}
	n, _ := versionWords.at([]word{{is: name}})
	return name, n > 0 || conditional && (name == "v" || name == "versions")
}

// moreThanShort reports whether the text after a short name of a version, outside of a condition,
// compares: v >= 3, v3+, v3 or newer.
func moreThanShort(tail string) bool {
	tail = strings.TrimLeft(noArrows(tail), " ")
	rest := strings.TrimLeft(tail, "0123456789")
	if rest == tail {
		return strings.IndexAny(tail, "<>≠≤≥~") == 0 || strings.HasPrefix(tail, "!=")
	}
	words := wordsOf(rest)
	if strings.HasPrefix(rest, "+") {
		return true
	}
	if len(words) < 2 || rest[0] != ' ' || words[0].is != "or" && words[0].is != "and" {
		return false
	}
	n, _ := comparisons.at(words[1:])
	return n > 0
}

// closeArgument reports whether a word has a version after a comma without a blank, where it would
// be lost: (/c,7,version>3).
func closeArgument(w word) bool {
	args := strings.Split(w.raw, ",")
	for _, arg := range args[1:] {
		name, ok := versionName(word{is: strings.ToLower(arg)}, false)
		if ok && w.raw[0] == '(' && strings.IndexAny(arg[len(name):], signs+"=:") == 0 {
			return true
		}
	}
	return false
}

// comparesWith reports whether a word compares something with a version: 0<version.
func comparesWith(w word) bool {
	for i, r := range w.is {
		if !strings.ContainsRune(signs, r) {
			continue
		}
		_, ok := versionName(word{is: strings.TrimLeft(w.is[i:], signs+"=")}, true)
		if ok && i > 0 {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// The condition to which a version word belongs.
const (
	notCondition = iota
	plainCondition
	strangeCondition
)

// leadsTo looks at the clause in front of a version word: whether it begins a condition, and
// whether it turns the version into an exception or a bound.
func leadsTo(text string, words []word, at int) (condition int, except bool) {
	filler := true
	for i := at; i > 0; i-- {
		w, before := words[i], words[i-1]
		end := min(before.begin+len(before.raw), w.begin)
		if strings.ContainsAny(noArrows(text[end:w.begin]), signs) ||
			i == at && signed(noArrows(before.raw)) {
			return strangeCondition, true
		}
		if last := before.raw[len(before.raw)-1]; strings.IndexByte(",;.!?", last) >= 0 &&
			before.is != "min" && before.is != "max" || before.quoted {
			break
		}
		except = except || exceptWords[before.is] || strings.HasSuffix(before.is, "n't")
		if conditionWords[before.is] {
			condition = plainCondition
			if !filler {
				return strangeCondition, except
			}
		}
		filler = filler && (conditionFillers[before.is] || before.isPath() || conditionWords[before.is])
	}
	return condition, except
}

// signed reports whether a word ends with a sign that compares: 0<.
func signed(raw string) bool { return raw != "" && strings.IndexByte("<>~", raw[len(raw)-1]) >= 0 }

// noArrows removes arrows, which are no comparisons.
func noArrows(s string) string { return arrowMarks.Replace(s) }

var arrowMarks = strings.NewReplacer("-->", " ", "->", " ", "=>", " ", "→", " ")

// plainlyExpects reports whether the text after a version word names the expected version, or no
// version at all.
func plainlyExpects(tail string, conditional, except bool) bool {
	tail = noArrows(tail)
	if stopsAt(tail) {
		return !except || !conditional
	}
	bracket := false
	for again := true; again; {
		again = false
		tail = strings.TrimLeft(tail, " \t\n")
		for _, e := range equalities {
			rest, ok := cutFold(tail, e)
			if !ok || isLetter(e[len(e)-1]) && rest != "" && isLetter(rest[0]) {
				continue
			}
			bracket = bracket || e == "["
			tail, again = rest, true
			break
		}
	}
	if tail == "" || strings.IndexAny(tail, signs) == 0 && tail[0] != '!' {
		return tail == "" && !except
	}
	digits := strings.TrimPrefix(tail, "v")
	if strings.HasPrefix(digits, "-1") {
		digits = digits[1:] // any version
	}
	to := 0
	for to < len(digits) && isDigit(digits[to]) {
		to++
	}
	if to > 0 {
		return !except && closesNumber(digits[to:], conditional, bracket)
	}
	return !conditional && !bounds(tail, except)
}

// stopsAt reports whether a text ends its clause where it begins.
func stopsAt(tail string) bool {
	tail = strings.TrimLeft(tail, " \t\n")
	return tail == "" ||
		strings.IndexByte(`,;.!?)]}"'`, tail[0]) >= 0 && !strings.HasPrefix(tail, "!=")
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// closesNumber reports whether nothing in the text after a version's number changes its meaning,
// such as "or higher", "+" or the end of a range.
func closesNumber(rest string, conditional, bracket bool) bool {
	if bracket && !strings.HasPrefix(rest, "]") {
		return false
	}
	closed := strings.HasPrefix(rest, ")")
	rest = strings.TrimLeft(rest, `)]}"'`)
	if rest == "" || closed && rest[0] == '.' { // withVersion(0).forPath
		return true
	}
	if strings.IndexByte(" \t\n,;.:!?)", rest[0]) < 0 || strings.HasPrefix(rest, "..") ||
		rest[0] == '.' && len(rest) > 1 && isDigit(rest[1]) {
		return false
	}
	fresh := strings.IndexByte(" \t\n", rest[0]) < 0
	next := strings.TrimLeft(rest, " \t\n,;.:!?)")
	if strings.IndexAny(next, signs+"+…|&") == 0 {
		return false
	}
	numbered := startsNumber(strings.TrimLeft(next, "-–—([ "))
	if numbered && (conditional || !fresh && strings.IndexAny(next, "-–—") == 0) {
		return false
	}
	words := wordsOf(next)
	if len(words) == 0 {
		return true
	}
	then := len(words) > 1 && startsNumber(words[1].is)
	switch words[0].is {
	case "or":
		return false
	case "and", "through", "till", "until", "upto", "nor":
		more, _ := comparisons.at(words[1:])
		return !then && more == 0
	case "to":
		return !then || !conditional
	case "is", "has", "isn't", "hasn't", "does", "doesn't", "was", "wasn't", "not", "exclusive",
		"inclusive":
		return false
	}
	return fresh || !compareOn(words)
}

// startsNumber reports whether a text begins with a digit.
func startsNumber(s string) bool { return s != "" && isDigit(s[0]) }

// compareOn reports whether a clause has a comparison in front of a value or a path.
func compareOn(words []word) bool {
	for i, w := range words {
		if i > 0 && w.fresh || w.isPath() || w.is == "to" || w.quoted {
			return false
		}
		if n, _ := comparisons.at(words[i:]); n > 0 {
			return true
		}
	}
	return false
}

// bounds reports whether the clause after a version word, which no number follows directly, makes
// some condition of it: between 4 and 9, other than 4, must not be 4.
func bounds(tail string, except bool) bool {
	words := wordsOf(tail)
	for i, w := range words {
		if i > 0 && w.fresh && w.raw[0] != '(' || w.isPath() || w.quoted || w.is == "to" {
			return false
		}
		n, _ := comparisons.at(words[i:])
		if n > 0 || strings.ContainsAny(noArrows(w.raw), "<>≠≤≥~") || startsNumber(w.is) ||
			startsNumber(strings.TrimLeft(w.raw, "[({-+=v")) ||
			strings.ContainsAny(w.is, "0123456789") && except {
			return true
		}
		if w.is == "=" || strings.IndexByte(",;.!?)", w.raw[len(w.raw)-1]) >= 0 {
			return false
		}
	}
	return false
}
