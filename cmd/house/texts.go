package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// text is a text that a person reads, with its place.
type text struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Kind string `json:"kind"` // error, help, heading, sentence; package, name
	Text string `json:"text"`

	In    string `json:"in,omitempty"`    // the command or package, and the declaration
	Shown string `json:"shown,omitempty"` // as a user sees it
}

// pick chooses n of the texts. The rank of a text depends only on the seed and its words, not on
// the other texts. Equal texts count once.
func pick(texts []text, n int, seed uint64) []text {
	ranks := map[string][sha256.Size]byte{}
	var once []text
	for _, t := range texts {
		if _, twice := ranks[t.Text]; !twice {
			ranks[t.Text] = sha256.Sum256(fmt.Appendf(nil, "%d %s", seed, t.Text))
			once = append(once, t)
		}
	}
	slices.SortFunc(once, func(a, b text) int {
		x, y := ranks[a.Text], ranks[b.Text]
		return slices.Compare(x[:], y[:])
	})
	picked := once[:min(n, len(once))]
	slices.SortStableFunc(picked, func(a, b text) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return picked
}

// messages returns the strings of a module that a person reads.
func messages(m *module) []text {
	var list []text
	shower := newShower(m)
	for _, f := range m.files {
		c := collector{module: m, file: f, shower: shower, heads: map[ast.Node]bool{}}
		ast.Inspect(f.syntax, c.visit)
		list = append(list, c.found...)
	}
	return list
}

// collector walks through a file, collects messages, and keeps the path of syntax nodes to the
// current one.
type collector struct {
	module *module
	file   *source
	shower *shower
	parent []ast.Node        // from the file to the current node
	heads  map[ast.Node]bool // the headings that are collected already, with their table
	found  []text
}

// visit is the callback of ast.Inspect.
func (c *collector) visit(n ast.Node) bool {
	if n == nil {
		c.parent = c.parent[:len(c.parent)-1]
		return true
	}
	deeper := true
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.CaseClause:
		deeper = false
		if n, ok := n.(*ast.CaseClause); ok { // case values are not read; only the body is
			for _, s := range n.Body {
				ast.Inspect(s, c.visit)
			}
		}
	case *ast.Field:
		deeper = n.Tag == nil
	case *ast.CallExpr:
		deeper = !c.call(n)
	case *ast.CompositeLit:
		deeper = !c.headings(n)
	case ast.Expr:
		if c.heads[n] {
			deeper = false
			break
		}
		if s, ok := joined(n); ok {
			c.add(n, s)
			deeper = false
			c.inside(n)
		}
	}
	if deeper {
		c.parent = append(c.parent, n)
	}
	return deeper
}

// inside visits the operands of a concatenation that are not strings.
func (c *collector) inside(n ast.Expr) {
	sum, ok := n.(*ast.BinaryExpr)
	if !ok {
		return
	}
	for _, part := range []ast.Expr{sum.X, sum.Y} {
		if _, ok := joined(part); ok {
			c.inside(part)
			continue
		}
		ast.Inspect(part, c.visit)
	}
}

// unread has the functions and methods whose strings nobody reads: Fork names a random stream.
var unread = map[string]bool{"Fork": true}

// notRead has the packages whose functions take strings that nobody reads.
var notRead = map[string]bool{
	"strings": true, "regexp": true, "filepath": true, "path": true, "os": true, "exec": true,
	"bytes": true, "strconv": true, "utf8": true, "unicode": true, "http": true,
}

// call adds the arguments of a call that prints them together, such as a table heading. It reports
// whether it has handled the whole call.
func (c *collector) call(n *ast.CallExpr) bool {
	from, name := callee(n)
	if notRead[from] || unread[name] {
		return true
	}
	c.columns(n)
	if !strings.EqualFold(name, "newTable") {
		return false
	}
	if n.Ellipsis.IsValid() {
		return false // the headings are a list, which has its own place
	}
	var cells, all []string
	way := newClimber(c.shower)
	for i, a := range n.Args {
		if s, ok := joined(a); ok {
			cells = append(cells, s)
		}
		if i > 0 { // after the writer
			all = append(all, way.render(a, nil, ""))
		}
	}
	if len(cells) > 0 {
		heading := strings.Join(cells, " | ")
		c.found = append(c.found, text{c.file.path, c.module.line(n.Pos()), "heading", heading,
			c.shower.in(n, "heading", true), strings.Join(all, " | ")})
	}
	return true
}

