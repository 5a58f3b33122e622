package scenarios_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestReadingList compares the reading list in doc.go with the code: each function is in the named
// file, and each file has its functions in the order of the list.
func TestReadingList(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	step := regexp.MustCompile(`(?m)^//  (\d+)\. (?:([\w/]+): )?\[([\w.]+)\] in (\w+\.go): \S`)
	list := step.FindAllStringSubmatch(string(text), -1)
	if len(list) < 30 {
		t.Fatalf("%d steps: the list is incomplete", len(list))
	}
	last, where := map[string]int{}, map[string]map[string]int{}
	for i, s := range list {
		dir, name, file := ".", s[3], s[4]
		if s[2] != "" {
			dir = filepath.Join("..", filepath.FromSlash(s[2]))
		}
		path := filepath.Join(dir, file)
		if where[path] == nil {
			where[path] = functions(t, path)
		}
		line := where[path][name]
		switch {
		case s[1] != strconv.Itoa(i+1):
			t.Errorf("step %s is the %dth", s[1], i+1)
		case line == 0:
			t.Errorf("step %d: there is no %s in %s", i+1, name, path)
		case line < last[path]:
			t.Errorf("step %d: %s stands above the step before it in %s", i+1, name, path)
		}
		last[path] = line
	}
}

// functions returns the lines of the functions in a file, by name; for methods by Type.name.
func functions(t *testing.T, path string) map[string]int {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := fn.Name.Name
		if fn.Recv != nil {
			typ := fn.Recv.List[0].Type
			if p, ok := typ.(*ast.StarExpr); ok {
				typ = p.X
			}
			name = typ.(*ast.Ident).Name + "." + name
		}
		lines[name] = set.Position(fn.Pos()).Line
	}
	return lines
}
