package diagram

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// right returns the position after text s, which begins at p.
func (p Pos) right(s string) Pos { return Pos{p.Line, p.Column + utf8.RuneCountInString(s)} }

// blockWords are the words that begin a block, with the block's kind in Mermaid.
var blockWords = map[string]string{
	"alt": "alt", "opt": "opt", "loop": "loop", "par": "par", "par2": "par", "break": "break",
	"critical": "critical", "group": "rect", "box": "box",
}

// read reads a statement by the method for its first word.
func (u *uml) read(s statement) error {
	t := s.text
	word := t
	if i := strings.IndexAny(t, " \t"); i > 0 {
		word = t[:i]
	}
	arg := s.from(len(word))
	switch low := strings.ToLower(word); low {
	case "participant", "actor", "boundary", "control", "entity", "database", "collections",
		"queue", "create":
		return u.declare(s, low, arg)
	case "alt", "opt", "loop", "par", "par2", "break", "critical", "group", "box":
		u.sure = u.sure || low != "group" && low != "break"
		u.open(s, low, arg)
		return nil
	case "else", "also":
		return u.branch(s, arg)
	case "end", "endbox":
		if len(u.p.stack) > 0 && strings.HasPrefix(arg.text, u.p.stack[len(u.p.stack)-1].Kind) {
			arg.text = ""
		}
		if arg.text == "box" || arg.text == "group" || arg.text == "ref" {
			arg.text = ""
		}
		return u.p.end(s, arg)
	case "activate", "deactivate", "destroy":
		u.sure = true
		return u.activation(s, low, arg)
	case "return":
		u.sure = true
		u.answer(s, arg)
		return nil
	case "autonumber":
		u.sure = true
		u.autonumber(s, arg)
		return nil
	case "title":
		u.title(arg)
		return nil
	}
	return u.mark(s)
}

// mark reads a statement that begins with a sign, a note, or an arrow.
func (u *uml) mark(s statement) error {
	t := s.text
	switch {
	case t[0] == '\'':
		return u.lab(s)
	case strings.HasPrefix(t, "==") && strings.HasSuffix(t, "==") && len(t) > 4:
		u.sure = true
		u.everybody(s, trim(strings.Trim(t, "=")), true)
		return nil
	case strings.HasPrefix(t, "..."):
		u.everybody(s, trim(strings.TrimSuffix(t[3:], "...")), false)
		return nil
	}
	if strings.IndexByte("/hrn", t[0]) >= 0 {
		if m := noteLine.FindStringSubmatchIndex(t); m != nil {
			return u.note(s, m)
		}
	}
	return u.arrow(s)
}

// lab reads a comment: "' lab:", "' expect:", or a plain comment.
func (u *uml) lab(s statement) error {
	body := s.from(1)
	if strings.HasPrefix(body.text, "%%") {
		body = body.from(2)
	}
	word, _, _ := strings.Cut(body.text, " ")
	switch strings.ToLower(word) {
	case "lab:":
		return u.p.directive(s, body.from(len(word)))
	case "expect:":
		return u.p.expect(body.from(len(word)))
	}
	return nil
}

var (
	quotedName = regexp.MustCompile(`^"([^"]*)"`)
	modifier   = regexp.MustCompile(`^(?:order\s+-?\d+|#\S+|<<.*?>>|\[\[.*?\]\]|\[$)\s*`)
	asWord     = regexp.MustCompile(`^(?i:as)\s+`)
)

// nameAt returns the name at the beginning of s, without quotation marks, and its length in s.
func nameAt(s string) (name string, n int) {
	if s != "" && s[0] == '"' {
		if m := quotedName.FindStringSubmatch(s); m != nil {
			return m[1], len(m[0])
		}
		return "", 0
	}
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf && (isWord(byte(r)) || strings.IndexByte(".@$&/", byte(r)) >= 0),
			unicode.IsLetter(r), unicode.IsNumber(r):
			n = i + utf8.RuneLen(r)
		case r == '-' && i == n: // a single hyphen, inside the name
		default:
			return s[:n], n
		}
	}
	return s[:n], n
}

// declare reads the text after a word that declares a participant, such as actor.
func (u *uml) declare(s statement, word string, arg statement) error {
	if word == "create" {
		word, _, _ = strings.Cut(arg.text, " ")
		switch word {
		case "participant", "actor", "boundary", "control", "entity", "database", "collections",
			"queue":
			arg = arg.from(len(word))
		}
	}
	text := arg.text
	first, n := nameAt(text)
	if n == 0 {
		return fail(arg.pos, "a participant is missing", "write participant \"App A\" as A")
	}
	second := ""
	rest := trimLeft(text[n:])
	if as := asWord.FindString(rest); as != "" {
		second, n = nameAt(rest[len(as):])
		rest = trimLeft(rest[len(as)+n:])
	}
	for m := modifier.FindString(rest); m != ""; m = modifier.FindString(rest) {
		if m[0] == '[' && m[len(m)-1] == '[' {
			u.block = &umlBlock{ends: closeBracket}
		}
		rest = rest[len(m):]
	}
	if rest != "" {
		return fail(s.at(len(s.text)-len(rest)), clip(rest)+" is not allowed after a participant",
			"write participant \"App A\" as A")
	}
	name, label := first, second
	if second != "" && (quotedName.MatchString(text) || !strings.Contains(trimLeft(text), `as "`)) {
		name, label = second, first // "App A" as A; in A as "App A" the name comes first
	}
	u.sure = u.sure || word == "participant"
	u.join(s.pos, name, label, word == "actor", true)
	return nil
}

