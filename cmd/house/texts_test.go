package main

import (
	"slices"
	"strings"
	"testing"
)

const spoken = `// Package a speaks. It says several
// things of use.
//
// # A heading of five or more words
//
//	code that is not read aloud
//
//  1. The first thing that it says
//     goes over two lines.
//  2. The second fits on one line.
//
// Short one.
package a

import "errors"

// Open opens the thing that is closed.
func Open() {}

// hidden is a name that nobody outside sees.
func hidden() {}

type thing struct {
	Name string ` + "`json:\"a tag that nobody reads\"`" + `
}

const (
	// First comes before all of the others.
	First = 1
)

var command = Command{
	Use:   "open FILE",
	Short: "Open a file",
}

func f(name string, flags set) error {
	flags.StringVar(&name, "out", "the default is not read", "write to this file")
	switch name {
	case "this is not read":
		return fmt.Errorf("open %s: no "+"such file: "+name+", or none to read",
			hint("it may be elsewhere"))
	}
	if name == "nor is this one" {
		return errors.New("closed")
	}
	newTable(out, "Time", "Who")
	heads := []string{"Flaw", "Seeds without any of them"}
	newTable(out, heads...)
	table(out, rows, column[row]{"Way", way}, column[row]{"Reads that are stale", stale})
	rand.Fork("the stream of its own")
	strings.Contains(name, "what is searched for")
	say("sync.no-fsync and-others.of-it")
	say("two words")
	say("package main\n\nimport the other one")
	say("func Lock(p the client) the node")
	say("%s split LEADER | NEXT and so on")
	return m["a key of a map"].say("S1 leads the epoch")
}
`

func TestMessages(t *testing.T) {
	want := []text{
		{File: "a.go", Line: 33, Kind: "help", Text: "open FILE"},
		{File: "a.go", Line: 34, Kind: "help", Text: "Open a file"},
		{File: "a.go", Line: 38, Kind: "help", Text: "write to this file"},
		{File: "a.go", Line: 41, Kind: "error", Text: "open %s: no such file: …, or none to read"},
		{File: "a.go", Line: 42, Kind: "sentence", Text: "it may be elsewhere"},
		{File: "a.go", Line: 47, Kind: "heading", Text: "Time | Who"},
		{File: "a.go", Line: 48, Kind: "heading", Text: "Flaw | Seeds without any of them"},
		{File: "a.go", Line: 50, Kind: "heading", Text: "Way | Reads that are stale"},
		{File: "a.go", Line: 58, Kind: "sentence", Text: "S1 leads the epoch"},
	}
	got := messages(read(t, "a.go", spoken))
	for i := range got {
		got[i].In, got[i].Shown = "", "" // TestShown reads these
	}
	if !slices.Equal(got, want) {
		t.Errorf("messages:\n%+v\nwant:\n%+v", got, want)
	}
}

func TestParagraphs(t *testing.T) {
	want := []text{
		{File: "a.go", Line: 1, Kind: "package", Text: "Package a speaks. It says several things of use."},
		{File: "a.go", Line: 8, Kind: "package", Text: "The first thing that it says goes over two lines."},
		{File: "a.go", Line: 10, Kind: "package", Text: "The second fits on one line."},
		{File: "a.go", Line: 17, Kind: "name", Text: "Open opens the thing that is closed."},
		{File: "a.go", Line: 28, Kind: "name", Text: "First comes before all of the others."},
	}
	got := paragraphs(read(t, "a.go", spoken))
	for i := range got {
		got[i].In, got[i].Shown = "", ""
	}
	if !slices.Equal(got, want) {
		t.Errorf("paragraphs:\n%+v\nwant:\n%+v", got, want)
	}
}

func TestParagraphsHaveTheirPlace(t *testing.T) {
	const doc = `// Package a has a contract. It promises:
//
//   - that each of its promises holds
//
// # What it reads
//
// A line of five or more words.
package a

// Up reports whether a server runs.
func (s *Server) Up() bool { return s.up }
`
	got := paragraphs(read(t, "a/a.go", doc))
	want := []text{
		{In: "package a", Shown: "Package a has a contract. It promises:"},
		{In: "package a", Shown: "It promises:\n  - ⟦that each of its promises holds⟧"},
		{In: "package a, under \"What it reads\"", Shown: "A line of five or more words."},
		{In: "package a, func Server.Up", Shown: "Up reports whether a server runs."},
	}
	for i := range got {
		got[i] = text{In: got[i].In, Shown: got[i].Shown}
	}
	if !slices.Equal(got, want) {
		t.Errorf("paragraphs:\n%+v\nwant:\n%+v", got, want)
	}
}

func TestPick(t *testing.T) {
	var all []text
	for i, s := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "a"} {
		all = append(all, text{File: "file.go", Line: i, Kind: "sentence", Text: s})
	}
	if got := pick(all, 20, 1); len(got) != 8 {
		t.Errorf("picked %d of eight texts, one of which stands twice", len(got))
	}
	three := pick(all, 3, 1)
	if !slices.Equal(three, pick(all, 3, 1)) {
		t.Error("the same seed picks others")
	}
	others := 0
	for seed := range uint64(10) {
		if !slices.Equal(three, pick(all, 3, seed)) {
			others++
		}
	}
	if others < 8 {
		t.Errorf("of ten seeds only %d pick others", others)
	}
	// A text that moves is chosen again, at its new place.
	for i := range all {
		all[i].Line += 100
	}
	moved := pick(all, 3, 1)
	for i, p := range three {
		if moved[i].Text != p.Text || moved[i].Line != p.Line+100 {
			t.Errorf("after the move %+v, before it %+v", moved[i], p)
		}
	}
}

// TestPhrasesAreNoOutput: a table of phrases is what authors write, not what the program prints.
func TestPhrasesAreNoOutput(t *testing.T) {
	var out strings.Builder
	printTexts(&out, []text{
		{Kind: "sentence", In: "package scenarios/script, in words: phrases for a crash", Shown: "is down"},
		{Kind: "sentence", In: "package scenarios/script, in says: describes a phrase", Shown: "a crash"},
	})
	for _, want := range []string{"1. phrase that the author of a drawing (a sequence diagram) may write, package", "2. output, package"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
