package diagram

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxSize is the largest document, in bytes.
const MaxSize = 8 << 20

const sample = "write ```mermaid, sequenceDiagram, A->>ZK: create /leader and ```, each on a line"

// Parse reads a document. name appears in errors. If it ends in .mmd or .mermaid, the whole
// document is one diagram. What is wrong with a line is no error: it is in [Document.Problems], and
// the rest is read.
func Parse(name string, data []byte) (*Document, error) {
	if len(data) > MaxSize {
		return nil, &Error{name, 1, 1, "the document has " + strconv.Itoa(len(data)) +
			" bytes; the limit is " + strconv.Itoa(MaxSize) + ": split it"}
	}
	text := string(data)
	if err := checkText(name, text); err != nil {
		return nil, err
	}
	r := &reader{
		doc:  &Document{Name: name},
		text: strings.TrimPrefix(text, "\ufeff"),
	}
	r.frontMatter()
	whole := strings.HasSuffix(name, ".mmd") || strings.HasSuffix(name, ".mermaid")
	if whole {
		r.openFence(fence{mermaid: true})
	}
	for r.next < len(r.text) {
		r.line(r.advance())
	}
	r.finish()
	r.setTitle(whole)
	if len(r.doc.Diagrams) == 0 {
		return nil, r.nothing()
	}
	slices.SortStableFunc(r.doc.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.doc, nil
}

// ParseStrict reads a document in which every problem is an error. It joins them all: the first is
// what [errors.As] finds.
func ParseStrict(name string, data []byte) (*Document, error) {
	doc, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return doc, nil
}

// Err joins the document's problems, as errors of type [*Error]. Without problems it is nil.
func (d *Document) Err() error {
	errs := make([]error, len(d.Problems))
	for i := range d.Problems {
		p := &d.Problems[i]
		errs[i] = &Error{d.Name, p.Line, p.Column, p.Error()}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// checkText returns an error at the first byte that is not UTF-8 text, if there is one.
func checkText(name, text string) error {
	bad := strings.IndexByte(text, 0)
	if !utf8.ValidString(text) {
		for i, r := range text {
			if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
				if bad < 0 || i < bad {
					bad = i
				}
				break
			}
		}
	}
	if bad < 0 {
		return nil
	}
	begin := strings.LastIndexByte(text[:bad], '\n') + 1
	return &Error{name, strings.Count(text[:bad], "\n") + 1,
		utf8.RuneCountInString(text[begin:bad]) + 1,
		"not UTF-8 text: give a Markdown or text file, or convert it (iconv -t UTF-8)"}
}

type mode uint8

const (
	inProse mode = iota
	inFence      // in a fence whose kind is not known yet
	inCode       // in a fence without a sequence diagram
	inBlock      // in a sequence diagram, in a fence
	inBare       // in a sequence diagram, in bare text
)

// fence is the opening line of a fenced block.
type fence struct {
	char    byte
	count   int  // of its characters; 0 for a whole file, which no line closes
	mermaid bool // of the language mermaid
	foreign bool // of another language: nothing in it is a diagram
	line    int
}

// reader reads a document line by line.
type reader struct {
	doc      *Document
	text     string
	begin    int // where the line begins
	next     int // where the next one begins
	n        int // the line's number
	mode     mode
	fence    fence
	matter   bool   // inside the front matter of a fence
	caption  string // the title in that front matter
	diagram  *parser
	heading  string // the last heading
	marked   string // the first heading in Markdown's syntax
	opening  string // the first line of prose
	headed   string // the title in the file's front matter
	para     int    // where the open paragraph begins; 0 in paraLine: no paragraph is open
	paraLine int
	paraEnd  int
	// looked is how far endAhead has looked, and whether it has found an end there.
	looked   int
	endFound bool
}

// advance returns the next line, without its end.
func (r *reader) advance() string {
	r.begin = r.next
	end := strings.IndexByte(r.text[r.begin:], '\n')
	if end < 0 {
		end, r.next = len(r.text), len(r.text)
	} else {
		end += r.begin
		r.next = end + 1
	}
	r.n++
	return strings.TrimSuffix(r.text[r.begin:end], "\r")
}

func (r *reader) line(s string) {
	if r.mode != inProse && r.mode != inBare && r.fence.closes(s) {
		r.closeFence()
		return
	}
	switch r.mode {
	case inFence:
		r.lineInFence(s)
	case inBlock:
		r.diagram.feed(s, r.n)
	case inBare:
		r.lineInBare(s)
	case inProse:
		r.prose(s)
	}
}

// lineInBare reads a line of a diagram in bare text, or ends the diagram.
func (r *reader) lineInBare(s string) {
	if !breaksOff(trim(s)) && r.diagram.feed(s, r.n) {
		return
	}
	r.finish()
	r.prose(s)
}

// breaksOff is true for a line that ends a diagram in bare text, whatever is open.
func breaksOff(t string) bool {
	_, fenced := fenceOf(t)
	return fenced || isStart(t) || strings.HasPrefix(t, "#") || strings.HasPrefix(t, "<!--")
}

// endAhead is true if a line further down, in what may still be the same diagram in bare text,
// closes a block. It looks at no line twice.
func (r *reader) endAhead() bool {
	if r.looked <= r.next {
		r.looked, r.endFound = r.next, false
	}
	for !r.endFound && r.looked < len(r.text) {
		line, _, _ := strings.Cut(r.text[r.looked:], "\n")
		t := trim(line)
		if breaksOff(t) {
			return false
		}
		r.endFound = t == "end"
		r.looked += len(line) + 1
	}
	return r.endFound
}

// lineInFence reads the lines of a fence up to the first that shows its kind.
func (r *reader) lineInFence(s string) {
	t := trim(s)
	switch {
	case r.matter:
		if t == "---" {
			r.matter = false
		} else if title, ok := matterTitle(t); ok {
			r.caption = title
		}
		return
	case !r.fence.mermaid && t != "" && !isStart(t):
		r.mode = inCode
		return
	case t == "---" && len(r.diagram.d.Items) == 0:
		r.matter = true
		return
	case t == "" || strings.HasPrefix(t, "%%") || r.diagram.braces.Line > 0:
		r.diagram.feed(s, r.n)
		return
	}
	n := len("sequenceDiagram")
	if len(t) < n || !strings.EqualFold(t[:n], "sequenceDiagram") || len(t) > n && isWord(t[n]) {
		r.pass(r.n, t)
		r.mode = inCode
		return
	}
	if t[:n] != "sequenceDiagram" {
		r.diagram.mend(Pos{r.n, 1}, clip(t[:n])+" is misspelt", "write sequenceDiagram",
			"read as sequenceDiagram")
	}
	r.mode = inBlock
	r.start(r.diagram)
	// The first statement may share the line. Blanks keep its column.
	r.diagram.feed(strings.Replace(s, t[:n], "               ", 1), r.n)
}

// prose reads a line outside diagrams. It opens fences and bare diagrams, and collects headings and
// paragraphs.
func (r *reader) prose(s string) {
	t := trim(s)
	if f, ok := fenceOf(t); ok {
		r.endParagraph()
		f.line = r.n
		r.openFence(f)
		return
	}
	switch {
	case isStart(t):
		r.endParagraph()
		r.mode, r.diagram = inBare, r.parser(true)
		r.start(r.diagram)
	case t == "":
		r.endParagraph()
	case otherKind(t):
		r.endParagraph()
		r.pass(r.n, t)
	default:
		r.words(t)
	}
}

// words reads a non-empty line of prose: a heading, or part of a paragraph.
func (r *reader) words(t string) {
	if level, text := atxHeading(t); level > 0 {
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
	if r.opening == "" {
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
	r.paraEnd = r.begin + len(strings.TrimRight(r.text[r.begin:r.next], "\r\n"))
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

func (r *reader) openFence(f fence) {
	r.fence, r.mode, r.matter = f, inFence, false
	if f.foreign {
		r.mode = inCode
	}
	if f.count > 0 {
		r.caption = "" // the file's front matter is a diagram's only if the file is one diagram
	}
	r.diagram = r.parser(false)
}

func (r *reader) closeFence() {
	if r.mode == inFence && r.fence.mermaid {
		r.pass(r.fence.line, "empty")
	}
	r.finish()
	r.mode = inProse
}

func (r *reader) parser(bare bool) *parser {
	return &parser{
		doc: r.doc, bare: bare, ahead: r.endAhead,
		d: &Diagram{}, index: make(map[string]int),
	}
}

// start records that a diagram begins on this line.
func (r *reader) start(p *parser) {
	p.d.Line, p.d.EndLine = r.n, r.n
	p.d.Title = r.heading
	if r.caption != "" {
		p.d.Title = r.caption
	}
}

// finish ends the open diagram, if any.
func (r *reader) finish() {
	r.endParagraph()
	if r.mode == inBlock || r.mode == inBare {
		r.diagram.finish()
		if d := r.diagram.d; len(d.Items) > 0 {
			r.doc.Diagrams = append(r.doc.Diagrams, d)
		} else {
			r.pass(d.Line, "empty")
		}
	}
	r.mode, r.diagram, r.caption = inProse, nil, ""
}

func (r *reader) pass(line int, kind string) {
	r.doc.Passed = append(r.doc.Passed, Passed{line, kind})
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

// nothing is the error of a document without a diagram.
func (r *reader) nothing() error {
	e := &Error{r.doc.Name, 1, 1, "no sequence diagram in this document: " + sample}
	if len(r.doc.Passed) > 0 {
		p := r.doc.Passed[0]
		e.Line = p.Line
		e.Message = "no sequence diagram in this document, only " + clip(p.Kind) + ": " + sample
	}
	return e
}
