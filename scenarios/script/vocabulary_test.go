package script

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/diagram"
)

// TestVocabularies: every term has a meaning, and Compile understands its phrases.
func TestVocabularies(t *testing.T) {
	terms := 0
	for _, v := range Vocabularies() {
		for _, term := range v.Terms {
			terms++
			if term.Means == "" || len(term.Phrases) == 0 {
				t.Errorf("%s: %q means %q", v.Where, term.Phrases, term.Means)
			}
		}
	}
	for _, term := range callTerms() {
		if word := term.Phrases[0]; word != "check" && !strings.Contains(callWords, word) {
			t.Errorf("%s: the error of a line without a call does not name it: %s", word, callWords)
		}
	}
	if terms < 70 {
		t.Errorf("%d terms", terms)
	}
	compiles := func(lines string) error {
		doc, err := diagram.ParseStrict("g.md",
			[]byte("sequenceDiagram\nparticipant S1\nparticipant S2\n"+
				lines+"\nA->>ZK: create /x\n"))
		if err == nil {
			_, err = Compile(doc, Options{Strict: true})
		}
		return err
	}
	for _, s := range settings {
		line := "%% lab: " + s.example
		if s.key == "fenced" || s.key == "resource" {
			line = "%% lab: resource=DB fenced\nA->>DB: write"
		}
		if err := compiles(line); err != nil {
			t.Errorf("%s: %v", s.example, err)
		}
	}
	for _, p := range calls.list {
		if p.means == verbMulti || p.means == verbCheck {
			continue
		}
		if err := compiles("A->>ZK: " + p.text + " /x to 5"); err != nil {
			t.Errorf("%s: %v", p.text, err)
		}
	}
	for _, p := range packets.list {
		if err := compiles("S1->>S2: " + p.text); err != nil {
			t.Errorf("%s: %v", p.text, err)
		}
	}
}

// TestNearest: the error of an unknown word names the most similar known word.
func TestNearest(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"A->>ZK: creat /leader",
			`5:9: "creat /leader": this text contains no call (did you mean "create"?): write create, `},
		{"A->>ZK: please delte /x now", `(did you mean "delete"?)`},
		{"A->>ZK: wacth /x", `(did you mean "watch"?)`},
		{"A->>ZK: dances", `this text contains no call: write create`},
		{"S1->>S2: PROPOSLA 1/3",
			`this text names no message between servers (did you mean "proposal"?): write one of vote`},
		{"S1->>S2: hello", `between servers: write one of vote`},
		{"%% lab: servrs=5", `no such setting (did you mean "servers"?): write servers=5`},
		{"%% lab: colour=red", `no such setting: write servers=5`},
	} {
		line, want := c.line, c.want
		doc, err := diagram.ParseStrict("g.md",
			[]byte("sequenceDiagram\nparticipant S1\nparticipant S2\n"+
				"A->>ZK: create /x\n"+line+"\n"))
		if err == nil {
			_, err = Compile(doc, Options{Strict: true})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", line, err, want)
		}
	}
	for _, d := range []struct {
		a, b string
		want int
	}{{"create", "create", 0}, {"creat", "create", 1}, {"wacth", "watch", 1}, {"get", "set", 1},
		{"a", "abcd", 3}, {"delte", "delete", 1}} {
		if got := distance(d.a, d.b); got != d.want {
			t.Errorf("%s to %s: %d, want %d", d.a, d.b, got, d.want)
		}
	}
}
