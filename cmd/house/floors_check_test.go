package main_test

import (
	"slices"
	"strings"
	"testing"
)

// Each snippet is a file of a package `sim`. want is the line and the text of the first complaint,
// or empty if there must be none.
var snippets = []struct{ name, want, text string }{
	{"wall clock", `:1: imports time: virtual time is sim.Time`,
		`import "time"; var t time.Duration`},
	{"renamed wall clock", `:1: imports time: `, `import clock "time"; var t clock.Duration`},
	{"below a forbidden package", `:1: imports sync/atomic: one goroutine`,
		`import "sync/atomic"; var x atomic.Int64`},
	{"second version", `:1: imports math/rand/v2: chance`,
		`import "math/rand/v2"; var x = rand.Int()`},
	{"beside a forbidden package", ``, `import "math/bits"; var x = bits.Len(3)`},
	{"only its name begins so", ``, `import "strings"; var x = strings.ToUpper("os")`},
	{"another module", `:1: imports github.com/google/go-cmp/cmp: a pure package`,
		`import "github.com/google/go-cmp/cmp"; var x = cmp.Diff(1, 2)`},
	{"coroutines", ``,
		`import "iter"; func f(s iter.Seq[int]) { next, stop := iter.Pull(s); next(); stop() }`},
	{"goroutine", `:3: a go statement: goroutines run`, "\nfunc f() {\n\tgo f()\n}"},
	{"select", `:3: a select`, "\nfunc f() {\n\tselect {}\n}"},
	{"channel type", `:2: a channel`, "\ntype t chan int"},
	{"channel made", `:1: a channel`, `func f() { _ = make(chan<- int, 3) }`},
	{"float type", `:2: a float: it rounds differently`, "\nvar x float64"},
	{"float field", `:3: a float`, "\ntype t struct {\n\tx float32\n}"},
	{"float parameter", `:1: a float`, `func f(x float64) {}`},
	{"float of one's own", `:3: a float`, "\ntype ratio int\ntype t = float64"},
	{"float constant", `:1: a float`, `const x = 1.5`},
	{"float that is an integer", `:1: a float`, `var x int = 1e3`},
	{"float from afar", `:1: a float`, `import "math"; var x = int(math.Sqrt(2))`},
	{"float constant from afar", `:1: a float`, `import "math"; var x = int(math.Pi * 0)`},
	{"complex", `:1: a float`, `var x = real(2i)`},
	{"integers of math", ``, `import "math"; var x = math.MaxInt64`},
	{"range over a map", `:3: a range over a map: the order differs`,
		"\nfunc f(m map[int]int) {\n\tfor range m {\n\t}\n}"},
	{"over a named one", `:3: a range over a map`,
		"type t map[int]int\nfunc f(m t) {\n\tfor k := range m {\n\t\t_ = k\n\t}\n}"},
	{"over what a function returns", `:1: a range over a map`,
		`func g() map[int]int { return nil }; func f() { for range g() { } }`},
	{"over a field", `:1: a range over a map`,
		`type t struct{ m map[int]int }; func f(x *t) { for range x.m { } }`},
	{"over a type parameter", `:1: a range over a map`,
		`func f[M ~map[int]int](m M) { for range m { } }`},
	{"over a slice", ``, `func f(s []int) { for range s { } }`},
	{"over a sequence", ``, `import "iter"; func f(s iter.Seq[int]) { for range s { } }`},
	{"with a reason", ``,
		"func f(m map[int]int) (n int) {\n\tfor range m { // order: only counted\n\t\tn++\n\t}\n" +
			"\treturn n\n}"},
	{"with an empty reason", `:2: a range over a map`,
		"func f(m map[int]int) (n int) {\n\tfor range m { // order: \n\t\tn++\n\t}\n\treturn n\n}"},
	{"with a reason elsewhere", `:3: a range over a map`,
		"func f(m map[int]int) (n int) {\n\t// order: only counted\n\tfor range m {\n\t\tn++\n" +
			"\t}\n\treturn n\n}"},
	{"keys of a map", `:1: a walk through a map by maps.Keys`,
		`import "maps"; func f(m map[int]int) { for range maps.Keys(m) { } }`},
	{"keys, sorted", ``,
		`import ("maps"; "slices"); func f(m map[int]int) []int { return slices.Sorted(maps.Keys(m)) }`},
	{"keys, collected", `:1: a walk through a map by maps.Keys`,
		`import ("maps"; "slices"); func f(m map[int]int) []int { return slices.Collect(maps.Keys(m)) }`},
	{"a copied map", ``,
		`import "maps"; func f(m map[int]int) map[int]int { return maps.Clone(m) }`},
	{"no sense", `sim: has no types: sim/file.go:1:`, `var x int = "text"`},
	{"the house's own code", ``, `import "github.com/zablab/zablab/below"; var x = below.X`},
	{"a float from below", `:1: a float`,
		`import "github.com/zablab/zablab/below"; var x = below.Y > 0`},
}

