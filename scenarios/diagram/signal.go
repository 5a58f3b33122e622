package diagram

import (
	"cmp"
	"strings"
)

// arrow reads "A->>+B: text". Everything after the colon is text, even arrows.
func (p *parser) arrow(s statement) error {
	i, t := findArrow(s.text)
	if i < 0 {
		return errUnknown
	}
	a := &Arrow{Pos: s.pos, Dashed: t.dashed, Head: t.head}
	end := i
	if head := strings.TrimRight(s.text[:i], blanks); strings.HasSuffix(head, "()") {
		a.FromCenter, end = true, len(head)-2
	}
	var err error
	if a.From, err = p.name(s, 0, end); err != nil {
		return err
	}
	begin := i + len(t.text)
	begin += len(s.text[begin:]) - len(trimLeft(s.text[begin:]))
	switch rest := s.text[begin:]; {
	case strings.HasPrefix(rest, "+"):
		a.Sends, begin = true, begin+1
	case strings.HasPrefix(rest, "-"):
		a.Ends, begin = true, begin+1
	case strings.HasPrefix(rest, "()"):
		a.ToCenter, begin = true, begin+2
	}
	colon := strings.IndexByte(s.text[begin:], ':')
	if colon < 0 {
		if _, err := p.name(s, begin, len(s.text)); err != nil {
			return err
		}
		return p.fail(s.at(len(s.text)),
			"this arrow has no text: write a colon and a text after it")
	}
	if a.To, err = p.name(s, begin, begin+colon); err != nil {
		return err
	}
	text := s.from(begin + colon + 1)
	a.Text, a.TextPos = unwrap(text.text), text.pos
	if err := p.add(a); err != nil {
		return err
	}
	p.appear(a.From, s.pos.Line)
	p.appear(a.To, s.pos.Line)
	p.last = &a.Expect
	return nil
}

// note reads "over A,B: text", "left of A: text" and "right of A: text".
func (p *parser) note(s, arg statement) error {
	n := &Note{Pos: s.pos}
	begin := 0
	for _, place := range [...]Placement{Over, LeftOf, RightOf} {
		if begin = place.match(arg.text); begin > 0 {
			n.Placement = place
			break
		}
	}
	if begin == 0 {
		return p.fail(arg.pos,
			"this note has no place: write Note over A, Note left of A or Note right of A")
	}
	p.firm = true
	colon := strings.IndexByte(arg.text, ':')
	if colon < begin {
		return p.fail(arg.at(len(arg.text)),
			"this note has no text: write a colon and a text after it")
	}
	for begin <= colon {
		end := colon
		if comma := strings.IndexByte(arg.text[begin:colon], ','); comma >= 0 {
			end = begin + comma
			if n.Placement != Over || len(n.Over) > 0 {
				return p.fail(arg.at(end),
					"a note goes over one or two participants, or beside one: name fewer")
			}
		}
		name, err := p.name(arg, begin, end)
		if err != nil {
			return err
		}
		n.Over = append(n.Over, name)
		begin = end + 1
	}
	text := arg.from(colon + 1)
	n.Text, n.TextPos = unwrap(text.text), text.pos
	if err := p.add(n); err != nil {
		return err
	}
	for _, name := range n.Over {
		p.appear(name, s.pos.Line)
	}
	p.last = &n.Expect
	return nil
}

// match returns the length of the placement at the beginning of s, or 0.
func (place Placement) match(s string) int {
	first, second, _ := strings.Cut(string(place), " ")
	if len(s) < len(first) || !strings.EqualFold(s[:len(first)], first) {
		return 0
	}
	n := len(first)
	if second != "" {
		rest := trimLeft(s[n:])
		if len(rest) < 2 || len(rest) == len(s[n:]) || !strings.EqualFold(rest[:2], second) {
			return 0
		}
		n = len(s) - len(rest) + 2
	}
	if n < len(s) && isWord(s[n]) {
		return 0
	}
	return n
}

