package diagram

import "strings"

type mode uint8

const (
	inProse mode = iota
	inFence      // in a fence whose kind is not known yet
	inCode       // in a fence without a sequence diagram
	inBlock      // in a sequence diagram, in a fence
	inBare       // in a sequence diagram, in bare text
	inUML        // in PlantUML
)

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
	uml      *uml
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
	found    map[string]int // where isAhead has found its marks
}

// advance returns the next line, without its end.
func (r *reader) advance() string {
	r.begin = r.next
	line, _, _ := strings.Cut(r.text[r.begin:], "\n")
	r.next = min(r.begin+len(line)+1, len(r.text))
	r.n++
	return line
}

func (r *reader) line(s string) {
	if r.mode != inProse && r.fence.quotes > 0 {
		inner, ok := unquoted(s, r.fence.quotes)
		if !ok {
			r.closeFence()
			r.prose(s)
			return
		}
		s = inner
	}
	if r.mode != inProse && r.fence.tag != "" {
		r.markup(s)
		return
	}
	r.inner(s)
}

// inner reads a line without the marks of the quote or the page that it stands in.
func (r *reader) inner(s string) {
	if r.mode != inProse && r.mode != inBare && r.fence.closes(s) {
		r.closeFence()
		return
	}
	switch r.mode {
	case inProse:
		r.prose(s)
	case inFence:
		r.lineInFence(s)
	case inCode:
		r.lineInCode(s)
	case inBlock:
		r.diagram.feed(s, r.n)
	case inBare:
		r.lineInBare(s)
	case inUML:
		r.lineInUML(s)
	}
}

// lineInCode looks for a diagram's fence inside a fence of another language that was never closed.
func (r *reader) lineInCode(s string) {
	if f, ok := fenceOf(trim(s)); ok && f.lang.draws() && f.char == r.fence.char &&
		f.count >= r.fence.count {
		r.finish()
		r.prose(s)
	}
}

