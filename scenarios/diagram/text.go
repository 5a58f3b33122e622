package diagram

import (
	"html"
	"strings"
)

// blanks are the characters that Mermaid skips between words; ascii are those of one byte.
const (
	ascii  = " \t\r\v\f"
	blanks = ascii + "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009" +
		"\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)

func trim(s string) string     { return strings.Trim(s, blanks) }
func trimLeft(s string) string { return strings.TrimLeft(s, blanks) }

// unquote returns s without one pair of double quotes around it.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' && !strings.Contains(s[1:len(s)-1], `"`) {
		return trim(s[1 : len(s)-1])
	}
	return s
}

// entity returns the length of the entity code at the beginning of s, such as #59; or #quot;, or 0.
func entity(s string) int {
	n := 1
	for n < len(s) && isWord(s[n]) {
		n++
	}
	if n > 1 && n < len(s) && s[n] == ';' {
		return n + 1
	}
	return 0
}

// unwrap returns s without a leading wrap: or nowrap:, which only affect the picture.
func unwrap(s string) string {
	for {
		s = trim(s)
		rest, found := s, false
		for _, mark := range [...]string{":wrap:", ":nowrap:", "wrap:", "nowrap:"} {
			if len(s) >= len(mark) && strings.EqualFold(s[:len(mark)], mark) {
				rest, found = s[len(mark):], true
				break
			}
		}
		if !found {
			return s
		}
		s = rest
	}
}

// Plain returns a text as a reader sees it: entity codes decoded, HTML breaks as line ends.
func Plain(text string) string {
	if !strings.ContainsAny(text, "#<") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		switch n := 0; {
		case text[i] == '#':
			if n = entity(text[i:]); n > 0 {
				b.WriteString(decode(text[i+1 : i+n-1]))
				i += n
				continue
			}
		case text[i] == '<':
			if n = lineBreak(text[i:]); n > 0 {
				b.WriteByte('\n')
				i += n
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}

// decode returns the character of an entity code, by the rules of HTML. code is the text between #
// and the semicolon.
func decode(code string) string {
	if '0' <= code[0] && code[0] <= '9' {
		return html.UnescapeString("&#" + code + ";")
	}
	return html.UnescapeString("&" + code + ";")
}

// lineBreak returns the length of the HTML break at the beginning of s, or 0.
func lineBreak(s string) int {
	if len(s) < 4 || !strings.EqualFold(s[:3], "<br") {
		return 0
	}
	n := 3
	for n < len(s) && s[n] == ' ' {
		n++
	}
	if n < len(s) && s[n] == '/' {
		n++
	}
	if n < len(s) && s[n] == '>' {
		return n + 1
	}
	return 0
}

var (
	lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
	noZeros  = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd")
)

// Escape turns a plain text into a text for a diagram: it is the inverse of [Plain]. Characters
// that end a statement or begin markup become entity codes, and line ends become <br/>. Blanks at
// both ends are dropped.
func Escape(plain string) string {
	plain = trim(noZeros.Replace(plain))
	var b strings.Builder
	for i, r := range plain {
		switch r {
		case '#':
			b.WriteString("#35;")
		case ';':
			b.WriteString("#59;")
		case '<':
			b.WriteString("#lt;")
		case '>':
			b.WriteString("#gt;")
		case '&':
			b.WriteString("#38;")
		case '\n':
			b.WriteString("<br/>")
		case '%':
			if strings.HasPrefix(plain[i:], "%%") {
				b.WriteString("#37;")
			} else {
				b.WriteByte('%')
			}
		default:
			b.WriteRune(r)
		}
	}
	s := b.String()
	if unwrap(s) != s { // escape wrap: and nowrap:, which are part of the text here
		colon := strings.IndexByte(s[1:], ':') + 1
		s = s[:colon] + "#58;" + s[colon+1:]
	}
	return s
}

// safe escapes what would end a statement within text. It does not change entity codes, so a text
// that Parse has read stays the same.
func safe(text string) string {
	if !strings.ContainsAny(text, "#;\n") {
		return unwrap(text)
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '#':
			n := entity(text[i:])
			if n == 0 {
				b.WriteString("#35;")
				continue
			}
			b.WriteString(text[i : i+n])
			i += n - 1
		case ';':
			b.WriteString("#59;")
		case '\n':
			b.WriteString("<br/>")
		default:
			b.WriteByte(text[i])
		}
	}
	return unwrap(b.String())
}
