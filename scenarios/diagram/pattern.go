package diagram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a regular expression, in the part of regexp's syntax that this package needs. It matches
// as package regexp does, which TestPatterns compares. With regexp the engine of a page would be 150
// kB larger: regexp brings all tables of package unicode.
//
// A match takes time and memory proportional to what it reads of the text: no state is visited twice.
type pattern struct {
	text   string
	prog   []step
	groups int                 // 2 × (captures + 1)
	begins bool                // ^
	first  [utf8.RuneSelf]bool // ASCII characters that a match may begin with
	empty  bool                // a match may be empty
}

// step is an instruction of a pattern.
type step struct {
	op   stepKind
	set  *runeSet
	a, b int // next steps; of a save, b is the capture's index
}

type stepKind uint8

const (
	stepRune  stepKind = iota // a rune of the set
	stepSplit                 // try a, then b
	stepSave
	stepBegin
	stepEnd
	stepWord // \b
	stepDone
)

// runeSet is a class of characters.
type runeSet struct {
	ranges []rune // pairs
	tests  []func(rune) bool
	not    bool
	fold   bool // upper and lower case are equal
}

func (s *runeSet) has(r rune) bool {
	in := s.hasOne(r)
	if s.fold {
		for f := unicode.SimpleFold(r); f != r && !in; f = unicode.SimpleFold(f) {
			in = s.hasOne(f)
		}
	}
	return in != s.not
}

func (s *runeSet) hasOne(r rune) bool {
	for i := 0; i < len(s.ranges); i += 2 {
		if s.ranges[i] <= r && r <= s.ranges[i+1] {
			return true
		}
	}
	for _, test := range s.tests {
		if test(r) {
			return true
		}
	}
	return false
}

// compilePattern compiles a pattern of this package. A construct that it does not know is a mistake
// in the package, and panics.
func compilePattern(text string) *pattern {
	c := &patternParser{text: text, groups: 2, p: pattern{text: text}}
	c.p.begins = strings.HasPrefix(text, "^")
	c.emit(step{op: stepSave, b: 0})
	c.alternatives()
	if c.text != "" {
		panic("pattern " + text + ": unexpected " + c.text)
	}
	c.emit(step{op: stepSave, b: 1})
	c.emit(step{op: stepDone})
	c.p.groups = c.groups
	c.p.start(0, make([]bool, len(c.p.prog)))
	return &c.p
}

// start notes how a match may begin, from a step on.
func (p *pattern) start(at int, seen []bool) {
	if seen[at] {
		return
	}
	seen[at] = true
	switch q := &p.prog[at]; q.op {
	case stepDone, stepEnd:
		p.empty = true
	case stepRune:
		for r := range rune(len(p.first)) {
			p.first[r] = p.first[r] || q.set.has(r)
		}
	case stepSplit:
		p.start(q.a, seen)
		p.start(q.b, seen)
	default:
		p.start(q.a, seen)
	}
}

type patternParser struct {
	text   string
	p      pattern
	groups int
	fold   bool
}

// emit adds a step that continues with the step after it.
func (c *patternParser) emit(s step) int {
	at := len(c.p.prog)
	s.a = at + 1
	c.p.prog = append(c.p.prog, s)
	return at
}

// insert makes room for a step at a place, and moves what follows.
func (c *patternParser) insert(at int, s step) {
	c.p.prog = append(c.p.prog, step{})
	copy(c.p.prog[at+1:], c.p.prog[at:])
	for i := range c.p.prog {
		q := &c.p.prog[i]
		if i == at {
			continue
		}
		if q.a > at || q.a == at && i > at {
			q.a++
		}
		if q.op == stepSplit && (q.b > at || q.b == at && i > at) {
			q.b++
		}
	}
	c.p.prog[at] = s
}

func (c *patternParser) accept(word string) bool {
	rest, ok := strings.CutPrefix(c.text, word)
	if ok {
		c.text = rest
	}
	return ok
}

// alternatives reads a|b|c, up to a closing bracket or the end.
func (c *patternParser) alternatives() {
	begin := len(c.p.prog)
	c.sequence()
	var ends []int
	for c.accept("|") {
		c.insert(begin, step{op: stepSplit, a: begin + 1})
		ends = append(ends, c.emit(step{op: stepSplit}))
		c.p.prog[begin].b = len(c.p.prog)
		begin = len(c.p.prog)
		c.sequence()
	}
	for _, e := range ends {
		c.p.prog[e].a = len(c.p.prog)
		c.p.prog[e].b = len(c.p.prog)
	}
}

