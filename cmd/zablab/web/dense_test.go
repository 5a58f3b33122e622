package web

import (
	"bytes"
	"strings"
	"testing"
)

// undense is what the page does, in Go.
func undense(text string) (b []byte) {
	for ; len(text) > 0; text = text[min(5, len(text)):] {
		v, n := uint64(0), min(5, len(text))
		for i := range 5 {
			d := 84
			if i < n {
				d = bytes.IndexByte(digits, text[i])
			}
			v = v*85 + uint64(d)
		}
		b = append(b, []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}[:n-1]...)
	}
	return b
}

// TestDense: the text is the bytes, in 85 characters that mean nothing in HTML.
func TestDense(t *testing.T) {
	if len(digits) != 85 {
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
		if strings.ContainsAny(text, "<>&\"'\\`{} \n") {
			t.Fatalf("%d bytes: %s", n, text)
		}
	}
	if got := undense(dense([]byte{255, 255, 255, 255, 255})); len(got) != 5 || got[3] != 255 {
		t.Errorf("the largest group: %x", got)
	}
}
