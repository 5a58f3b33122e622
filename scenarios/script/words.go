package script

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// word is a word of a text.
type word struct {
	is    string // in lower case, without the punctuation around it
	raw   string
	begin int // in bytes

	fresh  bool // a dash, a bracket, a comma or a similar mark comes before the word
	quoted bool
}

// plainer replaces characters from other programs: curly quotes, no-break blanks, "\\n" for a line
// end.
var plainer = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "‘", "'",
	"’", "'", "‚", "'", "`", "'", `\\n`, "\n", `\n`, "\n", `\t`, " ", "\u00a0", " ", "\u2011", "-",
	"−", "-", "；", "; ")

// normal returns a text with plain quotation marks, blanks and line ends.
func normal(text string) string {
	for i := range len(text) {
		if c := text[i]; c == '`' || c == '\\' || c >= utf8.RuneSelf {
			return plainer.Replace(text)
		}
	}
	return text
}

// wordsOf splits a text at blanks and before parentheses: getChildren(/x) is two words. It keeps
// only the last part of a qualified name: NoNode of KeeperException.NoNode.
func wordsOf(text string) []word {
	list := make([]word, 0, 1+len(text)/6)
	fresh, quoted := true, false
	for i := 0; i < len(text); {
		if n := blankAt(text, i); n > 0 {
			fresh = fresh || text[i] == '\n'
			i += n
			continue
		}
		begin := i
		for i < len(text) && blankAt(text, i) == 0 && (text[i] != '(' || i == begin) {
			i++
		}
		raw := text[begin:i]
		in := quoted || raw[0] == '"'
		for k := range len(raw) {
			if raw[k] == '"' {
				quoted = !quoted
			}
		}
		is := strings.ToLower(trimWord(raw))
		if strings.IndexByte(is, '_') > 0 && !in && is[0] != '/' {
			is = unsnaked(is)
		}
		if strings.HasSuffix(is, "async") && !in && is[0] != '/' {
			is = awaited(is)
		}
		if is == "" {
			fresh = fresh || !onlyQuotes(raw)
			continue
		}
		list = append(list, word{lastPart(is), raw, begin, fresh || raw[0] == '(', in})
		fresh = strings.IndexByte(",;:.!?)", raw[len(raw)-1]) >= 0
	}
	return list
}

// unsnaked returns a name such as acquire_lock as the tables have it, acquirelock, or unchanged if no
// table has it.
func unsnaked(is string) string {
	if joined := strings.ReplaceAll(is, "_", ""); methodWords[joined] {
		return joined
	}
	return is
}

// awaited returns the name of a method that does not wait for its answer as the tables have it:
// acquire for acquireasync, acquirelock for acquire_lock_async. Other names are unchanged.
func awaited(is string) string {
	name, ok := strings.CutSuffix(is, "async")
	if joined := strings.ReplaceAll(name, "_", ""); ok && (methodWords[joined] || asyncWords[joined]) {
		return joined
	}
	return is
}

// asyncWords are the names of methods that libraries have in both forms too.
var asyncWords = wordSet("acquire", "release", "lock", "unlock", "create", "delete", "exists",
	"getdata", "setdata", "getchildren", "get", "set", "sync", "renew")

// methodWords are the names of methods in the tables, without the marks between their words.
var methodWords = wordSet("acquirelock", "acquirelease", "acquireleadership", "tryacquire",
	"tryacquirelock", "tryacquireleadership", "trylock", "trybecomeleader", "becomeleader",
	"releaselock", "releaselease", "renewlock", "renewlease", "renewsession", "grantlock",
	"incrementandget", "getandincrement", "compareandset")

// words are the words of an act's text, and plain those of the text with plain quotes and blanks.
// Most texts are plain: their words are kept, because each line is looked at several times.
func (a *Act) words() []word {
	if a.split != nil {
		return a.split
	}
	return wordsOf(a.Text)
}

func (a *Act) plain() []word {
	if a.split != nil {
		return a.split
	}
	return wordsOf(normal(a.Text))
}

// split is wordsOf, but keeps the last text as line does.
func (c *compiler) split(text string) []word {
	if c.recent.words != nil && c.recent.text == text {
		return c.recent.words
	}
	if l := c.line(text); l.text == text {
		return l.words
	}
	return wordsOf(text) // in quotes as a whole
}

// keep keeps the words of an act's text, if the text is plain.
func (a *Act) keep(l line) {
	if l.text == a.Text {
		a.split = l.words
	}
}

// line splits a text into its words. It keeps the last text, which several readers split.
func (c *compiler) line(text string) line {
	if c.recent.text != text || c.recent.words == nil {
		c.recent = lineOf(text)
		if c.recent.text != text {
			l := c.recent
			c.recent = line{}
			return l
		}
	}
	return c.recent
}

// blankAt returns the number of bytes of the blank at a place in a text, or 0.
func blankAt(text string, i int) int {
	c := text[i]
	if c < utf8.RuneSelf {
		if c == ' ' || c >= '\t' && c <= '\r' {
			return 1
		}
		return 0
	}
	if !utf8.RuneStart(c) {
		return 0
	}
	if r, n := utf8.DecodeRuneInString(text[i:]); unicode.IsSpace(r) {
		return n
	}
	return 0
}

