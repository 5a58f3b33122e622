package diagram

import (
	"regexp"
	"strings"
)

// umlArrow is an arrow of PlantUML.
type umlArrow struct {
	back, forth bool // the arrow has a head at its beginning, at its end
	dashed      bool
	lost        bool
	hidden      bool
}

// scanArrow returns the arrow at the beginning of s and its length, which is 0 without an arrow.
func scanArrow(s string) (a umlArrow, n int) {
	if n < len(s) && (s[n] == 'x' || s[n] == 'o') {
		a.lost = s[n] == 'x'
		n++
	}
	k := headAt(s[n:], '<')
	a.back = k > 0
	n += k
	if n < len(s) && (s[n] == 'x' || s[n] == 'o') && a.back {
		a.lost = a.lost || s[n] == 'x'
		n++
	}
	body := dashes(s[n:])
	if n += body; body == 0 {
		return a, 0
	}
	if n < len(s) && s[n] == '[' {
		end := strings.IndexByte(s[n:], ']')
		if end < 0 {
			return a, 0
		}
		a.hidden = strings.Contains(s[n:n+end], "hidden")
		n += end + 1
		more := dashes(s[n:])
		body, n = body+more, n+more
	}
	a.dashed = body > 1
	k = headAt(s[n:], '>')
	a.forth = k > 0
	if n += k; n+1 < len(s) && (s[n] == 'x' || s[n] == 'o') && isBlank(s[n+1]) {
		a.lost, a.forth = a.lost || s[n] == 'x', true
		n++
	}
	if a.lost && !a.back {
		a.forth = true
	}
	if !a.back && !a.forth {
		return a, 0
	}
	if n < len(s) && s[n] == '(' {
		n += len(delay.FindString(s[n:]))
	}
	return a, n
}

// delay is the slope of an arrow, which affects only the picture.
var delay = regexp.MustCompile(`^\(\d+\)`)

func isBlank(c byte) bool { return strings.IndexByte(ascii+`"]?`, c) >= 0 }

func dashes(s string) int { return len(s) - len(strings.TrimLeft(s, "-")) }

// headAt returns the length of the arrowhead at the beginning of s, or 0: point (> or <) once or
// twice, or a half head.
func headAt(s string, point byte) int {
	for _, c := range [...]byte{point, '\\', '/'} {
		switch {
		case len(s) > 1 && s[0] == c && s[1] == c:
			return 2
		case len(s) > 0 && s[0] == c:
			return 1
		}
	}
	return 0
}

// outside is the name of the participant at the end of an arrow that ends at the picture's edge.
const outside = "outside"

// endAt reads the end of an arrow at the beginning of s: a participant's name, or the edge of the
// picture.
func endAt(s string, edges string) (name string, n int) {
	if s != "" && strings.IndexByte(edges, s[0]) >= 0 {
		return outside, 1
	}
	name, n = nameAt(s)
	if n > 0 && s[0] == '"' { // A -> "App B" as B
		rest := trimLeft(s[n:])
		if as := asWord.FindString(rest); as != "" {
			if short, k := nameAt(rest[len(as):]); k > 0 {
				return short + "\x00" + name, len(s) - len(rest) + len(as) + k
			}
		}
	}
	return name, n
}

// signs matches the text between an arrow's end and its colon: ++ #gold.
var signs = regexp.MustCompile(`^\s*(?:(?:\+\+|--|\*\*|!!)\s*)*(?:#[\w|/\\-]+)?\s*$`)

// tail splits the text that follows an arrow's end: "++ #gold : text". It returns the offset of the
// arrow's text, or -1.
func tail(s string) (marks string, text int, ok bool) {
	marks, text = s, -1
	if i := strings.IndexByte(s, ':'); i >= 0 {
		marks, text = s[:i], i+1+len(s[i+1:])-len(trimLeft(s[i+1:]))
	}
	return marks, text, trim(marks) == "" || signs.MatchString(marks)
}

