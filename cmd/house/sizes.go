package main

import (
	"cmp"
	"go/ast"
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits above which a reader looks twice.
const (
	longFile     = 400 // lines
	longFunction = 70  // lines
	wideLine     = 100 // columns
	tabWidth     = 4
)

// sizes has all measurements, each list with the largest first.
type sizes struct {
	Packages  []packageSize  `json:"packages"`
	Files     []fileSize     `json:"files"`
	Functions []functionSize `json:"functions"`
	Lines     []lineSize     `json:"lines"`
	Alike     []pair         `json:"alike"`
}

type packageSize struct {
	Package  string `json:"package"`
	Files    int    `json:"files"`
	Lines    int    `json:"lines"`
	Types    int    `json:"types"`
	Exported int    `json:"exported"` // names of the package, methods and fields not counted
	Largest  string `json:"largest"`  // the type with the most methods
	Methods  int    `json:"methods"`  // of the largest type
}

type fileSize struct {
	File  string `json:"file"`
	Lines int    `json:"lines"`
	Code  int    `json:"code"` // lines that hold more than blanks and comments
}

type functionSize struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Lines    int    `json:"lines"`
}

type lineSize struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Columns int    `json:"columns"`
	Text    string `json:"text"`
}

// measure measures a module.
func measure(m *module) sizes {
	s := sizes{Packages: packageSizes(m), Functions: functionSizes(m), Alike: alike(m)}
	for _, f := range m.files {
		s.Files = append(s.Files, fileSize{f.path, countLines(f.text), codeLines(f)})
		for i, line := range strings.Split(f.text, "\n") {
			if w := columns(line); w > wideLine {
				s.Lines = append(s.Lines, lineSize{f.path, i + 1, w, strings.TrimSpace(line)})
			}
		}
	}
	slices.SortStableFunc(s.Files, func(a, b fileSize) int { return cmp.Compare(b.Lines, a.Lines) })
	slices.SortStableFunc(s.Lines, func(a, b lineSize) int {
		return cmp.Compare(b.Columns, a.Columns)
	})
	return s
}

func packageSizes(m *module) []packageSize {
	packages := map[string]*packageSize{}
	methods := map[string]int{} // number of methods, by package and type
	for _, f := range m.files {
		p := packages[f.pkg()]
		if p == nil {
			p = &packageSize{Package: f.pkg()}
			packages[f.pkg()] = p
		}
		p.Files++
		p.Lines += countLines(f.text)
		for _, d := range f.syntax.Decls {
			countDeclaration(p, d)
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv != nil {
				name := receiver(d)
				key := p.Package + "." + name
				methods[key]++
				if methods[key] > p.Methods {
					p.Largest, p.Methods = name, methods[key]
				}
			}
		}
	}
	var list []packageSize
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		list = append(list, *packages[name])
	}
	slices.SortStableFunc(list, func(a, b packageSize) int { return cmp.Compare(b.Lines, a.Lines) })
	return list
}

// countDeclaration adds the types and the exported names of a declaration to a package.
func countDeclaration(p *packageSize, d ast.Decl) {
	for _, name := range declared(d) {
		if ast.IsExported(name) && !strings.Contains(name, ".") {
			p.Exported++
		}
	}
	if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.TYPE {
		p.Types += len(d.Specs)
	}
}

// declared returns the names that a declaration adds to a package: Kind, World.Step.
func declared(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		names = append(names, nameOf(d))
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return names
}

func functionSizes(m *module) []functionSize {
	var list []functionSize
	for _, f := range m.files {
		for _, d := range f.syntax.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				from, to := m.line(d.Pos()), m.line(d.End())
				list = append(list, functionSize{nameOf(d), f.path, from, to - from + 1})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b functionSize) int {
		return cmp.Compare(b.Lines, a.Lines)
	})
	return list
}

// countLines counts lines as wc does, plus a last line without a newline.
func countLines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}

// codeLines counts the lines with a token. A string over several lines counts once per line.
func codeLines(f *source) int {
	n, last := 0, 0
	scan(f, func(_, line int, _ token.Token, text string) {
		to := line + strings.Count(text, "\n")
		n += to - max(line-1, last)
		last = to
	})
	return n
}

// scan calls visit with each token of a file, except comments and automatic semicolons.
func scan(f *source, visit func(offset, line int, tok token.Token, text string)) {
	fset := token.NewFileSet()
	file := fset.AddFile(f.path, -1, len(f.text))
	var s scanner.Scanner
	s.Init(file, []byte(f.text), nil, 0)
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok == token.SEMICOLON && text == "\n" {
			continue
		}
		if !tok.IsLiteral() {
			text = ""
		}
		visit(file.Offset(pos), file.Line(pos), tok, text)
	}
}

// columns returns the width of a line on a screen, with four columns for each tab.
func columns(line string) int {
	tabs := strings.Count(line, "\t")
	return utf8.RuneCountInString(strings.TrimSuffix(line, "\r")) + tabs*(tabWidth-1)
}