// onlyQuotes reports whether a word is only quotation marks.
func onlyQuotes(raw string) bool { return strings.Trim(raw, `"'`) == "" }

// lastPart returns the last part of a qualified name: ephemeral of createmode.ephemeral.
func lastPart(is string) string {
	if at := strings.LastIndexByte(is, '$'); at > 0 && strings.HasSuffix(is[:at], "exception") {
		is = is[at+1:]
	}
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

// trimWord removes the punctuation around a word, but not the slash at the beginning of a path.
func trimWord(raw string) string {
	for raw != "" && raw[0] < utf8.RuneSelf && !inWords[raw[0]] {
		raw = raw[1:]
	}
	for n := len(raw) - 1; n >= 0 && raw[n] < utf8.RuneSelf && !inWords[raw[n]]; n-- {
		raw = raw[:n]
	}
	if raw == "" || inWords[raw[0]] && inWords[raw[len(raw)-1]] {
		return raw
	}
	return strings.TrimFunc(raw, func(r rune) bool {
		return r != '/' && r != '=' && r != '+' && r != '_' && r != '|' && r != '>' &&
			!unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// inWords are the characters of ASCII that trimWord keeps.
var inWords = func() (is [256]bool) {
	for _, c := range []byte("/=+_|>0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		is[c] = true
	}
	return is
}()

// isPath reports whether a word is the path of a node.
func (w word) isPath() bool { return strings.HasPrefix(w.is, "/") }

// path returns the word as a path: in its original case, without the punctuation of the sentence. A
// hyphen at the end stays, because prefixes of sequential nodes end in one.
func (w word) path() string {
	p := w.raw[strings.IndexByte(w.raw, '/'):]
	if end := strings.IndexAny(p, "\"',;)="); end >= 0 {
		p = p[:end]
	}
	p = strings.TrimRight(p, ".,;:!?)]'\"`…")
	for strings.HasSuffix(p, "}") && strings.Count(p, "{") < strings.Count(p, "}") {
		p = strings.TrimRight(p[:len(p)-1], ".,;:!?)]'\"`…")
	}
	return p
}

// firstPath returns the first path in a text, or "".
func firstPath(words []word) string {
	for i, w := range words {
		if w.isPath() && !separates(words, i) {
			return w.path()
		}
	}
	return ""
}

// separates reports whether a word is a slash between two nouns, and not the root: Redis /
// ZooKeeper.
func separates(words []word, i int) bool {
	if words[i].raw != "/" || i == 0 || i+1 == len(words) || words[i+1].fresh {
		return false
	}
	before := words[i-1 : i]
	return !startsIn(before, calls) && !beforeRoot.in(before)
}

// beforeRoot are words after which a slash is the root of the tree.
var beforeRoot = lexiconOf([]string{"of", "on", "in", "at", "under", "below", "from", "to", "into",
	"path", "root", "for", "node", "znode", "parent", "the", "tree", "changes", "ls", "watches"})

// phrase is one or more words with a meaning.
type phrase[M any] struct {
	text  string
	means M
}

// lexicon is a table of phrases, indexed by their first words.
type lexicon[M any] struct {
	list []phrase[M]
	by   map[string][]phrase[M]
	may  [512]bool // by the mark of a word: whether a phrase may begin with the word
}

// mark is a number that a word has in common with few others. It is cheaper than a look into a map.
func mark(is string) int {
	if is == "" {
		return 0
	}
	return (int(is[0])*37 + int(is[len(is)-1])*5 + len(is)) & 511
}

func newLexicon[M any](list []phrase[M]) *lexicon[M] {
	l := &lexicon[M]{list: list, by: make(map[string][]phrase[M])}
	for _, p := range list {
		first, _, _ := strings.Cut(p.text, " ")
		l.by[first] = append(l.by[first], p)
		l.may[mark(first)] = true
	}
	return l
}

// lexiconOf returns a table of phrases that all mean true.
func lexiconOf(phrases []string) *lexicon[bool] {
	list := make([]phrase[bool], len(phrases))
	for i, p := range phrases {
		list[i] = phrase[bool]{p, true}
	}
	return newLexicon(list)
}

// find returns the first phrase in a text, the longest if several begin at the same word. at is the
// index of its first word, or -1, and length is its number of words.
func find[M any](words []word, l *lexicon[M]) (at, length int, means M) {
	for i := range words {
		if n, m := l.at(words[i:]); n > 0 {
			return i, n, m
		}
	}
	return -1, 0, means
}

// at returns the longest phrase with which a text begins: its number of words, or 0, and its
// meaning.
func (l *lexicon[M]) at(words []word) (length int, means M) {
	if len(words) == 0 || !l.may[mark(words[0].is)] {
		return 0, means
	}
	for _, p := range l.by[words[0].is] {
		if n := begins(words, p.text); n > length {
			length, means = n, p.means
		}
	}
	return length, means
}

// in reports whether a text has a phrase of the table.
func (l *lexicon[M]) in(words []word) bool {
	at, _, _ := find(words, l)
	return at >= 0
}

// near reports whether a word of a text is the first word of a phrase of the table.
func (l *lexicon[M]) near(words []word) bool {
	for _, w := range words {
		if !l.may[mark(w.is)] {
			continue
		}
		if _, ok := l.by[w.is]; ok {
			return true
		}
	}
	return false
}

// begins returns the number of words of a phrase with which a text begins; 0 if the text begins
// with other words.
func begins(words []word, text string) int {
	for n := range words {
		is := words[n].is
		switch {
		case len(is) == 0 || !strings.HasPrefix(text, is):
			return 0
		case len(text) == len(is):
			return n + 1
		case text[len(is)] != ' ':
			return 0
		}
		text = text[len(is)+1:]
	}
	return 0
}

// has reports whether a text has one of the phrases.
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
	{"hour", "h"}, {"hours", "h"}, {"hrs", "h"}, {"millis", "ms"}, {"millisecond", "ms"},
	{"day", "d"}, {"days", "d"}, {"d", "d"}, {"week", "w"}, {"weeks", "w"}, {"month", "mo"},
	{"months", "mo"}, {"year", "y"}, {"years", "y"},
})

// longUnits are units that sim.ParseTime does not know.
var longUnits = map[string]sim.Time{"d": 24 * sim.Hour, "w": 7 * 24 * sim.Hour,
	"mo": 30 * 24 * sim.Hour, "y": 365 * 24 * sim.Hour} // for lookups only

// endless is longer than every span that a document may ask for: a number too large to be read.
const endless = 2_000_000 * sim.Hour

// numberWords are numbers that are written as words.
var numberWords = map[string]string{"one": "1", "two": "2", "three": "3", "four": "4",
	"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12",
	"fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "sixty": "60"} // for lookups only

// spanIn returns the first span of time in a text, such as 3s, 250 ms, ten seconds, a 30-second
// pause or half a minute.
func spanIn(words []word) (sim.Time, bool) {
	for i := range words {
		if t, n := spanAt(words, i); n > 0 {
			return t, true
		}
	}
	return 0, false
}

// spanAt returns the span of time that begins at a word, and the number of its words, or 0.
func spanAt(words []word, i int) (sim.Time, int) {
	w := words[i]
	if w.is != "" && (w.is[0] >= '0' && w.is[0] <= '9' || w.is[0] == '.') {
		if t, err := sim.ParseTime(w.is); err == nil {
			return t, 1
		}
		unit := strings.TrimLeft(w.is, "0123456789")
		if t, n := spanOf(strings.TrimSuffix(w.is, unit), unit, 1); n > 0 && unit != "" {
			return t, n // 5d, or more hours than a number can hold
		}
	}
	digits, rest, _ := strings.Cut(w.is, "-") // 30-second
	n := 0
	switch {
	case rest != "":
		if at, _, unit := find([]word{{is: rest}}, units); at == 0 {
			return spanOf(digits, unit, 1)
		}
		return 0, 0
	case w.is == "half":
		if n = 1; i+1 < len(words) && (words[i+1].is == "a" || words[i+1].is == "an") {
			n = 2
		}
		digits = "1"
	case w.is == "a" || w.is == "an":
		if i == 0 || !has(words[i-1:i], "for", "after", "in", "than", "about", "nearly", "almost") {
			return 0, 0
		}
		n, digits = 1, "1"
	case numberWords[w.is] != "":
		n, digits = 1, numberWords[w.is]
	case w.is != "" && w.is[0] >= '0' && w.is[0] <= '9':
		n = 1
	}
	if n == 0 || i+n >= len(words) {
		return 0, 0
	}
	at, _, unit := find(words[i+n:i+n+1], units)
	if at != 0 {
		return 0, 0
	}
	t, used := spanOf(digits, unit, n+1)
	if w.is == "half" {
		t /= 2
	}
	return t, used
}

// spanOf returns the span of a number and a unit; n is the number of its words.
func spanOf(digits, unit string, n int) (sim.Time, int) {
	if word := numberWords[digits]; word != "" {
		digits = word
	}
	size := longUnits[unit]
	if size > 0 {
		unit = "us"
	}
	t, err := sim.ParseTime(digits + unit)
	if err != nil && strings.Trim(digits, "0123456789e") == "" {
		_, err = sim.ParseTime("1" + unit)
		t = endless
	}
	switch {
	case err != nil || digits == "":
		return 0, 0
	case t >= endless || t > 0 && size > endless/t:
		return endless, n
	case size > 0:
		return t * size, n
	}
	return t, n
}

// zxidIn returns the first zxid in a text, written as 1/3.
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

// Clip quotes a text for an error message, and shortens a long text.
func Clip(s string) string {
	const most = 48
	if utf8.RuneCountInString(s) <= most {
		return `"` + s + `"`
	}
	return `"` + string([]rune(s)[:most]) + `…"`
}
