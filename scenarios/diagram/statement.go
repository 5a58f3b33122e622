package diagram

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep blocks may be nested.
const maxDepth = 50

// parser reads the lines of one diagram.
type parser struct {
	doc   *Document
	bare  bool        // in bare text, where a line that is not a statement ends the diagram
	ahead func() bool // in bare text: whether a line further down closes a block
	d     *Diagram
	index map[string]int // participants by name
	// active is how many activations of a participant are open.
	active map[string]int
	born   *Declare // what a create or a destroy line above the next arrow is about
	gone   *Destroy
	config *statement // the beginning of a declaration whose @{ is open
	above  *string    // the text of the line above, if that ends in a backslash
	stack  []*Block   // the open blocks
	deep   int        // blocks that are open, but nested too deep to be read
	mixed  *Block     // the last box that holds more than participants
	last   *Expect    // of the last arrow or note, to which an expect line belongs
	text   *string    // of the last arrow or note of the line, for what follows a semicolon
	// braces and descr are where an open %%{ and an open accDescr { are.
	braces, descr Pos
	parts         []string // lines of the description so far
	firm          bool     // the line is certainly meant as a statement, whatever is wrong with it
}

// statement is a line, or a part of one, without blanks at its ends.
type statement struct {
	text string
	pos  Pos
	// joined means that it was several lines: all of it is at pos.
	joined bool
}

// at is the position of a byte of the statement.
func (s statement) at(offset int) Pos {
	if s.joined {
		return s.pos
	}
	return Pos{s.pos.Line, s.pos.Column + utf8.RuneCountInString(s.text[:offset])}
}

// from is the part of the statement that begins at offset.
func (s statement) from(offset int) statement {
	rest := trimLeft(s.text[offset:])
	return statement{trim(rest), s.at(len(s.text) - len(rest)), s.joined}
}

// after is the part of the statement after the colon at offset; it is empty if there is none.
func (s statement) after(colon int) statement {
	return s.from(min(colon+1, len(s.text)))
}

// errUnknown means that a text is not a statement: an error in a fence, the end in bare text.
var errUnknown = errors.New("unknown")

func fail(at Pos, cause, remedy string) *Problem {
	return &Problem{Pos: at, Cause: cause, Remedy: remedy}
}

// mend records a problem that does not keep a line from being read.
func (p *parser) mend(at Pos, cause, remedy, mended string) {
	if len(p.doc.Problems) <= mostProblems {
		p.doc.Problems = append(p.doc.Problems, Problem{at, cause, remedy, "", mended})
	}
}

