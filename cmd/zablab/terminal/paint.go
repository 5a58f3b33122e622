package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Paint colours words for a terminal. The zero value leaves them plain.
type Paint bool

// PaintFor colours output to a terminal with colours, unless NO_COLOR is set, and leaves all
// other output plain.
func PaintFor(out io.Writer) Paint {
	_, watched := terminalOf(out)
	return Paint(watched && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// In sets s in a style by its ANSI code, such as "1;4".
func (p Paint) In(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p Paint) Bold(s string) string   { return p.In("1", s) }
func (p Paint) Faint(s string) string  { return p.In("2", s) }
func (p Paint) Green(s string) string  { return p.In("32", s) }
func (p Paint) Yellow(s string) string { return p.In("33", s) }
func (p Paint) Red(s string) string    { return p.In("31", s) }

// The limits of a page's width, in columns.
const (
	usualWidth = 80  // where the width is unknown
	mostWidth  = 100 // longer lines are hard to read
	leastWidth = 40
)

// Width is how many columns a page for out should have.
func Width(out io.Writer) int {
	if w := Columns(out); w != 0 {
		return min(w, mostWidth)
	}
	return usualWidth
}

// Columns is how many columns a line for out may have: as set by the user or the terminal. If it
// is unknown, as in a file or a pipe, it is 0: a line is as long as its text.
func Columns(out io.Writer) int {
	if o, ok := out.(*Output); ok && o.width > 0 {
		return o.width
	}
	if file, ok := terminalOf(out); ok {
		if w, _, err := term.GetSize(int(file.Fd())); err == nil && w >= leastWidth {
			return w
		}
	}
	return 0
}
