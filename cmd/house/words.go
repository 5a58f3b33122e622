package main

import (
	"cmp"
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// glossary is the file that defines the words of the project.
const glossary = "scenarios/GLOSSARY.md"

// rule is one row of the glossary's tables of words to avoid.
type rule struct {
	Word   string
	But    string // what to write instead
	held   bool   // a test fails on the word; otherwise it is only listed
	find   phrase
	unless []phrase // longer phrases in which the word is right
	places []string // files and folders that may use the word
}

// offence is a place with a word that the glossary rules out.
type offence struct {
	Word string `json:"word"`
	But  string `json:"but"`
	Held bool   `json:"held"` // not only to be looked at
	File string `json:"file"`
	Line int    `json:"line"`
	Text string `json:"text"` // the line
}

// readRules reads the two tables of words to avoid in the glossary. A test forbids the words of the
// table "Not"; a word of the table "Look twice" is right in some places.
//
//	| Not | But | Unless |
//	| --- | --- | --- |
//	| `behind` | after, follows; lags | `lags behind`, `left behind`, in `tree/old.go` |
func readRules(text string) ([]rule, error) {
	var rules []rule
	inside, held := false, false
	for i, line := range strings.Split(text, "\n") {
		cells := strings.Split(strings.Trim(line, "| \r"), "|")
		first := strings.TrimSpace(cells[0])
		switch {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case first == "Not" || first == "Look twice":
			inside, held = true, first == "Not"
		case inside && strings.Trim(first, "-:") != "":
			if len(cells) < 2 {
				return nil, fmt.Errorf("line %d: the word has no replacement: write one in the "+
					"second column", i+1)
			}
			words := quoted(first)
			if len(words) == 0 {
				return nil, fmt.Errorf("line %d: the first column has no word in backticks: write "+
					"the forbidden word as `WORD`", i+1)
			}
			for _, w := range words {
				rules = append(rules, newRule(w, strings.TrimSpace(cells[1]), held, cells[2:]))
			}
		}
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("the file has no table with the columns \"Not\" and " +
			"\"But\": add one")
	}
	return rules, nil
}

func newRule(word, but string, held bool, unless []string) rule {
	r := rule{Word: word, But: but, held: held, find: newPhrase(word)}
	for _, u := range quoted(strings.Join(unless, " ")) {
		if strings.ContainsAny(u, "/.") {
			r.places = append(r.places, u)
			continue
		}
		r.unless = append(r.unless, newPhrase(u))
	}
	return r
}

var inBackticks = regexp.MustCompile("`([^`]+)`")

// quoted returns the texts in backticks.
func quoted(s string) []string {
	var list []string
	for _, q := range inBackticks.FindAllStringSubmatch(s, -1) {
		list = append(list, q[1])
	}
	return list
}

// offences returns every place of the module with a word that the rules rule out, in comments,
// strings and Markdown. Identifiers are free.
func offences(m *module, rules []rule) []offence {
	var list []offence
	for _, f := range m.files {
		if !strings.HasPrefix(f.path, "cmd/house/") { // this package has to name the words
			list = append(list, offencesIn(f.path, f.text, proseOf(f), rules)...)
		}
	}
	for _, p := range m.prose {
		if p.path != glossary {
			list = append(list, offencesIn(p.path, p.text, p.text, rules)...)
		}
	}
	slices.SortStableFunc(list, func(a, b offence) int {
		return cmp.Or(
			cmp.Compare(a.Word, b.Word), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return list
}

// offencesIn returns the offences in prose, which has the same length and the same lines as text.
func offencesIn(file, text, prose string, rules []rule) []offence {
	var list []offence
	words := wordsOf(prose)
	lines := strings.Split(text, "\n")
	for _, r := range rules {
		if r.allows(file) {
			continue
		}
		for i := range words {
			if !r.find.matches(words[i:]) || r.excused(words, i) {
				continue
			}
			line := strings.Count(prose[:words[i].at], "\n")
			shown := strings.TrimSpace(lines[line])
			list = append(list, offence{r.Word, r.But, r.held, file, line + 1, shown})
		}
	}
	return list
}

// allows reports whether a file may use the word.
func (r rule) allows(file string) bool {
	return slices.ContainsFunc(r.places, func(p string) bool { return strings.HasPrefix(file, p) })
}

// excused reports whether the word at i is part of a phrase in which it is right.
func (r rule) excused(words []written, i int) bool {
	end := i + len(r.find)
	return slices.ContainsFunc(r.unless, func(u phrase) bool { return u.covers(words, i, end) })
}

// proseOf returns the text of a file with everything but comments and strings replaced. The marks
// of a comment become blanks, so that a phrase is found across lines. Code becomes a character that
// is not blank, so that no phrase is found across code.
func proseOf(f *source) string {
	prose := []byte(f.text)
	for i, b := range prose {
		if b != '\n' && b != ' ' && b != '\t' {
			prose[i] = 0
		}
	}
	keep := func(from int, s string) { copy(prose[from:], s) }
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			from := int(c.Pos() - f.syntax.FileStart)
			keep(from, "  "+c.Text[2:])
		}
	}
	scan(f, func(offset, _ int, tok token.Token, s string) {
		if tok == token.STRING {
			keep(offset+1, s[1:len(s)-1])
		}
	})
	return string(prose)
}
