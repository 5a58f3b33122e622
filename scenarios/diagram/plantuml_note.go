package diagram

import (
	"regexp"
	"slices"
	"strings"
)

// everybody adds a note over all participants: a divider, or a delay.
func (u *uml) everybody(s statement, text string, divider bool) {
	n := &Note{Pos: s.pos, TextPos: s.pos, Placement: Over, Divider: divider}
	if len(u.p.d.Participants) == 0 || text == "" && divider {
		return // a note in Mermaid needs a participant
	}
	n.Over = u.ends()
	if n.Text = Escape(plainUML(text)); text == "" {
		n.Text = "..."
	}
	u.addNote(n)
}

// ends returns the first and the last participant.
func (u *uml) ends() []string {
	who := u.p.d.Participants
	if len(who) == 1 {
		return []string{who[0].Name}
	}
	return []string{who[0].Name, who[len(who)-1].Name}
}

// outer returns the leftmost and the rightmost of several participants: a note in Mermaid is over
// one or two, and covers what stands between them.
func (u *uml) outer(names []string) []string {
	at := func(name string) int {
		return slices.IndexFunc(u.p.d.Participants,
			func(p Participant) bool { return p.Name == name })
	}
	left, right := names[0], names[0]
	for _, name := range names[1:] {
		if at(name) < at(left) {
			left = name
		}
		if at(name) > at(right) {
			right = name
		}
	}
	if left == right {
		return []string{left}
	}
	return []string{left, right}
}

var (
	endTitle = regexp.MustCompile(`^end ?title$`)
	endNote  = regexp.MustCompile(`^end ?[hr]?note$`)
	endRef   = regexp.MustCompile(`^end ?ref$`)
	noteLine = regexp.MustCompile(`^(?:/\s*)?([hr]?note|ref)\s+(left|right|over|across)(\s+of)?\b` +
		`((?:\s*,?\s*(?:"[^"]*"|[\p{L}\p{N}_.@$&/-]+))*)\s*(?:#\S+)?\s*(?:(:)\s*(.*))?$`)
	nameList = regexp.MustCompile(`"[^"]*"|[\p{L}\p{N}_.@$&/-]+`)
)

// note reads a note or a reference; m has the offsets of its parts, as noteLine matched them.
func (u *uml) note(s statement, m []int) error {
	part := func(i int) string {
		if m[2*i] < 0 {
			return ""
		}
		return s.text[m[2*i]:m[2*i+1]]
	}
	u.sure = true
	n := &Note{Pos: s.pos, TextPos: s.at(m[1]), Placement: Over}
	names := nameList.FindAllString(part(4), -1)
	for _, name := range names {
		name = strings.Trim(name, `"`)
		_, known := u.names[name]
		between := len(names) > 2 && !known // it may have no other line
		n.Over = append(n.Over, u.join(s.pos, name, "", false, between))
	}
	if len(n.Over) > 2 {
		n.Over = u.outer(n.Over)
	}
	place := part(2)
	if err := u.place(n, place); err != nil {
		return err
	}
	ends := endNote
	if part(1) == "ref" {
		n.Text, ends = "see ", endRef
	}
	if part(5) == "" {
		u.block = &umlBlock{note: n, ends: ends}
		return nil
	}
	n.TextPos = s.at(m[12])
	n.Text = Escape(n.Text + plainUML(part(6)))
	u.addNote(n)
	return nil
}

// place sets the position of a note. A note that names no participant belongs to the arrow above
// it.
func (u *uml) place(n *Note, place string) error {
	switch place {
	case "left":
		n.Placement = LeftOf
	case "right":
		n.Placement = RightOf
	case "across":
		if n.Over = nil; len(u.p.d.Participants) > 0 {
			n.Over = u.ends()
		}
	}
	if len(n.Over) == 0 && place != "over" && u.last != nil {
		left, right := u.last.From, u.last.To
		if u.p.index[left] > u.p.index[right] {
			left, right = right, left
		}
		if n.Over = []string{left}; place == "right" {
			n.Over = []string{right}
		}
	}
	if len(n.Over) == 0 {
		return fail(n.Pos, "this note names no participant", "write note over A : text")
	}
	if n.Placement != Over {
		n.Over = n.Over[:1]
	}
	return nil
}
