package diagram

import (
	"cmp"
	"strings"
	"unicode"
)

// arrow reads "A->>+B: text". All that follows the colon is text, even an arrow.
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
		if err := p.noText(s, begin, "arrow"); err != nil {
			return err
		}
		colon = len(s.text) - begin
	}
	if a.To, err = p.name(s, begin, begin+colon); err != nil {
		return err
	}
	text := s.after(begin + colon)
	a.Text, a.TextPos = unwrap(text.text), text.pos
	p.lifetime(a)
	if a.Sends {
		p.active[a.To]++
	}
	if a.Ends {
		a.Ends = p.deactivate(s.pos, a.From)
	}
	p.add(a)
	p.appear(a.From, s.pos.Line)
	p.appear(a.To, s.pos.Line)
	p.last, p.text = &a.Expect, &a.Text
	return nil
}

// lifetime mends a create or a destroy line above an arrow whose participant is not at an end of
// the arrow.
func (p *parser) lifetime(a *Arrow) {
	born, gone := p.born, p.gone
	p.born, p.gone = nil, nil
	if born != nil && a.To != born.Name {
		p.mend(born.Pos, "the next arrow does not point to "+born.Name+", which this line creates",
			"move this line above the first arrow to "+born.Name, "the word create is ignored")
		born.Create = false
		born = nil // as if it had not been said
	}
	if born == nil && gone != nil && a.From != gone.Name && a.To != gone.Name {
		p.mend(gone.Pos, "the next arrow neither begins nor ends at "+gone.Name+
			", which this line destroys",
			"move this line above the last arrow to or from "+gone.Name, "this line is ignored")
		gone.Loose = true
	}
}

// noText mends an arrow or a note without a colon, if s has only a participant after begin.
// Otherwise it returns an error that proposes a colon after the first word.
func (p *parser) noText(s statement, begin int, what string) error {
	e := fail(s.at(len(s.text)), "this "+what+" has no text", "add a colon and a text")
	rest := trim(s.text[begin:])
	name, text, several := strings.Cut(rest, " ")
	if _, known := p.index[unquote(rest)]; known || !several {
		if _, err := p.name(s, begin, len(s.text)); err != nil {
			return err
		}
		p.mend(e.Pos, e.Cause, e.Remedy, "the text is taken as empty")
		return nil
	}
	if badName(name) == "" {
		e.Nearest = s.text[:begin] + name + ": " + trim(text)
	}
	return e
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
		e := fail(arg.pos, "this note does not say where it is",
			"write Note over A, Note left of A or Note right of A")
		if name, _, ok := strings.Cut(arg.text, ":"); ok {
			_, p.firm = p.index[trim(name)]
			e.Nearest = "Note over " + arg.text
		}
		return e
	}
	p.firm = true
	colon := strings.IndexByte(arg.text, ':')
	if colon < begin {
		if err := p.noText(s, len(s.text)-len(trimLeft(arg.text[begin:])), "note"); err != nil {
			return err
		}
		colon = len(arg.text)
	}
	if err := p.over(n, arg, begin, colon); err != nil {
		return err
	}
	text := arg.after(colon)
	n.Text, n.TextPos = unwrap(text.text), text.pos
	if t := n.Text; len(t) > 6 && strings.HasPrefix(t, "== ") && strings.HasSuffix(t, " ==") {
		n.Divider, n.Text = true, unwrap(t[3:len(t)-3])
	}
	p.add(n)
	for _, name := range n.Over {
		p.appear(name, s.pos.Line)
	}
	p.last, p.text = &n.Expect, &n.Text
	return nil
}

// over reads the participants of a note, separated by commas.
func (p *parser) over(n *Note, arg statement, begin, colon int) error {
	many := Pos{}
	for begin <= colon {
		end := colon
		if comma := strings.IndexByte(arg.text[begin:colon], ','); comma >= 0 {
			end = begin + comma
			if many.Line == 0 && (n.Placement != Over || len(n.Over) > 0) {
				many = arg.at(end)
			}
		}
		if trim(arg.text[begin:end]) == "" && end == colon && len(n.Over) == 0 {
			return fail(arg.at(begin), "this note names no participant", "write Note over A: text")
		}
		name, err := p.name(arg, begin, end)
		if err != nil {
			return err
		}
		n.Over = append(n.Over, name)
		begin = end + 1
	}
	if many.Line > 0 {
		p.mend(many, "a note must be over one or two participants, or next to one participant",
			"name fewer participants", "this note is placed over all participants that it names")
		n.Placement = Over
	}
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

// declare reads the text after the keyword participant or actor.
func (p *parser) declare(s, arg statement, actor, create bool) error {
	d := &Declare{Pos: s.pos, Actor: actor, Create: create}
	text := arg.text
	p.firm = text != ""
	as := findAs(text)
	if i := strings.Index(text, "@{"); i >= 0 && (as < 0 || i < as) {
		end := i + strings.IndexByte(text[i:], '}')
		if end < i {
			return p.holdConfig(s, arg.at(i))
		}
		rest, err := d.configure(arg, i, end)
		if err != nil {
			return err
		}
		text = rest
	} else if as >= 0 {
		d.Alias = alias(text[as+4:])
		text = text[:as]
	}
	var err error
	if d.Name, err = p.name(arg, 0, len(text)); err != nil {
		return err
	}
	if i := strings.IndexByte(d.Name, '['); i > 0 && as < 0 && strings.HasSuffix(d.Name, "]") {
		p.bracketed(d, i)
	}
	if as >= 0 && d.Config == "" && unquote(trim(text)) != trim(text) {
		p.turned(d, trim(arg.text[as+4:]))
	}
	if create {
		p.born = d
	}
	p.add(d)
	p.declared(d)
	return nil
}

// bracketed reads a participant as a flowchart writes it: A[App A] is A with the alias App A.
func (p *parser) bracketed(d *Declare, i int) {
	name := trim(d.Name[:i])
	if badName(name) != "" {
		return
	}
	d.Alias = alias(strings.Trim(d.Name[i:], `[]()"`))
	p.doc.Notices = append(p.doc.Notices, Notice{d.Pos, "Mermaid takes the whole text " +
		clip(d.Name) + " for the participant's name; zablab takes " + name + " for the name and " +
		d.Alias + " for its alias: write \"" + name + " as " + d.Alias +
		"\", which means the same to both"})
	d.Name = name
}

// turned reads a participant as PlantUML writes it: "App A" as A is A with the alias App A. The name
// in quotes has several words, and the alias, which is one word, is what arrows can use.
func (p *parser) turned(d *Declare, as string) {
	if !strings.Contains(d.Name, " ") || as != d.Alias || as == "" || badName(as) != "" ||
		strings.ContainsFunc(as, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}) {
		return
	}
	if _, known := p.index[d.Name]; known {
		return // arrows use the name in quotes
	}
	p.doc.Notices = append(p.doc.Notices, Notice{d.Pos, "Mermaid takes " + clip(d.Name) +
		" for the participant's name; zablab takes " + as + " for the name and " + d.Name +
		" for its alias: write \"" + as + " as " + d.Name + "\", which means the same to both"})
	d.Name, d.Alias = as, d.Name
}

