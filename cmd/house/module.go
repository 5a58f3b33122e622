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
	files []*source // ordered by path
	prose []*page
}

// source is one Go file.
type source struct {
	path   string // relative to the root of the module, with slashes
	text   string
	syntax *ast.File
}

// page is one Markdown file.
type page struct{ path, text string }

// pkg returns the folder of the package of a file.
func (s *source) pkg() string { return path.Dir(s.path) }

// isTest reports whether only go test builds the file.
func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// exercises has Markdown that learners read, beside programs that are not of this module.
const exercises = "scenarios/learn/testdata"

// readModule reads every Go and Markdown file below root. Like the go command, it skips testdata
// and names that begin with a dot or an underscore; .github is read, and the Markdown of exercises.
func readModule(root fs.FS) (*module, error) {
	m := &module{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			name := e.Name()
			hidden := strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
			if file != "." && file != ".github" && (hidden || name == "testdata" && file != exercises) {
				return fs.SkipDir
			}
			return nil
		}
		return m.read(root, file)
	})
	if err == nil && len(m.files) == 0 {
		err = fmt.Errorf("the module's folder has no Go files: name another folder with --root")
	}
	slices.SortFunc(m.files, func(a, b *source) int { return cmp.Compare(a.path, b.path) })
	return m, err
}

// read adds one file, if it is a Go or a Markdown file.
func (m *module) read(root fs.FS, file string) error {
	extension := path.Ext(file)
	if extension != ".go" && extension != ".md" || extension == ".go" &&
		strings.HasPrefix(file, exercises+"/") {
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

// withoutTests returns the module without its test files.
func (m *module) withoutTests() *module {
	some := &module{fset: m.fset, prose: m.prose}
	for _, s := range m.files {
		if !s.isTest() {
			some.files = append(some.files, s)
		}
	}
	return some
}

// line returns the line of a position.
func (m *module) line(pos token.Pos) int { return m.fset.Position(pos).Line }

// receiver returns the name of the receiver's type, and "" for a function.
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

// nameOf returns the name of a function or method for people: Parse, or World.Step.
func nameOf(f *ast.FuncDecl) string {
	if r := receiver(f); r != "" {
		return r + "." + f.Name.Name
	}
	return f.Name.Name
}
