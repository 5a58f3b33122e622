package web

import (
	"bytes"
	"strings"
	"testing"
)

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