// headings adds a list of table headings, such as heads := []string{"Time", "Who"}. It reports
// whether the literal is such a list.
func (c *collector) headings(n *ast.CompositeLit) bool {
	set, ok := c.parent[len(c.parent)-1].(*ast.AssignStmt)
	if !ok || len(set.Lhs) != 1 || !strings.HasPrefix(keyOf(set.Lhs[0]), "head") {
		return false
	}
	return c.heading(n, n.Elts)
}

// columns adds the headings of a table whose columns are the arguments of a call: literals of the
// type column, or variables that hold such a literal. The texts before the columns are the table's
// title.
func (c *collector) columns(n *ast.CallExpr) {
	if !slices.ContainsFunc(n.Args, func(a ast.Expr) bool { return columnHead(a) != nil }) {
		return
	}
	var titles, heads []ast.Expr
	for _, a := range n.Args {
		head := columnHead(a)
		if id, ok := a.(*ast.Ident); ok && head == nil {
			head = columnHead(c.assigned(id.Name))
		}
		if head != nil {
			heads = append(heads, head)
		} else if _, call := a.(*ast.CallExpr); call || isText(a) {
			titles = append(titles, a)
		}
	}
	if len(heads) < 2 {
		return
	}
	var cells, all []string
	way := newClimber(c.shower)
	for _, h := range heads {
		c.heads[h] = true
		if s, ok := joined(h); ok {
			cells = append(cells, s)
		}
		all = append(all, way.render(h, nil, ""))
	}
	shown := strings.Join(all, " | ")
	if len(titles) > 0 {
		var above []string
		for _, t := range titles {
			above = append(above, way.render(t, nil, ""))
		}
		shown = strings.Join(above, "  ") + "\n⟦" + shown + "⟧"
	}
	c.found = append(c.found, text{c.file.path, c.module.line(n.Pos()), "heading",
		strings.Join(cells, " | "), c.shower.in(n, "heading", true), shown})
}

// isText reports whether an expression is certainly a string.
func isText(e ast.Expr) bool {
	_, ok := joined(e)
	return ok
}

// columnHead returns the heading of a literal of the type column, or nil for another expression.
func columnHead(e ast.Expr) ast.Expr {
	lit, ok := e.(*ast.CompositeLit)
	if !ok || len(lit.Elts) == 0 {
		return nil
	}
	of := lit.Type
	if index, ok := of.(*ast.IndexExpr); ok {
		of = index.X
	}
	if id, ok := of.(*ast.Ident); ok && id.Name == "column" {
		return lit.Elts[0]
	}
	return nil
}

// assigned returns the value that the current function assigns to a variable, or nil.
func (c *collector) assigned(name string) (value ast.Expr) {
	for _, p := range c.parent {
		f, ok := p.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			set, ok := n.(*ast.AssignStmt)
			if ok && len(set.Lhs) == 1 && len(set.Rhs) == 1 && keyOf(set.Lhs[0]) == name {
				value = set.Rhs[0]
			}
			return true
		})
	}
	return value
}

// heading adds the headings of a table as one text. It reports false if one of them is no string.
func (c *collector) heading(at ast.Node, heads []ast.Expr) bool {
	var cells []string
	for _, h := range heads {
		s, ok := joined(h)
		if !ok {
			return false
		}
		cells = append(cells, s)
	}
	if len(cells) == 0 {
		return false
	}
	row := strings.Join(cells, " | ")
	c.found = append(c.found, text{c.file.path, c.module.line(at.Pos()), "heading", row,
		c.shower.in(at, "heading", true), row})
	return true
}

