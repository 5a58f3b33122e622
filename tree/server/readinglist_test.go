package server_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// step is one line of the reading list in doc.go: "7. tree/client: [Client.send] in link.go: …".
type step struct {
	dir, file, function string
}

var stepLine = regexp.MustCompile(`^//  (\d+)\. (?:([\w/]+): )?\[([\w.]+)\] in (\w+\.go): \S`)

// readingList reads the list of doc.go. A package that is not named is this one.
func readingList(t *testing.T) (list []step) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(commentOf(file), "// # A write, from call to answer\n")
	if !ok {
		t.Fatal("doc.go: no section \"A write, from call to answer\"")
	}
	text, _, _ = strings.Cut(text, "\n// # ")
	numbered := regexp.MustCompile(`^//  \d+\. `)
	for line := range strings.Lines(text) {
		if !numbered.MatchString(line) {
			continue
		}
		m := stepLine.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("doc.go: %q: write \"//  N. package: [Function] in file.go: what it does\"",
				line)
		}
		if n, _ := strconv.Atoi(m[1]); n != len(list)+1 {
			t.Errorf("doc.go: %q: it is step %d", line, len(list)+1)
		}
		dir := filepath.Join("..", "..", filepath.FromSlash(m[2]))
		if m[2] == "" {
			dir = "."
		}
		list = append(list, step{dir, m[4], m[3]})
	}
	return list
}

func commentOf(file *ast.File) string {
	var lines []string
	for _, c := range file.Doc.List {
		lines = append(lines, c.Text)
	}
	return strings.Join(lines, "\n") + "\n"
}

// functions parses the functions of a file, by name: "Type.method" or "function".
func functions(t *testing.T, set *token.FileSet, path string) map[string]*ast.FuncDecl {
	t.Helper()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]*ast.FuncDecl)
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			receiver := f.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if id, ok := receiver.(*ast.Ident); ok {
				name = id.Name + "." + name
			}
		}
		found[name] = f
	}
	return found
}

// names are the identifiers that a function's body uses.
func names(f *ast.FuncDecl, into map[string]bool) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			into[id.Name] = true
		}
		return true
	})
}

// TestReadingList compares doc.go's list with the code: every function is where the list says,
// those of one file stand in the order of the list, and an unexported one is used by an earlier
// step of its package, so that a reader meets every call before the function. (In zab messages come
// in between, and other files dispatch them.)
func TestReadingList(t *testing.T) {
	list := readingList(t)
	if len(list) < 20 {
		t.Fatalf("doc.go lists %d steps, a write has more", len(list))
	}
	set := token.NewFileSet()
	files := make(map[string]map[string]*ast.FuncDecl)
	last := make(map[string]token.Pos)
	used := make(map[string]map[string]bool) // by package
	for i, s := range list {
		path := filepath.Join(s.dir, s.file)
		if files[path] == nil {
			files[path] = functions(t, set, path)
		}
		f := files[path][s.function]
		if f == nil {
			t.Errorf("step %d: %s has no function %s", i+1, path, s.function)
			continue
		}
		if f.Pos() < last[path] {
			t.Errorf("step %d: %s stands before the step of %s that is read first", i+1, s.function,
				path)
		}
		last[path] = f.Pos()
		if used[s.dir] == nil {
			used[s.dir] = make(map[string]bool)
		}
		if !f.Name.IsExported() && !used[s.dir][f.Name.Name] &&
			s.dir != filepath.Join("..", "..", "zab") {
			t.Errorf("step %d: no step before it uses %s", i+1, s.function)
		}
		names(f, used[s.dir])
	}
}