// declare reads the text after participant or actor.
func (p *parser) declare(s, arg statement, actor, create bool) error {
	d := &Declare{Pos: s.pos, Actor: actor, Create: create}
	text := arg.text
	p.firm = text != ""
	as := findAs(text)
	if i := strings.Index(text, "@{"); i >= 0 && (as < 0 || i < as) {
		end := i + strings.IndexByte(text[i:], '}')
		if end < i {
			return p.fail(arg.at(i), "@{ is not closed: add }")
		}
		d.Config, d.Alias = trim(text[i+2:end]), configAlias(text[i+2:end])
		rest := " " + trim(text[end+1:]) + " "
		if findAs(rest) == 0 {
			d.Alias = cmp.Or(alias(rest[4:]), d.Alias)
		} else if trim(rest) != "" {
			return p.fail(arg.at(end+1), "only as and an alias may follow @{ … }: remove the rest")
		}
		text = text[:i]
	} else if as >= 0 {
		d.Alias = alias(text[as+4:])
		text = text[:as]
	}
	var err error
	if d.Name, err = p.name(arg, 0, len(text)); err != nil {
		return err
	}
	if err := p.add(d); err != nil {
		return err
	}
	p.declared(d)
	return nil
}

// declared records a declaration in the list of participants.
func (p *parser) declared(d *Declare) {
	who := p.appear(d.Name, d.Line)
	who.Declared, who.Actor = true, d.Actor
	if d.Alias != "" {
		who.Alias = d.Alias
	}
}

// alias cleans the text after "as".
func alias(s string) string { return unquote(unwrap(s)) }

// findAs returns the offset of the first " as " in s, or -1.
func findAs(s string) int {
	for i := 0; i+4 <= len(s); i++ {
		if strings.IndexByte(ascii, s[i]) >= 0 && strings.EqualFold(s[i+1:i+3], "as") &&
			strings.IndexByte(ascii, s[i+3]) >= 0 {
			return i
		}
	}
	return -1
}

// configAlias finds the alias in a participant's configuration: { "alias": "App A" }.
func configAlias(config string) string {
	_, rest, ok := strings.Cut(config, "alias")
	if !ok {
		return ""
	}
	rest = trimLeft(strings.TrimLeft(rest, `"'`))
	rest, ok = strings.CutPrefix(rest, ":")
	rest = trimLeft(rest)
	if !ok || rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	value, _, _ := strings.Cut(rest[1:], rest[:1])
	return alias(value)
}

func (p *parser) create(s, arg statement) error {
	word, rest, ok := keyword(arg.text)
	if !ok || word != "participant" && word != "actor" {
		return p.fail(arg.pos,
			"only a participant or an actor can be created: write create participant B")
	}
	return p.declare(s, arg.from(len(arg.text)-len(rest)), word == "actor", true)
}

func (p *parser) destroy(s, arg statement) error {
	name, err := p.name(arg, 0, len(arg.text))
	if err != nil {
		return err
	}
	if err := p.add(&Destroy{s.pos, name}); err != nil {
		return err
	}
	p.appear(name, s.pos.Line)
	return nil
}

func (p *parser) activation(s statement, word string, arg statement) error {
	name, err := p.name(arg, 0, len(arg.text))
	if err != nil {
		return err
	}
	if err := p.add(&Activation{s.pos, name, word == "activate"}); err != nil {
		return err
	}
	p.appear(name, s.pos.Line)
	return nil
}

func (p *parser) link(s statement, word string, arg statement) error {
	colon := strings.IndexByte(arg.text, ':')
	if colon < 0 {
		return p.fail(arg.at(len(arg.text)), "this line has no text: write "+word+" A: text")
	}
	name, err := p.name(arg, 0, colon)
	if err != nil {
		return err
	}
	text := arg.from(colon + 1)
	if err := p.add(&Link{s.pos, word, name, unwrap(text.text)}); err != nil {
		return err
	}
	p.appear(name, s.pos.Line)
	return nil
}

func (p *parser) autonumber(s, arg statement) error {
	a := &Autonumber{Pos: s.pos}
	words := strings.Fields(arg.text)
	switch {
	case len(words) == 1 && strings.EqualFold(words[0], "off"):
		a.Off = true
	case len(words) > 2:
		return p.fail(arg.pos, "too many words: write autonumber 10 5, or autonumber off")
	default:
		for _, w := range words {
			if strings.Trim(w, "0123456789.") != "" {
				return p.fail(arg.pos,
					clip(w)+" is not a number: write autonumber 10 5, or autonumber off")
			}
		}
		words = append(words, "", "")
		a.Start, a.Step = words[0], words[1]
	}
	return p.add(a)
}
