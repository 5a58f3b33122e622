package diagram

import "strings"

type mode uint8

const (
	inProse mode = iota
	inFence      // in a fence whose kind is not known yet
	inCode       // in a fence without a sequence diagram
	inBlock      // in a sequence diagram, in a fence
	inBare       // in a sequence diagram, in bare text
	inUML        // in a PlantUML diagram
)

// reader reads a document line by line.
type reader struct {
	doc      *Document
	text     string
	begin    int // offset of the line
	next     int // offset of the next line
	n        int // the line's number
	mode     mode
	fence    fence
	matter   bool   // inside the front matter of a fence
	caption  string // the title in that front matter
	diagram  *parser
	uml      *uml
	heading  string // the last heading
	marked   string // the first heading in Markdown's syntax
	attrs    fence  // the language that an AsciiDoc line names for the block below it
	attrLine int
	comment  bool   // inside an HTML comment of several lines
	opening  string // the first line of prose
	headed   string // the title in the file's front matter
	para     int    // offset of the open paragraph; no paragraph is open if paraLine is 0
	paraLine int
	paraEnd  int
	// looked is the offset up to which endAhead has looked. If endFound is true, an end is there.
	looked   int
	endFound bool
	found    map[string]int // by mark: the offset where isAhead found it
}

// advance goes to the next line and returns it, without its line end.
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

// inner reads a line of a diagram after the marks of quotes, or the HTML around it, are removed.
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
		r.closeFence() // this fence is shorter than the opening fence
		return
	}
	if !breaksOff(t) && r.diagram.feed(s, r.n) {
		return
	}
	r.finish()
	r.prose(s)
}

// breaksOff reports whether a line ends a diagram in bare text even if blocks are open.
func breaksOff(t string) bool {
	_, fenced := fenceOf(t)
	return fenced || isStart(t) || strings.HasPrefix(t, "#") || strings.HasPrefix(t, "<!--")
}

// endAhead reports whether a later line closes a block, in a diagram in bare text that may extend
// to that line. It remembers how far it looked, so it looks at each line once.
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

// isAhead reports whether mark is in the rest of the document. It searches each part once.
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

// isClosed reports whether a later line closes the open fence, before another fence opens.
func (r *reader) isClosed() bool {
	f := r.fence
	switch {
	case f.tag != "":
		return r.isAhead("</"+f.tag) || r.isAhead("</"+strings.ToUpper(f.tag))
	case f.count == 0:
		return true
	case f.char == '-' || f.char == '.':
		return r.isAhead(f.closing())
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
	r.note(string(f.char), len(r.text)) // the rest has no such fence
	return false
}

// lineInFence reads a line of a fenced block, until a line shows of which kind the block is.
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
		r.mode = inProse // not one diagram, although the file's name says so
		r.prose(s)
		return
	}
	r.header(s, t)
}

// firstWord returns the first word of a diagram, which names the diagram's kind.
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
		s = strings.Replace(s, first, "               ", 1) // blanks keep later columns
	case misspelt:
		r.diagram.mend(Pos{r.n, 1}, clip(first)+" is misspelt", "write "+word,
			clip(first)+" is read as "+word)
		s = strings.Replace(s, first, strings.Repeat(" ", len(first)), 1)
	case missing && r.fence.lang == mermaid:
		r.diagram.mend(Pos{r.n, 1}, "the line "+word+" is missing", "write "+word+" above this line",
			"this block is read as a sequence diagram")
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

// isStatement reports whether only a sequence diagram has such a line.
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
		r.caption = "" // front matter of a file with prose is not a diagram's
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

// keep adds a diagram to the document.
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
