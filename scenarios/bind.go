package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// binding is the name of a sequential node in the drawing, and the name that the ensemble gave
// instead.
type binding struct{ drawn, real string }

// real returns the path in the run of a node in the drawing. It binds no new names.
func (p *player) real(path string) string {
	if path == "" {
		return ""
	}
	for _, b := range p.names {
		if path == b.drawn {
			return b.real
		}
		if rest, ok := strings.CutPrefix(path, b.drawn+"/"); ok {
			return b.real + "/" + rest
		}
	}
	return p.ranked(path)
}

// ranked returns the node that a drawn sequential name means before an answer has shown it: the nth
// drawn name, by number, is the nth node.
func (p *player) ranked(path string) string {
	family, _, ok := splitNumber(path)
	if !ok {
		return path
	}
	nodes := p.sequenced(family)
	if len(nodes) == 0 {
		return path
	}
	drawn := p.drawnNames(family)
	rank := slices.Index(drawn, path)
	if rank < 0 || slices.Contains(nodes, path) && !p.renamed(family) {
		return path
	}
	shift := 0
	for _, b := range p.names {
		if i, k := slices.Index(drawn, b.drawn), slices.Index(nodes, b.real); i >= 0 && k >= 0 {
			shift = k - i
		}
	}
	if at := rank + shift; at >= 0 && at < len(nodes) {
		return nodes[at]
	}
	return path
}

// renamed reports whether a name of this family is bound to another name.
func (p *player) renamed(family string) bool {
	for _, b := range p.names {
		if strings.HasPrefix(b.drawn, family) && b.drawn != b.real {
			return true
		}
	}
	drawn, nodes := p.drawnNames(family), p.sequenced(family)
	for _, name := range drawn {
		if !slices.Contains(nodes, name) {
			return true
		}
	}
	return false
}

// sequenced returns the nodes that the ensemble has created for a sequential path, ordered by
// number.
func (p *player) sequenced(family string) (list []string) {
	for _, o := range p.e.Ops() {
		if o.Outcome == client.OK && o.Op.Flags.IsSequential() && o.Op.Path == family {
			list = append(list, o.Result.Path)
		}
	}
	slices.Sort(list)
	return list
}

// drawnNames returns the names of a family in the drawings of the world, ordered by number.
func (p *player) drawnNames(family string) []string {
	if p.families == nil {
		p.families = familiesOf(p.spec.Paths())
	}
	return p.families[family]
}

// familiesOf sorts numbered names into families, each ordered by number.
func familiesOf(paths []string) map[string][]string {
	families, seen := make(map[string][]string), make(map[string]bool)
	for _, path := range paths {
		if f, _, ok := splitNumber(path); ok && !seen[path] {
			seen[path] = true
			families[f] = append(families[f], path)
		}
	}
	for _, list := range families { // order: each list alone
		slices.SortFunc(list, func(a, b string) int {
			_, n, _ := splitNumber(a)
			_, m, _ := splitNumber(b)
			return compareNumbers(n, m)
		})
	}
	return families
}

// splitNumber splits a sequential name: /e/n-0001 is /e/n- and 0001.
func splitNumber(path string) (family, digits string, ok bool) {
	n := len(path)
	for n > 0 && path[n-1] >= '0' && path[n-1] <= '9' {
		n--
	}
	return path[:n], path[n:], n < len(path)
}

// compareNumbers compares two decimal numbers that are given as digits.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// binds reports whether a drawn name can mean the node that a sequential create has created, and
// returns the drawn path. The names of a family must keep their order.
func (p *player) binds(drawn string, o *engine.Op) (path string, ok bool) {
	family := o.Op.Path
	path = drawn
	switch {
	case strings.HasPrefix(drawn, "/"):
	case strings.Trim(drawn, "0123456789") == "":
		path = family + drawn
	default:
		path = family[:strings.LastIndexByte(family, '/')+1] + drawn
	}
	if path == o.Result.Path {
		return path, true
	}
	f, n, numbered := splitNumber(path)
	if !numbered || f != family && p.real(f) != family {
		return path, false
	}
	for _, b := range p.names {
		if g, m, _ := splitNumber(b.drawn); g != f {
			continue
		} else if b.drawn == path || b.real == o.Result.Path {
			return path, b.drawn == path && b.real == o.Result.Path
		} else if (compareNumbers(m, n) < 0) != (b.real < o.Result.Path) {
			return path, false
		}
	}
	return path, true
}

