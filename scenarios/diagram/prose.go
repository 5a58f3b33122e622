package diagram

import (
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// prose reads a line outside diagrams: the fence or the first line of a diagram, a heading, or a
// line of a paragraph.
func (r *reader) prose(s string) {
	t := trim(s)
	quotes, inner := container(t)
	if f, ok := fenceOf(inner); ok {
		r.endParagraph()
		f.line, f.quotes = r.n, quotes
		r.openFence(f)
		return
	}
	if f, ok := r.listing(t); ok {
		r.endParagraph()
		r.openFence(f)
		return
	}
	switch {
	case isStart(t) || quotes > 0 && isStart(inner) || r.shortcode(t):
		r.endParagraph()
		r.mode, r.diagram, r.fence = inBare, r.parser(true), fence{quotes: quotes}
		r.start(r.diagram)
	case strings.HasPrefix(inner, "@start"):
		r.endParagraph()
		r.mode, r.fence = inUML, fence{quotes: quotes, line: r.n}
		r.lineInUML(s)
	case t == "":
		r.endParagraph()
	case isMarkup(t):
		r.endParagraph()
		r.markup(s)
	case otherKind(t):
		r.endParagraph()
		r.pass(r.n, t)
	default:
		r.words(t)
	}
}

var hexo = regexp.MustCompile(`^\{%\s*mermaid\s+sequenceDiagram\s*%\}$`)

// shortcode reports whether a line is Hexo's mark for a diagram without the line sequenceDiagram,
// which the mark replaces.
func (r *reader) shortcode(t string) bool {
	if !strings.HasPrefix(t, "{%") || !hexo.MatchString(t) {
		return false
	}
	line, _, _ := strings.Cut(r.text[r.next:], "\n")
	return !isStart(trim(line))
}

// words reads a non-empty line of prose: a heading, or part of a paragraph.
func (r *reader) words(t string) {
	if r.commented(t) {
		r.endParagraph()
		return
	}
	level, text := atxHeading(t)
	if level == 0 && r.isAsciiDoc() {
		level, text = sectionTitle(t)
	}
	if level > 0 {
		r.endParagraph()
		r.addHeading(level, text, r.n)
		r.mark(text)
		return
	}
	if level := underline(t); level > 0 && r.paraLine == r.n-1 && r.paraLine > 0 {
		text := trim(r.text[r.para:r.paraEnd])
		r.addHeading(level, text, r.paraLine)
		r.mark(text)
		r.paraLine = 0
		return
	}
	if r.opening == "" && t[0] != '<' && t[0] != '{' && r.attrLine != r.n {
		r.opening = t
	}
	if text, ok := anchored(t); ok {
		r.endParagraph()
		r.addHeading(2, text, r.n)
		return
	}
	if r.paraLine == 0 {
		r.para, r.paraLine = r.begin, r.n
	}
	r.paraEnd = r.begin + len(strings.TrimRight(r.text[r.begin:r.next], "\n"))
}

func (r *reader) endParagraph() {
	if r.paraLine > 0 {
		r.doc.Paragraphs = append(r.doc.Paragraphs, Paragraph{r.paraLine, r.text[r.para:r.paraEnd]})
		r.paraLine = 0
	}
}

func (r *reader) addHeading(level int, text string, line int) {
	r.heading = text
	r.doc.Headings = append(r.doc.Headings, Heading{level, text, line})
}

func (r *reader) mark(text string) {
	if r.marked == "" {
		r.marked = text
	}
}

func (r *reader) setTitle(whole bool) {
	switch {
	case r.headed != "":
		r.doc.Title = r.headed
	case r.marked != "":
		r.doc.Title = r.marked
	case !whole && r.opening != "" && utf8.RuneCountInString(r.opening) <= 60 &&
		!strings.ContainsRune(".,:;", rune(r.opening[len(r.opening)-1])):
		r.doc.Title = r.opening
	default:
		r.doc.Title = path.Base(r.doc.Name)
	}
}