// callee returns the package and the name of a called function: "fmt" and "Errorf", or "" and
// "newTable".
func callee(n *ast.CallExpr) (from, name string) {
	switch f := n.Fun.(type) {
	case *ast.Ident:
		return "", f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			from = x.Name
		}
		return from, f.Sel.Name
	}
	return "", ""
}

// joined returns the text of a string or of a concatenation, with an ellipsis for each operand that
// is no string.
func joined(n ast.Expr) (string, bool) {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return joined(n.X)
	case *ast.BasicLit:
		if n.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(n.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, okX := joined(n.X)
		y, okY := joined(n.Y)
		if n.Op != token.ADD || !okX && !okY {
			return "", false
		}
		if !okX {
			x = "…"
		}
		if !okY {
			y = "…"
		}
		return x + y, true
	}
	return "", false
}

var (
	flagCall  = regexp.MustCompile(`^(Bool|String|Int|Uint|Duration|Float|Count)\w*$|^VarP?$`)
	errorCall = regexp.MustCompile(`^(panic|assert|.*[eE]rrorf)$`)
	word      = regexp.MustCompile(`\pL{2,}`)
	plain     = regexp.MustCompile(`(?:^|\s)\pL{2,}[,.:;]?(?:\s|$)`) // not sync.no-fsync
	markup    = regexp.MustCompile(`</|<[a-z]+ [a-z-]+=|\{\{|^\s*[.#]?[a-z-]+ \{`)

	// program matches a text that a program reads: Go, JavaScript, a Content-Security-Policy, the
	// lines of a plan of faults.
	program = regexp.MustCompile(`^(package \S+\n|module \S+\n|func \w+\(|import '|// |for \(|` +
		`default-src |(%\S+|…) (split|clock|restart|crash|cut) [A-Z])`)
)

// labelOnly matches a text that has a label and is otherwise alone.
var labelOnly = regexp.MustCompile(`^[^⟦⟧]{1,60}: ⟦[^⟧]*⟧$`)

// Fields of a cobra.Command that the help shows.
var helpField = map[string]bool{"Use": true, "Short": true, "Long": true, "Example": true}

// add adds a string if a person reads it.
func (c *collector) add(n ast.Expr, s string) {
	kind := c.kind(n)
	words := len(word.FindAllString(s, 3))
	switch {
	case kind == "" || words < 2 || markup.MatchString(s), program.MatchString(s):
		return
	case kind == "sentence" && (words < 3 || !plain.MatchString(s)):
		return
	}
	shown := c.shower.show(n, kind)
	inSentence := strings.Contains(shown, "⟦") && !strings.Contains(shown, " | ") &&
		!labelOnly.MatchString(shown)
	in := c.shower.in(n, kind, inSentence)
	c.found = append(c.found, text{c.file.path, c.module.line(n.Pos()), kind, strings.TrimSpace(s),
		in, shown})
}

// kind returns the purpose of a string by its place in the code, or "" if nobody reads it.
func (c *collector) kind(n ast.Expr) string {
	switch p := c.parent[len(c.parent)-1].(type) {
	case *ast.BinaryExpr: // a comparison
		return ""
	case *ast.IndexExpr:
		return ""
	case *ast.KeyValueExpr:
		if key, ok := p.Key.(*ast.Ident); ok && helpField[key.Name] && p.Value == n {
			return "help"
		}
	case *ast.CallExpr:
		from, name := callee(p)
		last := len(p.Args) > 0 && p.Args[len(p.Args)-1] == n
		switch {
		case from == "errors" || errorCall.MatchString(name):
			return "error"
		case flagCall.MatchString(name) && len(p.Args) > 2:
			if last {
				return "help"
			}
			return ""
		}
	}
	return "sentence"
}

// paragraphs returns the paragraphs of the documentation of packages and exported names.
func paragraphs(m *module) []text {
	var list []text
	for _, f := range m.files {
		if f.isTest() {
			continue
		}
		pkg := "package " + f.pkg()
		list = append(list, documented(m, f, text{Kind: "package", In: pkg}, f.syntax.Doc)...)
		for _, d := range f.syntax.Decls {
			for _, doc := range exportedDocs(d) {
				place := text{Kind: "name", In: pkg + ", " + doc.name}
				list = append(list, documented(m, f, place, doc.comment)...)
			}
		}
	}
	return list
}

