package main

import (
	"cmp"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// shower finds out how a user meets a string of the code: in which command, and joined with what.
// It reads the syntax only. What it cannot follow, it leaves out; it never guesses.
type shower struct {
	parent  map[ast.Node]ast.Node
	file    map[*ast.File]*source
	uses    map[string][]*ast.Ident                 // every identifier, by name
	funcs   map[string][]*ast.FuncDecl              // every function and method, by name
	fields  map[string]map[string][]string          // package → type → names of the fields
	consts  map[string]map[string]string            // package → constant or error → what it prints
	usage   map[string][]usage                      // package → its commands
	docs    map[string]map[string]*ast.CommentGroup // package → type → comment
	isField map[string]bool                         // package.name of every field that may be a function
}

// usage is the field Use of a command.
type usage struct {
	file string
	word string // the command's name
	over bool   // the file adds subcommands to it
	sub  bool   // an unexported function defines it, so that only its package can add it to a command
}

// newShower indexes a module.
func newShower(m *module) *shower {
	s := &shower{parent: map[ast.Node]ast.Node{}, file: map[*ast.File]*source{},
		uses: map[string][]*ast.Ident{}, funcs: map[string][]*ast.FuncDecl{},
		fields: map[string]map[string][]string{}, consts: map[string]map[string]string{},
		usage: map[string][]usage{}, docs: map[string]map[string]*ast.CommentGroup{},
		isField: map[string]bool{}}
	for _, f := range m.files {
		s.file[f.syntax] = f
		var path []ast.Node
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			if len(path) > 0 {
				s.parent[n] = path[len(path)-1]
			}
			path = append(path, n)
			s.index(f, n)
			return true
		})
	}
	return s
}

// isData reports whether a value of a type is certainly no function.
func isData(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.ArrayType, *ast.MapType, *ast.StarExpr:
		return true
	case *ast.Ident:
		return slices.Contains([]string{"bool", "int", "int64", "string", "uint64"}, t.Name)
	}
	return false
}

// index notes what a node declares.
func (s *shower) index(f *source, n ast.Node) {
	switch n := n.(type) {
	case *ast.Ident:
		s.uses[n.Name] = append(s.uses[n.Name], n)
	case *ast.FuncDecl:
		s.funcs[n.Name.Name] = append(s.funcs[n.Name.Name], n)
	case *ast.TypeSpec:
		s.addType(f, n)
	case *ast.StructType:
		for _, field := range n.Fields.List {
			if isData(field.Type) {
				continue
			}
			for _, name := range field.Names {
				s.isField[f.pkg()+"."+name.Name] = true
			}
		}
	case *ast.GenDecl:
		if _, global := s.parent[n].(*ast.File); global {
			s.addConsts(f, n)
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Use" {
			if use, ok := joined(n.Value); ok {
				s.usage[f.pkg()] = append(s.usage[f.pkg()], usage{f.path,
					strings.Fields(use + " ")[0], strings.Contains(f.text, ".AddCommand("),
					!s.exported(n)})
			}
		}
	}
}

// exported reports whether a node is in an exported function.
func (s *shower) exported(n ast.Node) bool {
	for ; n != nil; n = s.parent[n] {
		if f, ok := n.(*ast.FuncDecl); ok {
			return f.Name.IsExported()
		}
	}
	return false
}

func (s *shower) addType(f *source, t *ast.TypeSpec) {
	pkg := f.pkg()
	if s.docs[pkg] == nil {
		s.docs[pkg] = map[string]*ast.CommentGroup{}
		s.fields[pkg] = map[string][]string{}
	}
	s.docs[pkg][t.Name.Name] = t.Doc
	if d, ok := s.parent[t].(*ast.GenDecl); ok && t.Doc == nil {
		s.docs[pkg][t.Name.Name] = d.Doc
	}
	list, ok := t.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range list.Fields.List {
		if len(field.Names) == 0 { // embedded
			s.fields[pkg][t.Name.Name] = append(s.fields[pkg][t.Name.Name], typeName(field.Type))
		}
		for _, name := range field.Names {
			s.fields[pkg][t.Name.Name] = append(s.fields[pkg][t.Name.Name], name.Name)
		}
	}
}

// addConsts notes the constants of a declaration, and its variables that hold an error: nobody sets
// such a variable again, so its text is that of errors.New.
func (s *shower) addConsts(f *source, d *ast.GenDecl) {
	pkg := f.pkg()
	if s.consts[pkg] == nil {
		s.consts[pkg] = map[string]string{}
	}
	for _, spec := range d.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, v := range spec.Values {
			if i >= len(spec.Names) {
				continue
			}
			if d.Tok == token.VAR {
				call, ok := v.(*ast.CallExpr)
				if !ok || len(call.Args) != 1 {
					continue
				}
				if pkg, f := callee(call); pkg != "errors" || f != "New" {
					continue
				}
				v = call.Args[0]
			}
			if value, ok := joined(v); ok && !strings.Contains(value, "…") {
				s.consts[pkg][spec.Names[i].Name] = value
			} else if lit, ok := v.(*ast.BasicLit); ok {
				s.consts[pkg][spec.Names[i].Name] = strings.ReplaceAll(lit.Value, "_", "")
			}
		}
	}
}

