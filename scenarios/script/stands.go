package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// stage supplies the parents of the nodes that an operation creates, and the nodes that it needs.
func (s *supplier) stage(i int, a *Act, op *tree.Op) {
	answer := s.answers[a]
	if op.Type == tree.OpMulti {
		for k := range op.Ops {
			s.stage(i, a, &op.Ops[k])
		}
		return
	}
	if answer != nil && answer.Reply.Outcome == WentWrong && answer.Reply.Code != tree.NodeExists &&
		answer.Reply.Code != tree.BadVersion && answer.Reply.Code != tree.NotEmpty {
		return
	}
	switch op.Type {
	case tree.OpCreate2:
		s.parents(a, op.Path)
	case tree.OpGetData:
		data := ""
		if answer != nil && (answer.Sure() || a.vague && answer.Reply.Outcome == AnyOutcome) {
			data = strings.Join(answer.Reply.Values, " ")
		}
		s.node(a, op.Path, data)
	case tree.OpDelete:
		s.deletes(i, a, op.Path)
	case tree.OpSetData, tree.OpCheck:
		s.node(a, op.Path, "")
	case tree.OpGetChildren2:
		s.node(a, op.Path, "")
		s.members(i, a, answer)
	case tree.OpExists:
		says := answer != nil && (answer.Reply.Exists || answer.Reply.Outcome == WentWell &&
			!op.Watch)
		if who := s.heldBy(i, a); op.Watch && who != "" && !s.drawn(op.Path) && !s.exists[op.Path] {
			s.parents(a, op.Path)
			s.hold(who, op.Path, a)
		} else if says || op.Watch && s.ends(i, op.Path) {
			s.node(a, op.Path, "")
		}
	}
}

// deletes supplies the node that a call deletes, if no line above creates it. The node belongs to
// the client of the call if it is ephemeral: the text says so, or a line below creates it as
// ephemeral.
func (s *supplier) deletes(i int, a *Act, path string) {
	if s.createdBefore(i, path) || s.exists[path] {
		return
	}
	own := slices.ContainsFunc(a.words(), isEphemeral)
	if last, ok := s.where.own[path]; ok && last > i {
		own = true
	}
	s.parents(a, path)
	if own && s.world.Cast.Roles[a.From].Kind == RoleClient {
		s.hold(a.From, path, a)
	} else {
		s.add(a, path, "")
	}
}

// ends reports whether a later act changes or deletes a node, or expects this.
func (s *supplier) ends(i int, path string) bool {
	places := s.where.ends[path]
	n, found := slices.BinarySearch(places, i)
	if found {
		n++
	}
	if n == len(places) {
		return false
	}
	a := s.acts[places[n]]
	return a.Kind != Happening || a.Happening.What == NodeDeleted
}

// node supplies a node and its parents, unless the drawings create the node.
func (s *supplier) node(a *Act, path, data string) {
	if s.drawn(path) || s.exists[path] {
		return
	}
	s.parents(a, path)
	s.add(a, path, data)
}

// parents supplies the parents of a node. They exist before the drawing begins or, for a parent
// below a node that the drawing creates, directly before the act.
func (s *supplier) parents(a *Act, path string) {
	below := false
	for i := 1; i < len(path); i++ {
		if path[i] != '/' {
			continue
		}
		parent := path[:i]
		switch {
		case s.drawn(parent):
			below = true
		case s.exists[parent]:
		case below && a.Kind == Call:
			s.exists[parent], s.during[parent] = true, true
			a.Before = append(a.Before, Supply{Client: s.maker(a), Op: createOf(parent, "")})
			a.told("%s exists before this line", parent)
		default:
			s.add(a, parent, "")
		}
	}
}

func (s *supplier) add(a *Act, path, data string) {
	if path == "" || path == "/" || strings.HasPrefix(path, "/zookeeper") {
		return
	}
	s.exists[path] = true
	s.world.Supplies = append(s.world.Supplies, Supply{Client: s.maker(a),
		Op: createOf(path, data)})
	if data != "" {
		path += fmt.Sprintf(" = %q", data)
	}
	a.beside("%s exists before the drawing begins", path)
}

// maker returns the client that creates what an act needs: the client of the act, if it has one.
func (s *supplier) maker(a *Act) string {
	if s.world.Cast.Roles[a.From].Kind == RoleClient {
		return a.From
	}
	return s.world.Cast.guest()
}

// drawn reports whether the drawings create a node, perhaps as a sequential node.
func (s *supplier) drawn(path string) bool {
	return path == "/" || s.created[path] || s.created[strings.TrimRight(path, "0123456789")]
}
