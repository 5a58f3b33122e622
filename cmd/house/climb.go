package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// climber follows a string from its place in the code to the sentence that a user reads.
type climber struct {
	*shower
	seen   map[ast.Node]bool
	values map[*ast.FuncDecl]map[string]string // on the way: parameters, and fields as x.f
	by     map[*ast.FuncDecl]*ast.CallExpr     // on the way: the call that led into a function
	labels int                                 // rows whose label is a part of the sentence
}

func newClimber(s *shower) climber {
	return climber{s, map[ast.Node]bool{}, map[*ast.FuncDecl]map[string]string{},
		map[*ast.FuncDecl]*ast.CallExpr{}, 0}
}

// farthest is the number of calls, returns and variables over which a string is followed.
const farthest = 6

var verb = regexp.MustCompile(`%(?:%|(?:\[\d+\])?[-+#0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[sdvqwxXfgtTceU])`)

// group is the value of a group in the replacement of a regular expression.
var group = regexp.MustCompile(`\$\d`)

// index is the number of a value in a verb.
var index = regexp.MustCompile(`^%\[(\d+)\]`)

// formatOf returns the argument of a call that is a format for all the arguments after it.
func formatOf(call *ast.CallExpr) ast.Expr {
	for i, a := range call.Args {
		s, ok := joined(a)
		if !ok {
			continue
		}
		values := 0
		for _, v := range verb.FindAllString(s, -1) {
			switch at := index.FindStringSubmatch(v); {
			case at != nil: // %[2]s
				n, _ := strconv.Atoi(at[1])
				values = max(values, n)
			case v != "%%":
				values += 1 + strings.Count(v, "*")
			}
		}
		if values > 0 && (values == len(call.Args)-i-1 || call.Ellipsis.IsValid()) {
			return a
		}
	}
	return nil
}

// render returns the text of an expression, with a name in ‹ › for each value, and with the text
// of the node part in its place.
func (c *climber) render(e ast.Expr, part ast.Node, text string) string {
	if part != nil && ast.Node(e) == part {
		return text
	}
	switch x := e.(type) {
	case *ast.ParenExpr:
		return c.render(x.X, part, text)
	case *ast.BinaryExpr:
		if x.Op == token.ADD && (c.isText(x) || part != nil && c.within(part, x)) {
			return c.render(x.X, part, text) + c.render(x.Y, part, text)
		}
	case *ast.BasicLit:
		if s, ok := joined(x); ok {
			return s
		}
		return x.Value
	case *ast.CallExpr:
		_, f := callee(x)
		if f == "Sprintf" && formatOf(x) != nil {
			return c.fill(x, part, text)
		}
		if painting.MatchString(f) && len(x.Args) == 1 {
			return c.render(x.Args[0], part, text)
		}
	case *ast.Ident, *ast.SelectorExpr:
		if s, ok := c.values[c.decl(e)][keyOf(e)]; ok {
			return s
		}
		if s, ok := c.constant(e); ok {
			return s
		}
	}
	name := c.name(e)
	if name == "" {
		name = "…"
	}
	return "‹" + name + "›"
}

// decl returns the declared function around a node, or nil.
func (s *shower) decl(n ast.Node) *ast.FuncDecl {
	for ; n != nil; n = s.parent[n] {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d
		}
	}
	return nil
}

// keyOf returns a for a name, and a.b for a field of a name.
func keyOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// note keeps the text of a value for the rest of the way, if any of it is known.
func (c *climber) note(d *ast.FuncDecl, key, text string) {
	if text == "" || strings.HasPrefix(text, "‹") && strings.Index(text, "›") == len(text)-len("›") {
		return
	}
	if c.values[d] == nil {
		c.values[d] = map[string]string{}
	}
	c.values[d][key] = text
}

// isText reports whether a sum is a part of a concatenation, in which a string stands.
func (s *shower) isText(sum ast.Expr) bool {
	for {
		p, ok := s.parent[sum].(*ast.BinaryExpr)
		if !ok || p.Op != token.ADD {
			break
		}
		sum = p
	}
	_, ok := joined(sum)
	return ok
}

// within reports whether a node is a part of an expression.
func (s *shower) within(n, e ast.Node) bool {
	for ; n != nil; n = s.parent[n] {
		if n == e {
			return true
		}
	}
	return false
}

// constant returns the value of a constant of this module.
func (c *climber) constant(e ast.Expr) (string, bool) {
	f := c.source(e)
	if f == nil {
		return "", false
	}
	switch e := e.(type) {
	case *ast.Ident:
		s, ok := c.consts[f.pkg()][e.Name]
		return s, ok && !isParameter(c.decl(e), e.Name)
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			s, ok := c.consts[folderOf(f, x.Name)][e.Sel.Name]
			return s, ok
		}
	}
	return "", false
}

