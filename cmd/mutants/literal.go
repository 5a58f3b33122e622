package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// typeLiterals finds the types of the numbers that mutants change, so that they can have switches:
// see [Mutant.switched]. Numbers of constants have no switch, and neither has a number whose type
// is unknown.
func typeLiterals(root string, list []Mutant) error {
	for _, dir := range packages {
		var of []*Mutant
		for i := range list {
			if m := &list[i]; m.Kind == constant && path.Dir(m.File) == dir {
				of = append(of, m)
			}
		}
		if len(of) == 0 {
			continue
		}
		if err := typePackage(filepath.Join(root, filepath.FromSlash(dir)), dir, of); err != nil {
			return err
		}
	}
	return nil
}

func typePackage(folder, dir string, of []*Mutant) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	info := types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	config := types.Config{Importer: importer.ForCompiler(set, "source", nil)}
	p, err := config.Check(path.Base(dir), set, files, &info)
	if err != nil {
		return err
	}
	here := func(q *types.Package) string {
		if q == p {
			return ""
		}
		return q.Name()
	}
	for _, f := range files {
		name := dir + "/" + filepath.Base(set.Position(f.Pos()).Filename)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				return n.Tok != token.CONST
			case *ast.BasicLit:
				i := slices.IndexFunc(of, func(m *Mutant) bool {
					return m.File == name && m.from == set.Position(n.Pos()).Offset
				})
				t := info.Types[n].Type
				b, basic := t.(*types.Basic)
				if i < 0 || t == nil || basic && b.Info()&types.IsUntyped != 0 {
					break
				}
				for _, m := range of {
					if m.File == name && m.from == of[i].from {
						m.typed = types.TypeString(t, here)
					}
				}
			}
			return true
		})
	}
	return nil
}
