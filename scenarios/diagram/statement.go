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
	file    string
	bare    bool // in bare text, where a line that is not a statement ends the diagram
	d       *Diagram
	index   map[string]int // participants by name
	stack   []*Block       // the open blocks
	last    *Expect        // of the last arrow or note, to which an expect line belongs
	braces  Pos            // where an open %%{ is
	descr   Pos            // where an open accDescr { is
	parts   []string       // lines of the description so far
	notices *[]Notice
	firm    bool // the line is certainly meant as a statement, whatever is wrong with it
}

// statement is a line, or a part of one, without blanks at its ends.
type statement struct {
	text string
	pos  Pos
}

// at is the position of a byte of the statement.
func (s statement) at(offset int) Pos {
	return Pos{s.pos.Line, s.pos.Column + utf8.RuneCountInString(s.text[:offset])}
}

// from is the part of the statement that begins at offset.
func (s statement) from(offset int) statement {
	rest := trimLeft(s.text[offset:])
	return statement{trim(rest), s.at(len(s.text) - len(rest))}
}

// errUnknown means that a text is not a statement: an error in a fence, the end in bare text.
var errUnknown = errors.New("unknown")

func (p *parser) fail(at Pos, message string) error {
	return &Error{p.file, at.Line, at.Column, message}
}

// feed reads one line. It returns false, and reads nothing, if a line in bare text does not belong
// to the diagram.
func (p *parser) feed(line string, n int) (bool, error) {
	rest := trimLeft(line)
	first := statement{trim(rest), Pos{n, 1 + utf8.RuneCountInString(line[:len(line)-len(rest)])}}
	switch {
	case p.braces.Line > 0:
		if strings.Contains(line, "}%%") {
			p.braces = Pos{}
		}
		return true, nil
	case p.descr.Line > 0:
		p.describe(first)
		return true, nil
	case first.text == "":
		return true, nil
	case strings.HasPrefix(first.text, "%%{"):
		if !strings.Contains(first.text, "}%%") {
			p.braces = first.pos
		}
		return true, nil
	}
	ours, err := p.statements(first)
	if ours {
		p.d.EndLine = n
	}
	return ours, err
}

// statements reads the statements of a line, which semicolons separate. It counts columns on the
// way, so that a line of a million statements takes no longer than a million lines.
func (p *parser) statements(line statement) (bool, error) {
	if word, _, ok := keyword(line.text); ok && (word == "accTitle" || word == "accDescr") {
		p.accessible(word, line)
		return true, nil
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
		if i == begin && strings.HasPrefix(text[i:], "%%") {
			return true, p.comment(statement{text[i:], Pos{line.pos.Line, column}})
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
		s := statement{text[begin:i], Pos{line.pos.Line, at}}.from(0)
		if ours, err := p.one(s, first); !ours || err != nil {
			return ours, err
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
	return true, nil
}

// cut reports a text that # ends.
func (p *parser) cut(s statement, at Pos) {
	if s.text != "" {
		*p.notices = append(*p.notices, Notice{at,
			"Mermaid drops the text after #: write #35; for the character itself"})
	}
}

// one reads one statement, and decides whether an unknown one is an error or the diagram's end.
func (p *parser) one(s statement, first bool) (bool, error) {
	if s.text == "" {
		return true, nil
	}
	p.firm = false
	err := p.read(s)
	if err == nil {
		return true, nil
	}
	if p.bare && first && !p.firm && len(p.stack) == 0 && !hasArrow(s.text) {
		return false, nil
	}
	if err == errUnknown {
		err = p.unknown(s)
	}
	return true, err
}

// unknown says what a line might have been.
func (p *parser) unknown(s statement) error {
	message := clip(s.text) + " is not a statement of a sequence diagram"
	first, _, _ := strings.Cut(s.text, " ")
	switch word, near := nearest(strings.ToLower(first), keywords); {
	case strings.ContainsAny(s.text, "→⇒⟶") || strings.Contains(s.text, "=>"):
		message += ": an arrow is written ->> or -->>"
	case near && !strings.EqualFold(word, first):
		message += ": did you mean " + word + "?"
	case len(p.stack) > 0 && p.bare:
		b := p.stack[len(p.stack)-1]
		message += ", and the " + b.Kind + " of line " + itoa(b.Line) +
			" is open: close it with end"
	default:
		message += ": write A->>B: text, Note over A: text, or %% before a comment," +
			" and #59; for a semicolon in a text"
	}
	return p.fail(s.pos, message)
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
		return p.fail(s.pos, badName(word)+nameRemedy(word))
	}
	switch word {
	case "participant", "actor":
		return p.declare(s, arg, word == "actor", false)
	case "create":
		return p.create(s, arg)
	case "destroy":
		return p.destroy(s, arg)
	case "box", "loop", "rect", "opt", "alt", "par", "par_over", "critical", "break":
		return p.open(s, word, arg)
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
		return p.fail(s.pos, "a second diagram begins here: give it a block of its own")
	}
	if hasArrow(s.text) {
		return p.fail(s.pos, badName(s.text)+nameRemedy(s.text))
	}
	return errUnknown
}

// finish ends the diagram.
func (p *parser) finish() error {
	switch {
	case p.braces.Line > 0:
		return p.fail(p.braces, "%%{ is not closed: add }%%")
	case p.descr.Line > 0:
		return p.fail(p.descr, "accDescr { is not closed: add }")
	case len(p.stack) > 0:
		b := p.stack[len(p.stack)-1]
		return p.fail(b.Pos, "this "+b.Kind+" is not closed: add a line end")
	}
	return nil
}

// add appends an item to the open block, or to the diagram.
func (p *parser) add(it Item) error {
	if len(p.stack) == 0 {
		p.d.Items = append(p.d.Items, it)
		return nil
	}
	b := p.stack[len(p.stack)-1]
	if b.Kind == "box" {
		switch it.(type) {
		case *Declare, *Directive:
		default:
			return p.fail(it.Position(), "a box holds only participants: close it with end first")
		}
	}
	branch := &b.Branches[len(b.Branches)-1]
	branch.Items = append(branch.Items, it)
	return nil
}

// name reads a participant's name out of s[begin:end].
func (p *parser) name(s statement, begin, end int) (string, error) {
	part := statement{s.text[:end], s.pos}.from(begin)
	name := unquote(part.text)
	if why := badName(name); why != "" {
		return "", p.fail(part.pos, why+nameRemedy(name))
	}
	return name, nil
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
