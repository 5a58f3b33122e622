package script

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// word is one word of a text.
type word struct {
	is    string // in lower case, without the punctuation around it
	raw   string
	begin int // in bytes

	fresh  bool // a dash, a bracket, a comma or the like stands before it
	quoted bool
}

// plainer replaces what authors paste: curly quotes, blanks that do not break, a "\\n" for a break.
var plainer = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "‘", "'",
	"’", "'", "‚", "'", "`", "'", `\\n`, "\n", `\n`, "\n", `\t`, " ", "\u00a0", " ", "\u2011", "-",
	"−", "-")

// normal is a text without what only differs in print.
func normal(text string) string { return plainer.Replace(text) }

// wordsOf splits a text at blanks and before parentheses: getChildren(/x) is two words. Of a
// qualified name only the last part counts: KeeperException.NoNode.
func wordsOf(text string) []word {
	list := make([]word, 0, 1+len(text)/6)
	fresh, quoted := true, false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			fresh = fresh || r == '\n'
			i += size
			continue
		}
		begin := i
		for i < len(text) {
			r, size := utf8.DecodeRuneInString(text[i:])
			if unicode.IsSpace(r) || r == '(' && i > begin {
				break
			}
			i += size
		}
		raw := text[begin:i]
		in := quoted || raw[0] == '"'
		if strings.Count(raw, `"`)%2 == 1 {
			quoted = !quoted
		}
		is := strings.ToLower(trimWord(raw))
		if is == "" {
			fresh = fresh || !onlyQuotes(raw)
			continue
		}
		list = append(list, word{lastPart(is), raw, begin, fresh || raw[0] == '(', in})
		fresh = strings.IndexByte(",;:.!?)", raw[len(raw)-1]) >= 0
	}
	return list
}

// onlyQuotes says whether a word without letters is only quotation marks.
func onlyQuotes(raw string) bool { return strings.Trim(raw, `"'`) == "" }

// lastPart is the last part of a qualified name: createmode.ephemeral is ephemeral.
func lastPart(is string) string {
	dot := strings.LastIndexByte(is, '.')
	if dot <= 0 || dot == len(is)-1 || is[0] == '/' || strings.ContainsAny(is, "/=") {
		return is
	}
	for i := range len(is) {
		if c := is[i]; c != '.' && c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return is
		}
	}
	if is[0] < 'a' || is[dot+1] < 'a' {
		return is
	}
	return is[dot+1:]
}