// lineInBare reads a line of a diagram in bare text, or ends the diagram.
func (r *reader) lineInBare(s string) {
	t := trim(s)
	if f, ok := fenceOf(t); ok && f.lang == unnamed && r.fence.count > 0 {
		r.closeFence() // with fewer characters than it was opened with
		return
	}
	if !breaksOff(t) && r.diagram.feed(s, r.n) {
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

// isAhead is true if mark is in the rest of the document. It searches no part twice.
func (r *reader) isAhead(mark string) bool {
	at, searched := r.found[mark]
	if !searched || at < r.next {
		at = len(r.text)
		if i := strings.Index(r.text[r.next:], mark); i >= 0 {
			at = r.next + i
		}
		r.note(mark, at)
	}
	return at < len(r.text)
}

func (r *reader) note(mark string, at int) {
	if r.found == nil {
		r.found = make(map[string]int)
	}
	r.found[mark] = at
}

// isClosed is true if the open fence is closed further down, before another one is opened.
func (r *reader) isClosed() bool {
	f := r.fence
	switch {
	case f.tag != "":
		return r.isAhead("</"+f.tag) || r.isAhead("</"+strings.ToUpper(f.tag))
	case f.count == 0:
		return true
	case r.found[string(f.char)] > 0:
		return false
	}
	for at := r.next; at < len(r.text); {
		line, _, _ := strings.Cut(r.text[at:], "\n")
		at += len(line) + 1
		if g, ok := fenceOf(trimLeft(strings.TrimLeft(line, "> "))); ok && g.char == f.char {
			return g.lang == unnamed && g.count >= f.count
		}
	}
	r.note(string(f.char), len(r.text)) // none in the rest
	return false
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
	case strings.HasPrefix(t, "@start"):
		r.mode = inUML
		r.lineInUML(s)
		return
	case r.fence.lang == unnamed && t != "" && !isStart(t):
		r.mode = inCode
		return
	case t == "---" && len(r.diagram.d.Items) == 0:
		r.matter = true
		return
	case t == "" || strings.HasPrefix(t, "%%") || r.diagram.braces.Line > 0:
		r.diagram.feed(s, r.n)
		return
	}
	if _, fenced := fenceOf(t); r.fence.whole() && (fenced || strings.HasPrefix(t, "#")) {
		r.mode = inProse // a document, whatever its name says
		r.prose(s)
		return
	}
	r.header(s, t)
}

// firstWord is the word that says of which kind a diagram is, or what was written for it.
func firstWord(t string) string {
	const word, second = "sequenceDiagram", "diagram"
	first, _, _ := strings.Cut(t, " ")
	if len(first) > len(word) && !isWord(first[len(word)]) {
		first = first[:len(word)]
	}
	if strings.EqualFold(first, "sequence") {
		rest := trimLeft(t[len(first):])
		if n := len(second); len(rest) >= n && strings.EqualFold(rest[:n], second) {
			first = t[:len(t)-len(rest)+n]
		}
	}
	return first
}

// header reads the first line of a Mermaid block, which says what kind of diagram it is.
func (r *reader) header(s, t string) {
	const word = "sequenceDiagram"
	first := firstWord(t)
	misspelt := first != word && (distance(strings.ToLower(first), strings.ToLower(word)) < 3 ||
		strings.HasPrefix(strings.ToLower(first), "sequence"))
	missing := r.fence.lang == jsSequence || !misspelt && first != word && isStatement(t)
	switch {
	case first == word:
		s = strings.Replace(s, first, "               ", 1) // blanks keep the column of the rest
	case misspelt:
		r.diagram.mend(Pos{r.n, 1}, clip(first)+" is misspelt", "write "+word, "read as "+word)
		s = strings.Replace(s, first, strings.Repeat(" ", len(first)), 1)
	case missing && r.fence.lang == mermaid:
		r.diagram.mend(Pos{r.n, 1}, "the line "+word+" is missing", "write "+word+" above this line",
			"read as a sequence diagram")
	case !missing:
		r.pass(r.n, t)
		r.mode = inCode
		if r.fence.count > 0 && !r.isClosed() {
			r.mode = inProse
		}
		return
	}
	r.mode = inBlock
	if !r.isClosed() {
		r.mode, r.diagram.bare = inBare, true
		r.diagram.mend(Pos{r.fence.line, 1}, "this block is never closed", "add "+r.fence.closing(),
			"the diagram ends at the first line that is not a statement")
	}
	r.start(r.diagram)
	r.inner(s)
}

// isStatement is true for a line that only a sequence diagram has.
func isStatement(t string) bool {
	word, rest, ok := keyword(t)
	switch {
	case ok && (word == "participant" || word == "actor" || word == "autonumber"):
		return rest == "" || rest[0] == ' '
	case ok && word == "note":
		return strings.Contains(rest, ":")
	}
	i, a := findArrow(t)
	return i > 0 && a.head == HeadArrow && strings.Contains(t[i:], ":")
}

func (r *reader) openFence(f fence) {
	r.fence, r.mode, r.matter = f, inFence, false
	switch f.lang {
	case foreign:
		r.mode = inCode
	case plantUML:
		r.mode = inUML
	}
	if !f.whole() {
		r.caption = "" // the file's front matter is a diagram's only if the file is one diagram
	}
	r.diagram = r.parser(false)
}

func (r *reader) closeFence() {
	if r.mode == inFence && r.fence.lang.draws() {
		r.pass(r.fence.line, "empty")
	}
	r.finish()
	r.mode = inProse
}

func (r *reader) parser(bare bool) *parser {
	return &parser{
		doc: r.doc, bare: bare, ahead: r.endAhead,
		d: &Diagram{}, index: make(map[string]int), active: make(map[string]int),
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
	switch r.mode {
	case inBlock, inBare:
		r.diagram.finish()
		r.keep(r.diagram.d)
	case inUML:
		r.finishUML()
	}
	r.mode, r.diagram, r.caption, r.fence = inProse, nil, "", fence{}
}

// keep takes a diagram into the document.
func (r *reader) keep(d *Diagram) {
	if len(d.Items) == 0 {
		r.pass(d.Line, "empty")
		return
	}
	r.doc.Diagrams = append(r.doc.Diagrams, d)
}

func (r *reader) pass(line int, kind string) {
	r.doc.Passed = append(r.doc.Passed, Passed{line, kind})
}