// source returns the file of a node.
func (s *shower) source(n ast.Node) *source {
	for s.parent[n] != nil {
		n = s.parent[n]
	}
	f, _ := n.(*ast.File)
	return s.file[f]
}

// show returns a string with a name in place of each value, as part of the sentence into which the
// program joins it. The marks ⟦ ⟧ surround the string itself if there is more to the sentence.
func (s *shower) show(n ast.Expr, kind string) string {
	c := newClimber(s)
	if kind == "help" {
		return s.showHelp(n)
	}
	text := strings.TrimRight(c.render(n, nil, ""), "\n")
	whole := strings.TrimSpace(text)
	if wide, ok := c.climb(n, "⟦"+text+"⟧", 0); ok {
		whole = strings.TrimSpace(strings.TrimRight(wide, "\n"))
	}
	if alone, ok := strings.CutPrefix(whole, "⟦"); ok && strings.HasSuffix(alone, "⟧") {
		whole = strings.TrimSpace(strings.TrimSuffix(alone, "⟧"))
	}
	whole = group.ReplaceAllString(escape.ReplaceAllString(whole, ""), "‹…›")
	if strings.Contains(whole, "</") {
		whole = strings.TrimSpace(tag.ReplaceAllString(whole, ""))
	}
	return verb.ReplaceAllStringFunc(whole, func(v string) string { // of a format filled elsewhere
		switch {
		case v == "%%":
			return v
		case strings.HasSuffix(v, "d"):
			return "‹number›"
		}
		return "‹…›"
	})
}

// tag matches a tag of HTML, which a browser does not show.
var tag = regexp.MustCompile(`</?[a-z][a-z0-9]*( [^<>]*)?>`)

// escape matches an escape sequence of a terminal, which moves the cursor or sets a colour.
var escape = regexp.MustCompile("\r|\x1b\\[[0-9;]*[A-Za-z]")

// showHelp shows the text of a flag with the flag, and the text of a command with the command.
func (s *shower) showHelp(n ast.Expr) string {
	c := newClimber(s)
	text := strings.TrimSpace(c.render(n, nil, ""))
	switch p := s.parent[n].(type) {
	case *ast.KeyValueExpr:
		name := s.commandAt(n)
		switch p.Key.(*ast.Ident).Name {
		case "Use":
			words := strings.Fields(name)
			if len(words) > 0 && strings.HasPrefix(text, last(words)) {
				return name + strings.TrimPrefix(text, last(words))
			}
		case "Short":
			return strings.TrimSpace(name + "   " + text)
		}
	case *ast.CallExpr:
		var names []string
		for _, a := range p.Args[:len(p.Args)-1] {
			if v, ok := joined(a); ok && len(names) < 2 {
				names = append(names, v)
			}
		}
		_, f := callee(p)
		switch {
		case strings.HasSuffix(f, "P") && len(names) == 2 && names[1] != "":
			return "-" + names[1] + ", --" + names[0] + "   " + text
		case len(names) > 0:
			return "--" + names[0] + "   " + text
		}
	}
	return text
}

// in returns the command or the package of a string, and the declaration that has it.
func (s *shower) in(n ast.Node, kind string, isJoined bool) string {
	f := s.source(n)
	where := s.commandAt(n)
	if where == "" {
		where = "package " + f.pkg()
	}
	if kind == "help" {
		what := "flag"
		if p, ok := s.parent[n].(*ast.KeyValueExpr); ok {
			what = map[string]string{"Use": "usage", "Short": "summary", "Long": "description",
				"Example": "examples"}[p.Key.(*ast.Ident).Name]
		}
		return where + ", " + what
	}
	row := ""
	for p := n; p != nil; p = s.parent[p] {
		switch d := p.(type) {
		case *ast.CompositeLit:
			if name := s.typeOf(d); name != "" && row == "" {
				row = name
			}
		case *ast.FuncDecl:
			if kind != "sentence" || isJoined {
				return where + ", in " + nameOf(d)
			}
			about := says(d.Name.Name, d.Doc)
			if !strings.HasPrefix(strings.ToLower(d.Doc.Text()), strings.ToLower(d.Name.Name)) {
				about = ""
			}
			return where + ", in " + nameOf(d) + about
		case *ast.ValueSpec:
			g, ok := s.parent[d].(*ast.GenDecl)
			if _, global := s.parent[s.parent[d]].(*ast.File); !ok || !global {
				continue
			}
			doc := d.Doc
			if doc == nil {
				doc = g.Doc
			}
			where += ", in " + d.Names[0].Name + says(d.Names[0].Name, doc)
			if about := says(row, s.docs[f.pkg()][row]); doc == nil && about != "" {
				where += " (" + row + about + ")"
			}
			return where
		}
	}
	return where
}

