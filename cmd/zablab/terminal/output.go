package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Output is standard output as commands write it: it remembers the first write that failed, so
// that a full disk or a closed pipe is reported even where the results of writes are not checked.
type Output struct {
	to    io.Writer
	err   error
	width int // of the page, as the user wants it; 0 for the terminal's own
}

// NewOutput writes to a writer.
func NewOutput(to io.Writer) *Output { return &Output{to: to} }

// Write writes, unless an earlier write failed.
func (o *Output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	o.err = err
	return n, err
}

// Err is the first error of a write.
func (o *Output) Err() error { return o.err }

// Abandoned says that what was written last may never be read: the reader of a pipe has left.
func (o *Output) Abandoned() bool {
	file, ok := o.to.(*os.File)
	return ok && abandoned(file)
}

// SetWidth sets the width of a page for out, in columns.
func SetWidth(out io.Writer, width int) {
	if o, ok := out.(*Output); ok {
		o.width = width
	}
}

// terminalOf is the terminal that out writes to, if it is one.
func terminalOf(out io.Writer) (*os.File, bool) {
	if o, ok := out.(*Output); ok {
		out = o.to
	}
	file, ok := out.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}
