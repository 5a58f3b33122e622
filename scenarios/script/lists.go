package script

import (
	"strings"

	"github.com/zablab/zablab/tree"
)

// members supplies the nodes that the first list of a node's children names and that no line above
// creates. What the drawing itself creates is not supplied: then the list contradicts it.
func (s *supplier) members(i int, a, answer *Act) {
	if answer == nil || !answer.Lists() || s.listed[a.Op.Path] || s.drawn(a.Op.Path) {
		return
	}
	s.listed[a.Op.Path] = true
	for _, name := range answer.Reply.Values {
		name = strings.Trim(strings.TrimPrefix(name, a.Op.Path+"/"), `"'`)
		path := strings.TrimSuffix(a.Op.Path, "/") + "/" + name
		if strings.Trim(name, ".…") == "" || strings.IndexByte(name, '/') >= 0 ||
			s.exists[path] || s.drawn(path) || s.related(i, path) ||
			tree.ValidateCreatePath(path, false) != nil {
			continue
		}
		s.add(a, path, "")
	}
}

// related says whether a line above creates a node that a list may name so: one of the same series,
// or under a path that the drawing does not name.
func (s *supplier) related(i int, path string) bool {
	if s.createdBefore(i, path) {
		return true
	}
	parent := parentOf(path)
	for _, a := range s.acts[:i] {
		if a.Kind == Call && a.Op.Type == tree.OpCreate2 && parentOf(a.Op.Path) == parent &&
			(a.vague || a.Op.Flags.IsSequential()) {
			return true
		}
	}
	return false
}