// imports reports whether a name is that of an imported package.
func (c *climber) imports(f *source, name string) bool {
	for _, spec := range f.syntax.Imports {
		if spec.Name != nil && spec.Name.Name == name ||
			path.Base(strings.Trim(spec.Path.Value, `"`)) == name {
			return true
		}
	}
	return false
}

// isParameter reports whether a function has a parameter with this name.
func isParameter(d *ast.FuncDecl, name string) bool {
	if d == nil {
		return false
	}
	for _, f := range d.Type.Params.List {
		for _, n := range f.Names {
			if n.Name == name {
				return true
			}
		}
	}
	return false
}

// folderOf returns the folder of the package that a file imports under a name. The folder is
// relative to the module: the first element of its path that is a folder of the module begins it.
func folderOf(f *source, name string) string {
	for _, spec := range f.syntax.Imports {
		at := strings.Trim(spec.Path.Value, `"`)
		if spec.Name != nil && spec.Name.Name == name || spec.Name == nil && path.Base(at) == name {
			for _, root := range []string{"/cmd/", "/scenarios", "/linearizability", "/zab", "/tree",
				"/sim"} {
				if i := strings.LastIndex(at, root); i > 0 {
					return at[i+1:]
				}
			}
		}
	}
	return ""
}

// fill returns the text of a call with a format: each value stands in the place of its verb.
func (c *climber) fill(call *ast.CallExpr, part ast.Node, text string) string {
	format := formatOf(call)
	all := call.Args[slices.Index(call.Args, format)+1:]
	values, alike := all, c.alike(all, part, text)
	return verb.ReplaceAllStringFunc(c.render(format, part, text), func(v string) string {
		if v == "%%" {
			return "%"
		}
		if at := index.FindStringSubmatch(v); at != nil {
			n, _ := strconv.Atoi(at[1])
			values = all[max(0, min(n-1, len(all))):]
		}
		for range strings.Count(v, "*") {
			values = values[min(1, len(values)):]
		}
		if len(values) == 0 || call.Ellipsis.IsValid() {
			return "‹…›"
		}
		s := c.render(values[0], part, text)
		switch {
		case (s == "‹…›" || s == "‹machine›") && strings.HasSuffix(v, "d"):
			s = "‹number›"
		case len(alike[s]) > 1: // several values have this name
			n := slices.Index(alike[s], types.ExprString(values[0]))
			s = fmt.Sprintf("%s %d›", strings.TrimSuffix(s, "›"), n+1)
		}
		values = values[1:]
		if strings.HasSuffix(v, "q") {
			s = `"` + s + `"`
		}
		return s
	})
}

// climb follows an expression whose text is known to the sentence that it is joined into. It
// reports false if there is no such sentence, or none that can be found.
func (c *climber) climb(n ast.Expr, text string, depth int) (string, bool) {
	if depth > farthest || c.seen[n] {
		return "", false
	}
	c.seen[n] = true
	switch p := c.parent[n].(type) {
	case *ast.ParenExpr:
		return c.climb(p, text, depth)
	case *ast.BinaryExpr:
		if p.Op != token.ADD {
			return "", false
		}
		if call, ok := c.parent[p].(*ast.CallExpr); ok && formatOf(call) == ast.Expr(p) {
			text = c.fill(call, n, text)
			return text, true
		}
		return c.higher(p, c.render(p, n, text), depth)
	case *ast.CallExpr:
		return c.climbCall(p, n, text, depth)
	case *ast.KeyValueExpr:
		lit, ok := c.parent[p].(*ast.CompositeLit)
		if !ok || p.Value != n {
			return "", false
		}
		return c.climbRow(lit, p, text, depth)
	case *ast.CompositeLit:
		return c.climbRow(p, n, text, depth)
	case *ast.AssignStmt:
		i := slices.Index(p.Rhs, n)
		if i < 0 || len(p.Lhs) != len(p.Rhs) {
			return "", false
		}
		return c.assigned(p.Lhs[i], p, text, depth)
	case *ast.ValueSpec:
		if i := slices.Index(p.Values, n); i >= 0 && i < len(p.Names) && !sentinel(p.Names[i]) {
			return c.variable(p.Names[i], text, depth)
		}
	case *ast.ReturnStmt:
		return c.returned(p, slices.Index(p.Results, n), text, depth)
	}
	return "", false
}

// sentinel reports whether a variable has an error that callers compare with: some return it alone.
func sentinel(name *ast.Ident) bool {
	return strings.HasPrefix(strings.ToLower(name.Name), "err")
}

