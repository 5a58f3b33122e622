package diagram

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// maxDepth is the greatest depth of nested blocks.
const maxDepth = 50

// parser reads the lines of one diagram.
type parser struct {
	doc   *Document
	bare  bool        // in bare text, where a line that is not a statement ends the diagram
	ahead func() bool // in bare text: whether a line further down closes a block
	d     *Diagram
	index map[string]int // participants by name
	// active is the number of open activations, by participant.
	active map[string]int
	born   *Declare   // the create line above the next arrow, or nil
	gone   *Destroy   // the destroy line above the next arrow, or nil
	config *statement // the first line of a declaration whose @{ is open
	above  *string    // the text of the line above, if this ends in a backslash
	stack  []*Block   // the open blocks
	deep   int        // number of open blocks that are nested too deep to be read
	mixed  *Block     // the last box that contains more than participants
	last   *Expect    // of the last arrow or note, which "%% expect:" sets
	text   *string    // of the last arrow or note of the line; a semicolon may continue it
	// braces and descr are the places of an open %%{ and an open accDescr {.
	braces, descr Pos
	parts         []string // lines of the description so far
	firm          bool     // the line is meant as a statement, even if it is wrong
}

// statement is a line, or a part of one, without blanks at its ends.
type statement struct {
	text string
	pos  Pos
	// joined means that the statement was several lines; then all its bytes have the position pos.
	joined bool
}

// at returns the position of the byte at offset.
func (s statement) at(offset int) Pos {
	if s.joined {
		return s.pos
	}
	return Pos{s.pos.Line, s.pos.Column + utf8.RuneCountInString(s.text[:offset])}
}

// from returns the part of the statement that begins at offset.
func (s statement) from(offset int) statement {
	rest := trimLeft(s.text[offset:])
	return statement{trim(rest), s.at(len(s.text) - len(rest)), s.joined}
}

// after returns the part of the statement that follows the colon at this offset.
func (s statement) after(colon int) statement {
	return s.from(min(colon+1, len(s.text)))
}

// errUnknown means that a text is not a statement. In a fence this is a problem; in bare text it
// ends the diagram.
var errUnknown = errors.New("unknown")

func fail(at Pos, cause, remedy string) *Problem {
	return &Problem{Pos: at, Cause: cause, Remedy: remedy}
}

// mend records a problem of a line that is read all the same. mended says how it is read.
func (p *parser) mend(at Pos, cause, remedy, mended string) {
	if len(p.doc.Problems) <= mostProblems {
		p.doc.Problems = append(p.doc.Problems, Problem{at, cause, remedy, "", mended})
	}
}

// feed reads one line. If the diagram is in bare text and the line is not a statement, feed returns
// false.
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

// configLine reads a further line of a declaration whose @{ is open.
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

// statements reads the statements of a line, separated by semicolons. It counts columns as it goes,
// so that its time is linear in the length of the line.
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

// declares reports whether s begins a declaration. A semicolon in its @{ … } does not end it.
func declares(s string) bool {
	word, rest, ok := keyword(trimLeft(s))
	if ok && word == "create" {
		word, _, ok = keyword(trimLeft(rest))
	}
	return ok && (word == "participant" || word == "actor")
}

// cut adds a notice of a text that # cuts short.
func (p *parser) cut(s statement, at Pos) {
	if s.text != "" {
		p.doc.Notices = append(p.doc.Notices, Notice{at,
			"Mermaid drops the text after #: write #35; for a #"})
	}
}

// one reads one statement. It returns false if the text is not a statement and so ends a diagram in
// bare text.
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
		p.mend(s.pos, clip(s.text)+", after a semicolon, is not a statement of a sequence diagram",
			"write #59; for a semicolon in a text", "the text after the semicolon is added to "+
				"the text before it")
		return true
	}
	if err == errUnknown && first && p.above != nil && len(*p.above) < mostJoined {
		*p.above = trim(strings.TrimSuffix(*p.above, `\`)) + " " + s.text
		p.text = p.above
		p.mend(s.pos, "Mermaid has no continuation lines", "write the whole text on one line",
			"this line is added to the text of the line above")
		return true
	}
	p.unread(s, err)
	return true
}

// read reads a statement by the method for its keyword.
func (p *parser) read(s statement) error {
	word, rest, ok := keyword(s.text)
	if ok && p.bare && word != "note" && !strings.HasPrefix(s.text, word) {
		ok = false
	}
	if !ok {
		return p.arrow(s)
	}
	arg := s.from(len(s.text) - len(rest))
	if _, arrow := tokenAt(rest); arrow { // no blank before the arrow: the keyword is a name
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
		return fail(s.pos, "a second diagram begins here", "put the second diagram in "+
			"its own block")
	}
	if hasArrow(s.text) {
		return p.arrow(s)
	}
	return errUnknown
}

// finish ends the diagram and closes open blocks.
func (p *parser) finish() {
	const ends = " ends at the end of the diagram"
	switch {
	case p.config != nil:
		p.unread(*p.config, fail(p.config.pos, "@{ is not closed", "add }"))
		p.config = nil
	case p.braces.Line > 0:
		p.mend(p.braces, "%%{ is not closed", "add }%%", "%%{"+ends)
	case p.descr.Line > 0:
		p.mend(p.descr, "accDescr { is not closed", "add }", "accDescr"+ends)
		p.described()
	}
	for _, b := range p.stack {
		p.mend(b.Pos, "this "+b.Kind+" is not closed", "add a line \"end\"",
			"this "+b.Kind+ends)
	}
	p.stack, p.deep = nil, 0
}

// add appends an item to the open block, or to the diagram. An item that is not allowed in a box
// goes after the box.
func (p *parser) add(it Item) {
	n := len(p.stack)
	if n > 0 && p.stack[n-1].Kind == "box" {
		switch it.(type) {
		case *Declare, *Directive, *Unread:
		default:
			if b := p.stack[n-1]; b != p.mixed {
				p.mixed = b
				p.mend(it.Position(), "a box may contain only participants",
					"close the box first with \"end\"", "this line is placed after the box")
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

// name reads the participant's name in s[begin:end]. It replaces a name that begins with a keyword
// by a name that Mermaid can read.
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

// appear returns the participant with this name, and adds it to the diagram if it is new.
func (p *parser) appear(name string, line int) *Participant {
	i, ok := p.index[name]
	if !ok {
		i = len(p.d.Participants)
		p.index[name] = i
		p.d.Participants = append(p.d.Participants, Participant{Name: name, Line: line})
	}
	return &p.d.Participants[i]
}
