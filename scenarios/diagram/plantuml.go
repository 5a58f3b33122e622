package diagram

import (
	"regexp"
	"strings"
)

// uml reads the lines of one PlantUML diagram and converts them to Mermaid's items. Mermaid has no
// dividers, delays and references: they become notes. Lines that affect only the picture are
// dropped.
type uml struct {
	p       *parser
	doc     *Document // problems so far; dropped if the diagram is not a sequence diagram
	bare    bool      // never closed: a line that is not a statement ends the diagram
	kind    string    // a line that only another kind of diagram has; empty if none
	sure    bool      // a line that only a sequence diagram has was read
	arrows  int
	names   map[string]string // participants' names in Mermaid, by the author's names
	alike   map[string]int    // by name in Mermaid: how many of the author's names became it
	calls   []call            // open activations, for return
	active  map[string]int    // by participant: the number of open activations
	last    *Arrow
	comment bool       // inside /' … '/
	block   *umlBlock  // a text of several lines
	held    *statement // the first part of a line that ends in \
}

// call is an activation of participant who by an arrow from participant by.
type call struct{ who, by string }

// umlBlock is a note, a reference or a title of several lines.
type umlBlock struct {
	note  *Note // nil for a title, or for lines that are dropped
	title bool
	ends  *regexp.Regexp
	lines []string
}

// lineInUML reads a line of a PlantUML diagram, including @startuml and @enduml.
func (r *reader) lineInUML(s string) {
	t := trim(s)
	word, _, _ := strings.Cut(t, " ")
	switch {
	case strings.HasPrefix(word, "@start"):
		r.finishUML()
		r.uml = r.newUML()
		if word != "@startuml" && !strings.HasPrefix(word, "@startuml(") {
			r.uml.kind = t
		}
	case strings.HasPrefix(word, "@end"):
		r.finishUML()
		if r.fence.whole() && r.fence.lang != plantUML {
			r.mode, r.fence = inProse, fence{}
		}
	case r.uml == nil && r.fence.lang != plantUML:
	case r.uml == nil && t == "":
	case r.uml == nil:
		r.uml = r.newUML()
		r.uml.feed(s, r.n)
	default:
		if !r.uml.feed(s, r.n) {
			r.finish()
			r.prose(s)
		}
	}
}

func (r *reader) newUML() *uml {
	u := &uml{doc: &Document{}, names: make(map[string]string),
		alike: make(map[string]int), active: make(map[string]int)}
	u.p = r.parser(false)
	u.p.doc = u.doc
	u.bare = !r.isAhead("@end") && (r.fence.whole() && r.fence.lang != plantUML || !r.isClosed())
	r.start(u.p)
	return u
}

// finishUML ends the open PlantUML diagram, if any, and adds it to the document.
func (r *reader) finishUML() {
	u := r.uml
	if u == nil {
		return
	}
	r.uml = nil
	if u.bare {
		u.p.mend(Pos{u.p.d.Line, 1}, "this diagram is never closed", "add @enduml",
			"the diagram ends at the first line that is not a statement")
	}
	u.finish()
	if !u.sure && u.arrows == 0 && u.kind == "" && len(u.p.d.Items) > 0 {
		u.kind = "a PlantUML diagram without an arrow"
	}
	if u.kind != "" {
		r.pass(u.p.d.Line, u.kind)
		return
	}
	r.doc.Problems = append(r.doc.Problems, u.doc.Problems...)
	r.doc.Notices = append(r.doc.Notices, u.doc.Notices...)
	r.keep(u.p.d)
}

// finish closes a note and blocks that are open at the end of the diagram.
func (u *uml) finish() {
	if b := u.block; b != nil && b.note != nil {
		u.p.mend(b.note.Pos, "this note is not closed", "add a line \"end note\"",
			"this note ends at the end of the diagram")
		u.endBlock()
	}
	u.p.finish()
}

// other matches the beginnings of lines that only other kinds of diagrams have.
var other = regexp.MustCompile(`^(?:(?:abstract|class|interface|enum|annotation|state|usecase|` +
	`component|package|node|rectangle|object|map|json|artifact|cloud|folder|frame|storage|card|` +
	`file|agent|port|partition|start|stop|fork|split|if|while|repeat|switch|salt|concise|robust|` +
	`clock|nwdiag|left to right|top to bottom)\b|\[\*\]|\[[^\]\-<>]*\]|\([^()]*\)|:[^:]*[;:])`)