// higher climbs on from a sentence that is already joined.
func (c *climber) higher(n ast.Expr, text string, depth int) (string, bool) {
	if wide, ok := c.climb(n, text, depth); ok {
		return wide, true
	}
	return text, true
}

// transparent has the functions that return their argument, for a reader.
var transparent = regexp.MustCompile(`^(TrimSpace|Wrap|ToUpper|New|Sprint|append)$`)

// painting has the functions that return their argument in a colour.
var painting = regexp.MustCompile(`^(Red|Green|Yellow|Bold|Faint)$`)

func (c *climber) climbCall(call *ast.CallExpr, n ast.Expr, text string, depth int) (string, bool) {
	if call.Fun == n {
		return "", false
	}
	from, f := callee(call)
	isError := f == "Errorf" || from == "errors" && f == "New"
	format := formatOf(call)
	switch {
	case format == n && (f == "Sprintf" || isError):
		text = c.fill(call, n, text)
		if wide, ok := c.climb(call, text, depth); ok {
			return wide, true
		}
		return text, depth == 0
	case format == n:
		text = c.fill(call, n, text)
		if wide, ok := c.forwarded(call, n, text, depth); ok {
			return wide, true
		}
		return text, true
	case f == "Sprintf" && call.Ellipsis.IsValid() && call.Args[0] == n: // a filled format
		return c.climb(call, text, depth)
	case format != nil && slices.Index(call.Args, n) > slices.Index(call.Args, format):
		s := c.fill(call, n, text)
		if f == "Sprintf" || isError {
			return c.higher(call, s, depth)
		}
		return s, true
	case strings.HasSuffix(f, "rintln") && len(call.Args) > 1:
		return c.printed(call, n, text)
	case transparent.MatchString(f) || painting.MatchString(f):
		return c.climb(call, text, depth)
	}
	if wide, ok := c.argument(call, n, text, depth); ok {
		return wide, true
	}
	return c.beside(call, n, text)
}

// beside returns a text with the other texts of the same call. Names of parameters precede them.
func (c *climber) beside(call *ast.CallExpr, n ast.Expr, text string) (string, bool) {
	var names []string
	if decl := c.declared(call); decl != nil {
		for _, field := range decl.Type.Params.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
	}
	var parts []string
	labelled := false
	for i, a := range call.Args {
		s, ok := joined(a)
		if a != n && (!ok || !word.MatchString(s)) {
			continue
		}
		part := c.render(a, n, text)
		if i < len(names) && telling[names[i]] != "" {
			part = telling[names[i]] + ": " + part
			labelled = true
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " | "), len(parts) > 1 || labelled
}

// telling has the names of parameters that say what their text is for, and the words for it.
var telling = map[string]string{"cause": "cause", "remedy": "remedy", "mended": "reading",
	"reference": "expected", "seen": "seen", "why": "why", "note": "note", "about": "about"}

// printed returns the arguments of Println or Fprintln, with a space between them.
func (c *climber) printed(call *ast.CallExpr, n ast.Expr, text string) (string, bool) {
	_, f := callee(call)
	args := call.Args
	if strings.HasPrefix(f, "F") {
		args = args[1:]
	}
	if len(args) < 2 {
		return "", false
	}
	var parts []string
	for _, a := range args {
		parts = append(parts, c.render(a, n, text))
	}
	return strings.Join(parts, " "), true
}

// argument climbs from an argument of a call to the uses of the parameter.
func (c *climber) argument(call *ast.CallExpr, n ast.Expr, text string, depth int) (string, bool) {
	decl := c.declared(call)
	if decl == nil {
		if lit := c.local(call); lit != nil {
			if name := c.parameter(call, lit.Type, nil, n); name != "" {
				return c.joinedUse(name, whole(lit.Body), text, depth+1)
			}
		}
		return "", false
	}
	if decl.Body == nil {
		return "", false
	}
	before, by := maps.Clone(c.values[decl]), c.by[decl]
	c.by[decl] = call
	defer func() { c.by[decl] = by }()
	wide, ok := "", false
	if name := c.parameter(call, decl.Type, decl, n); name != "" {
		wide, ok = c.joinedUse(name, whole(decl.Body), text, depth+1)
	}
	if !ok {
		c.values[decl] = before
	}
	return wide, ok
}

// parameter returns the name of the parameter for the argument n of a call, or "" if there is none.
// It notes the texts of the other parameters of a declared function.
func (c *climber) parameter(call *ast.CallExpr, of *ast.FuncType, decl *ast.FuncDecl,
	n ast.Expr) string {
	at, name := 0, ""
	for _, field := range of.Params.List {
		for _, param := range field.Names {
			if _, variadic := field.Type.(*ast.Ellipsis); variadic || at >= len(call.Args) {
				continue
			}
			if call.Args[at] == n {
				name = param.Name
			} else if decl != nil {
				c.note(decl, param.Name, c.render(call.Args[at], nil, ""))
			}
			at++
		}
	}
	return name
}

// local returns the function literal that a call of a local variable calls, or nil.
func (c *climber) local(call *ast.CallExpr) *ast.FuncLit {
	id, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil
	}
	var found *ast.FuncLit
	for _, use := range c.uses[id.Name] {
		set, ok := c.parent[use].(*ast.AssignStmt)
		if !ok || len(set.Lhs) != 1 || set.Lhs[0] != ast.Expr(use) || c.decl(use) != c.decl(call) {
			continue
		}
		lit, ok := set.Rhs[0].(*ast.FuncLit)
		if !ok || found != nil {
			return nil
		}
		found = lit
	}
	return found
}

