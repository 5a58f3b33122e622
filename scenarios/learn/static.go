//go:build !wasip1

package learn

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// allowed are the packages that a program may import.
var allowed = []string{"bytes", "cmp", "errors", "fmt", "maps", "math", "slices", "sort", "strconv",
	"strings", modulePath + "/sim", modulePath + "/tree", modulePath + "/tree/client"}

// modulePath is the path of the lab's module.
const modulePath = "github.com/zablab/zablab"

// labSays are methods that say what a client believes. The lab calls them, so that a program is
// judged by what it does.
var labSays = []string{"Mark", "Believe", "Hold", "HoldShared", "Want", "WantShared", "LetGo", "Say",
	"Use", "Client"}

// shared is why a program may not use a variable of the lab.
const shared = "it is a variable: a change by one client would change it for all clients"

// yourself is why a program may not use a recipe of package client.
const yourself = "you must write the recipe yourself"

// ready are the names of package client, and of other packages, that a program may not use, with
// the reason.
var ready = map[string]string{
	"Lock": yourself, "RWLock": yourself,
	"Election": yourself, "Queue": yourself,
	"Barrier": yourself, "Primary": yourself,
	"Worker": yourself, "New": "it makes a second client",
	"OpenACL": shared, "ReadACL": shared,
}

// refusals checks a program before it is compiled: clients are different processes, so nothing may
// be shared, and nothing may reach outside. It returns the first refusal.
func refusals(name string, text []byte, functions []string) *diagram.Error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		e := &diagram.Error{File: name, Line: 1, Column: 1, Message: err.Error()}
		if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
			e.Line, e.Column, e.Message = list[0].Pos.Line, list[0].Pos.Column, list[0].Msg
		}
		return e
	}
	w := &watcher{set: set, name: name, packages: make(map[string]string)}
	w.file(file)
	for _, f := range functions {
		if w.found == nil && !slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
			fn, ok := d.(*ast.FuncDecl)
			return ok && fn.Recv == nil && fn.Name.Name == f
		}) {
			w.refuse(file.Name, "the program has no function %s: keep the functions that the exercise "+
				"names", f)
		}
	}
	return w.found
}

// watcher looks for what is refused.
type watcher struct {
	set      *token.FileSet
	name     string
	packages map[string]string // by the name in the file: its path
	found    *diagram.Error
}

// refuse notes a refusal, if it is the first in the file.
func (w *watcher) refuse(at ast.Node, format string, args ...any) {
	w.refuseAt(at.Pos(), format, args...)
}

func (w *watcher) refuseAt(pos token.Pos, format string, args ...any) {
	p := w.set.PositionFor(pos, false)
	if w.found == nil || p.Line < w.found.Line {
		w.found = &diagram.Error{File: w.name, Line: p.Line, Column: p.Column,
			Message: fmt.Sprintf(format, args...)}
	}
}

func (w *watcher) file(f *ast.File) {
	if f.Name.Name == "main" {
		w.refuse(f.Name, "package main cannot be called by the lab: give the package another name")
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//line ") ||
				strings.HasPrefix(c.Text, "/*line ") || strings.HasPrefix(c.Text, "//export ") {
				w.refuse(c, "%.20s: compiler directives are not allowed: remove the "+
					"line", c.Text)
			}
		}
	}
	for _, spec := range f.Imports {
		w.imported(spec)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.VAR {
				w.refuse(d, "a variable outside a function would be shared by all clients, which are "+
					"different processes: declare it in a function, or make it a constant")
			}
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				w.refuse(d, "func init is not allowed: move its code into the function that "+
					"needs it")
			}
			if d.Body == nil {
				w.refuse(d, "%s has no body: write one", d.Name.Name)
			}
		}
	}
	ast.Inspect(f, w.node)
}

func (w *watcher) imported(spec *ast.ImportSpec) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil || !slices.Contains(allowed, path) {
		w.refuse(spec, "import %s: a program may import only %s", spec.Path.Value,
			strings.Join(allowed, ", "))
		return
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	if spec.Name != nil {
		name = spec.Name.Name
	}
	if name == "." || name == "_" {
		w.refuse(spec, "import %s %s: remove the %s, so that the package has its own "+
			"name", name, spec.Path.Value, name)
	}
	w.packages[name] = path
}

// node looks at one node of the syntax tree.
func (w *watcher) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		w.refuse(n, "a client program must not start a goroutine: call the function without go")
	case *ast.ChanType, *ast.SelectStmt:
		w.refuse(n, "a client program must not use channels: to wait, call a method of its "+
			"client.Proc")
	case *ast.AssignStmt:
		for _, e := range n.Lhs {
			w.changed(e)
			if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
				w.declared(id)
			}
		}
	case *ast.RangeStmt:
		for _, e := range []ast.Expr{n.Key, n.Value} {
			if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
				w.declared(id)
			}
		}
	case *ast.ValueSpec:
		w.declared(n.Names...)
	case *ast.Field:
		w.declared(n.Names...)
	case *ast.TypeSpec:
		w.declared(n.Name)
	case *ast.FuncDecl:
		w.declared(n.Name)
	case *ast.IncDecStmt:
		w.changed(n.X)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			w.changed(n.X)
		}
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"recover", "print", "println"},
			id.Name) {
			w.refuse(n, "%s is not allowed: remove it", id.Name)
		}
	case *ast.SelectorExpr:
		w.selected(n)
	}
	return true
}

// declared refuses a name that is also the name of an imported package, because it would be unclear
// which of the two a selector belongs to.
func (w *watcher) declared(names ...*ast.Ident) {
	for _, id := range names {
		if path := w.packages[id.Name]; path != "" {
			w.refuse(id, "the name %s stands for the imported package %s in this file: choose "+
				"another name", id.Name, path)
		}
	}
}

// changed refuses a change of another package's variable.
func (w *watcher) changed(e ast.Expr) {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && w.packages[id.Name] != "" {
				w.refuse(x, "%s.%s belongs to another package, and all clients share it: do not "+
					"change it", id.Name, x.Sel.Name)
				return
			}
			e = x.X
		default:
			return
		}
	}
}

func (w *watcher) selected(n *ast.SelectorExpr) {
	id, ok := n.X.(*ast.Ident)
	if ok && strings.HasPrefix(w.packages[id.Name], modulePath) {
		if why := ready[n.Sel.Name]; why != "" {
			w.refuse(n, "%s.%s is not allowed, because %s: leave it out", id.Name, n.Sel.Name, why)
		}
		return
	}
	if slices.Contains(labSays, n.Sel.Name) {
		w.refuseAt(n.Sel.Pos(), "only the lab calls %s, because it judges what your program does, "+
			"not what your program reports: remove this call", n.Sel.Name)
	}
}
