package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// written is one word of a text in lower case, with the characters before it. Any number of blanks
// counts as one.
type written struct {
	word string
	gap  string
	at   int // byte offset of the word
}

// wordsOf splits a text into words.
func wordsOf(text string) []written {
	var list []written
	end := 0
	for i := 0; i < len(text); {
		n := wordLength(text[i:])
		if n == 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		gap := text[end:i]
		if strings.TrimSpace(gap) == "" {
			gap = " "
		}
		list = append(list, written{strings.ToLower(text[i : i+n]), gap, i})
		i += n
		end = i
	}
	return list
}

// wordLength returns how many bytes of letters and digits a text begins with. A star counts too,
// because a phrase may end a word with a star.
func wordLength(text string) int {
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '*' {
			return i
		}
	}
	return len(text)
}

// phrase is a sequence of words. A word that ends with a star matches every word with this
// beginning.
type phrase []written

func newPhrase(words string) phrase { return wordsOf(words) }

// matches reports whether the text begins with the phrase.
func (p phrase) matches(text []written) bool {
	if len(text) < len(p) {
		return false
	}
	for i, want := range p {
		got := text[i]
		stem, open := strings.CutSuffix(want.word, "*")
		if got.word != want.word && !(open && strings.HasPrefix(got.word, stem)) {
			return false
		}
		if i > 0 && got.gap != want.gap {
			return false
		}
	}
	return true
}

// covers reports whether the text has the phrase at a place that includes the words from i to j, j
// excluded.
func (p phrase) covers(text []written, i, j int) bool {
	for from := max(0, j-len(p)); from <= i; from++ {
		if p.matches(text[from:]) {
			return true
		}
	}
	return false
}
