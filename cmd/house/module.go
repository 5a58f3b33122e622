package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// module is the source of a Go module: its Go files, parsed, and its Markdown.
type module struct {
	fset  *token.FileSet
	files []*source // in the order of their paths
	prose []*page
}

// source is one Go file.
type source struct {
	path   string // from the module's root, with slashes
	text   string
	syntax *ast.File
}

// page is one Markdown file.
type page struct{ path, text string }

// pkg is the folder of the file's package.
func (s *source) pkg() string { return path.Dir(s.path) }

// isTest is true for a file that only go test builds.
func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// readModule reads every Go and Markdown file below root. It passes over what the go command passes
// over (testdata, names that begin with a dot or an underscore), but for .github.
func readModule(root fs.FS) (*module, error) {
	m := &module{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			name := e.Name()
			hidden := strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
			if file != "." && file != ".github" && (hidden || name == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		return m.read(root, file)
	})
	if err == nil && len(m.files) == 0 {
		err = fmt.Errorf("no Go files")
	}
	slices.SortFunc(m.files, func(a, b *source) int { return cmp.Compare(a.path, b.path) })
	return m, err
}

// read adds one file, if it is of a kind that is read here.
func (m *module) read(root fs.FS, file string) error {
	extension := path.Ext(file)
	if extension != ".go" && extension != ".md" {
		return nil
	}
	text, err := fs.ReadFile(root, file)
	if err != nil {
		return err
	}
	if extension == ".md" {
		m.prose = append(m.prose, &page{path: file, text: string(text)})
		return nil
	}
	const mode = parser.ParseComments | parser.SkipObjectResolution
	syntax, err := parser.ParseFile(m.fset, file, text, mode)
	if err != nil {
		return err
	}
	m.files = append(m.files, &source{path: file, text: string(text), syntax: syntax})
	return nil
}

// withoutTests is the module without the files that only go test builds.
func (m *module) withoutTests() *module {
	some := &module{fset: m.fset, prose: m.prose}
	for _, s := range m.files {
		if !s.isTest() {
			some.files = append(some.files, s)
		}
	}
	return some
}

// line is the line on which a node begins.
func (m *module) line(pos token.Pos) int { return m.fset.Position(pos).Line }

// receiver is the name of the type that a method belongs to, empty for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// nameOf is a function as a reader calls it: Parse, or World.Step.
func nameOf(f *ast.FuncDecl) string {
	if r := receiver(f); r != "" {
		return r + "." + f.Name.Name
	}
	return f.Name.Name
}
