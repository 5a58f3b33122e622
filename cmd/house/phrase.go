package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// written is one word of a text, in small letters, and what stands before it: blanks as one, other
// signs as they are.
type written struct {
	word string
	gap  string
	at   int // the byte at which the word begins
}

// wordsOf cuts a text into its words.
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

// wordLength is how many bytes of letters and digits a text begins with. A star counts, since a
// phrase may end a word with it.
func wordLength(text string) int {
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '*' {
			return i
		}
	}
	return len(text)
}

// phrase is a few words in a row. A word that ends with a star goes on in any way.
type phrase []written

func newPhrase(words string) phrase { return wordsOf(words) }

// matches is true if the phrase stands at the beginning of a text.
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

// covers is true if the phrase stands in a text so that the words from i to j, j excluded, are
// among its own.
func (p phrase) covers(text []written, i, j int) bool {
	for from := max(0, j-len(p)); from <= i; from++ {
		if p.matches(text[from:]) {
			return true
		}
	}
	return false
}