// arrow reads "A -> B ++ : text". The line may begin with & (at the same time as the arrow above)
// or with {name} (a name for the arrow), as in PlantUML.
func (u *uml) arrow(s statement) error {
	text := s.text
	if text[0] == '&' || text[0] == '{' {
		text = umlPrefix.ReplaceAllString(text, "")
	}
	from, n := endAt(text, "[?")
	if n == 0 {
		return errUnknown
	}
	rest := trimLeft(text[n:])
	a, n := scanArrow(rest)
	if n == 0 {
		return errUnknown
	}
	rest = trimLeft(rest[n:])
	to, n := endAt(rest, "]?")
	if n == 0 {
		return u.noEnd(s, rest)
	}
	rest = rest[n:]
	marks, begin, ok := tail(rest)
	if !ok {
		e := fail(s.at(len(s.text)-len(rest)), clip(trim(rest))+" is not allowed after an arrow",
			"write A -> B : text")
		e.Nearest = s.text[:len(s.text)-len(rest)] + " : " + trim(rest)
		return e
	}
	u.arrows++
	if a.hidden {
		return nil
	}
	if a.back && !a.forth {
		from, to = to, from
	}
	it := &Arrow{Pos: s.pos, Dashed: a.dashed, Head: HeadArrow, TextPos: s.at(len(s.text))}
	switch {
	case a.lost:
		it.Head = HeadCross
	case a.back && a.forth:
		it.Head = HeadBoth
	}
	it.From, it.To = u.end(s.pos, from), u.end(s.pos, to)
	if begin >= 0 {
		it.TextPos = s.at(len(s.text) - len(rest) + begin)
		it.Text = Escape(plainUML(rest[begin:]))
	}
	u.p.add(it)
	u.p.last, u.last = &it.Expect, it
	u.suffix(it, marks)
	return nil
}

var umlPrefix = regexp.MustCompile(`^(?:&\s*|\{[^{}]*\}\s*)+`)

// noEnd returns the error of an arrow without a participant at its end.
func (u *uml) noEnd(s statement, rest string) error {
	at := s.at(len(s.text) - len(rest))
	if rest == "" || rest[0] == ':' {
		return fail(at, "a participant is missing", "write A -> B : text")
	}
	if !u.sure && strings.IndexByte("([", rest[0]) >= 0 {
		u.kind = "PlantUML " + s.text
		return nil
	}
	return fail(at, clip(rest)+" is not the name of a participant", "put a name with spaces in quotes, as in A -> \"App B\" : text")
}

// end returns the name in Mermaid of the participant at an arrow's end.
func (u *uml) end(at Pos, name string) string {
	name, label, _ := strings.Cut(name, "\x00")
	return u.join(at, name, label, false, false)
}

// suffix reads the signs after an arrow: ++ activates the receiver, -- deactivates the sender, **
// creates and !! destroys the receiver. The last two affect only the picture.
func (u *uml) suffix(a *Arrow, signs string) {
	if strings.Contains(signs, "--") {
		u.deactivate(a.Pos, a.From)
	}
	if strings.Contains(signs, "++") {
		u.activate(a.Pos, a.To)
	}
}

var (
	umlBreak  = strings.NewReplacer(`\n`, "\n", `\r`, "\n", `\l`, "\n", `\t`, " ", `\\`, `\`)
	umlMarkup = regexp.MustCompile(`</?(?:b|i|u|s|w|back|color|size|font|sub|sup|plain)` +
		`(?:[:= ][^<>]*)?>|<(?:img|\$|&)[^<>]*>`)
	umlPair = regexp.MustCompile(`\*\*([^*\n]+)\*\*|""([^"\n]+)""|__([^_\n]+)__|~~([^~\n]+)~~`)
)

// plainUML returns a text as a reader of the picture sees it, with line ends and without markup.
func plainUML(s string) string {
	if strings.ContainsAny(s, `<*"_~`) {
		s = umlMarkup.ReplaceAllString(s, "")
		s = umlPair.ReplaceAllString(s, "$1$2$3$4")
	}
	if strings.IndexByte(s, '\\') >= 0 {
		s = umlBreak.Replace(s)
	}
	return trim(s)
}