// holdConfig keeps the first line of a declaration whose @{ … } continues in the next lines.
func (p *parser) holdConfig(s statement, at Pos) error {
	if p.config != nil || p.ahead == nil {
		return fail(at, "@{ is not closed", "add }")
	}
	p.config = &s
	return nil
}

// configure reads the configuration @{ … } between begin and end, and the alias after it. It
// returns the text before the configuration.
func (d *Declare) configure(arg statement, begin, end int) (string, error) {
	text := arg.text
	d.Config, d.Alias = trim(text[begin+2:end]), configAlias(text[begin+2:end])
	if strings.Count(d.Config, `"`)%2 != 0 || strings.Count(d.Config, "'")%2 != 0 {
		return "", fail(arg.at(begin), "a quotation mark in @{ … } is not closed",
			"close the quotation mark")
	}
	rest := " " + trim(text[end+1:]) + " "
	if findAs(rest) == 0 {
		d.Alias = cmp.Or(alias(rest[4:]), d.Alias)
	} else if trim(rest) != "" {
		return "", fail(arg.at(end+1), "after @{ … } only \"as\" and an alias are allowed",
			"remove any other text")
	}
	return text[:begin], nil
}

// declared adds the participant of a declaration to the diagram, or updates it.
func (p *parser) declared(d *Declare) {
	who := p.appear(d.Name, d.Line)
	who.Declared, who.Actor = true, d.Actor
	if d.Alias != "" {
		who.Alias = d.Alias
	}
}

// alias returns the text after "as" without quotation marks and without wrap:.
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

// configAlias returns the alias in a participant's configuration, { "alias": "App A" }, or "".
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
		return fail(arg.pos, "only a participant or an actor can be created",
			`write "create participant B"`)
	}
	return p.declare(s, arg.from(len(arg.text)-len(rest)), word == "actor", true)
}

func (p *parser) destroy(s, arg statement) error {
	name, err := p.name(arg, 0, len(arg.text))
	if err != nil {
		return err
	}
	p.gone = &Destroy{Pos: s.pos, Name: name}
	p.add(p.gone)
	p.appear(name, s.pos.Line)
	return nil
}

func (p *parser) activation(s statement, word string, arg statement) error {
	name, err := p.name(arg, 0, len(arg.text))
	if err != nil {
		return err
	}
	p.appear(name, s.pos.Line)
	if word == "activate" {
		p.active[name]++
	} else if !p.deactivate(s.pos, name) {
		return nil
	}
	p.add(&Activation{s.pos, name, word == "activate"})
	return nil
}

// deactivate ends an activation. It returns false, and records a problem, if the participant is not
// active.
func (p *parser) deactivate(at Pos, name string) bool {
	if p.active[name] == 0 {
		p.mend(at, name+" is not active here",
			"activate "+name+" on an earlier line, or remove this deactivation",
			"the deactivation is ignored")
		return false
	}
	p.active[name]--
	return true
}

func (p *parser) link(s statement, word string, arg statement) error {
	colon := strings.IndexByte(arg.text, ':')
	if colon < 0 {
		return fail(arg.at(len(arg.text)), "this line has no text", "write "+word+" A: text")
	}
	name, err := p.name(arg, 0, colon)
	if err != nil {
		return err
	}
	text := arg.from(colon + 1)
	p.add(&Link{s.pos, word, name, unwrap(text.text)})
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
		return fail(arg.pos, "too many words after autonumber",
			"write autonumber 10 5, or autonumber off")
	default:
		for _, w := range words {
			if strings.Trim(w, "0123456789.") != "" {
				return fail(arg.pos, clip(w)+" is not a number",
					"write autonumber 10 5, or autonumber off")
			}
		}
		words = append(words, "", "")
		a.Start, a.Step = words[0], words[1]
	}
	p.add(a)
	return nil
}
