package main

import (
	"slices"
	"strings"
	"testing"
)

const (
	summed = `
func sum(list []int) int {
	total := 0
	for i, n := range list {
		if n < 0 {
			return -1
		}
		total += n * i
	}
	return total
}
`
	// The same code with other names and numbers, and a comment.
	summedAgain = `
func weigh(words []int) int {
	weight := 7
	for at, w := range words {
		if w < 5 { // light
			return -3
		}

		// Heavy.
		weight += w * at
	}
	return weight
}
`
)

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       []string
	}{
		{"renamed", summed, summedAgain, []string{"a.go:3-11 sum", "b.go:3-13 weigh"}},
		{"another operator", summed, strings.Replace(summedAgain, "w * at", "w + at", 1), nil},
		{"another line between", summed, strings.Replace(summedAgain, "// Heavy.", "w++", 1), nil},
		{"a table of cases", cases, cases, nil},
		{"constants", constants, constants, nil},
	} {
		m := read(t, "a.go", "package a\n"+c.a, "b.go", "package a\n"+c.b)
		var got []string
		for _, p := range alike(m) {
			got = append(got, p.A.String()+" "+p.A.In, p.B.String()+" "+p.B.In)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

var (
	cases = "func f(k kind) string {\n\tswitch k {\n" +
		strings.Repeat("\tcase one:\n\t\treturn `one`\n", 12) + "\t}\n\treturn ``\n}\n"
	constants = "const (\n" +
		strings.Repeat("\t_ = 1 + 2 + 3\n\t_ = one\n\t_ = -1\n\t_ = f(1)\n", 6) + ")\n"
)

// TestAlikeWithinAFile: a repetition within one file is found once; a place is not similar to
// itself.
func TestAlikeWithinAFile(t *testing.T) {
	m := read(t, "a.go", "package a\n"+summed+summedAgain)
	pairs := alike(m)
	if len(pairs) != 1 || pairs[0].A.In != "sum" || pairs[0].B.In != "weigh" {
		t.Errorf("pairs %+v, want one, of sum and weigh", pairs)
	}
	// Three similar places are three pairs.
	m = read(t, "a.go", "package a\n"+summed+summedAgain, "b.go", "package a\n"+summed)
	if pairs := alike(m); len(pairs) != 3 {
		t.Errorf("pairs %+v, want three", pairs)
	}
}
