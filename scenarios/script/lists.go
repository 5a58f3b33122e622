package script

import (
	"strings"

	"github.com/zablab/zablab/tree"
)

// members supplies the nodes that the first list of a node's children names and that no line above
// creates. A node that the drawing creates below is not supplied: then the list contradicts the
// drawing.
func (s *supplier) members(i int, a, answer *Act) {
	if answer == nil || !answer.Lists() || s.listed[a.Op.Path] || s.drawn(a.Op.Path) {
		return
	}
	s.listed[a.Op.Path] = true
	for _, name := range answer.Reply.Values {
		name = strings.Trim(strings.TrimPrefix(name, a.Op.Path+"/"), `"'`)
		path := strings.TrimSuffix(a.Op.Path, "/") + "/" + name
		if strings.Trim(name, ".…") == "" || strings.IndexByte(name, '/') >= 0 ||
			s.exists[path] || s.created[path] || s.related(i, path) ||
			tree.ValidateCreatePath(path, false) != nil {
			continue
		}
		s.add(a, path, "")
	}
}

// chatter marks as unread a line in the place of the answer to a write, such as "receive the test
// config". It is no outcome, names no number and mentions nothing that a create gives. Otherwise
// the line would be as drawn whatever it says.
func (s *supplier) chatter(a *Act) {
	r := &a.Reply
	if a.Kind != Reply || a.Of == nil || !a.Of.Op.Type.Writes() || a.Either ||
		r.Outcome != AnyOutcome || r.Exists || r.Code != tree.OK || len(r.Values) < 2 || a.Sure() ||
		strings.ContainsAny(a.Text, "0123456789=:") {
		return
	}
	if words := a.plain(); !gains.in(words) && !ranks.in(words) {
		a.problem(&misread{why: "the text is neither an outcome nor a value: write \"success\" " +
			"or " +
			"\"failed — exists\""})
		a.Of.Answer = nil
		delete(s.answers, a.Of)
	}
}

// gains are words for what a create gives to its client.
var gains = lexiconOf([]string{"lock", "leader", "leadership", "mine", "yours", "you", "holds",
	"owner", "master", "session", "node", "znode", "id", "ticket", "token", "watch"})

// related says whether a line above creates a node that a list may call by this path: a node of the
// same series, or a node whose name the drawing does not show.
func (s *supplier) related(i int, path string) bool {
	return s.createdBefore(i, path) || above(s.where.listed, parentOf(path), i)
}
