package diagram

import (
	"strings"
	"unicode/utf8"
)

// isStart reports whether a line begins a sequence diagram in bare text.
func isStart(t string) bool {
	return t == "sequenceDiagram" || t == "sequenceDiagram;"
}

// otherKind reports whether a line begins a Mermaid diagram of another kind in bare text.
func otherKind(t string) bool {
	first, rest, _ := strings.Cut(t, " ")
	switch first {
	case "graph", "flowchart":
		switch strings.TrimSuffix(trim(rest), ";") {
		case "TD", "TB", "BT", "LR", "RL":
			return true
		}
	case "classDiagram", "stateDiagram", "stateDiagram-v2", "erDiagram", "gitGraph":
		return rest == ""
	}
	return false
}

// language is the language of a fenced block, according to its fence.
type language uint8

const (
	unnamed language = iota
	mermaid
	plantUML
	jsSequence // js-sequence-diagrams, whose grammar is a part of Mermaid's, without its first line
	foreign    // any other language: the block contains no diagram
)

func (l language) draws() bool { return l == mermaid || l == plantUML || l == jsSequence }

var languages = map[string]language{
	"": unnamed, "mermaid": mermaid, "mmd": mermaid, "sequencediagram": mermaid,
	"plantuml": plantUML, "puml": plantUML, "uml": plantUML, "pu": plantUML, "wsd": plantUML,
	"plantuml-diagram": plantUML, "sequence": jsSequence, "seq": jsSequence,
	"js-sequence-diagrams": jsSequence,
}

// fence is the opening line of a fenced block. A whole file that is a diagram (without count and
// tag) and an HTML element also have a fence.
type fence struct {
	char   byte
	count  int    // number of its characters, at least 3
	tag    string // name of the HTML element
	lang   language
	quotes int // number of quotes around the fence
	line   int
}

func (f fence) whole() bool { return f.count == 0 && f.tag == "" }

// closing returns the text that closes the fence.
func (f fence) closing() string {
	if f.tag != "" {
		return "</" + f.tag + ">"
	}
	return strings.Repeat(string(f.char), f.count)
}

// fenceOf reads the opening line of a fenced block; false if t is another line.
func fenceOf(t string) (fence, bool) {
	if len(t) < 3 || t[0] != '`' && t[0] != '~' {
		return fence{}, false
	}
	f := fence{char: t[0]}
	for f.count < len(t) && t[f.count] == f.char {
		f.count++
	}
	info := trim(t[f.count:])
	if f.count < 3 || f.char == '`' && strings.Contains(info, "`") {
		return fence{}, false
	}
	lang := info
	if i := strings.IndexAny(info, " \t{,"); i > 0 {
		lang = info[:i]
	}
	known, ok := languages[strings.ToLower(strings.Trim(lang, "{.}:"))]
	if !ok {
		known = foreign
	}
	f.lang = known
	return f, true
}

// closes reports whether a line closes the fence.
func (f fence) closes(s string) bool {
	t := trim(s)
	if f.count == 0 || len(t) < f.count || t[0] != f.char {
		return false
	}
	return strings.Trim(t, t[:1]) == ""
}

// container returns the number of quotes around a line, and the line without the marks of quotes
// and list items.
func container(s string) (quotes int, rest string) {
	for {
		s = trim(s)
		switch n := listMark(s); {
		case strings.HasPrefix(s, ">"):
			quotes++
			s = s[1:]
		case n > 0:
			s = s[n:]
		default:
			return quotes, s
		}
	}
}

// listMark returns the length of the list mark at the beginning of s, as in "- x" and "1. x", or 0.
func listMark(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	switch {
	case n+1 >= len(s) || s[n+1] != ' ' && s[n+1] != '\t':
		return 0
	case n == 0 && strings.IndexByte("-*+", s[0]) >= 0, n > 0 && (s[n] == '.' || s[n] == ')'):
		return n + 1
	}
	return 0
}

// unquoted replaces the marks of this many quotes by blanks, so that columns stay the same. It
// returns false if fewer quotes are around the line.
func unquoted(s string, quotes int) (string, bool) {
	at := 0
	for ; quotes > 0; quotes-- {
		i := strings.IndexByte(s[at:], '>')
		if i < 0 || trim(s[at:at+i]) != "" {
			return "", false
		}
		at += i + 1
	}
	return strings.Repeat(" ", utf8.RuneCountInString(s[:at])) + s[at:], true
}

// atxHeading reads a heading, "## Title ##". It returns level 0 for another line.
func atxHeading(t string) (level int, text string) {
	for level < len(t) && t[level] == '#' {
		level++
	}
	if level == 0 || level > 6 || level < len(t) && t[level] != ' ' && t[level] != '\t' {
		return 0, ""
	}
	return level, trim(strings.TrimRight(trim(t[level:]), "#"))
}

// underline returns the level of the heading that t underlines: 1 for ===, 2 for ---, 0 for other
// lines.
func underline(t string) int {
	switch {
	case len(t) < 3:
		return 0
	case strings.Trim(t, "=") == "":
		return 1
	case strings.Trim(t, "-") == "":
		return 2
	}
	return 0
}

// anchored reads a heading that was copied from a web page: it ends in #, the text of a link. A
// line that ends in C# matches too.
func anchored(t string) (string, bool) {
	text := strings.TrimSuffix(t, "#")
	if text == t || len(text) < 2 || len(t) > 160 || strings.HasSuffix(text, "#") ||
		text[len(text)-2] == ' ' || text[len(text)-1] == ' ' {
		return "", false
	}
	return text, true
}

// matterTitle reads a line "title: …" of front matter.
func matterTitle(t string) (string, bool) {
	rest, ok := strings.CutPrefix(t, "title:")
	if !ok {
		return "", false
	}
	rest = trim(rest)
	if len(rest) >= 2 && (rest[0] == '"' || rest[0] == '\'') && rest[len(rest)-1] == rest[0] {
		rest = rest[1 : len(rest)-1]
	}
	return rest, rest != ""
}

// frontMatter skips the front matter at the beginning of a file, and keeps its title.
func (r *reader) frontMatter() {
	if !strings.HasPrefix(r.text, "---\n") {
		return
	}
	r.advance()
	title := ""
	for r.next < len(r.text) {
		t := trim(r.advance())
		if t == "---" || t == "..." {
			r.headed, r.caption = title, title
			return
		}
		if s, ok := matterTitle(t); ok {
			title = s
		}
	}
	r.begin, r.next, r.n = 0, 0, 0 // no end: --- was a horizontal rule
}
