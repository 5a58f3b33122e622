package diagram

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
)

// MaxSize is the size of the largest document that [Parse] reads, in bytes.
const MaxSize = 16 << 20

const sample = "write four lines: \"```mermaid\", \"sequenceDiagram\", " +
	"\"A->>ZK: create /leader\" and \"```\""

// Parse reads the document with this name and these bytes. Errors begin with the name. If the name
// ends in .mmd, .mermaid, .puml, .plantuml, .pu, .iuml or .wsd, the whole document is one diagram.
// A line that cannot be read is not an error: [Document.Problems] lists it, and Parse reads the
// other lines.
func Parse(name string, data []byte) (*Document, error) {
	if len(data) > MaxSize {
		return nil, &Error{name, 1, 1, "the document has " + strconv.Itoa(len(data)) +
			" bytes, and the limit is " + strconv.Itoa(MaxSize) + ": split the document"}
	}
	text, err := decoded(name, data)
	if err != nil {
		return nil, err
	}
	r := &reader{doc: &Document{Name: name}, text: text}
	r.frontMatter()
	whole := r.wholeFile()
	for r.next < len(r.text) {
		r.line(r.advance())
		if err := r.tooMany(); err != nil {
			return nil, err
		}
	}
	r.finish()
	r.setTitle(whole)
	if len(r.doc.Diagrams) == 0 {
		return nil, r.nothing()
	}
	slices.SortStableFunc(r.doc.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.doc, nil
}

// tooMany returns an error if the document has more than mostProblems problems.
func (r *reader) tooMany() error {
	all := r.doc.Problems
	if r.uml != nil && len(r.uml.doc.Problems) > len(all) {
		all = r.uml.doc.Problems
	}
	if len(all) <= mostProblems {
		return nil
	}
	first := all[0].Pos
	return &Error{r.doc.Name, first.Line, first.Column, "the document has more than " +
		strconv.Itoa(mostProblems) + " problems: correct them, beginning with this one: " +
		all[0].Error()}
}

// wholeFile reports whether the file's name says that the whole file is a diagram, and begins the
// diagram.
func (r *reader) wholeFile() bool {
	switch strings.ToLower(path.Ext(r.doc.Name)) {
	case ".mmd", ".mermaid":
		r.openFence(fence{lang: mermaid})
		return true
	case ".puml", ".plantuml", ".pu", ".iuml", ".wsd":
		if !strings.Contains(r.text, "@start") {
			r.openFence(fence{lang: plantUML})
		}
		return true
	}
	return false
}

// ParseStrict reads a document like [Parse], and returns an error if the document has problems. The
// error joins an [*Error] for each problem; [errors.As] finds the first.
func ParseStrict(name string, data []byte) (*Document, error) {
	doc, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return doc, nil
}

// Err returns an error that joins an [*Error] for each problem of the document, or nil if there is
// no problem.
func (d *Document) Err() error {
	errs := make([]error, len(d.Problems))
	for i := range d.Problems {
		p := &d.Problems[i]
		errs[i] = &Error{d.Name, p.Line, p.Column, p.Error()}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// nothing returns the error of a document without a sequence diagram.
func (r *reader) nothing() error {
	e := &Error{r.doc.Name, 1, 1, "no sequence diagram in this document: " + sample}
	if len(r.doc.Passed) > 0 {
		p := r.doc.Passed[0]
		e.Line = p.Line
		e.Message = "no sequence diagram in this document, only " + clip(p.Kind) + ": " + sample
	}
	return e
}
