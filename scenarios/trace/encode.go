package trace

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// hex16 is a 64-bit number in 16 hexadecimal digits.
func hex16(n uint64) string {
	var b [16]byte
	for i := 15; i >= 0; i-- {
		b[i] = hexDigits[n&15]
		n >>= 4
	}
	return string(b[:])
}

// text appends s as a JSON string. It escapes < > and &, so that a web page may embed a trace.
func text(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		begin := i
		for i < len(s) && plain[s[i]] {
			i++
		}
		b = append(b, s[begin:i]...)
		if i == len(s) {
			break
		}
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			i++
		case c == '\n':
			b = append(b, '\\', 'n')
			i++
		case c < utf8.RuneSelf:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				b = append(b, "\ufffd"...)
			case r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069': // line end, bidi
				b = append(b, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15],
					hexDigits[r>>4&15], hexDigits[r&15])
			default:
				b = append(b, s[i:i+size]...)
			}
			i += size
		}
	}
	return append(b, '"')
}

// plain has true for the bytes that a JSON string has as they are: printable ASCII, without what
// ends a string or could end the script of a page.
var plain = func() (is [256]bool) {
	for c := byte(' '); c < 0x7f; c++ {
		is[c] = strings.IndexByte(`"\<>&`, c) < 0
	}
	return is
}()

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

func texts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		b = text(comma(b, i), s)
	}
	return append(b, ']')
}

func ints(b []byte, list []int) []byte {
	b = append(b, '[')
	for i, n := range list {
		b = strconv.AppendInt(comma(b, i), int64(n), 10)
	}
	return append(b, ']')
}
