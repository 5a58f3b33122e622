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
}

// wordsOf splits a text at blanks and before parentheses: getChildren(/x) is two words.
func wordsOf(text string) []word {
	var list []word
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
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
		if is := strings.ToLower(trimWord(raw)); is != "" {
			list = append(list, word{is, raw, begin})
		}
	}
	return list
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

// find finds the first phrase in a text; of several at one place the longest. at is the index of
// its first word, or -1.
func find[M any](words []word, phrases []phrase[M]) (at, length int, means M) {
	for i := range words {
		for _, p := range phrases {
			if n := begins(words[i:], p.text); n > length {
				at, length, means = i, n, p.means
			}
		}
		if length > 0 {
			return at, length, means
		}
	}
	return -1, 0, means
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

// spanIn finds a span of time: 3s, 3 s, 250 ms, 10 seconds.
func spanIn(words []word) (sim.Time, bool) {
	units := []phrase[string]{
		{"seconds", "s"}, {"second", "s"}, {"sec", "s"}, {"s", "s"}, {"ms", "ms"},
		{"milliseconds", "ms"}, {"minutes", "m"}, {"minute", "m"}, {"min", "m"}, {"hour", "h"},
		{"hours", "h"},
	}
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

// Clip quotes a text in an error, and shortens a long one.
func Clip(s string) string {
	const most = 48
	if utf8.RuneCountInString(s) <= most {
		return `"` + s + `"`
	}
	return `"` + string([]rune(s)[:most]) + `…"`
}

// mentions says whether a word stands in a text, even as part of another: EPHEMERAL_SEQUENTIAL.
func mentions(words []word, part string) bool {
	for _, w := range words {
		if !w.isPath() && strings.Contains(w.is, part) {
			return true
		}
	}
	return false
}
