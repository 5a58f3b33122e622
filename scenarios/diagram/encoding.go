package diagram

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns the text of a file as [Parse] reads it: in UTF-8, without a byte order mark, each
// line ending in "\n". It returns an error if the file is not text.
func Text(name string, data []byte) (string, error) { return decoded(name, data) }

// decoded returns the text of a file in UTF-8 or UTF-16, with or without a byte order mark, with
// any line ends. It returns an error if the file is not text.
func decoded(name string, data []byte) (string, error) {
	text := ""
	if order := wide(data); order != nil {
		text = order.decode(data)
	} else {
		text = strings.TrimPrefix(string(data), "\ufeff")
	}
	if strings.IndexByte(text, '\r') >= 0 {
		text = lineEnds.Replace(text)
	}
	return text, checkText(name, text)
}

// order is the byte order of UTF-16: the offsets of the high and the low byte in a unit.
type order struct{ high, low int }

// wide returns the byte order of UTF-16 data; nil for other data. It goes by the byte order mark,
// or by the zero byte of each ASCII character.
func wide(data []byte) *order {
	if len(data) < 2 {
		return nil
	}
	switch {
	case data[0] == 0xff && data[1] == 0xfe:
		return &order{1, 0}
	case data[0] == 0xfe && data[1] == 0xff:
		return &order{0, 1}
	}
	zeros, sample := [2]int{}, data[:min(len(data), 512)&^1]
	for i, c := range sample {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(sample) / 2; {
	case zeros[1] > most*3/4 && zeros[0] == 0:
		return &order{1, 0}
	case zeros[0] > most*3/4 && zeros[1] == 0:
		return &order{0, 1}
	}
	return nil
}

func (o *order) decode(data []byte) string {
	var b strings.Builder
	b.Grow(len(data))
	for i := 0; i+1 < len(data); i += 2 {
		r := o.unit(data, i)
		if utf16.IsSurrogate(r) && i+3 < len(data) {
			if pair := utf16.DecodeRune(r, o.unit(data, i+2)); pair != utf8.RuneError {
				r = pair
				i += 2
			}
		}
		if r != 0xfeff || i > 0 {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (o *order) unit(data []byte, i int) rune {
	return rune(data[i+o.high])<<8 | rune(data[i+o.low])
}

// checkText returns an error with the place of the first byte that is not UTF-8 text, or nil.
func checkText(name, text string) error {
	bad := strings.IndexByte(text, 0)
	if !utf8.ValidString(text) {
		for i, r := range text {
			if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
				if bad < 0 || i < bad {
					bad = i
				}
				break
			}
		}
	}
	if bad < 0 {
		return nil
	}
	begin := strings.LastIndexByte(text[:bad], '\n') + 1
	return &Error{name, strings.Count(text[:bad], "\n") + 1,
		utf8.RuneCountInString(text[begin:bad]) + 1,
		"not UTF-8 text: choose a Markdown or text file, or convert this file (iconv -t UTF-8)"}
}