// declared returns the function of this module that a call certainly calls, or nil.
func (c *climber) declared(call *ast.CallExpr) *ast.FuncDecl {
	f := c.source(call)
	from, name := callee(call)
	folder := f.pkg()
	_, isMethod := call.Fun.(*ast.SelectorExpr)
	if imported := folderOf(f, from); imported != "" {
		folder, isMethod = imported, false
	}
	if isMethod && c.isField[f.pkg()+"."+name] {
		return nil // it may be a field with a function
	}
	all := c.funcs[name]
	if isMethod && len(all) == 1 && all[0].Recv != nil && !c.imports(f, from) {
		return all[0] // no other function or method of the module has this name
	}
	var found *ast.FuncDecl
	for _, d := range c.funcs[name] {
		if c.source(d).pkg() != folder || (d.Recv != nil) != isMethod {
			continue
		}
		if found != nil {
			return nil
		}
		found = d
	}
	return found
}

// whole returns the region of a function's body.
func whole(body *ast.BlockStmt) region { return region{from: body.Pos(), to: body.End()} }

// joinedUse climbs from the first use of a name in a region that leads to a sentence.
func (c *climber) joinedUse(name string, where region, text string, depth int) (string, bool) {
	for _, use := range c.uses[name] {
		if !where.has(use.Pos()) {
			continue
		}
		if sel, ok := c.parent[use].(*ast.SelectorExpr); ok && sel.Sel == use {
			continue
		}
		if c.changes(use) {
			continue
		}
		if wide, ok := c.climb(use, text, depth); ok {
			return wide, true
		}
	}
	return "", false
}

// changes reports whether a use of a variable computes a new value of the same variable: on some
// ways through the function, the value stays as it was.
func (c *climber) changes(use *ast.Ident) bool {
	for p := c.parent[use]; p != nil; p = c.parent[p] {
		set, ok := p.(*ast.AssignStmt)
		if !ok {
			if _, ok := p.(*ast.BlockStmt); ok {
				return false
			}
			continue
		}
		for _, to := range set.Lhs {
			if id, ok := to.(*ast.Ident); ok && id != use && id.Name == use.Name {
				return true
			}
		}
		return false
	}
	return false
}

// assigned climbs from an assignment to the uses of the variable before it changes again.
func (c *climber) assigned(to ast.Expr, at *ast.AssignStmt, text string, depth int) (string, bool) {
	if field, ok := to.(*ast.SelectorExpr); ok {
		if wide, ok := c.element(field, text, depth); ok {
			return strings.TrimSpace(wide), true
		}
	}
	name, ok := to.(*ast.Ident)
	if !ok {
		return "", false
	}
	grown := false
	if at.Tok == token.ADD_ASSIGN {
		before := c.before(name, at)
		grown = before != ""
		text = before + text
	}
	body := c.function(at)
	if body == nil {
		return text, grown
	}
	where := c.scope(name.Name, at, body)
	if wide, ok := c.joinedUse(name.Name, where, text, depth+1); ok {
		return wide, true
	}
	return text, grown
}

// region is a part of a function in which a variable may have the value of an assignment.
type region struct {
	from, to token.Pos
	dead     [][2]token.Pos // where it certainly has another value
}

