package main_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// highestPure is the highest floor on which a run must depend only on its seed.
const highestPure = 5

// forbidden has the packages that a pure floor must not import, and why. A package includes the
// packages below its path.
var forbidden = map[string]string{
	"time":         "virtual time is sim.Time; the wall clock differs from run to run",
	"sync":         "one goroutine runs a world; locks are for several",
	"context":      "deadlines and cancellation come from goroutines and the wall clock",
	"os":           "files, arguments and the environment are not part of a seed",
	"io/ioutil":    "as os",
	"net":          "messages go through sim's connections",
	"math/rand":    "chance comes from sim.Rand, which draws the same in every version of Go",
	"crypto/rand":  "chance comes from sim.Rand",
	"hash/maphash": "its seed is drawn anew in every process",
	"unique":       "its handles are addresses",
	"weak":         "what it sees depends on the garbage collector",
	"runtime":      "the scheduler and the collector are the host's",
	"syscall":      "as os",
	"unsafe":       "addresses and layout are the host's",
	"plugin":       "code that this test cannot see",
	"reflect":      "code that this test cannot see; its maps have no order",
	"log":          "it writes the wall clock to the outside",
	"testing":      "it is for tests",
	"expvar":       "it serves the outside",
	"embed":        "what a run reads comes in with its seed, plan or document",
	"C":            "code that this test cannot see",
}

// exceptions has the forbidden packages that a single package may import.
var exceptions = map[string]map[string]string{
	"linearizability": {
		"github.com/anishathalye/porcupine": "the checker that it is built on",
		"time":                              "porcupine takes its limit in wall time",
		"sync":                              "porcupine runs goroutines",
		"goroutines":                        "porcupine runs goroutines",
	},
}

// checkPure returns every place in a package that could make two runs with one seed differ.
func (h *house) checkPure(pkg string) []string {
	c := h.check(pkg)
	p := &purity{house: h, info: c.info, allowed: exceptions[pkg]}
	if c.err != nil {
		p.complaints = append(p.complaints, fmt.Sprintf("%s: has no types: %v", pkg, c.err))
	}
	for _, f := range h.files[pkg] {
		p.checkFile(f)
	}
	slices.Sort(p.complaints)
	return slices.Compact(p.complaints)
}

// purity is the check of one package.
type purity struct {
	house      *house
	info       *types.Info
	allowed    map[string]string
	order      map[int]bool // lines with a comment that says why their order has no effect
	sorted     map[ast.Node]bool
	complaints []string
}

func (p *purity) checkFile(f *ast.File) {
	p.checkImports(f)
	p.order, p.sorted = map[int]bool{}, map[ast.Node]bool{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			why, ok := strings.CutPrefix(c.Text, "// order: ")
			if ok && strings.TrimSpace(why) != "" {
				p.order[p.house.fset.Position(c.Pos()).Line] = true
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			p.concurrent(n, "a go statement")
		case *ast.SelectStmt:
			p.concurrent(n, "a select")
		case *ast.ChanType:
			p.concurrent(n, "a channel")
		case *ast.RangeStmt:
			p.checkRange(n)
		case *ast.CallExpr:
			p.checkCall(n)
		case *ast.BasicLit:
			if n.Kind == token.FLOAT || n.Kind == token.IMAG {
				p.complain(n, "a float: it rounds differently from CPU to CPU: use integers")
			}
		}
		if e, ok := n.(ast.Expr); ok {
			p.checkFloat(e)
		}
		return true
	})
}

func (p *purity) complain(n ast.Node, format string, args ...any) {
	at := p.house.fset.Position(n.Pos())
	p.complaints = append(p.complaints,
		fmt.Sprintf("%s:%d: ", at.Filename, at.Line)+fmt.Sprintf(format, args...))
}

func (p *purity) concurrent(n ast.Node, what string) {
	if p.allowed["goroutines"] == "" {
		p.complain(n, "%s: goroutines run in an order that no seed decides: use events", what)
	}
}

func (p *purity) checkImports(f *ast.File) {
	for _, spec := range f.Imports {
		name := importPath(spec)
		if p.allowed[name] != "" || strings.HasPrefix(name, module+"/") {
			continue
		}
		if !standard(name) {
			p.complain(spec,
				"imports %s: a pure package imports the standard library and this module only",
				name)
			continue
		}
		for part := name; part != "."; part, _ = cutLast(part) {
			if p.allowed[part] != "" {
				break
			}
			if why := forbidden[part]; why != "" {
				p.complain(spec, "imports %s: %s", name, why)
				break
			}
		}
	}
}

// cutLast removes the last element of a path. For a single element it returns ".".
func cutLast(p string) (string, string) {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i], p[i+1:]
	}
	return ".", p
}

func (p *purity) checkRange(n *ast.RangeStmt) {
	if t := p.info.TypeOf(n.X); t != nil {
		if isMap(t) {
			p.unordered(n, "a range over a map")
		}
		if _, ok := t.Underlying().(*types.Chan); ok {
			p.concurrent(n, "a range over a channel")
		}
	}
}

// checkCall looks for the iterators of package maps, which hide a range over a map. They are
// allowed as direct arguments of slices.Sorted and similar functions.
func (p *purity) checkCall(n *ast.CallExpr) {
	pkg, name := p.callee(n)
	if pkg == "slices" && strings.HasPrefix(name, "Sorted") && len(n.Args) > 0 {
		p.sorted[n.Args[0]] = true
	}
	if pkg == "maps" && (name == "Keys" || name == "Values" || name == "All") && !p.sorted[n] {
		p.unordered(n, "a walk through a map by maps."+name)
	}
}

// callee returns the package and the name of a called function.
func (p *purity) callee(n *ast.CallExpr) (pkg, name string) {
	fun := n.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	s, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	if used, ok := p.info.Uses[x].(*types.PkgName); ok {
		return used.Imported().Path(), s.Sel.Name
	}
	return "", ""
}

func (p *purity) unordered(n ast.Node, what string) {
	if !p.order[p.house.fset.Position(n.Pos()).Line] {
		p.complain(n,
			"%s: the order differs from run to run: sort the keys, "+
				"or say on the line why nobody sees it (// order: …)",
			what)
	}
}

// isMap reports whether a type is a map, or a type parameter that may be a map.
func isMap(t types.Type) bool {
	if param, ok := t.(*types.TypeParam); ok {
		i, _ := param.Constraint().Underlying().(*types.Interface)
		for j := range i.NumEmbeddeds() {
			union, ok := i.EmbeddedType(j).(*types.Union)
			if !ok {
				union = types.NewUnion([]*types.Term{types.NewTerm(false, i.EmbeddedType(j))})
			}
			for k := range union.Len() {
				if isMap(union.Term(k).Type()) {
					return true
				}
			}
		}
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

func (p *purity) checkFloat(e ast.Expr) {
	t := p.info.Types[e].Type
	if t == nil {
		return
	}
	if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&(types.IsFloat|types.IsComplex) != 0 {
		p.complain(e, "a float: it rounds differently from CPU to CPU: use integers")
	}
}
