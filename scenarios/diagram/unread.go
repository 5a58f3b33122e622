package diagram

import (
	"regexp"
	"strings"
)

const (
	// mostNearest is the greatest length of Problem.Nearest, in bytes.
	mostNearest = 400
	// mostJoined is the greatest length of a text that is joined from several parts, in bytes.
	mostJoined = 4000
	// mostProblems is the greatest number of problems in a document that Parse accepts.
	mostProblems = 10_000
)

// unread records a problem, and adds the statement to the diagram as an Unread.
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
	p.last = new(Expect) // an "%% expect:" below must not be a problem too
}

// unknown returns the problem of a line that is not a statement, with a similar statement if it
// finds one.
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
		e.Remedy = "write an arrow (A->>B: text), a note (Note over A: text) or a comment (%% " +
			"text); in a text, write #59; for a semicolon"
	}
	return e
}

// wrongArrow matches an arrow that Mermaid does not have, such as →.
var wrongArrow = regexp.MustCompile(`[-–—=]*[→⇒⟶➔➜➝⇨]|[–—=]+>+`)