func (c *patternParser) sequence() {
	for c.text != "" && c.text[0] != '|' && c.text[0] != ')' {
		begin := len(c.p.prog)
		c.atom()
		c.repeat(begin)
	}
}

// repeat reads *, + or ?, with a ? after it for the shortest match.
func (c *patternParser) repeat(begin int) {
	if c.text == "" || strings.IndexByte("*+?", c.text[0]) < 0 {
		return
	}
	sign := c.text[0]
	c.text = c.text[1:]
	lazy := c.accept("?")
	split := func(at, inside, after int) {
		s := &c.p.prog[at]
		if s.op, s.a, s.b = stepSplit, inside, after; lazy {
			s.a, s.b = after, inside
		}
	}
	switch sign {
	case '+':
		at := c.emit(step{op: stepSplit})
		split(at, begin, at+1)
	case '*':
		c.insert(begin, step{op: stepSplit, a: begin + 1})
		back := c.emit(step{op: stepSplit})
		c.p.prog[back].a, c.p.prog[back].b = begin, begin
		split(begin, begin+1, back+1)
	case '?':
		c.insert(begin, step{op: stepSplit, a: begin + 1})
		split(begin, begin+1, len(c.p.prog))
	}
}

// atom reads a group, a class, an escape or a character.
func (c *patternParser) atom() {
	fold := c.fold
	switch {
	case c.accept("(?i)"):
		c.fold = true
		return
	case c.accept("(?i:"):
		c.fold = true
		c.group(-1)
		c.fold = fold
	case c.accept("(?:"):
		c.group(-1)
	case c.accept("("):
		n := c.groups
		c.groups += 2
		c.group(n)
	case c.accept("^"):
		c.emit(step{op: stepBegin})
	case c.accept("$"):
		c.emit(step{op: stepEnd})
	case c.accept(`\b`):
		c.emit(step{op: stepWord})
	case c.accept("."):
		c.emit(step{op: stepRune, set: &runeSet{ranges: []rune{'\n', '\n'}, not: true}})
	case c.accept("["):
		c.class()
	default:
		s := &runeSet{fold: c.fold}
		if r := c.member(s); r >= 0 {
			s.ranges = []rune{r, r}
		}
		c.emit(step{op: stepRune, set: s})
	}
}

func (c *patternParser) group(capture int) {
	if capture >= 0 {
		c.emit(step{op: stepSave, b: capture})
	}
	c.alternatives()
	if !c.accept(")") {
		panic("pattern: no ) before " + c.text)
	}
	if capture >= 0 {
		c.emit(step{op: stepSave, b: capture + 1})
	}
}

// class reads a class after its opening bracket.
func (c *patternParser) class() {
	s := &runeSet{fold: c.fold, not: c.accept("^")}
	for !c.accept("]") {
		r := c.member(s)
		if r < 0 {
			continue
		}
		last := r
		if len(c.text) > 1 && c.text[0] == '-' && c.text[1] != ']' {
			c.text = c.text[1:]
			last = c.member(s)
		}
		s.ranges = append(s.ranges, r, last)
	}
	c.emit(step{op: stepRune, set: s})
}