// says returns the first sentence of a comment, without the name with which it begins and without
// the full stop.
func says(name string, doc *ast.CommentGroup) string {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	if text == "" {
		return ""
	}
	if i := strings.Index(text, ". "); i > 0 {
		text = text[:i]
	}
	if first, rest, ok := strings.Cut(text, " "); ok &&
		strings.EqualFold(strings.TrimSuffix(first, ":"), name) {
		text = rest
	}
	for _, verb := range []string{"are ", "is ", "has "} {
		text = strings.TrimPrefix(text, verb)
	}
	r := []rune(strings.TrimSuffix(text, "."))
	if len(r) > 1 && !unicode.IsUpper(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return ": " + string(r)
}

// command returns the command that a file belongs to, "zablab lint" or "house", or "" for a file of
// the library.
func (s *shower) command(f *source) string {
	parts := strings.Split(f.pkg(), "/")
	if parts[0] != "cmd" || len(parts) < 2 {
		return ""
	}
	tool := parts[1]
	var own, folder []usage
	for _, u := range s.usage[f.pkg()] {
		if u.file == f.path {
			own = append(own, u)
		}
		if u.word == last(parts) {
			folder = append(folder, u)
		}
	}
	switch {
	case len(parts) == 2 || len(own) == 0 && len(folder) == 0:
		return tool
	case len(own) == 1 && len(folder) == 1 && folder[0].over && own[0].sub && own[0] != folder[0]:
		return tool + " " + folder[0].word + " " + own[0].word
	case len(own) == 1:
		return tool + " " + own[0].word
	}
	return tool + " " + folder[0].word
}

// commandAt returns the command that a node belongs to. Within the definition of a command, in a
// file that defines several, this is the command that is defined.
func (s *shower) commandAt(n ast.Node) string {
	f := s.source(n)
	name := s.command(f)
	folder := last(strings.Split(f.pkg(), "/"))
	if name == "" || !strings.HasSuffix(name, " "+folder) {
		return name
	}
	for p := s.parent[n]; p != nil; p = s.parent[p] {
		lit, ok := p.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok || keyOf(kv.Key) != "Use" {
				continue
			}
			if use, ok := joined(kv.Value); ok && !strings.HasPrefix(use+" ", folder+" ") {
				return name + " " + strings.Fields(use + " ")[0]
			}
		}
	}
	return name
}

// typeOf returns the name of the type of a composite literal, or "" if it has none.
func (s *shower) typeOf(lit *ast.CompositeLit) string {
	t := lit.Type
	if outer, ok := s.parent[lit].(*ast.CompositeLit); ok && t == nil {
		t = outer.Type
		if list, ok := t.(*ast.ArrayType); ok {
			t = list.Elt
		}
	}
	if kv, ok := s.parent[lit].(*ast.KeyValueExpr); ok && t == nil {
		if outer, ok := s.parent[kv].(*ast.CompositeLit); ok {
			switch list := outer.Type.(type) {
			case *ast.MapType:
				t = list.Value
			case *ast.ArrayType:
				t = list.Elt
			}
		}
	}
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		if x, ok := t.X.(*ast.Ident); ok {
			return x.Name
		}
	}
	return ""
}

func last[T any](list []T) T { return list[len(list)-1] }

var camel = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)

// split makes words of a name: lastZxid becomes last zxid.
func split(name string) string {
	if name == "err" {
		return "error"
	}
	return strings.ToLower(camel.ReplaceAllString(name, "$1 $2"))
}

// name returns words for the value of an expression, and "" if there are none.
func (s *shower) name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		if len(e.Name) > 1 {
			return split(e.Name)
		}
		return cmp.Or(s.nameOfParameter(e), letters[e.Name], s.nameOfLocal(e))
	case *ast.SelectorExpr:
		return cmp.Or(letters[e.Sel.Name], s.name(e.Sel), s.name(e.X))
	case *ast.StarExpr:
		return s.name(e.X)
	case *ast.ParenExpr:
		return s.name(e.X)
	case *ast.UnaryExpr:
		return s.name(e.X)
	case *ast.IndexExpr:
		return s.name(e.X)
	case *ast.SliceExpr:
		return s.name(e.X)
	case *ast.BinaryExpr:
		if _, ok := e.Y.(*ast.BasicLit); ok {
			return s.name(e.X)
		}
		return cmp.Or(s.name(e.X), s.name(e.Y))
	case *ast.BasicLit:
		return e.Value
	case *ast.CallExpr:
		return s.nameOfCall(e)
	}
	return ""
}

