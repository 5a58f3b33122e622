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
			s.exists[path] || s.created[path] || s.related(i, path) ||
			tree.ValidateCreatePath(path, false) != nil {
			continue
		}
		s.add(a, path, "")
	}
}

// related says whether a line above creates a node that a list may name so: one of the same series,
// or under a path that the drawing does not name.
func (s *supplier) related(i int, path string) bool {
	return s.createdBefore(i, path) || above(s.where.listed, parentOf(path), i)
}