// member reads a character, or a class such as \s, which it adds to the set; then it returns -1.
func (c *patternParser) member(s *runeSet) rune {
	switch {
	case c.accept(`\s`):
		s.ranges = append(s.ranges, '\t', '\n', '\f', '\r', ' ', ' ')
	case c.accept(`\S`):
		s.tests = append(s.tests, func(r rune) bool { return !strings.ContainsRune("\t\n\f\r ", r) })
	case c.accept(`\d`):
		s.ranges = append(s.ranges, '0', '9')
	case c.accept(`\w`):
		s.ranges = append(s.ranges, '0', '9', 'A', 'Z', '_', '_', 'a', 'z')
	case c.accept(`\p{L}`):
		s.tests = append(s.tests, unicode.IsLetter)
	case c.accept(`\p{N}`):
		s.tests = append(s.tests, unicode.IsNumber)
	case c.accept(`\n`):
		return '\n'
	default:
		c.accept(`\`)
		r, n := utf8.DecodeRuneInString(c.text)
		c.text = c.text[n:]
		return r
	}
	return -1
}

// matching is one attempt to match.
type matching struct {
	p    *pattern
	s    string
	caps []int

	pages map[int][]uint64 // by position / pageSize: the states that were visited
	page  []uint64         // the one used last
	at    int              // its number
	stack []job
}

// pageSize is the number of positions of the text that share a page of visited states.
const pageSize = 64

// visit notes a state, and reports whether it is new.
func (m *matching) visit(pc, at int) bool {
	if n := at / pageSize; m.page == nil || n != m.at {
		if m.page != nil {
			if m.pages == nil {
				m.pages = make(map[int][]uint64)
			}
			m.pages[m.at] = m.page
		}
		if m.page, m.at = m.pages[n], n; m.page == nil {
			m.page = make([]uint64, len(m.p.prog))
		}
	}
	bit := uint64(1) << (at % pageSize)
	if m.page[pc]&bit != 0 {
		return false
	}
	m.page[pc] |= bit
	return true
}

// find returns the offsets of the leftmost match and of its captures, or nil.
func (p *pattern) find(s string, from int) []int {
	var m *matching
	for at := from; at <= len(s); {
		if !p.empty && (at == len(s) || s[at] < utf8.RuneSelf && !p.first[s[at]]) {
			if p.begins {
				return nil
			}
			at++
			continue
		}
		if m == nil {
			m = &matching{p: p, s: s, caps: make([]int, p.groups)}
		}
		for i := range m.caps {
			m.caps[i] = -1
		}
		if m.run(0, at) {
			return m.caps
		}
		if p.begins {
			return nil
		}
		_, n := utf8.DecodeRuneInString(s[at:])
		at += max(1, n)
	}
	return nil
}

// job is a state to try, or, with a negative step, a capture to restore.
type job struct{ step, at int }

func (m *matching) run(first, at int) bool {
	m.stack = append(m.stack[:0], job{first, at})
	for len(m.stack) > 0 {
		j := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if j.step < 0 {
			m.caps[-j.step-1] = j.at
			continue
		}
		for pc, at := j.step, j.at; ; {
			if !m.visit(pc, at) {
				break
			}
			q := &m.p.prog[pc]
			ok := true
			switch q.op {
			case stepDone:
				return true
			case stepRune:
				r, n := utf8.DecodeRuneInString(m.s[at:])
				ok = n > 0 && q.set.has(r)
				at += n
			case stepSplit:
				m.stack = append(m.stack, job{q.b, at})
			case stepSave:
				m.stack = append(m.stack, job{-q.b - 1, m.caps[q.b]})
				m.caps[q.b] = at
			case stepBegin:
				ok = at == 0
			case stepEnd:
				ok = at == len(m.s)
			case stepWord:
				before, after := at > 0 && isWord(m.s[at-1]), at < len(m.s) && isWord(m.s[at])
				ok = before != after
			}
			if !ok {
				break
			}
			pc = q.a
		}
	}
	return false
}

// MatchString, and the other methods, are those of regexp.Regexp.
func (p *pattern) MatchString(s string) bool { return p.find(s, 0) != nil }

func (p *pattern) FindStringSubmatchIndex(s string) []int { return p.find(s, 0) }

func (p *pattern) FindStringIndex(s string) []int {
	if m := p.find(s, 0); m != nil {
		return m[:2]
	}
	return nil
}

func (p *pattern) FindString(s string) string {
	if m := p.find(s, 0); m != nil {
		return s[m[0]:m[1]]
	}
	return ""
}

func (p *pattern) FindStringSubmatch(s string) []string {
	m := p.find(s, 0)
	if m == nil {
		return nil
	}
	parts := make([]string, len(m)/2)
	for i := range parts {
		if m[2*i] >= 0 {
			parts[i] = s[m[2*i]:m[2*i+1]]
		}
	}
	return parts
}

// each calls f with each match, from left to right. An empty match beside the last one does not
// count.
func (p *pattern) each(s string, f func(m []int)) {
	for at, last := 0, -1; at <= len(s); {
		m := p.find(s, at)
		if m == nil {
			return
		}
		if at = m[1]; m[0] != m[1] || m[0] != last {
			f(m)
		}
		if last = m[1]; m[0] == m[1] {
			_, n := utf8.DecodeRuneInString(s[at:])
			at += max(1, n)
		}
	}
}

func (p *pattern) FindAllString(s string, _ int) (list []string) {
	p.each(s, func(m []int) { list = append(list, s[m[0]:m[1]]) })
	return list
}

// ReplaceAllString replaces each match by the captures that with names: $1$2; or deletes it.
func (p *pattern) ReplaceAllString(s, with string) string {
	var b strings.Builder
	done := 0
	p.each(s, func(m []int) {
		b.WriteString(s[done:m[0]])
		done = m[1]
		for _, name := range strings.Split(with, "$")[1:] {
			if k := 2 * int(name[0]-'0'); m[k] >= 0 {
				b.WriteString(s[m[k]:m[k+1]])
			}
		}
	})
	if done == 0 {
		return s
	}
	return b.String() + s[done:]
}