// feed reads one line. It returns false, and reads nothing, if a line in bare text does not belong
// to the diagram.
func (p *parser) feed(line string, n int) bool {
	rest := trimLeft(line)
	first := statement{text: trim(rest), pos: Pos{n, 1}.right(line[:len(line)-len(rest)])}
	switch {
	case p.braces.Line > 0:
		if strings.Contains(line, "}%%") {
			p.braces = Pos{}
		}
		return true
	case p.descr.Line > 0:
		p.describe(first)
		return true
	case first.text == "":
		return true
	case strings.HasPrefix(first.text, "%%{"):
		if !strings.Contains(first.text, "}%%") {
			p.braces = first.pos
		}
		return true
	}
	if p.above = p.text; p.text != nil && !strings.HasSuffix(*p.text, `\`) {
		p.above = nil
	}
	p.text = nil
	if p.config != nil {
		p.configLine(first)
		return true
	}
	ours := p.statements(first)
	if ours {
		p.d.EndLine = n
	}
	return ours
}

// configLine reads a line of a declaration whose @{ is open.
func (p *parser) configLine(line statement) {
	s := p.config
	s.text, s.joined = s.text+" "+line.text, true
	switch {
	case strings.Contains(line.text, "}"):
		p.one(*s, false)
	case len(s.text) > mostJoined:
		p.unread(*s, fail(s.pos, "@{ is not closed", "add }"))
	default:
		return
	}
	p.config = nil
	p.d.EndLine = line.pos.Line
}

// statements reads the statements of a line, which semicolons separate. It counts columns on the
// way, so that a line of a million statements takes no longer than a million lines.
func (p *parser) statements(line statement) bool {
	if word, _, ok := keyword(line.text); ok && (word == "accTitle" || word == "accDescr") {
		p.accessible(word, line)
		return true
	}
	text, begin, column, first := line.text, 0, line.pos.Column, true
	at := column
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] == '#' {
			if n := entity(text[i:]); n > 0 {
				i, column = i+n-1, column+n
				continue
			}
		}
		if strings.HasPrefix(text[i:], "@{") && declares(text[begin:i]) {
			n := strings.IndexByte(text[i:], '}')
			if n < 0 {
				n = len(text) - i
			}
			column += utf8.RuneCountInString(text[i : i+n])
			i += n - 1
			continue
		}
		if i == begin && strings.HasPrefix(text[i:], "%%") {
			s := statement{text: text[i:], pos: Pos{line.pos.Line, column}}
			if err := p.comment(s); err != nil {
				p.unread(s, err)
			}
			return true
		}
		if i < len(text) && text[i] != ';' && text[i] != '#' {
			if i == begin && strings.IndexByte(ascii, text[i]) >= 0 {
				begin++
				at++
			}
			if utf8.RuneStart(text[i]) {
				column++
			}
			continue
		}
		s := statement{text: text[begin:i], pos: Pos{line.pos.Line, at}}.from(0)
		if !p.one(s, first) {
			return false
		}
		if i == len(text) {
			break
		}
		if text[i] == '#' {
			p.cut(s, Pos{line.pos.Line, column})
			break
		}
		column++
		begin, at, first = i+1, column, false
	}
	return true
}

// declares is true for the beginning of a declaration: what is in its @{ … } ends no statement.
func declares(s string) bool {
	word, rest, ok := keyword(trimLeft(s))
	if ok && word == "create" {
		word, _, ok = keyword(trimLeft(rest))
	}
	return ok && (word == "participant" || word == "actor")
}

// cut reports a text that # ends.
func (p *parser) cut(s statement, at Pos) {
	if s.text != "" {
		p.doc.Notices = append(p.doc.Notices, Notice{at,
			"Mermaid drops the text after #: write #35; for a #"})
	}
}

// one reads one statement. It returns false if an unknown one ends a diagram in bare text.
func (p *parser) one(s statement, first bool) bool {
	if s.text == "" {
		return true
	}
	text := p.text
	p.firm, p.text = false, nil
	err := p.read(s)
	if err == nil {
		return true
	}
	prose := p.bare && first && !p.firm && p.above == nil && !hasArrow(s.text)
	if prose && (len(p.stack) == 0 || !p.ahead()) {
		return false
	}
	if err == errUnknown && !first && text != nil && len(*text) < mostJoined {
		*text += "#59; " + s.text
		p.text = text
		p.mend(s.pos, clip(s.text)+" is not a statement of a sequence diagram",
			"write #59; for a semicolon in a text", "read as part of the text before the semicolon")
		return true
	}
	if err == errUnknown && first && p.above != nil && len(*p.above) < mostJoined {
		*p.above = trim(strings.TrimSuffix(*p.above, `\`)) + " " + s.text
		p.text = p.above
		p.mend(s.pos, "Mermaid has no continuation lines", "write the text in one line",
			"read as part of the text in the line above")
		return true
	}
	p.unread(s, err)
	return true
}

// read chooses the method for a statement by its keyword.
func (p *parser) read(s statement) error {
	word, rest, ok := keyword(s.text)
	if ok && p.bare && word != "note" && !strings.HasPrefix(s.text, word) {
		ok = false
	}
	if !ok {
		return p.arrow(s)
	}
	arg := s.from(len(s.text) - len(rest))
	if _, arrow := tokenAt(rest); arrow { // after a blank the arrow would be part of a label
		return p.arrow(s)
	}
	switch word {
	case "participant", "actor":
		return p.declare(s, arg, word == "actor", false)
	case "create":
		return p.create(s, arg)
	case "destroy":
		return p.destroy(s, arg)
	case "box", "loop", "rect", "opt", "alt", "par", "par_over", "critical", "break":
		p.open(s, word, arg)
		return nil
	case "else", "and", "option":
		return p.branch(s, word, arg)
	case "end":
		return p.end(s, arg)
	case "note":
		return p.note(s, arg)
	case "activate", "deactivate":
		return p.activation(s, word, arg)
	case "autonumber":
		return p.autonumber(s, arg)
	case "title":
		p.title(arg)
		return nil
	case "links", "link", "properties", "details":
		return p.link(s, word, arg)
	case "sequenceDiagram":
		return fail(s.pos, "a second diagram begins here", "put the second diagram in its own block")
	}
	if hasArrow(s.text) {
		return p.arrow(s)
	}
	return errUnknown
}

// finish ends the diagram, and closes what is open.
func (p *parser) finish() {
	const closed = "read as closed at the end of the diagram"
	switch {
	case p.config != nil:
		p.unread(*p.config, fail(p.config.pos, "@{ is not closed", "add }"))
		p.config = nil
	case p.braces.Line > 0:
		p.mend(p.braces, "%%{ is not closed", "add }%%", closed)
	case p.descr.Line > 0:
		p.mend(p.descr, "accDescr { is not closed", "add }", closed)
		p.described()
	}
	for _, b := range p.stack {
		p.mend(b.Pos, "this "+b.Kind+" is not closed", "add a line \"end\"", closed)
	}
	p.stack, p.deep = nil, 0
}

// add appends an item to the open block, or to the diagram. What cannot be in a box goes after it.
func (p *parser) add(it Item) {
	n := len(p.stack)
	if n > 0 && p.stack[n-1].Kind == "box" {
		switch it.(type) {
		case *Declare, *Directive, *Unread:
		default:
			if b := p.stack[n-1]; b != p.mixed {
				p.mixed = b
				p.mend(it.Position(), "a box may contain only participants",
					"close the box first with \"end\"", "read as if this line were after the box")
			}
			for n > 0 && p.stack[n-1].Kind == "box" {
				n--
			}
		}
	}
	if n == 0 {
		p.d.Items = append(p.d.Items, it)
		return
	}
	branches := p.stack[n-1].Branches
	branch := &branches[len(branches)-1]
	branch.Items = append(branch.Items, it)
}

// name reads a participant's name out of s[begin:end]. One that begins with a keyword gets a name
// that Mermaid can read.
func (p *parser) name(s statement, begin, end int) (string, error) {
	part := statement{s.text[:end], s.pos, s.joined}.from(begin)
	name := unquote(part.text)
	why := badName(name)
	if why == "" {
		return name, nil
	}
	clean := CleanName(name)
	if _, _, ok := keyword(name); ok && !strings.ContainsAny(name, "<>:,;+@#{}\n") {
		p.mend(part.pos, why, nameRemedy(name), "named "+clean+" here")
		return clean, nil
	}
	e := fail(part.pos, why, nameRemedy(name))
	if name != "" {
		e.Nearest = trim(s.text[:begin] + clean + s.text[end:])
	}
	return "", e
}

// appear returns the participant of that name, and adds it on its first appearance.
func (p *parser) appear(name string, line int) *Participant {
	i, ok := p.index[name]
	if !ok {
		i = len(p.d.Participants)
		p.index[name] = i
		p.d.Participants = append(p.d.Participants, Participant{Name: name, Line: line})
	}
	return &p.d.Participants[i]
}