// feed reads one line. It returns false if the line ends a diagram that is never closed.
func (u *uml) feed(line string, n int) bool {
	if u.kind != "" {
		return true
	}
	line = u.uncommented(line)
	rest := trimLeft(line)
	s := statement{text: trim(rest), pos: Pos{n, 1}.right(line[:len(line)-len(rest)])}
	if u.held != nil {
		s = statement{u.held.text + s.text, u.held.pos, true}
		u.held = nil
	}
	if u.block != nil {
		u.blockLine(s)
		return true
	}
	if u.passedOver(s.text) {
		return true
	}
	if n := len(s.text); n > 1 && n < mostJoined && s.text[n-1] == '\\' && s.text[n-2] != '\\' {
		s.text = s.text[:n-1]
		u.held = &s
		return true
	}
	err := u.read(s)
	if err == errUnknown {
		if !u.sure && other.MatchString(s.text) {
			u.kind = "PlantUML " + s.text
			return true
		}
		if u.bare {
			return false
		}
		err = fail(s.pos, clip(s.text)+" is not a statement of a PlantUML sequence diagram",
			`write "A -> B : text" or "note over A : text"; a comment begins with a single quote`)
	}
	if err != nil {
		u.p.unread(s, err)
	}
	u.p.d.EndLine = n
	return true
}

// uncommented returns a line with blanks in place of its comments.
func (u *uml) uncommented(s string) string {
	if !u.comment && !strings.Contains(s, "/'") {
		return s
	}
	var b strings.Builder
	for s != "" {
		mark := "/'"
		if u.comment {
			mark = "'/"
		}
		i := strings.Index(s, mark)
		end := i + len(mark)
		switch {
		case i < 0 && u.comment:
			return b.String()
		case i < 0:
			return b.String() + s
		case u.comment:
			b.WriteString(strings.Repeat(" ", Pos{}.right(s[:end]).Column))
		default:
			b.WriteString(s[:i] + "  ")
		}
		u.comment, s = !u.comment, s[end:]
	}
	return b.String()
}

// openers match the first and the last line of statements that affect only the picture and may be
// several lines long.
var openers = []struct{ begins, ends *regexp.Regexp }{
	{regexp.MustCompile(`^<style>`), regexp.MustCompile(`^</style>`)},
	{regexp.MustCompile(`^!(?:unquoted\s+|final\s+)*(?:procedure|function)\b[^)]*\)?$`),
		regexp.MustCompile(`^!end(?:procedure|function)\b`)},
	{regexp.MustCompile(`^legend\b`), regexp.MustCompile(`^end ?legend$`)},
	{regexp.MustCompile(`^skinparam\s.*\{$`), regexp.MustCompile(`^\}$`)},
	{regexp.MustCompile(`^(?:(?:left|right|center)\s+)?(?:header|footer)$`),
		regexp.MustCompile(`^end ?(?:header|footer)$`)},
}

// oneLiners matches lines that affect only the picture.
var oneLiners = regexp.MustCompile(`^(?:!|skinparam\b|skin\b|hide\b|show\b|scale\b|caption\b|` +
	`mainframe\b|newpage\b|autoactivate\b|order\b|sprite\b|allowmixing\b|url\b|` +
	`(?:(?:left|right|center)\s+)?(?:header|footer)\b|\|\|\||\|\|\d+\|\||\}$)`)

// passedOver reports whether a line is empty, a comment, or affects only the picture.
func (u *uml) passedOver(t string) bool {
	if t == "" {
		return true
	}
	if !strings.Contains("!<|}lrcfhsmnaou", strings.ToLower(t[:1])) {
		return false // no pattern below begins with this character
	}
	for _, o := range openers {
		if o.begins.MatchString(t) {
			u.block = &umlBlock{ends: o.ends}
			return true
		}
	}
	return oneLiners.MatchString(t)
}

// blockLine reads a line of a note, reference or title of several lines.
func (u *uml) blockLine(s statement) {
	b := u.block
	if !b.ends.MatchString(s.text) {
		if b.note != nil && len(b.lines) == 0 {
			b.note.TextPos = s.pos
		}
		if b.note != nil || b.title {
			b.lines = append(b.lines, s.text)
		}
		return
	}
	u.p.d.EndLine = s.pos.Line
	u.endBlock()
}

func (u *uml) endBlock() {
	b := u.block
	u.block = nil
	text := plainUML(strings.Join(filled(b.lines), "\n"))
	switch {
	case b.title:
		u.p.d.Title = cleanTitle(Escape(text))
	case b.note != nil:
		b.note.Text = Escape(b.note.Text + text)
		u.addNote(b.note)
	}
}

func (u *uml) addNote(n *Note) {
	u.p.add(n)
	u.p.last = &n.Expect
}