// trimWord drops the punctuation around a word, but not the slash that begins a path.
func trimWord(raw string) string {
	return strings.TrimFunc(raw, func(r rune) bool {
		return r != '/' && r != '=' && r != '+' && r != '_' && r != '|' && r != '>' &&
			!unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// isPath says whether a word is the path of a node.
func (w word) isPath() bool { return strings.HasPrefix(w.is, "/") }

// path is the word as a path: in its own case, without the punctuation of a sentence. A hyphen at
// the end stays: sequential names are made so.
func (w word) path() string {
	p := w.raw[strings.IndexByte(w.raw, '/'):]
	if end := strings.IndexAny(p, "\"',;)="); end >= 0 {
		p = p[:end]
	}
	return strings.TrimRight(p, ".,;:!?)]}'\"`…")
}

// firstPath is the first path in a text, or "".
func firstPath(words []word) string {
	for _, w := range words {
		if w.isPath() {
			return w.path()
		}
	}
	return ""
}

// phrase is one or more words with a meaning.
type phrase[M any] struct {
	text  string
	means M
}

// lexicon is a table of phrases, by their first words.
type lexicon[M any] struct {
	list []phrase[M]
	by   map[string][]phrase[M]
}

func newLexicon[M any](list []phrase[M]) *lexicon[M] {
	l := &lexicon[M]{list: list, by: make(map[string][]phrase[M])}
	for _, p := range list {
		first, _, _ := strings.Cut(p.text, " ")
		l.by[first] = append(l.by[first], p)
	}
	return l
}

// lexiconOf is a table of phrases that all mean the same.
func lexiconOf(phrases []string) *lexicon[bool] {
	list := make([]phrase[bool], len(phrases))
	for i, p := range phrases {
		list[i] = phrase[bool]{p, true}
	}
	return newLexicon(list)
}

// find finds the first phrase in a text; of several at one place the longest. at is the index of
// its first word, or -1.
func find[M any](words []word, l *lexicon[M]) (at, length int, means M) {
	for i := range words {
		if n, m := l.at(words[i:]); n > 0 {
			return i, n, m
		}
	}
	return -1, 0, means
}

// at is the longest phrase with which a text begins; 0 if there is none.
func (l *lexicon[M]) at(words []word) (length int, means M) {
	if len(words) == 0 {
		return 0, means
	}
	for _, p := range l.by[words[0].is] {
		if n := begins(words, p.text); n > length {
			length, means = n, p.means
		}
	}
	return length, means
}

// in says whether a phrase of the table stands in a text.
func (l *lexicon[M]) in(words []word) bool {
	at, _, _ := find(words, l)
	return at >= 0
}

// near says whether a word of a text begins a phrase of the table.
func (l *lexicon[M]) near(words []word) bool {
	for _, w := range words {
		if _, ok := l.by[w.is]; ok {
			return true
		}
	}
	return false
}

// begins is how many words of a text a phrase takes up at its beginning; 0 if it does not stand
// there.
func begins(words []word, text string) int {
	n := 0
	for text != "" {
		first, rest, _ := strings.Cut(text, " ")
		if n == len(words) || words[n].is != first {
			return 0
		}
		n++
		text = rest
	}
	return n
}

// has says whether one of the phrases stands in a text.
func has(words []word, phrases ...string) bool {
	for i := range words {
		for _, p := range phrases {
			if begins(words[i:], p) > 0 {
				return true
			}
		}
	}
	return false
}

// units are the words for units of time.
var units = newLexicon([]phrase[string]{
	{"seconds", "s"}, {"second", "s"}, {"secs", "s"}, {"sec", "s"}, {"s", "s"}, {"ms", "ms"},
	{"milliseconds", "ms"}, {"minutes", "m"}, {"minute", "m"}, {"mins", "m"}, {"min", "m"},
	{"hour", "h"}, {"hours", "h"},
})

// spanIn finds a span of time: 3s, 3 s, 250 ms, 10 seconds.
func spanIn(words []word) (sim.Time, bool) {
	for i, w := range words {
		if t, err := sim.ParseTime(w.is); err == nil {
			return t, true
		}
		if w.is[0] < '0' || w.is[0] > '9' || i+1 == len(words) {
			continue
		}
		if at, _, unit := find(words[i+1:i+2], units); at == 0 {
			if t, err := sim.ParseTime(w.is + unit); err == nil {
				return t, true
			}
		}
	}
	return 0, false
}

// zxidIn finds a zxid: 1/3.
func zxidIn(words []word) (z zab.Zxid, ok bool) {
	for _, w := range words {
		epoch, counter, cut := strings.Cut(strings.Trim(w.is, "<>"), "/")
		if !cut || epoch == "" {
			continue
		}
		e, ok1 := number(epoch)
		c, ok2 := number(counter)
		if ok1 && ok2 {
			return zab.MakeZxid(e, c), true
		}
	}
	return 0, false
}

func number(s string) (uint32, bool) {
	n := uint64(0)
	if s == "" || len(s) > 10 {
		return 0, false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return uint32(n), n < 1<<32
}

// Clip quotes a text for an error, and shortens a long one.
func Clip(s string) string {
	const most = 48
	if utf8.RuneCountInString(s) <= most {
		return `"` + s + `"`
	}
	return `"` + string([]rune(s)[:most]) + `…"`
}