// scope returns where a variable may have the value that it gets at an assignment: to the end of
// the statement that the assignment begins, or to the next assignment on the same way.
func (c *climber) scope(name string, at *ast.AssignStmt, body *ast.BlockStmt) region {
	r := region{from: at.End(), to: body.End()}
	switch p := c.parent[at].(type) {
	case *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt:
		r.to = p.End()
	}
	for _, use := range c.uses[name] {
		if use.Pos() <= at.End() || use.Pos() >= r.to {
			continue
		}
		next, ok := c.parent[use].(*ast.AssignStmt)
		if !ok || next.Tok == token.ADD_ASSIGN || !slices.Contains(next.Lhs, ast.Expr(use)) {
			continue
		}
		switch p := c.parent[next].(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt:
			r.dead = append(r.dead, [2]token.Pos{p.Pos(), p.End()})
		default:
			if p.Pos() <= at.Pos() && at.Pos() < p.End() {
				r.to = use.Pos()
			} else {
				r.dead = append(r.dead, [2]token.Pos{next.Pos(), p.End()})
			}
		}
	}
	return r
}

// has reports whether a position is in a region.
func (r region) has(at token.Pos) bool {
	return r.from <= at && at < r.to && !slices.ContainsFunc(r.dead, func(d [2]token.Pos) bool {
		return d[0] <= at && at < d[1]
	})
}

// before returns the text that a variable has when the assignment at appends to it: that of the
// last plain assignment before it.
func (c *climber) before(name *ast.Ident, at *ast.AssignStmt) string {
	body := c.function(at)
	if body == nil {
		return ""
	}
	text := ""
	for _, use := range c.uses[name.Name] {
		if use.Pos() < body.Pos() || use.Pos() >= at.Pos() {
			continue
		}
		p, ok := c.parent[use].(*ast.AssignStmt)
		if !ok || p.Tok == token.ADD_ASSIGN || len(p.Lhs) != len(p.Rhs) {
			continue
		}
		if i := slices.Index(p.Lhs, ast.Expr(use)); i >= 0 {
			text = c.render(p.Rhs[i], nil, "")
		}
	}
	return text
}

// function returns the body of the innermost function around a node.
func (c *climber) function(n ast.Node) *ast.BlockStmt {
	for p := c.parent[n]; p != nil; p = c.parent[p] {
		switch f := p.(type) {
		case *ast.FuncDecl:
			return f.Body
		case *ast.FuncLit:
			return f.Body
		}
	}
	return nil
}

// variable climbs from the declaration of a variable or constant to its uses.
func (c *climber) variable(name *ast.Ident, text string, depth int) (string, bool) {
	if body := c.function(name); body != nil {
		return c.joinedUse(name.Name, region{from: name.End(), to: body.End()}, text, depth+1)
	}
	f := c.source(name)
	for _, use := range c.uses[name.Name] {
		if use == name || c.source(use).pkg() != f.pkg() {
			continue
		}
		if sel, ok := c.parent[use].(*ast.SelectorExpr); ok && sel.Sel == use {
			continue
		}
		if wide, ok := c.climb(use, text, depth+1); ok {
			return wide, true
		}
	}
	return "", false
}

// returned climbs from a result of a function to the calls of the function.
func (c *climber) returned(r *ast.ReturnStmt, at int, text string, depth int) (string, bool) {
	var decl *ast.FuncDecl
	for p := c.parent[r]; p != nil && decl == nil; p = c.parent[p] {
		if _, ok := p.(*ast.FuncLit); ok {
			return "", false
		}
		decl, _ = p.(*ast.FuncDecl)
	}
	if decl == nil || at < 0 || decl.Name.Name == "String" || decl.Name.Name == "Error" {
		return "", false
	}
	only, labelled := "", false
	for _, use := range c.uses[decl.Name.Name] {
		var fun ast.Expr = use
		if sel, ok := c.parent[use].(*ast.SelectorExpr); ok && sel.Sel == use {
			fun = sel
		}
		call, ok := c.parent[fun].(*ast.CallExpr)
		if !ok || call.Fun != fun || c.declared(call) != decl || c.decl(call) == decl {
			continue // no call of the function, or one within itself
		}
		if by := c.by[decl]; by != nil && by != call {
			continue
		}
		before := c.labels
		wide, ok := c.result(call, at, len(r.Results), text, depth)
		switch {
		case !ok || wide == only:
		case c.labels == before:
			return wide, true
		case only != "": // each row may want another result
			labelled = true
		default:
			only = wide
		}
	}
	return only, only != "" && !labelled
}

// result climbs from one of the results of a call.
func (c *climber) result(call *ast.CallExpr, at, of int, text string, depth int) (string, bool) {
	if of == 1 {
		return c.climb(call, text, depth+1)
	}
	set, ok := c.parent[call].(*ast.AssignStmt)
	if !ok || len(set.Rhs) != 1 || len(set.Lhs) != of {
		return "", false
	}
	return c.assigned(set.Lhs[at], set, text, depth+1)
}
