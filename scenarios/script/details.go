package script

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/tree"
)

// A note below an answer may show what the answer contains: an object, a list of paths with the
// data of their nodes, or the same as the note before.

// details gives an answer the contents that the note below it shows. It is false for another note.
func (s *supplier) details(i int, a *Act) bool {
	if i == 0 || s.strict || a.To != "" {
		return false
	}
	answer := s.acts[i-1]
	for k := i - 2; answer.Kind == Reply && answer.Of == nil && k >= max(0, i-3); k-- {
		if b := s.acts[k]; b.Kind == Call && b.From == answer.To { // it was unread at first
			answer.Of = b
		}
	}
	if answer.Kind != Reply || answer.Of == nil || answer.Reply.Outcome != WentWell ||
		len(answer.Reply.Values) > 0 || answer.Either {
		return false
	}
	text := strings.TrimSpace(normal(a.Text))
	values := s.contents(text, answer.Of)
	if same := strings.Trim(strings.ToLower(text), "(). "); same == "same as above" || same == "same" ||
		same == "as above" {
		values = s.detailed[answer.Of.Op.Type]
	}
	if values == nil {
		return false
	}
	s.detailed[answer.Of.Op.Type] = values
	answer.Reply.Values = values
	answer.detailed = true
	answer.told("the answer has the contents that line %d shows", a.Pos.Line)
	a.Problem, a.Nearest = "", ""
	a.remark(fmt.Sprintf("this note shows the contents of the answer in line %d", answer.Pos.Line))
	a.Kind, a.param = Condition, true
	return true
}

// contents returns the values that a note shows for the answer to a call: an object for a read, the
// names of nodes for a list. It returns nil if the note shows something else as well.
func (s *supplier) contents(text string, call *Act) (values []string) {
	switch call.Op.Type {
	case tree.OpGetData:
		if objectIn(text) == text && text != "" {
			return []string{text}
		}
	case tree.OpGetChildren2:
		under := strings.TrimSuffix(call.Op.Path, "/") + "/"
		rest := withoutObjects(text)
		for _, w := range wordsOf(strings.ReplaceAll(rest, `"`, " ")) {
			if w.is == "and" {
				continue
			}
			name, child := strings.CutPrefix(w.path0(), under)
			if !w.isPath() || !child || name == "" || strings.IndexByte(name, '/') >= 0 {
				return nil
			}
			values = append(values, name)
		}
	}
	return values
}

// path0 is the word as a path, or empty if it is none.
func (w word) path0() string {
	if !w.isPath() {
		return ""
	}
	return w.path()
}

// withoutObjects is a text without what stands in braces.
func withoutObjects(text string) string {
	var b strings.Builder
	deep := 0
	for _, r := range text {
		switch {
		case r == '{':
			deep++
		case r == '}' && deep > 0:
			deep--
		case deep == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}