func TestTheHouseConvicts(t *testing.T) {
	h := newHouse() // shared, because the standard library is read only once
	err := h.add("below", "below/file.go", "package below\nvar X int\nvar Y float64\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snippets {
		delete(h.files, "sim")
		delete(h.checked, "sim")
		if err := h.add("sim", "sim/file.go", "package sim; "+s.text+"\n"); err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		complaints := h.checkPure("sim")
		switch {
		case s.want == "" && len(complaints) > 0:
			t.Errorf("%s: convicted without reason: %q", s.name, complaints)
		case s.want != "" && len(complaints) == 0:
			t.Errorf("%s: not convicted: want %s", s.name, s.want)
		case s.want != "" && !strings.Contains(complaints[0], s.want):
			t.Errorf("%s: convicted of %q, want %s", s.name, complaints, s.want)
		}
	}
}

func TestTheExceptedMayAndNothingElse(t *testing.T) {
	h := newHouse()
	text := "package linearizability\nimport \"github.com/anishathalye/porcupine\"\n" +
		"import \"time\"\n" +
		"import \"sync/atomic\"\nvar x atomic.Int64\nvar t time.Duration\nvar _ = porcupine.Ok\n" +
		"func f() { go f() }\nfunc g(m map[int]int) { for range m { } }\nvar y float64\n"
	if err := h.add("linearizability", "linearizability/file.go", text); err != nil {
		t.Fatal(err)
	}
	complaints := h.checkPure("linearizability")
	if len(complaints) != 2 || !strings.Contains(complaints[0], ":10: a float") ||
		!strings.Contains(complaints[1], ":9: a range over a map") {
		t.Errorf("complaints: %q, want one of a float and one of a map", complaints)
	}
}

const table = `
| Other | Table |
| --- | --- |
| 7 | ` + "`no`" + ` |

| Floor | Package | What it is | Today |
|---|:---:|---|---|
| 0 | ` + "`a`" + ` | | |
| 1 | ` + "`b`, `b/c`" + ` | both | |
| 1 | d | | |

| 9 | ` + "`e`" + ` |
`

func TestFloorsAreRead(t *testing.T) {
	floors, err := readFloors(table)
	if err != nil || len(floors) != 4 || floors["a"].floor != 0 || floors["b/c"].floor != 1 ||
		floors["b/c"].place != 1 || floors["d"].floor != 1 || floors["d"].row == floors["b"].row {
		t.Errorf("read %v, %v", floors, err)
	}
	for _, c := range []struct{ text, want string }{
		{"", "no table"},
		{"| a |", "no table"},
		{"| Floor | Package |\n| --- | --- |\n| x | `a` |", `line 3: floor "x" is no number`},
		{"| Floor | Package |\n| --- | --- |\n| 1 | `a` |\n| 2 | `a` |",
			`line 4: package "a" is empty or there twice`},
	} {
		text, want := c.text, c.want
		if _, err := readFloors(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestFloorsConvict(t *testing.T) {
	floors, err := readFloors(table)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"b", "a", ""},
		{"a", "a", ""},
		{"b/c", "b", ""}, // from the left in its row
		{"b", "b/c", "b (floor 1) imports b/c (floor 1): only lower floors may be imported"},
		{"d", "b", "d (floor 1) imports b (floor 1): only lower floors may be imported"},
		{"a", "d", "a (floor 0) imports d (floor 1): only lower floors may be imported"},
		{"e", "a", "e: is missing from README.md's table of floors"},
	} {
		imports := map[string][]string{c.from: {c.to}}
		got := checkFloors(floors, imports, func(string) bool { return true })
		want := slices.DeleteFunc([]string{c.want}, func(s string) bool { return s == "" })
		if !slices.Equal(got, want) {
			t.Errorf("%s imports %s: %q, want %q", c.from, c.to, got, want)
		}
	}
	got := checkFloors(floors, nil, func(pkg string) bool { return pkg != "b/c" })
	want := "b/c: stands in README.md's table and is not there"
	if !slices.Equal(got, []string{want}) {
		t.Errorf("without b/c: %q, want %q", got, want)
	}
}

func TestEveryReasonIsGiven(t *testing.T) {
	for name, why := range forbidden {
		if len(why) < 5 {
			t.Errorf("%s is forbidden without a reason", name)
		}
	}
	for pkg, allowed := range exceptions {
		for name, why := range allowed {
			if len(why) < 5 {
				t.Errorf("%s may %s without a reason", pkg, name)
			}
		}
	}
}
