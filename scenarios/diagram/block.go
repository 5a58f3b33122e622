package diagram

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// open begins a block of a kind such as alt.
func (p *parser) open(s statement, kind string, label statement) {
	p.last = nil
	if len(p.stack) == maxDepth {
		if p.deep++; p.deep == 1 { // once for all blocks inside
			p.unread(s, fail(s.pos, "blocks are nested deeper than "+itoa(maxDepth),
				"close a block with \"end\""))
		}
		return
	}
	first := Branch{Pos: s.pos, Label: unwrap(label.text)}
	b := &Block{Pos: s.pos, Kind: kind, Branches: []Branch{first}}
	p.add(b)
	p.stack = append(p.stack, b)
}

// branchWord returns the keyword of a further branch in a block of this kind: else for alt.
func branchWord(kind string) string {
	switch kind {
	case "par", "par_over":
		return "and"
	case "critical":
		return "option"
	}
	return "else"
}

// branchOf returns the kind of block in which word begins a branch: alt for else.
func branchOf(word string) string {
	switch word {
	case "else":
		return "alt"
	case "and":
		return "par"
	}
	return "critical"
}

// branch begins the next branch of the innermost open block.
func (p *parser) branch(s statement, word string, label statement) error {
	want := branchOf(word)
	if len(p.stack) == 0 {
		return fail(s.pos, "\""+word+"\" is outside a block", "open a block with "+want)
	}
	b := p.stack[len(p.stack)-1]
	if b.Kind != want && (word != "and" || b.Kind != "par_over") {
		e := fail(s.pos, "\""+word+"\" belongs to "+want+", but the "+b.Kind+" of line "+
			itoa(b.Line)+" is still open", "close the open block first with \"end\"")
		switch b.Kind {
		case "opt":
			b.Kind = "alt"
			p.mend(s.pos, e.Cause, e.Remedy, "the opt block is read as an alt block")
		case "alt", "par", "par_over", "critical":
			p.mend(s.pos, e.Cause, e.Remedy, "\""+word+"\" is read as \""+branchWord(b.Kind)+"\"")
		default:
			return e
		}
	}
	b.Branches = append(b.Branches, Branch{Pos: s.pos, Label: unwrap(label.text)})
	p.last = nil
	return nil
}

func (p *parser) end(s, arg statement) error {
	if arg.text != "" && hasArrow(s.text) {
		return p.arrow(s)
	}
	if arg.text != "" {
		p.mend(arg.pos, "\"end\" must be alone on its line", "move the text after \"end\" to the next line",
			"the text after \"end\" is ignored")
	}
	p.last = nil
	switch {
	case p.deep > 0:
		p.deep--
	case len(p.stack) == 0:
		p.mend(s.pos, "this \"end\" closes no block", "remove this line, or open a block above it",
			"this line is ignored")
	default:
		p.stack = p.stack[:len(p.stack)-1]
	}
	return nil
}

// comment reads a line that begins with %%: "%% lab:", "%% expect:", or a plain comment.
func (p *parser) comment(s statement) error {
	body := s.from(2)
	word, _, _ := strings.Cut(body.text, " ")
	switch w := strings.ToLower(word); {
	case strings.HasPrefix(w, "lab:"):
		return p.directive(s, body.from(len("lab:")))
	case strings.HasPrefix(w, "expect:"):
		return p.expect(body.from(len("expect:")))
	case w == "lab" && strings.Contains(body.text, "="):
		return missingColon(body, "lab")
	case w == "expect" && isExpect(trim(body.text[len("expect"):])):
		return missingColon(body, "expect")
	}
	return nil
}

func missingColon(body statement, word string) *Problem {
	e := fail(body.pos, "the colon is missing", "")
	e.Nearest = "%% " + word + ": " + trim(body.text[len(word):])
	e.Remedy = "write " + e.Nearest
	return e
}

// directive reads the words after "%% lab:", such as key=value. A value in double quotes may
// contain blanks.
func (p *parser) directive(s, body statement) error {
	d := &Directive{Pos: s.pos}
	text, column := body.text, body.pos.Column
	for text != "" {
		end, quoted := 0, false
		for end < len(text) && (quoted || strings.IndexByte(ascii, text[end]) < 0) {
			if text[end] == '"' {
				quoted = !quoted
			}
			end++
		}
		at := Pos{body.pos.Line, column}
		if quoted {
			return fail(at, "the closing quotation mark is missing", "write key=\"some words\"")
		}
		key, value, found := strings.Cut(text[:end], "=")
		if key == "" || strings.Contains(key, `"`) {
			return fail(at, clip(text[:end])+" has no key", "write key=value, or only a key")
		}
		value = strings.ReplaceAll(value, `"`, "")
		d.Words = append(d.Words, Word{at, key, value, !found})
		column += utf8.RuneCountInString(text[:end])
		rest := strings.TrimLeft(text[end:], ascii)
		column += len(text) - end - len(rest)
		text = rest
	}
	if len(d.Words) == 0 {
		return fail(s.pos, "this line has no setting", "write a setting, such as %% lab: servers=5")
	}
	p.add(d)
	return nil
}

func isExpect(s string) bool {
	switch Expect(s) {
	case Different, Later, Never, OnlyRemark:
		return true
	}
	return false
}

// expect reads the outcome that "%% expect:" announces for the arrow or note above it.
func (p *parser) expect(body statement) error {
	word := strings.ToLower(body.text)
	switch {
	case !isExpect(word):
		return fail(body.pos, clip(body.text)+" is not an outcome",
			`write "different", "later", "never" or "remark"`)
	case p.last == nil:
		return fail(body.pos, "no arrow or note is above this line",
			"move this line below an arrow or a note")
	case *p.last != Unsaid:
		return fail(body.pos, "the line above already expects the outcome "+string(*p.last),
			"keep one of the two expectations")
	}
	*p.last = Expect(word)
	return nil
}

// title sets the diagram's title, from "title X" or the older "title: X".
func (p *parser) title(arg statement) {
	if t := cleanTitle(arg.text); t != "" {
		p.d.Title = t
	}
}

func cleanTitle(s string) string {
	for {
		t := unwrap(strings.TrimLeft(s, ":"+blanks))
		if t == s {
			return t
		}
		s = t
	}
}

// accessible reads accTitle or accDescr, with a text up to the end of the line.
func (p *parser) accessible(word string, line statement) {
	arg := line.from(len(word))
	text := arg.from(1).text
	switch {
	case word == "accTitle":
		p.d.AccTitle = text
	case arg.text[0] == ':':
		p.d.Description = text
	default:
		p.descr, p.d.Description = line.pos, ""
		p.describe(arg.from(1))
	}
}

// describe reads a line within accDescr { … }.
func (p *parser) describe(line statement) {
	text := line.text
	if i := strings.IndexByte(text, '}'); i >= 0 {
		text = trim(text[:i])
		p.descr = Pos{}
	}
	p.parts = append(p.parts, text)
	if p.descr.Line == 0 {
		p.described()
	}
}

func (p *parser) described() {
	p.d.Description = strings.Join(filled(p.parts), "\n")
	p.parts = nil
}

// filled returns the lines that are not empty.
func filled(lines []string) []string {
	kept := lines[:0]
	for _, l := range lines {
		if l != "" {
			kept = append(kept, l)
		}
	}
	return kept
}