// document is the comment of a declaration, with what it declares.
type document struct {
	name    string
	comment *ast.CommentGroup
}

// exportedDocs returns the comments of the exported names in a declaration.
func exportedDocs(d ast.Decl) []document {
	var docs []document
	switch d := d.(type) {
	case *ast.FuncDecl:
		if r := receiver(d); d.Name.IsExported() && (r == "" || ast.IsExported(r)) {
			docs = append(docs, document{"func " + nameOf(d), d.Doc})
		}
	case *ast.GenDecl:
		first := ""
		for _, spec := range d.Specs {
			var name *ast.Ident
			var doc *ast.CommentGroup
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				name, doc = spec.Name, spec.Doc
			case *ast.ValueSpec:
				name, doc = spec.Names[0], spec.Doc
			default:
				continue
			}
			if !name.IsExported() {
				continue
			}
			first = cmp.Or(first, name.Name)
			docs = append(docs, document{d.Tok.String() + " " + name.Name, doc})
		}
		if first != "" && len(d.Specs) > 1 {
			docs = append(docs, document{d.Tok.String() + "s " + first + ", …", d.Doc})
		} else if first != "" {
			docs = append(docs, document{d.Tok.String() + " " + first, d.Doc})
		}
	}
	return docs
}

var item = regexp.MustCompile(`^\s+([-*+•]|\d+[.)])\s+`)

// documented splits a comment into paragraphs and list items. It leaves out headings and code.
// The place has the kind and the name of each.
func documented(m *module, f *source, place text, doc *ast.CommentGroup) []text {
	if doc == nil {
		return nil
	}
	r := docReader{place: place}
	r.place.File = path.Clean(f.path)
	for _, comment := range doc.List {
		for i, line := range strings.Split(comment.Text, "\n") {
			r.line(line, m.line(comment.Pos())+i)
		}
	}
	r.flush()
	return r.list
}

// docReader reads a comment line by line.
type docReader struct {
	place   text
	list    []text
	heading string   // the last heading
	lead    string   // the paragraph before a list
	now     []string // lines of the current paragraph
	from    int      // its first line
	isItem  bool
	code    bool
}

func (r *docReader) line(line string, number int) {
	line = strings.TrimPrefix(strings.TrimPrefix(line, "//"), "/*")
	line = strings.TrimPrefix(line, " ")
	at := item.FindString(line)
	indented := strings.TrimLeft(line, " \t") != line
	switch {
	case strings.TrimSpace(line) == "":
		r.flush()
		r.code = false
		return
	case at != "":
		r.flush()
		r.isItem = true
		line = line[len(at):]
	case len(r.now) == 0 && indented:
		r.code = true
	}
	if r.code {
		return
	}
	if len(r.now) == 0 {
		r.from = number
	}
	r.now = append(r.now, strings.TrimSpace(line))
}

// flush ends a paragraph. It is shown under its heading, and an item with the words before its
// list.
func (r *docReader) flush() {
	s := strings.Join(r.now, " ")
	wasItem := r.isItem
	r.now, r.isItem = nil, false
	if strings.HasPrefix(s, "#") {
		r.heading, r.lead = strings.TrimSpace(strings.TrimLeft(s, "#")), ""
		return
	}
	if len(word.FindAllString(s, 5)) == 5 {
		t := r.place
		t.Line, t.Text, t.Shown = r.from, s, s
		if r.heading != "" {
			t.In += ", under \"" + r.heading + "\""
		}
		if wasItem && r.lead != "" {
			t.Shown = r.lead + "\n  - ⟦" + s + "⟧"
		}
		r.list = append(r.list, t)
	}
	if s != "" && !wasItem {
		sentences := strings.Split(s, ". ")
		r.lead = last(sentences)
	}
}
