package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"hash/fnv"
	"slices"
)

// What makes two places alike.
const (
	alikeLines  = 6  // lines of code, at least
	alikeTokens = 24 // so that six short lines are not enough
	alikeForms  = 4  // different lines, and a third of all, so that two tables are not alike
)

// pair is two places that read the same once names, strings and numbers are blotted out.
type pair struct {
	Lines  int   `json:"lines"` // of code
	Tokens int   `json:"tokens"`
	A      place `json:"a"`
	B      place `json:"b"`
}

// place is a stretch of a file, and the function in which it begins.
type place struct {
	File string `json:"file"`
	From int    `json:"from"`
	To   int    `json:"to"`
	In   string `json:"in,omitempty"`
}

func (p place) String() string { return fmt.Sprintf("%s:%d-%d", p.File, p.From, p.To) }

// shape is one line of code, blotted. A shape whose file is nil is like none.
type shape struct {
	file   *source
	line   int
	hash   uint64
	tokens int
}

// alike finds the pairs of alike places of a module, the longest first.
//
// Each run of six lines has a hash; two runs with the same one are the beginning of a pair, and a
// pair goes on as long as line by line it stays the same. So a pair is found once, at its full
// length, whatever its length is.
func alike(m *module) []pair {
	var shapes []shape
	for _, f := range m.files {
		shapes = append(append(shapes, shapesOf(f)...), shape{})
	}
	starts := map[uint64][]int{} // by the hash of a run: where such runs begin
	var pairs []pair
	for i := range shapes {
		h, ok := runHash(shapes[i:])
		if !ok {
			continue
		}
		for _, j := range starts[h] {
			if j > 0 && i > 0 && same(shapes[j-1], shapes[i-1]) {
				continue // the inside of a pair that is already found
			}
			if p, ok := grow(m, shapes, j, i); ok {
				pairs = append(pairs, p)
			}
		}
		starts[h] = append(starts[h], i)
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.Lines, a.Lines), cmp.Compare(b.Tokens, a.Tokens))
	})
	return pairs
}

func same(a, b shape) bool { return a.file != nil && b.file != nil && a.hash == b.hash }

// grow follows two alike runs, which begin at i and at j, to where they part.
func grow(m *module, shapes []shape, i, j int) (pair, bool) {
	forms := map[uint64]bool{}
	n, tokens := 0, 0
	for i+n < j && j+n < len(shapes) && same(shapes[i+n], shapes[j+n]) {
		forms[shapes[i+n].hash] = true
		tokens += shapes[i+n].tokens
		n++
	}
	if n < alikeLines || tokens < alikeTokens || len(forms) < max(alikeForms, n/3) {
		return pair{}, false
	}
	a, b := placeOf(m, shapes[i], shapes[i+n-1]), placeOf(m, shapes[j], shapes[j+n-1])
	return pair{n, tokens, a, b}, true
}

func placeOf(m *module, first, last shape) place {
	p := place{File: first.file.path, From: first.line, To: last.line}
	for _, d := range first.file.syntax.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && m.line(f.Pos()) <= p.From && p.From <= m.line(f.End()) {
			p.In = nameOf(f)
		}
	}
	return p
}

// runHash is the hash of the run of lines that begins here, false if its functions end before.
func runHash(shapes []shape) (uint64, bool) {
	if len(shapes) < alikeLines {
		return 0, false
	}
	h := uint64(0)
	for _, s := range shapes[:alikeLines] {
		if s.file == nil {
			return 0, false
		}
		h = h*1099511628211 + s.hash
	}
	return h, true
}

// shapesOf blots the lines of a file's functions. Other declarations are left out, since lists of
// constants and of fields are all alike, and no run goes across them. Comments and lone braces are
// left out too.
func shapesOf(f *source) []shape {
	var shapes []shape
	h := fnv.New64a()
	var now shape
	content := false
	flush := func() {
		if content {
			now.hash = h.Sum64()
			shapes = append(shapes, now)
		}
	}
	functions := functionsOf(f)
	scan(f, func(offset, line int, tok token.Token, _ string) {
		for len(functions) > 0 && offset >= functions[0].to {
			functions = functions[1:]
			flush()
			shapes = append(shapes, shape{})
			now, content = shape{}, false
		}
		if len(functions) == 0 || offset < functions[0].from {
			return
		}
		if line != now.line {
			flush()
			now, content = shape{file: f, line: line}, false
			h.Reset()
		}
		now.tokens++
		content = content || !lone(tok)
		_, _ = h.Write([]byte{byte(blot(tok))})
	})
	flush()
	return shapes
}

// blot takes the difference out of literals: every number and string is alike.
func blot(tok token.Token) token.Token {
	if tok.IsLiteral() && tok != token.IDENT {
		return token.STRING
	}
	return tok
}

// lone is true for what a line may hold without saying anything.
func lone(tok token.Token) bool {
	switch tok {
	case token.LBRACE, token.RBRACE, token.LPAREN, token.RPAREN, token.COMMA:
		return true
	}
	return false
}

// stretch is a part of a file's text.
type stretch struct{ from, to int }

// functionsOf lists where functions stand in a file, those in a row as one.
func functionsOf(f *source) []stretch {
	var list []stretch
	joins := false
	for _, d := range f.syntax.Decls {
		_, ok := d.(*ast.FuncDecl)
		if ok && !joins {
			list = append(list, stretch{from: int(d.Pos() - f.syntax.FileStart)})
		}
		if ok {
			list[len(list)-1].to = int(d.End() - f.syntax.FileStart)
		}
		joins = ok
	}
	return list
}
