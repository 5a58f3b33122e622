package web

import (
	"bytes"
	"strings"
	"testing"
)

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

// TestDense: the text is the bytes, in 94 characters of which none ends a script.
func TestDense(t *testing.T) {
	if len(digits) != 94 {
		t.Fatalf("%d digits", len(digits))
	}
	for n := range 300 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i*i*31 + n)
		}
		text := dense(b)
		if got := undense(text); !bytes.Equal(got, b) {
			t.Fatalf("%d bytes: %x, not %x", n, got, b)
		}
		if strings.ContainsAny(text, "<\n\r\t\x00") {
			t.Fatalf("%d bytes: %s", n, text)
		}
	}
	for n := range 30 {
		for _, c := range []byte{0, 1, 127, 128, 255} {
			b := bytes.Repeat([]byte{c}, n)
			if got := undense(dense(b)); !bytes.Equal(got, b) {
				t.Errorf("%d times %d: %x", n, c, got)
			}
		}
	}
	if got := quoted(`a'b\c`); got != `'a\'b\\c'` {
		t.Errorf("quoted as %s", got)
	}
}
