package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const rulesForTests = "| Word | Meaning |\n| --- | --- |\n| `late` | not a rule |\n\n" +
	"| Not | But | Unless |\n| --- | --- | --- |\n" +
	"| `behind` | after | `lag* behind`, `left behind`, in `old/` |\n" +
	"| `such as have`, `manieth` | those that have | |\n\n" +
	"| Look twice | But |\n| :-- | --- |\n| `is told` | say who tells |\n"

func TestRules(t *testing.T) {
	rules, err := readRules(rulesForTests)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rules {
		got = append(got, fmt.Sprintf("%s → %s %v %d %d",
			r.Word, r.But, r.held, len(r.unless), len(r.places)))
	}
	want := []string{"behind → after true 2 1", "such as have → those that have true 0 0",
		"manieth → those that have true 0 0", "is told → say who tells false 0 0"}
	if !slices.Equal(got, want) {
		t.Errorf("rules %q, want %q", got, want)
	}
	for text, want := range map[string]string{
		"":                             "no table",
		"| Not | But |\n| lest | so |": "line 2: the first column has no word in backticks",
		"| Not |\n| `lest` |":          "line 2: the word has no replacement",
	} {
		if _, err := readRules(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestOffences(t *testing.T) {
	rules, err := readRules(rulesForTests)
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, "a.go", `package a

// What is behind the snapshot, and such
// as have no name.
func behind() { // It lags behind, and lagging behind it
	_ = "left  behind; Behind it" // is Told
	_ = behind /* such as
	   have */
	such() // such
	as()   // as have
}
`, "b.md", "What it was left\nbehind, and the manieth. Beyond the beforehand: behindhand.\n",
		"old/old.go", "package old // behind\n",
		"cmd/house/house.go", "package main // behind\n",
		glossary, "behind\n")
	var got []string
	for _, o := range offences(m, rules) {
		got = append(got, fmt.Sprintf("%s:%d %s %v", o.File, o.Line, o.Word, o.Held))
	}
	if want := []string{
		"a.go:3 behind true", "a.go:6 behind true", "a.go:6 is told false",
		"b.md:2 manieth true", "a.go:3 such as have true", "a.go:7 such as have true",
	}; !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("offences %q\nwant     %q", got, want)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
