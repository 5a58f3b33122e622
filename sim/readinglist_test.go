package sim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// A line of a reading list: "//  7. [World.handle] in world.go: what it does".
var readingStep = regexp.MustCompile(`(?m)^//  (\d+)\. \[([\w.]+)\] in (\w+\.go): \S`)

// TestReadingList holds doc.go's list to the code: every function is where the list says, those of
// one file stand in the order of the list, and the list goes back to a file twice at most.
func TestReadingList(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	steps := readingStep.FindAllStringSubmatch(string(text), -1)
	if len(steps) < 10 {
		t.Fatalf("doc.go lists %d steps: a fault has more", len(steps))
	}
	last := map[string]int{} // where the last step in a file stands
	back, file := 0, ""
	for i, s := range steps {
		if s[1] != strconv.Itoa(i+1) {
			t.Errorf("doc.go: step %s of %s is number %d", s[1], s[2], i+1)
		}
		at := funcsOf(t, s[3])[s[2]]
		switch before, seen := last[s[3]]; {
		case at == 0:
			t.Errorf("doc.go: step %s: there is no %s in %s", s[1], s[2], s[3])
		case seen && at < before:
			t.Errorf("doc.go: step %s: %s stands before the step of %s that is read first",
				s[1], s[2], s[3])
		case seen && s[3] != file:
			back++
		}
		last[s[3]], file = at, s[3]
	}
	if back > 2 {
		t.Errorf("doc.go: the list goes back to a file %d times, twice is enough", back)
	}
}

// funcsOf maps the functions of a file, f and T.f, to their lines.
func funcsOf(t *testing.T, file string) map[string]int {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			name = typeName(f.Recv.List[0].Type) + "." + name
		}
		lines[name] = set.Position(f.Pos()).Line
	}
	return lines
}

// typeName is the name of a receiver's type.
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}
