package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// The kinds of mutants.
const (
	negated  = "negated"  // a condition becomes its opposite
	never    = "never"    // the body of an if is never run
	conjunct = "conjunct" // one side of an && or || is left out
	boundary = "boundary" // < becomes <=, and so on
	constant = "constant" // a number is one larger or smaller
	dropped  = "dropped"  // a call, an assignment, or a ++ is left out
	swapped  = "swapped"  // two statements that follow each other change places
)

// maker makes the mutants of one file.
type maker struct {
	name     string
	source   []byte
	set      *token.FileSet
	injected map[string]bool // see injectors
	within   string          // see Mutant.Within
	start    int             // of that function, in bytes
	list     []Mutant
}

func mutantsOf(name string, source []byte, injected map[string]bool) ([]Mutant, error) {
	k := &maker{name: name, source: source, set: token.NewFileSet(), injected: injected}
	file, err := parser.ParseFile(k.set, name, source, 0)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil && !slices.Contains(observed, d.Name.Name) {
				receiver := ""
				if d.Recv != nil && len(d.Recv.List) == 1 {
					receiver = strings.Trim(k.text(d.Recv.List[0].Type), "*")
				}
				k.start = k.offset(d.Pos())
				k.within = named(receiver, d.Name.Name, k.text(d))
				ast.Inspect(d.Body, k.visit)
				k.within, k.start = "", 0
			}
		case *ast.GenDecl:
			if d.Tok == token.CONST || d.Tok == token.VAR {
				ast.Inspect(d, k.visit)
			}
		}
	}
	return k.list, nil
}

func (k *maker) offset(p token.Pos) int { return k.set.Position(p).Offset }

func (k *maker) text(n ast.Node) string {
	return string(k.source[k.offset(n.Pos()):k.offset(n.End())])
}

// add adds a mutant in which the text of a node becomes another.
func (k *maker) add(kind string, n ast.Node, then string) {
	k.addRange(kind, n.Pos(), n.End(), then)
}

func (k *maker) addRange(kind string, from, to token.Pos, then string) {
	at := k.set.Position(from)
	a, b := k.offset(from), k.offset(to)
	k.list = append(k.list, Mutant{
		File: k.name, Line: at.Line, Column: at.Column, Kind: kind,
		Now: string(k.source[a:b]), Then: then, Within: k.within, At: a - k.start, from: a, to: b,
	})
}

// visit makes the mutants of one node, and reports whether its children are to be visited.
func (k *maker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := called(n)
		return !slices.Contains(guards, name) && name != "make" && !observes(n)
	case *ast.IfStmt:
		if k.injects(n.Cond, false) {
			return false
		}
		k.add(negated, n.Cond, "!("+k.text(n.Cond)+")")
		if n.Else == nil && !guardsOnly(n.Body.List) {
			k.add(never, n.Cond, "false && ("+k.text(n.Cond)+")")
		}
	case *ast.SwitchStmt:
		if n.Tag == nil {
			for _, s := range n.Body.List {
				for _, cond := range s.(*ast.CaseClause).List {
					if !k.injects(cond, false) {
						k.add(negated, cond, "!("+k.text(cond)+")")
					}
				}
			}
		}
	case *ast.BinaryExpr:
		k.binary(n)
	case *ast.BasicLit:
		k.number(n)
	case *ast.BlockStmt:
		k.statements(n.List)
	case *ast.CaseClause:
		k.statements(n.Body)
	case *ast.SelectorExpr, *ast.ImportSpec, *ast.ArrayType:
		return false
	}
	return true
}

var boundaries = map[token.Token]string{
	token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">",
}

func (k *maker) binary(n *ast.BinaryExpr) {
	left, right := k.text(n.X), k.text(n.Y)
	if then, ok := boundaries[n.Op]; ok {
		k.addBinary(boundary, n, left+" "+then+" "+right)
	}
	if n.Op != token.LAND && n.Op != token.LOR || k.injects(n, false) {
		return
	}
	if !k.injects(n.Y, true) {
		k.addBinary(conjunct, n, left).keepsLeft = true
	}
	if !k.injects(n.X, true) {
		k.addBinary(conjunct, n, right)
	}
}

func (k *maker) addBinary(kind string, n *ast.BinaryExpr, then string) *Mutant {
	k.add(kind, n, then)
	m := &k.list[len(k.list)-1]
	m.Operator, m.split = n.Op.String(), k.offset(n.OpPos)-k.offset(n.Pos())
	return m
}

func (k *maker) number(n *ast.BasicLit) {
	if n.Kind != token.INT {
		return
	}
	v, err := strconv.ParseInt(n.Value, 0, 64)
	if err != nil {
		return
	}
	k.add(constant, n, strconv.FormatInt(v+1, 10))
	if v > 0 {
		k.add(constant, n, strconv.FormatInt(v-1, 10))
	}
}

// statements makes the mutants that leave out a statement, or swap two.
func (k *maker) statements(list []ast.Stmt) {
	for i, s := range list {
		if !k.acts(s) {
			continue
		}
		k.add(dropped, s, "")
		if i+1 < len(list) && k.acts(list[i+1]) {
			next := list[i+1]
			between := string(k.source[k.offset(s.End()):k.offset(next.Pos())])
			k.addRange(swapped, s.Pos(), next.End(), k.text(next)+between+k.text(s))
		}
	}
}

// acts reports whether a statement changes something, other than what observers see.
func (k *maker) acts(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		return ok && !slices.Contains(guards, called(call)) && !observes(call) &&
			!k.injects(s, true)
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE && !k.injects(s, true) && k.text(s.Lhs[0]) != "_"
	case *ast.IncDecStmt:
		return true
	}
	return false
}

// injects reports whether a node asks for an injected bug. Unless whole is true, a question that
// is negated does not count: the condition is one of the sound engine too.
func (k *maker) injects(n ast.Node, whole bool) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.NOT && !whole {
				if call, ok := n.X.(*ast.CallExpr); ok && k.injected[called(call)] {
					return false
				}
			}
		case *ast.CallExpr:
			found = found || k.injected[called(n)]
		case *ast.Ident:
			found = found || n.Name == "flaw"
		}
		return !found
	})
	return found
}

// called returns the name of the function or method that is called.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// observes reports whether a call tells an observer something: p.probe.Logged(…).
func observes(c *ast.CallExpr) bool {
	f, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch x := f.X.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name == "probe" || x.Sel.Name == "hooks"
	case *ast.Ident:
		return x.Name == "probe" || x.Name == "hooks" ||
			x.Name == "fmt" || strings.HasPrefix(x.Name, "Nop")
	}
	return false
}

// guardsOnly reports whether statements do nothing but end the run or tell observers something.
func guardsOnly(list []ast.Stmt) bool {
	for _, s := range list {
		e, ok := s.(*ast.ExprStmt)
		if !ok {
			return false
		}
		if c, ok := e.X.(*ast.CallExpr); !ok ||
			!slices.Contains(guards, called(c)) && !observes(c) {
			return false
		}
	}
	return true
}
