package diagram

import "strings"

// Head is the head of an arrow.
type Head uint8

// The heads. Each comment shows how Mermaid writes the solid and the dashed arrow. The half heads
// are new in Mermaid 11; those whose name ends in Back are at the
// sender's end.
const (
	HeadNone        Head = iota // -> -->
	HeadArrow                   // ->> -->>
	HeadBoth                    // <<->> <<-->>
	HeadCross                   // -x --x: the message is lost
	HeadPoint                   // -) --): asynchronous
	HalfTop                     // -|\ --|\
	HalfBottom                  // -|/ --|/
	StickTop                    // -\\ --\\
	StickBottom                 // -// --//
	HalfTopBack                 // /|- /|--
	HalfBottomBack              // \|- \|--
	StickTopBack                // //- //--
	StickBottomBack             // \\- \\--
)

// token is one of the ways to write an arrow.
type token struct {
	text   string
	dashed bool
	head   Head
}

// tokens are all arrows. If the text of an arrow begins with the text of another, the longer comes
// first.
var tokens = [...]token{
	{"<<-->>", true, HeadBoth}, {"<<->>", false, HeadBoth},
	{"-->>", true, HeadArrow}, {"->>", false, HeadArrow},
	{"-->", true, HeadNone}, {"->", false, HeadNone},
	{"--x", true, HeadCross}, {"-x", false, HeadCross},
	{"--)", true, HeadPoint}, {"-)", false, HeadPoint},
	{`--|\`, true, HalfTop}, {`-|\`, false, HalfTop},
	{`--|/`, true, HalfBottom}, {`-|/`, false, HalfBottom},
	{`--\\`, true, StickTop}, {`-\\`, false, StickTop},
	{`--//`, true, StickBottom}, {`-//`, false, StickBottom},
	{`/|--`, true, HalfTopBack}, {`/|-`, false, HalfTopBack},
	{`\|--`, true, HalfBottomBack}, {`\|-`, false, HalfBottomBack},
	{`//--`, true, StickTopBack}, {`//-`, false, StickTopBack},
	{`\\--`, true, StickBottomBack}, {`\\-`, false, StickBottomBack},
}

// Token returns the arrow as Mermaid writes it, such as ->>.
func (a *Arrow) Token() string {
	for i := range tokens {
		if tokens[i].head == a.Head && tokens[i].dashed == a.Dashed {
			return tokens[i].text
		}
	}
	return "->>"
}

// tokenAt returns the arrow at the beginning of s; false if s does not begin with one.
func tokenAt(s string) (token, bool) {
	for i := range tokens {
		t := &tokens[i]
		if len(s) >= len(t.text) && strings.EqualFold(s[:len(t.text)], t.text) {
			return *t, true
		}
	}
	return token{}, false
}

// findArrow returns the offset of the first arrow in s, or -1, and the arrow.
func findArrow(s string) (int, token) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '-', '<', '/', '\\':
			if t, ok := tokenAt(s[i:]); ok {
				return i, t
			}
		}
	}
	return -1, token{}
}

// hasArrow reports whether the author of s probably meant an arrow, even a wrong one. An arrow with
// a cross or a point counts only if a colon follows it, because "A-x" and ":-)" occur in prose.
func hasArrow(s string) bool {
	if strings.Contains(s, "->") {
		return true
	}
	i, t := findArrow(s)
	return i >= 0 && strings.IndexByte(s[i+len(t.text):], ':') > 0
}

// keywords are the words with which a name in Mermaid must not begin.
var keywords = []string{
	"participant", "actor", "create", "destroy", "box", "loop", "rect", "opt", "alt", "else",
	"par", "par_over", "and", "critical", "option", "break", "end", "links", "link",
	"properties", "details", "over", "note", "activate", "deactivate", "autonumber", "off",
	"sequenceDiagram", "title", "accTitle", "accDescr",
}

// keyword splits s into its leading keyword, as keywords spells it, and the rest. As in Mermaid, a
// keyword is a whole word: "end-user" begins with the keyword end, "ending" does not.
func keyword(s string) (word, rest string, ok bool) {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	for _, k := range keywords {
		if len(k) != n || !strings.EqualFold(k, s[:n]) {
			continue
		}
		switch k { // these three are keywords only before a blank or a colon
		case "title":
			ok = n == len(s) || s[n] == ' ' || s[n] == '\t' || s[n] == ':'
		case "accTitle", "accDescr":
			ok = strings.HasPrefix(trimLeft(s[n:]), ":") || strings.HasPrefix(trimLeft(s[n:]), "{")
		default:
			ok = true
		}
		return k, s[n:], ok
	}
	return "", s, false
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// badName returns why Mermaid cannot read name as a participant, or "" if it can.
func badName(name string) string {
	if name == "" {
		return "a participant is missing"
	}
	if k, _, ok := keyword(name); ok {
		return "the name " + clip(name) + " begins with Mermaid's keyword " + k
	}
	if i := strings.IndexAny(name, "<>:,;+@#{}\n"); i >= 0 {
		character := clip(name[i : i+1])
		return "the name " + clip(name) + " contains " + character
	}
	if i, t := findArrow(name); i >= 0 {
		return "the name " + clip(name) + " contains " + t.text +
			", which Mermaid reads as an arrow"
	}
	if strings.IndexByte(`-/\()`, name[0]) >= 0 ||
		strings.IndexByte(`-/\|`, name[len(name)-1]) >= 0 {
		return "the name " + clip(name) + " begins or ends with punctuation"
	}
	if strings.Contains(name, "()") || strings.Contains(name, "%%") {
		return "the name " + clip(name) + " contains \"()\" or \"%%\", which Mermaid cannot read"
	}
	return ""
}

// nameRemedy returns the remedy for a participant's name that Mermaid cannot read.
func nameRemedy(name string) string {
	if name == "" {
		return "write A->>B: text"
	}
	return "choose a short name without special characters, and write the long name as its alias " +
		"(participant A as App Server)"
}

// CleanName turns any string into a participant's name. Each character that Mermaid cannot read
// becomes an underscore. Each blank does, too, because Mermaid 11 does not read an alias after a
// name with blanks. Two strings that differ only in such characters get the same name.
func CleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '-', r == '.', r < 128 && isWord(byte(r)):
			return r
		case r > 0xa0 && r != 0xfffd && !strings.ContainsRune(blanks, r):
			return r
		}
		return '_'
	}, unquote(trim(s)))
	s = strings.ReplaceAll(strings.Trim(s, "-"), "--", "__")
	clean := []byte(s)
	for i := range clean {
		switch s[i] {
		case '-', '<', '/', '\\':
			if _, ok := tokenAt(s[i:]); ok {
				clean[i] = '_'
			}
		}
	}
	s = trim(string(clean))
	if badName(s) != "" {
		s = "_" + s
	}
	return s
}
