package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"hash/fnv"
	"slices"
)

// Thresholds of similarity.
const (
	alikeLines  = 6  // minimum number of lines of code
	alikeTokens = 24 // minimum number of tokens, so that six short lines are not enough
	alikeForms  = 4  // minimum of distinct lines, and a third of all: tables do not count
)

// pair is two places that are equal except for names, strings and numbers.
type pair struct {
	Lines  int   `json:"lines"` // of code
	Tokens int   `json:"tokens"`
	A      place `json:"a"`
	B      place `json:"b"`
}

// place is a range of lines in a file, and the function in which it begins.
type place struct {
	File string `json:"file"`
	From int    `json:"from"`
	To   int    `json:"to"`
	In   string `json:"in,omitempty"`
}

func (p place) String() string { return fmt.Sprintf("%s:%d-%d", p.File, p.From, p.To) }

// shape is one line of code without names, strings and numbers. A shape without a file equals no
// other.
type shape struct {
	file   *source
	line   int
	hash   uint64
	tokens int
}

// alike returns the pairs of similar code in a module, the longest first.
//
// Each six consecutive lines have a hash. Two equal hashes are the beginning of a pair, which is
// extended while the next lines are equal. Every pair is therefore found once, at its full length.
func alike(m *module) []pair {
	var shapes []shape
	for _, f := range m.files {
		shapes = append(append(shapes, shapesOf(f)...), shape{})
	}
	starts := map[uint64][]int{} // indices of the lines at which six lines with this hash begin
	var pairs []pair
	for i := range shapes {
		h, ok := runHash(shapes[i:])
		if !ok {
			continue
		}
		for _, j := range starts[h] {
			if j > 0 && i > 0 && same(shapes[j-1], shapes[i-1]) {
				continue // inside of a pair that is already found
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

// grow extends a pair that begins at i and j to its full length. It returns false if the pair is
// too small.
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

// runHash returns the hash of the six lines that begin here, and false if the function ends
// earlier.
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

// shapesOf returns the shapes of the lines in the functions of a file. It leaves out comments, lone
// braces and other declarations, because lists of constants and fields all look alike; no pair
// extends across them.
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

// blot maps all literals to the same token, so that numbers and strings do not count.
func blot(tok token.Token) token.Token {
	if tok.IsLiteral() && tok != token.IDENT {
		return token.STRING
	}
	return tok
}

// lone reports whether a token does not count as code if it is alone on its line.
func lone(tok token.Token) bool {
	switch tok {
	case token.LBRACE, token.RBRACE, token.LPAREN, token.RPAREN, token.COMMA:
		return true
	}
	return false
}

// stretch is a range of bytes in a file.
type stretch struct{ from, to int }

// functionsOf returns the ranges of a file that consist of functions. Adjacent functions share a
// range.
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
