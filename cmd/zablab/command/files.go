package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/claims"
	"github.com/zablab/zablab/scenarios/diagram"
)

// ReadDocument reads the file with the given name. If there is no such file, it reads the chapter
// of the book or the page of claims (see zablab claims) with this name. It also returns the name to
// show to the user: for a chapter or a page, this is the name of its file.
func ReadDocument(command, name string) (text []byte, shown string, err error) {
	text, err = ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if c, ok := book.Find(name); ok {
			return c.Text, c.Name, nil
		}
		if page, ok := claims.Find(name); ok {
			return page.Text, page.Name, nil
		}
		return nil, name, fmt.Errorf("%s %s: no such file or chapter: "+
			"zablab list shows the chapters", command, name)
	}
	return harmless(text), name, err
}

// harmless replaces the characters of a text that control a terminal, other than tabs and ends of
// lines, by pictures of them, so that a document cannot change the screen of its reader. It leaves
// what is not text in UTF-8, and what has zero bytes, for its parser to refuse or to decode.
func harmless(text []byte) []byte {
	controls := func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r < 0xa0
	}
	if bytes.IndexFunc(text, controls) < 0 || bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
		return text
	}
	return bytes.Map(func(r rune) rune {
		switch {
		case !controls(r):
			return r
		case r < ' ':
			return '\u2400' + r
		case r == 0x7f:
			return '\u2421'
		}
		return utf8.RuneError
	}, text)
}

// ReadFile reads a text file. A file larger than the limit for documents is an error.
func ReadFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: give the path of a text file", name, Cause(err))
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("read %s: this is a folder: name a file in the folder", name)
	case err == nil && info.Size() > diagram.MaxSize:
		return nil, &diagram.Error{File: name, Line: 1, Column: 1, Message: fmt.Sprintf(
			"the document has %d bytes; the limit is %d: split the document",
			info.Size(), diagram.MaxSize)}
	}
	// One byte above the limit, so that the parser notices a file that grew beyond it.
	text, err := io.ReadAll(io.LimitReader(file, diagram.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w: give the path of a text file", name, Cause(err))
	}
	return text, nil
}

// CheckOutputs checks the names of the files that a command will write. It returns an error if two
// outputs are the same file, if an output is also an input, or if the folder of an output does not
// exist. An empty name stands for no file.
func CheckOutputs(outputs, inputs []string) error {
	for i, name := range outputs {
		for _, other := range outputs[:i] {
			if sameFile(name, other) {
				return fmt.Errorf("write %s: two outputs would go to this file: name another file for one "+
					"of them", name)
			}
		}
		for _, other := range inputs {
			if sameFile(name, other) {
				return fmt.Errorf("write %s: this file is read, and would be overwritten: name another "+
					"file", name)
			}
		}
	}
	for _, name := range outputs {
		if info, err := os.Stat(filepath.Dir(name)); name != "" && (err != nil || !info.IsDir()) {
			return fmt.Errorf("write %s: no folder %s: name a file in an existing folder", name,
				filepath.Dir(name))
		}
	}
	return nil
}

// sameFile reports whether two names are of the same file, which need not exist yet. Devices, such
// as /dev/null, may be written several times.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	first, err1 := os.Stat(a)
	second, err2 := os.Stat(b)
	switch {
	case err1 == nil && !first.Mode().IsRegular():
		return false
	case err1 == nil && err2 == nil:
		return os.SameFile(first, second)
	case err1 == nil || err2 == nil:
		return false
	}
	one, err1 := filepath.Abs(a)
	two, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && one == two
}

// Numbered returns the file name for the nth of several files: out.html, out-2.html, out-3.html.
func Numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
}

// WriteFile writes data to a file that the user named. Its error says what to do.
func WriteFile(name string, data []byte) error {
	if err := os.WriteFile(name, data, 0o644); err != nil {
		return fmt.Errorf("write %s: %w: name a file in an existing folder", name, Cause(err))
	}
	return nil
}

// MakeFolder creates the folder that a flag names, and its missing parents.
func MakeFolder(flag, name string) error {
	if err := os.MkdirAll(name, 0o755); err != nil {
		return fmt.Errorf("%s %s: %w: name a folder that can be created", flag, name, Cause(err))
	}
	return nil
}

// Cause returns the reason why a file operation failed, without the name of the file.
func Cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