var closeBracket = regexp.MustCompile(`^\]$`)

// join returns the name in Mermaid of a participant, and declares the participant if it is new.
func (u *uml) join(at Pos, name, label string, actor, declared bool) string {
	clean, known := u.names[name]
	if !known {
		same := CleanName(plainUML(name))
		for clean = same; u.taken(clean); clean = same + "_" + itoa(u.alike[same]) {
			u.alike[same] = max(u.alike[same], 1) + 1
		}
		u.names[name] = clean
	}
	if label == "" && clean != name {
		label = name
	}
	if declared || !known && label != "" {
		d := &Declare{Pos: at, Name: clean, Alias: alias(Escape(plainUML(label))), Actor: actor}
		u.p.add(d)
		u.p.declared(d)
	}
	u.p.appear(clean, at.Line)
	return clean
}

func (u *uml) taken(clean string) bool {
	_, ok := u.p.index[clean]
	return ok
}

// open begins a block. A group becomes a rect, and its label a divider.
func (u *uml) open(s statement, word string, arg statement) {
	label := strings.Trim(umlColour.ReplaceAllString(arg.text, ""), ` "`)
	u.p.open(s, blockWords[word], statement{})
	if len(u.p.stack) == 0 || u.p.stack[len(u.p.stack)-1].Pos != s.pos {
		return
	}
	b := u.p.stack[len(u.p.stack)-1]
	if word != "group" {
		b.Branches[0].Label = unwrap(Escape(plainUML(label)))
		return
	}
	b.Branches[0].Label = "rgb(240, 240, 240)"
	if label != "" {
		u.everybody(s, label, true)
	}
}

var umlColour = regexp.MustCompile(`(?:^|\s)#[\w/\\|-]+`)

// branch reads else, which continues every kind of block.
func (u *uml) branch(s, arg statement) error {
	if len(u.p.stack) == 0 {
		return fail(s.pos, "\"else\" is outside a block", "open a block with alt")
	}
	b := u.p.stack[len(u.p.stack)-1]
	switch b.Kind {
	case "alt", "par", "critical":
	case "opt":
		b.Kind = "alt"
	default:
		return fail(s.pos, "\"else\" belongs to alt or par, but the "+b.Kind+" of line "+
			itoa(b.Line)+" is still open", "close the open block first with \"end\"")
	}
	label := umlColour.ReplaceAllString(arg.text, "")
	b.Branches = append(b.Branches, Branch{Pos: s.pos, Label: unwrap(Escape(plainUML(label)))})
	u.p.last = nil
	return nil
}

// activation reads activate, deactivate and destroy. It ignores a deactivate without an activate,
// as PlantUML does.
func (u *uml) activation(s statement, word string, arg statement) error {
	name, n := nameAt(arg.text)
	if n == 0 {
		return fail(arg.pos, "a participant is missing", "write "+word+" A")
	}
	if _, known := u.names[name]; !known && word != "activate" {
		return nil // it has no line, and is no participant
	}
	who := u.join(s.pos, name, "", false, false)
	if word == "activate" {
		u.activate(s.pos, who)
		return nil
	}
	u.deactivate(s.pos, who)
	return nil
}

// mostCalls is the largest number of open activations that are kept for return.
const mostCalls = 200

func (u *uml) activate(at Pos, who string) {
	by := who
	if u.last != nil && u.last.To == who {
		by = u.last.From
	}
	if len(u.calls) == mostCalls { // bounds the time of a search
		u.calls = slices.Delete(u.calls, 0, mostCalls/2)
	}
	u.calls = append(u.calls, call{who, by})
	u.active[who]++
	u.p.add(&Activation{at, who, true})
}

func (u *uml) deactivate(at Pos, who string) {
	if u.active[who] == 0 {
		return
	}
	u.active[who]--
	u.p.add(&Activation{at, who, false})
	for i, c := range slices.Backward(u.calls) {
		if c.who == who {
			u.calls = slices.Delete(u.calls, i, i+1)
			return
		}
	}
}

// answer reads a return line. It becomes a dashed arrow from the participant that was activated
// last to its caller.
func (u *uml) answer(s, arg statement) {
	var c call
	switch n := len(u.calls); {
	case n > 0:
		c = u.calls[n-1]
	case u.last != nil:
		c = call{u.last.To, u.last.From}
	default:
		u.p.unread(s, fail(s.pos, "\"return\" needs a call above it",
			"above this line, add a call such as A -> B : text"))
		return
	}
	a := &Arrow{Pos: s.pos, From: c.who, To: c.by, Dashed: true, Head: HeadArrow,
		Text: Escape(plainUML(arg.text)), TextPos: arg.pos}
	u.p.add(a)
	u.p.last, u.last = &a.Expect, a
	u.deactivate(s.pos, c.who)
}

func (u *uml) autonumber(s, arg statement) {
	a := &Autonumber{Pos: s.pos}
	words := strings.Fields(arg.text)
	if len(words) > 0 && words[0] == "stop" {
		a.Off = true
	}
	numbers := []string{"", ""}
	for i, w := range words {
		if i < 2 && strings.Trim(w, "0123456789") == "" {
			numbers[i] = w
		}
	}
	if a.Start, a.Step = numbers[0], numbers[1]; a.Start == "" {
		a.Step = ""
	}
	u.p.add(a)
}

func (u *uml) title(arg statement) {
	if arg.text == "" {
		u.block = &umlBlock{title: true, ends: endTitle}
		return
	}
	u.p.d.Title = cleanTitle(Escape(plainUML(arg.text)))
}
