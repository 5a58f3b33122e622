package diagram

import (
	"regexp"
	"strings"
)

const (
	// mostNearest is the most bytes of a line that is worth being shown as it could be written.
	mostNearest = 400
	// mostJoined is the most bytes of a text that is joined of several parts.
	mostJoined = 4000
	// mostProblems is the most problems of a document that is worth being read.
	mostProblems = 10_000
)

// unread keeps a statement that cannot be read.
func (p *parser) unread(s statement, err error) {
	if len(p.doc.Problems) > mostProblems {
		return
	}
	why, ok := err.(*Problem)
	if !ok {
		why = p.unknown(s)
	}
	if len(why.Nearest) > mostNearest {
		why.Nearest = ""
	}
	p.doc.Problems = append(p.doc.Problems, *why)
	p.add(&Unread{s.pos, s.text, why.Error(), why.Nearest})
	p.last = new(Expect) // of nothing, so that the line below is not a problem as well
}

// unknown says what a line might have been.
func (p *parser) unknown(s statement) *Problem {
	e := fail(s.pos, clip(s.text)+" is not a statement of a sequence diagram", "")
	first, rest, _ := strings.Cut(s.text, " ")
	switch word, near := nearest(strings.ToLower(first), keywords); {
	case wrongArrow.MatchString(s.text):
		e.Remedy = "write the arrow as ->> or -->>"
		at := wrongArrow.FindStringIndex(s.text)
		e.Nearest = trim(s.text[:at[0]]) + "->>" + trim(s.text[at[1]:])
	case near && !strings.EqualFold(word, first):
		e.Remedy = "did you mean " + word + "?"
		e.Nearest = trim(word + " " + rest)
	default:
		e.Remedy = "write A->>B: text, Note over A: text, or %% before a comment," +
			" and #59; for a semicolon in a text"
	}
	return e
}

// wrongArrow is an arrow that Mermaid does not know.
var wrongArrow = regexp.MustCompile(`[-–—=]*[→⇒⟶➔➜➝⇨]|[–—=]+>+`)
