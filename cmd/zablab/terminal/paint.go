package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Paint adds colours and styles to words. The zero value leaves words plain.
type Paint bool

// PaintFor returns a Paint for out. It adds colours if out is a terminal that supports colours and
// NO_COLOR is not set.
func PaintFor(out io.Writer) Paint {
	_, watched := terminalOf(out)
	return Paint(watched && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// In returns s in a style, given as an ANSI code such as "1;4".
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

// Widths of a page, in columns.
const (
	usualWidth = 80  // if the width is unknown
	mostWidth  = 100 // longer lines are hard to read
	leastWidth = 40
)

// Width returns the width, in columns, to which text for out is wrapped: at most 100, and 80 if the
// width is unknown.
func Width(out io.Writer) int {
	if w := Columns(out); w != 0 {
		return min(w, mostWidth)
	}
	return usualWidth
}

// Columns returns the maximum width of a line for out: the width that the user set, or else the
// width of the terminal. If the user set no width and out is a file or a pipe, Columns returns 0,
// which means no limit.
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
