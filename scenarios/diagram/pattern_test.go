package diagram

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// Each pattern of the package matches what package regexp matches, with the same captures, in texts
// made of what the patterns look for.
func TestPatterns(t *testing.T) {
	patterns := []*pattern{other, oneLiners, wrongArrow, quotedName, modifier, asWord, closeBracket,
		umlColour, delay, signs, umlPrefix, umlMarkup, umlPair, endTitle, endNote, endRef, noteLine,
		nameList, hexo, element, tags}
	for _, o := range openers {
		patterns = append(patterns, o.begins, o.ends)
	}
	for _, text := range []string{`a*?b|(c+?)(d)?x`, `(?i)k[^a-c]|ſ\b`, `(a|ab)(c|bcd)(d*)$`, `x(?:y*z)*`} {
		patterns = append(patterns, compilePattern(text))
	}
	pieces := strings.Fields(`a b c d x y z k K K ſ as AS end note hnote rnote ref left right over across of
		title header footer legend skinparam { } [ ] [[ ]] << >> # #red \ / | ||| ||3|| - -- ++ ** !! "" __ ~~ " '
		: , ; & ( ) (10) → ⇒ – — = > >> < <b> </b> <size:3> <img:x> <$y> <pre class="mermaid"> <mermaid> </pre>
		<code lang=puml> <style> </style> !procedure !unquoted !endfunction ü Ж ٣ . @ $ state if clock [*] order 12
		mermaid sequenceDiagram {% %} url`)
	pieces = append(pieces, " ", " ", " ", "\t", "\n", "\xff")
	r := rand.New(rand.NewPCG(1, 2))
	n := 4000
	if testing.Short() {
		n = 500
	}
	list := make([]string, n)
	for i := range list {
		var b strings.Builder
		for range r.IntN(9) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		list[i] = b.String()
	}
	list = append(list, "]", "end title", "endnote", "end hnote", "end ref", "endlegend", "legend", "}",
		"skinparam x {", "end header", "endfooter", "header", "left footer", "abcd", "abcdd", "Ka", "xyzyz",
		"!unquoted final procedure f(x)", "!endprocedure", "note left of A, \"b c\" #red : text", "/ note over A",
		"ref over Ж,B : see\n", "hnote right", "{% mermaid sequenceDiagram %}", "order 10 #red <<x>> [[y]] ",
		"<span class='lang mermaid'>", "<DIV lang=PUML>x</DIV >", "&{start} A -> B")
	for _, p := range patterns {
		want := regexp.MustCompile(p.text)
		matched := 0
		for _, s := range list {
			m := want.FindStringSubmatchIndex(s)
			if got := p.FindStringSubmatchIndex(s); !reflect.DeepEqual(got, m) {
				t.Fatalf("%s in %q: %v, want %v", p.text, s, got, m)
			}
			if m != nil {
				matched++
			}
			with := ""
			if p == umlPair {
				with = "$1$2$3$4"
			}
			if got, w := p.ReplaceAllString(s, with), want.ReplaceAllString(s, with); got != w {
				t.Fatalf("%s replaced in %q: %q, want %q", p.text, s, got, w)
			}
			got, w := p.FindAllString(s, -1), want.FindAllString(s, -1)
			if !reflect.DeepEqual(got, w) {
				t.Fatalf("%s in all of %q: %q, want %q", p.text, s, got, w)
			}
		}
		if matched == 0 {
			t.Errorf("%s matches none of %d texts", p.text, len(list))
		}
	}
}
