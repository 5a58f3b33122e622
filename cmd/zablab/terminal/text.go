package terminal

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clip returns the beginning of a text, as one line of at most the given length. It replaces
// control characters by dots, because a document from a stranger could otherwise control the
// terminal.
func Clip(s string, most int) string {
	if len(s) <= most && tidy(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '·'
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:most-1]), " ") + "…"
}

// tidy reports whether a text has only printable ASCII and the arrow of a message, one blank between
// words, and none at its ends.
func tidy(s string) bool {
	before := ' '
	for _, r := range s {
		if (r < ' ' || r > '~') && r != '→' || r == ' ' && before == ' ' {
			return false
		}
		before = r
	}
	return before != ' ' || s == ""
}

// Wrap breaks a long line at blanks. All lines but the first begin with indent.
func Wrap(s string, width int, indent string) string {
	var b strings.Builder
	n := 0
	for i, w := range strings.Fields(s) {
		k := visible(w)
		switch {
		case i == 0:
		case n+1+k > width:
			b.WriteString("\n" + indent)
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(w)
		n += k
	}
	return b.String()
}

// usual is how wide a line of a paragraph is in a file or a pipe, without its indent.
const usual = 96

// Paragraph breaks a text like Fold, and also in a file or a pipe, where its lines have at most 96
// columns after the indent.
func Paragraph(out io.Writer, s string, lead int) string {
	if Columns(out) > 0 {
		return Fold(out, s, lead)
	}
	return Wrap(s, usual, strings.Repeat(" ", lead))
}

// Fold breaks a text that is too long for one line of out. The argument lead is the number of
// columns before the text in the first line; the other lines are indented by as many blanks. In a
// file or a pipe the text stays one line.
func Fold(out io.Writer, s string, lead int) string {
	width := Columns(out)
	if width == 0 || lead+visible(s) <= width {
		return s
	}
	indent := "\n" + strings.Repeat(" ", lead)
	return strings.Join(WrapStyled(s, max(width-lead, least)), indent)
}

// Plural formats a count with its noun: 1 seed, 2 seeds.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Written prints the names of the files that a command has written, below an empty line. An empty name
// is no file; without files, Written prints nothing.
func Written(out io.Writer, names ...string) {
	text := strings.Join(slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return name == ""
	}), " ")
	if text != "" {
		fmt.Fprintf(out, "\n%s  %s\n", PaintFor(out).Bold("Written"), text)
	}
}

// Dot formats a count in a table. Zero becomes a dot, so that other counts stand out.
func Dot(n int) string {
	if n == 0 {
		return "·"
	}
	return fmt.Sprint(n)
}

// Thousands formats a number with commas: 1,234,567.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
