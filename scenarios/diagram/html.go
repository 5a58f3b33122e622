package diagram

import (
	"html"
	"regexp"
	"strings"
)

// element matches the opening tag of an HTML element that contains a diagram, according to its
// class, language or type.
var element = regexp.MustCompile(`(?i)<(pre|div|code|script|span|section)\b(?:[^<>]*\s)?` +
	`(?:class|lang|type|language|data-lang|data-language)\s*=\s*["']?(?:[^"'<>]*[\s-])?` +
	`(mermaid|plantuml|puml)(?:["'\s][^<>]*)?>|<(mermaid)>`)

// tags match HTML tags that only affect how a text looks. A break, <br>, is not one of them.
var tags = regexp.MustCompile(
	`(?i)</?(?:span|pre|code|a|b|i|em|strong|mark|p|td|tr|table|tbody|div|font)(?:\s[^<>]*)?>`)

// isMarkup reports whether a line has the opening tag of an element that contains a diagram.
func isMarkup(t string) bool {
	return strings.Contains(t, "<") && element.MatchString(t)
}

// markup reads a line of HTML. Only the text in elements that contain diagrams counts; its columns
// count the characters that a reader of the page sees.
func (r *reader) markup(s string) {
	for {
		if r.mode == inProse || r.fence.tag == "" {
			at := element.FindStringSubmatchIndex(s)
			if at == nil {
				return
			}
			r.openElement(s, at)
			s = s[at[1]:]
		}
		end := closingTag(s, r.fence.tag)
		if end < 0 {
			r.unescaped(s)
			return
		}
		if trim(s[:end]) != "" {
			r.unescaped(s[:end])
		}
		if r.fence.tag != "" {
			r.closeFence()
		}
		s = s[end+2:]
	}
}

// openElement opens the element whose tag is at these offsets in s.
func (r *reader) openElement(s string, at []int) {
	f := fence{lang: mermaid, line: r.n}
	if at[6] >= 0 {
		f.tag = "mermaid"
	} else {
		f.tag = strings.ToLower(s[at[2]:at[3]])
		if !strings.EqualFold(s[at[4]:at[5]], "mermaid") {
			f.lang = plantUML
		}
	}
	r.openFence(f)
}

// closingTag returns the offset in s of the tag that closes an element, or -1.
func closingTag(s, tag string) int {
	for at := 0; ; {
		i := strings.Index(s[at:], "</")
		if i < 0 {
			return -1
		}
		at += i + 2
		if len(s)-at >= len(tag) && strings.EqualFold(s[at:at+len(tag)], tag) {
			return at - 2
		}
	}
}

// unescaped reads a piece of an element's text. A piece may be several lines, because HTML may
// escape line ends.
func (r *reader) unescaped(s string) {
	s = tags.ReplaceAllString(s, "")
	for _, line := range strings.Split(lineEnds.Replace(html.UnescapeString(s)), "\n") {
		if r.mode == inProse {
			return
		}
		r.inner(line)
	}
}
