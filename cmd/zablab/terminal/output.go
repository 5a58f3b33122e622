package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Output writes to standard output and keeps the first error, such as a full disk or a closed pipe.
// Commands can therefore ignore the results of their writes.
type Output struct {
	to    io.Writer
	err   error
	width int // width of the page that the user set; 0 for the width of the terminal
}

// NewOutput returns an Output that writes to the given writer.
func NewOutput(to io.Writer) *Output { return &Output{to: to} }

// Write implements [io.Writer]. After an error it writes nothing and returns the same error.
func (o *Output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	o.err = err
	return n, err
}

// Err returns the first error of a write, or nil.
func (o *Output) Err() error { return o.err }

// Abandoned reports whether the process that reads our pipe has closed it, so that the output
// written last may never be read.
func (o *Output) Abandoned() bool {
	file, ok := o.to.(*os.File)
	return ok && abandoned(file)
}

// SetWidth sets the width, in columns, at which text for out is wrapped. It has an effect only if
// out is an [Output].
func SetWidth(out io.Writer, width int) {
	if o, ok := out.(*Output); ok {
		o.width = width
	}
}

// terminalOf returns the terminal that out writes to, or false.
func terminalOf(out io.Writer) (*os.File, bool) {
	if o, ok := out.(*Output); ok {
		out = o.to
	}
	file, ok := out.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}