// letters has what names of one letter stand for in this module: variables, and the fields of a
// trace's event.
var letters = map[string]string{"N": "machine", "Z": "zxid", "z": "zxid", "T": "time"}

// nameOfParameter returns the name of the type of a parameter or receiver whose name is one letter.
func (s *shower) nameOfParameter(id *ast.Ident) string {
	d := s.decl(id)
	if d == nil {
		return ""
	}
	fields := d.Type.Params.List
	if d.Recv != nil {
		fields = slices.Concat(d.Recv.List, fields)
	}
	for _, f := range fields {
		t := typeName(f.Type)
		if sel, ok := f.Type.(*ast.SelectorExpr); ok {
			t = sel.Sel.Name
		}
		for _, name := range f.Names {
			if name.Name == id.Name && !slices.Contains(basic, t) {
				return split(t)
			}
		}
	}
	return ""
}

// nameOfLocal returns the name of the value that a variable with a name of one letter gets, if only
// one statement of its function sets it.
func (s *shower) nameOfLocal(id *ast.Ident) string {
	d := s.decl(id)
	if d == nil {
		return ""
	}
	found := ""
	for _, use := range s.uses[id.Name] {
		if use.Pos() < d.Pos() || use.Pos() > d.End() {
			continue
		}
		name := ""
		switch set := s.parent[use].(type) {
		case *ast.AssignStmt:
			at := slices.Index(set.Lhs, ast.Expr(use))
			if at < 0 || set.Tok != token.DEFINE || len(set.Rhs) != len(set.Lhs) && at > 0 {
				continue
			}
			name = s.nameOfValue(set.Rhs[min(at, len(set.Rhs)-1)])
		case *ast.RangeStmt:
			if set.Value != ast.Expr(use) {
				continue
			}
			name = singular(s.nameOfValue(set.X))
		default:
			continue
		}
		if found != "" && found != name {
			return ""
		}
		found = name
	}
	return found
}

// nameOfValue is [shower.name] without following a variable of one letter to another one.
func (s *shower) nameOfValue(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok && len(id.Name) == 1 {
		return ""
	}
	if sel, ok := e.(*ast.SelectorExpr); ok && len(sel.Sel.Name) == 1 {
		return letters[sel.Sel.Name]
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		return ""
	case *ast.UnaryExpr: // &list[i] is one of the list
		if at, ok := e.X.(*ast.IndexExpr); ok {
			return singular(s.nameOfValue(at.X))
		}
	case *ast.CallExpr:
		if _, f := callee(e); slices.Contains(mute, f) {
			return ""
		}
	}
	return s.name(e)
}

// mute has the functions whose names say nothing about their result.
var mute = []string{"Atoi", "Clone", "ParseInt", "ParseUint", "Read", "Sprintf", "recover"}

// singular returns the name of one item of a list.
func singular(list string) string {
	one, many := strings.CutSuffix(list, "s")
	if !many || strings.HasSuffix(one, "s") || strings.HasSuffix(one, "u") {
		return list
	}
	return one
}

// basic has the types whose names say nothing about a value.
var basic = []string{"string", "int", "int64", "uint64", "int32", "uint32", "any", "bool", "T"}

// passing has the functions and methods whose result is named after what they print.
var passing = []string{"string", "int", "int64", "uint64", "float64", "Join", "Itoa", "Sprint",
	"Base", "Clean", "TrimSpace", "TrimSuffix", "TrimPrefix", "Quote", "FormatInt", "ToLower",
	"String", "Error", "Seconds", "Brief", "Thousands", "Wrap", "clip", "itoa", "seconds", "brief",
	"short", "thousands", "millis", "ID", "Name", "Or", "quote", "Trim", "Unwrap", "Sorted",
	"ReplaceAll"}

func (s *shower) nameOfCall(e *ast.CallExpr) string {
	_, f := callee(e)
	method, isMethod := e.Fun.(*ast.SelectorExpr)
	switch {
	case f == "len" && len(e.Args) == 1:
		if x := s.name(e.Args[0]); x != "" {
			return "number of " + x
		}
		return "number"
	case (f == "Plural" || f == "plural" || f == "count") && len(e.Args) > 1:
		if many, ok := joined(last(e.Args)); ok {
			return "number " + many
		}
		return "number"
	case f == "Len" && isMethod && len(e.Args) == 0:
		return cmp.Or(strings.TrimSpace("number of "+s.name(method.X)), "number")
	case slices.Contains(passing, f) && len(e.Args) > 0:
		return cmp.Or(s.name(e.Args[0]), split(f))
	case slices.Contains(passing, f) && isMethod:
		return cmp.Or(s.name(method.X), split(f))
	}
	return split(f)
}
