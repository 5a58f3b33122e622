package fuzz

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zablab/zablab/zab/flaw"
)

// TestCatchesAreProperties: what a flaw is said to be caught by is the name of a property, as the
// code that finds it broken writes it.
func TestCatchesAreProperties(t *testing.T) {
	byRun := literals(t, "../../linearizability/promise", "../../zab", "../../zab/safety", "../audit", "../judge", ".")
	byWitness := literals(t, "../../linearizability/witness")
	for _, e := range flaw.All() {
		for _, name := range e.Catches {
			check, witness := strings.CutPrefix(name, "witness/")
			if !byRun[name] && !(witness && byWitness[check]) {
				t.Errorf("%s is said to be caught by %s: no check is called so", e.Name, name)
			}
		}
	}
	for _, name := range []string{"EpochCurrenzy", "fencing", "NoEarly", "newleader.epoch-first"} {
		if byRun[name] {
			t.Errorf("%s passes for a property", name)
		}
	}
}

// literals are the strings in the code of some packages, without their tests.
func literals(t *testing.T, dirs ...string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, dir := range dirs {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					text, _ := strconv.Unquote(lit.Value)
					found[text] = true
				}
				return true
			})
		}
	}
	return found
}
