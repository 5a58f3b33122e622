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

// family has what the drawing and the run know of the nodes whose names differ in a number only.
type family struct {
	drawn  []string       // names in the drawings of the world, ordered by number
	rank   map[string]int // their places
	nodes  []string       // the nodes that the ensemble has created, ordered by number
	absent int            // how many drawn names no node has
	bound  []binding      // ordered by number
	last   binding        // the latest
	other  bool           // a name is bound to another name
}

// sequence says which sequential creates are in the families already.
type sequence struct {
	next int   // the first operation that has not been looked at
	open []int // creates without an outcome
}

// real returns the path in the run of a node in the drawing. It binds no new names.
func (p *player) real(path string) string {
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		if real, ok := p.bound[path[:end]]; ok {
			return real + path[end:]
		}
	}
	return p.ranked(path)
}

// ranked returns the node that a drawn sequential name means before an answer has shown it: the nth
// drawn name, by number, is the nth node.
func (p *player) ranked(path string) string {
	front, _, ok := splitNumber(path)
	if !ok {
		return path
	}
	f := p.family(front)
	rank, drawn := f.rank[path]
	_, is := slices.BinarySearch(f.nodes, path)
	if len(f.nodes) == 0 || !drawn || is && !f.renamed() {
		return path
	}
	at := rank
	if i, ok := f.rank[f.last.drawn]; ok {
		if k, ok := slices.BinarySearch(f.nodes, f.last.real); ok {
			at += k - i
		}
	}
	if at >= 0 && at < len(f.nodes) {
		return f.nodes[at]
	}
	return path
}

// renamed reports whether a drawn name of the family means a node with another name.
func (f *family) renamed() bool { return f.other || f.absent > 0 }

// family returns a family with all nodes that the ensemble has created so far.
func (p *player) family(front string) *family {
	if p.families == nil {
		p.families = familiesOf(p.spec.Paths())
	}
	ops := p.e.Ops()
	for ; p.sequence.next < len(ops); p.sequence.next++ {
		if ops[p.sequence.next].Op.Flags.IsSequential() {
			p.sequence.open = append(p.sequence.open, p.sequence.next)
		}
	}
	p.sequence.open = slices.DeleteFunc(p.sequence.open, func(i int) bool {
		o := ops[i]
		if o.Outcome == client.OK {
			p.familyOf(o.Op.Path).enter(o.Result.Path)
		}
		return o.Done()
	})
	return p.familyOf(front)
}

// familyOf returns the family with a front, which may be new.
func (p *player) familyOf(front string) *family {
	f := p.families[front]
	if f == nil {
		f = &family{}
		p.families[front] = f
	}
	return f
}

// enter adds a node that the ensemble has created.
func (f *family) enter(path string) {
	at, is := slices.BinarySearch(f.nodes, path)
	if is {
		return
	}
	f.nodes = slices.Insert(f.nodes, at, path)
	if _, drawn := f.rank[path]; drawn {
		f.absent--
	}
}

// familiesOf sorts numbered names into families, each ordered by number.
func familiesOf(paths []string) map[string]*family {
	families, seen := make(map[string]*family), make(map[string]bool)
	for _, path := range paths {
		if front, _, ok := splitNumber(path); ok && !seen[path] {
			seen[path] = true
			f := families[front]
			if f == nil {
				f = &family{rank: make(map[string]int)}
				families[front] = f
			}
			f.drawn = append(f.drawn, path)
		}
	}
	for _, f := range families { // order: each family alone
		slices.SortFunc(f.drawn, func(a, b string) int {
			_, n, _ := splitNumber(a)
			_, m, _ := splitNumber(b)
			return compareNumbers(n, m)
		})
		for i, path := range f.drawn {
			f.rank[path] = i
		}
		f.absent = len(f.drawn)
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
	of := o.Op.Path
	path = drawn
	switch {
	case strings.HasPrefix(drawn, "/"):
	case strings.Trim(drawn, "0123456789") == "":
		path = of + drawn
	default:
		path = of[:strings.LastIndexByte(of, '/')+1] + drawn
	}
	if path == o.Result.Path {
		return path, true
	}
	front, n, numbered := splitNumber(path)
	if !numbered || front != of && p.real(front) != of {
		return path, false
	}
	f := p.family(front)
	at, _ := slices.BinarySearchFunc(f.bound, n, func(b binding, n string) int {
		_, m, _ := splitNumber(b.drawn)
		return compareNumbers(m, n)
	})
	for _, b := range f.bound[max(0, at-1):min(len(f.bound), at+1)] {
		_, m, _ := splitNumber(b.drawn)
		switch {
		case b.drawn == path || b.real == o.Result.Path:
			return path, b.drawn == path && b.real == o.Result.Path
		case (compareNumbers(m, n) < 0) != (b.real < o.Result.Path):
			return path, false
		}
	}
	return path, true
}

// bind binds a drawn name to the created node, and reports this once.
func (p *player) bind(drawn string, o *engine.Op, r *arrowRun) {
	path, ok := p.binds(drawn, o)
	if _, bound := p.bound[path]; !ok || bound {
		return
	}
	b := binding{path, o.Result.Path}
	p.bound[b.drawn] = b.real
	if front, n, numbered := splitNumber(path); numbered {
		f := p.family(front)
		at, _ := slices.BinarySearchFunc(f.bound, n, func(b binding, n string) int {
			_, m, _ := splitNumber(b.drawn)
			return compareNumbers(m, n)
		})
		f.bound = slices.Insert(f.bound, at, b)
		f.last, f.other = b, f.other || b.drawn != b.real
	}
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
				path = p.family(family).named(family, name)
			}
		}
		mapped = append(mapped, strings.TrimPrefix(p.real(path), under))
	}
	return slices.Equal(slices.Sorted(slices.Values(mapped)), real)
}

// named returns the drawn name of a family that has a number, however many zeros are before it.
func (f *family) named(front, digits string) string {
	path := front + digits
	if _, drawn := f.rank[path]; drawn {
		return path
	}
	at, _ := slices.BinarySearchFunc(f.drawn, digits, func(path, digits string) int {
		_, n, _ := splitNumber(path)
		return compareNumbers(n, digits)
	})
	if at < len(f.drawn) {
		if _, n, _ := splitNumber(f.drawn[at]); compareNumbers(n, digits) == 0 {
			return f.drawn[at]
		}
	}
	return path
}

func (p *player) anyRenamed(under string) bool {
	front := p.familyUnder(under)
	return front != "" && p.family(front).renamed()
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
