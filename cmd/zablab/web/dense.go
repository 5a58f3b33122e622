package web

import (
	"bytes"
	"strings"
)

// The engine, and a trace, are in the page as text of 94 characters: eleven of them for nine bytes,
// where base64 has twelve. A page is so 8 % smaller. The page reads the text in main.js (undense).

// digits are the printable characters of ASCII without <, the only one that may end a script in
// HTML.
var digits = func() (list []byte) {
	for c := byte(' '); c <= '~'; c++ {
		if c != '<' {
			list = append(list, c)
		}
	}
	return list
}()

// dense writes bytes as text. The last one to eight bytes take one or two characters more than they
// are.
func dense(b []byte) string {
	out := make([]byte, 0, len(b)/9*11+11)
	for ; len(b) > 0; b = b[min(9, len(b)):] {
		var group [9]byte
		n := copy(group[:], b)
		var limbs [3]uint32 // 24 bits each, the first ones first
		for i := range limbs {
			limbs[i] = uint32(group[3*i])<<16 | uint32(group[3*i+1])<<8 | uint32(group[3*i+2])
		}
		var eleven [11]byte
		for i := len(eleven) - 1; i >= 0; i-- {
			rest := uint32(0)
			for k := range limbs {
				v := rest<<24 | limbs[k]
				limbs[k], rest = v/94, v%94
			}
			eleven[i] = digits[rest]
		}
		out = append(out, eleven[:charactersOf(n)]...)
	}
	return string(out)
}

// charactersOf returns how many characters the last n bytes take, 1 to 9.
func charactersOf(n int) int {
	if n <= 4 {
		return n + 1
	}
	return n + 2
}

// undense is what the page does, in Go.
func undense(text string) (b []byte) {
	for ; len(text) > 0; text = text[min(11, len(text)):] {
		n := min(11, len(text))
		var limbs [3]uint64
		for i := range 11 {
			d := uint64(93)
			if i < n {
				d = uint64(bytes.IndexByte(digits, text[i]))
			}
			for k := len(limbs) - 1; k >= 0; k-- {
				limbs[k] = limbs[k]*94 + d
				limbs[k], d = limbs[k]&0xffffff, limbs[k]>>24
			}
		}
		var group []byte
		for _, l := range limbs {
			group = append(group, byte(l>>16), byte(l>>8), byte(l))
		}
		size := n - 1
		if n > 5 {
			size = n - 2
		}
		b = append(b, group[:size]...)
	}
	return b
}

// quoted returns a text of dense as a string of JavaScript.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
