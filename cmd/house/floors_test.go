package main_test

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/zablab/zablab"

// TestHouse compares the code with the table of floors in README.md: it checks all imports, that
// the table has every package and no other, and that no package of a pure floor could make two runs
// with one seed differ.
func TestHouse(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	floors, err := readFloors(string(readme))
	if err != nil {
		t.Fatalf("README.md: %v", err)
	}
	h, err := openHouse("../..")
	if err != nil {
		t.Fatal(err)
	}
	exists := func(pkg string) bool {
		s, err := os.Stat(filepath.Join("../..", pkg))
		return err == nil && s.IsDir()
	}
	for _, complaint := range checkFloors(floors, h.imports(), exists) {
		t.Error(complaint)
	}
	for _, pkg := range h.packages() {
		if f, ok := floors[pkg]; ok && f.floor <= highestPure {
			for _, complaint := range h.checkPure(pkg) {
				t.Error(complaint)
			}
		}
	}
}

// floor is the place of a package: its floor, the row of the table, and the place in the row.
type floor struct{ floor, row, place int }

// readFloors reads the first table whose columns begin with Floor and Package.
func readFloors(readme string) (map[string]floor, error) {
	floors := map[string]floor{}
	inside := false
	for i, line := range strings.Split(readme, "\n") {
		cells := strings.Split(strings.Trim(line, " |\r"), "|")
		if len(cells) < 2 || !strings.HasPrefix(line, "|") {
			if inside {
				break
			}
			continue
		}
		number, names := strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])
		if !inside {
			inside = number == "Floor" && names == "Package"
			continue
		}
		if strings.Trim(number, ":-") == "" {
			continue
		}
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("line %d: floor %q is no number", i+1, number)
		}
		for place, name := range strings.Split(names, ",") {
			name = strings.Trim(name, " `")
			if _, twice := floors[name]; twice || name == "" {
				return nil, fmt.Errorf("line %d: package %q is empty or there twice", i+1, name)
			}
			floors[name] = floor{n, i + 1, place}
		}
	}
	if len(floors) == 0 {
		return nil, fmt.Errorf("no table with the columns Floor and Package")
	}
	return floors, nil
}

// mayImport reports whether a package at f may import one at g: from a lower floor, or from the
// left in the same row.
func (f floor) mayImport(g floor) bool {
	return g.floor < f.floor || g.row == f.row && g.place < f.place
}

// checkFloors compares the imports between packages of the module with the table.
func checkFloors(floors map[string]floor, imports map[string][]string,
	exists func(string) bool) []string {
	var complaints []string
	for _, name := range slices.Sorted(maps.Keys(floors)) {
		if !exists(name) {
			complaints = append(complaints,
				fmt.Sprintf("%s: stands in README.md's table and is not there", name))
		}
	}
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		at, ok := floors[from]
		if !ok {
			complaints = append(complaints,
				fmt.Sprintf("%s: is missing from README.md's table of floors", from))
			continue
		}
		for _, to := range imports[from] {
			if g, ok := floors[to]; ok && to != from && !at.mayImport(g) {
				complaints = append(complaints,
					fmt.Sprintf("%s (floor %d) imports %s (floor %d): "+
						"only lower floors may be imported",
						from, at.floor, to, g.floor))
			}
		}
	}
	return complaints
}

// house has the packages of the module on disk, without tests and without files that a build tag
// excludes.
type house struct {
	fset    *token.FileSet
	files   map[string][]*ast.File
	checked map[string]*checked
	std     types.Importer
}

// checked is a package with its types.
type checked struct {
	pkg  *types.Package
	info *types.Info
	err  error
}

// newHouse returns a house without packages.
func newHouse() *house {
	h := &house{
		fset: token.NewFileSet(), files: map[string][]*ast.File{}, checked: map[string]*checked{},
	}
	h.std = importer.ForCompiler(h.fset, "source", nil)
	return h
}

// openHouse parses every package below root.
func openHouse(root string) (*house, error) {
	h := newHouse()
	return h, filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() {
			if file != root && (name == "testdata" || name[0] == '.' || name[0] == '_') {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(dir)
		return h.add(pkg, pkg+"/"+name, string(text))
	})
}

// add parses one file of a package.
func (h *house) add(pkg, name, text string) error {
	f, err := parser.ParseFile(h.fset, name, text, parser.ParseComments)
	if err == nil {
		h.files[pkg] = append(h.files[pkg], f)
	}
	return err
}

// packages returns the paths of the packages, sorted.
func (h *house) packages() []string { return slices.Sorted(maps.Keys(h.files)) }

// imports returns for each package the packages of the module that it imports.
func (h *house) imports() map[string][]string {
	imports := map[string][]string{}
	for pkg, files := range h.files {
		imports[pkg] = nil
		for _, f := range files {
			for _, spec := range f.Imports {
				if to, ok := strings.CutPrefix(importPath(spec), module+"/"); ok {
					imports[pkg] = append(imports[pkg], to)
				}
			}
		}
		slices.Sort(imports[pkg])
		imports[pkg] = slices.Compact(imports[pkg])
	}
	return imports
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value)
	return p
}

// Import returns the types of a package: one of the module or of the standard library, from source.
// Any other package is empty, because the check needs no types from it.
func (h *house) Import(name string) (*types.Package, error) {
	if pkg, ok := strings.CutPrefix(name, module+"/"); ok {
		c := h.check(pkg)
		if c.pkg == nil && c.err == nil {
			return nil, fmt.Errorf("%s imports itself by way of others", pkg)
		}
		return c.pkg, c.err
	}
	if !standard(name) {
		p := types.NewPackage(name, path.Base(name))
		p.MarkComplete()
		return p, nil
	}
	return h.std.Import(name)
}

// standard reports whether a package belongs to the standard library.
func standard(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

// check type-checks one package of the module.
func (h *house) check(pkg string) *checked {
	if c := h.checked[pkg]; c != nil {
		return c
	}
	c := &checked{info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
	}}
	h.checked[pkg] = c
	foreign := false // true if the error is about another module, which has no types here
	var files []*ast.File
	for _, f := range h.files[pkg] {
		if !h.built(f) {
			continue
		}
		files = append(files, f)
		for _, spec := range f.Imports {
			foreign = foreign ||
				!standard(importPath(spec)) && !strings.HasPrefix(importPath(spec), module)
		}
	}
	config := types.Config{Importer: h, Error: func(err error) {
		if !foreign && c.err == nil {
			c.err = err
		}
	}}
	c.pkg, _ = config.Check(module+"/"+pkg, h.fset, files, c.info)
	return c
}

// built reports whether no build tag excludes a file.
func (h *house) built(f *ast.File) bool {
	name := h.fset.Position(f.Pos()).Filename
	context := build.Default
	context.OpenFile = nil
	ok, err := context.MatchFile(filepath.Join("../..", path.Dir(name)), path.Base(name))
	return ok || err != nil // a snippet is not on disk, and has no tags
}