// bind binds a drawn name to the created node, and reports this once.
func (p *player) bind(drawn string, o *engine.Op, r *arrowRun) {
	path, ok := p.binds(drawn, o)
	if !ok {
		return
	}
	for _, b := range p.names {
		if b.drawn == path {
			return
		}
	}
	p.names = append(p.names, binding{path, o.Result.Path})
	p.tellName(path, o.Result.Path, r)
}

// tellName reports once that a drawn name means a node with another name.
func (p *player) tellName(drawn, real string, r *arrowRun) {
	if drawn == real || p.toldNames[drawn] {
		return
	}
	if p.toldNames == nil {
		p.toldNames = make(map[string]bool)
	}
	p.toldNames[drawn] = true
	r.supplied = append(r.supplied, fmt.Sprintf("%s is %s here", drawn, real))
}

// realOp returns an operation of the drawing with the real names of its nodes.
func (p *player) realOp(op tree.Op) tree.Op {
	if op.Flags.IsSequential() {
		if i := strings.LastIndexByte(op.Path, '/'); i > 0 {
			op.Path = p.real(op.Path[:i]) + op.Path[i:]
		}
	} else {
		op.Path = p.real(op.Path)
	}
	if len(op.Ops) > 0 {
		op.Ops = slices.Clone(op.Ops)
		for i := range op.Ops {
			op.Ops[i] = p.realOp(op.Ops[i])
		}
	}
	return op
}

// sameList reports whether the children of a node are those in the drawing, which may list names,
// paths or numbers.
func (p *player) sameList(a *script.Act, o *engine.Op) bool {
	real := slices.Sorted(slices.Values(o.Result.Children))
	if o.Op.Path == "/" && !slices.Contains(a.Reply.Values, "zookeeper") {
		real = slices.DeleteFunc(real, func(name string) bool { return name == "zookeeper" })
	}
	under := strings.TrimSuffix(o.Op.Path, "/") + "/"
	var names []string
	cut := false // the drawn list stops with an ellipsis
	for _, v := range a.Reply.Values {
		v = strings.Trim(v, `"'`)
		if cut = strings.Trim(v, ".…") == ""; !cut {
			names = append(names, strings.TrimPrefix(v, under))
		}
	}
	if cut && len(names) >= len(real) {
		return false
	}
	if cut {
		real = real[:len(names)]
	}
	if slices.Equal(slices.Sorted(slices.Values(names)), real) && !p.anyRenamed(under) {
		return true
	}
	var mapped []string
	for _, name := range names {
		path := under + name
		if strings.Trim(name, "0123456789") == "" {
			if family := p.familyUnder(under); family != "" {
				path = family + name
			}
		}
		mapped = append(mapped, strings.TrimPrefix(p.real(path), under))
	}
	return slices.Equal(slices.Sorted(slices.Values(mapped)), real)
}

func (p *player) anyRenamed(under string) bool {
	family := p.familyUnder(under)
	return family != "" && p.renamed(family)
}

// familyUnder returns the path of the sequential nodes below a node, if they all have the same one.
func (p *player) familyUnder(under string) (family string) {
	for _, o := range p.e.Ops() {
		if o.Op.Flags.IsSequential() && o.Outcome == client.OK &&
			o.Op.Path[:strings.LastIndexByte(o.Op.Path, '/')+1] == under {
			if family != "" && family != o.Op.Path {
				return ""
			}
			family = o.Op.Path
		}
	}
	return family
}
