package main

import (
	"slices"
	"strings"
	"testing"
)

const measured = `// Package a is measured.
package a

import "fmt"

// A has two methods.
type A[T any] struct{}

type b int

func (a *A[T]) One() {
	fmt.Println(` + "`over\ntwo`" + `)
}
func (A[T]) two() {}
func (b) One()    {}

func Open() {} /*
a comment */

const X, y = 1, 2
`

func TestSizes(t *testing.T) {
	m := read(t, "a/a.go", measured,
		"a/sub/c.go", "package c\n\nfunc F() {\n\t_ = \""+strings.Repeat("ü", 100)+"\"\n}",
		"a/z.go", "package a\n\ntype C struct{ Field int }\n")
	s := measure(m)
	if want := []packageSize{
		{"a", 2, 24, 3, 4, "A", 2}, // A, C, Open, X
		{"a/sub", 1, 5, 0, 1, "", 0},
	}; !slices.Equal(s.Packages, want) {
		t.Errorf("packages %+v\nwant     %+v", s.Packages, want)
	}
	if want := []fileSize{
		{"a/a.go", 21, 12}, {"a/sub/c.go", 5, 4}, {"a/z.go", 3, 2},
	}; !slices.Equal(s.Files, want) {
		t.Errorf("files %+v\nwant  %+v", s.Files, want)
	}
	if want := (functionSize{"A.One", "a/a.go", 11, 4}); s.Functions[0] != want {
		t.Errorf("longest function %+v, want %+v", s.Functions[0], want)
	}
	if len(s.Functions) != 5 {
		t.Errorf("%d functions, want 5", len(s.Functions))
	}
	if len(s.Lines) != 1 || s.Lines[0].Columns != 110 || s.Lines[0].Line != 4 {
		t.Errorf("wide lines %+v, want one of 110 columns: a tab is four, an ü is one", s.Lines)
	}
}

func TestTop(t *testing.T) {
	s := sizes{Files: []fileSize{{"a", 2, 2}, {"b", 1, 1}}}
	for n, want := range map[int]int{0: 2, 1: 1, 2: 2, 3: 2} {
		if got := len(s.top(n).Files); got != want {
			t.Errorf("top %d: %d rows, want %d", n, got, want)
		}
	}
}

func TestLinesOfAText(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 1, "a\n": 1, "a\nb": 2, "\n\n": 2} {
		if got := countLines(text); got != want {
			t.Errorf("%q: %d lines, want %d", text, got, want)
		}
	}
}
