package learn

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// Wrong is an answer that must fail.
type Wrong struct {
	Name   string
	Reason string // a part of the sentence that the learner gets
	Answer []byte
}

// readWrong reads the wrong answers of an exercise. Each begins with a line "== NAME == REASON".
// Below it is the answer; or, after the line "edit:", what differs from the solution: lines that
// begin with - are replaced by the lines after them that begin with +.
func readWrong(file string, data, solution []byte) (list []Wrong, err error) {
	place := func(line int, format string, args ...any) error {
		return &diagram.Error{File: file, Line: line, Column: 1,
			Message: fmt.Sprintf(format, args...)}
	}
	first := 0
	var edit bool
	end := func() error {
		if len(list) == 0 || !edit {
			return nil
		}
		w := &list[len(list)-1]
		answer, err := edited(solution, w.Answer)
		if err != nil {
			return place(first, "%s: %v", w.Name, err)
		}
		w.Answer = answer
		return nil
	}
	for i, line := range strings.SplitAfter(string(data), "\n") {
		text := strings.TrimRight(line, "\n")
		if rest, ok := strings.CutPrefix(text, "== "); ok {
			if err := end(); err != nil {
				return nil, err
			}
			name, reason, ok := strings.Cut(rest, " == ")
			if !ok {
				return nil, place(i+1, "%s: the reason is missing: write the line as \"== NAME == "+
					"REASON\"", text)
			}
			list, first, edit = append(list, Wrong{Name: name, Reason: reason}), i+1, false
			continue
		}
		switch {
		case len(list) == 0 && strings.TrimSpace(text) != "":
			return nil, place(i+1, "%s: this line belongs to no wrong answer: write a line "+
				"\"== NAME == REASON\" before it", text)
		case len(list) == 0:
		case text == "edit:" && i == first:
			edit = true
		default:
			w := &list[len(list)-1]
			w.Answer = append(w.Answer, line...)
		}
	}
	return list, end()
}

// edited applies an edit to the solution. Spaces at both ends of lines do not matter.
func edited(solution, edit []byte) ([]byte, error) {
	lines := strings.Split(string(solution), "\n")
	var old, fresh []string
	apply := func() error {
		if len(old) == 0 && len(fresh) == 0 {
			return nil
		}
		at := -1
		for i := 0; i+len(old) <= len(lines); i++ {
			same := true
			for j, o := range old {
				same = same && strings.TrimSpace(lines[i+j]) == strings.TrimSpace(o)
			}
			if same && at >= 0 {
				return fmt.Errorf("the solution has these lines twice: %q: also write the lines "+
					"before or after them, so that the place is unique", old)
			}
			if same {
				at = i
			}
		}
		if at < 0 || len(old) == 0 {
			return fmt.Errorf("the solution does not have these lines: %q: copy the lines to "+
				"replace from the solution", old)
		}
		next := append([]string{}, lines[:at]...)
		next = append(next, fresh...)
		lines = append(next, lines[at+len(old):]...)
		old, fresh = nil, nil
		return nil
	}
	for line := range bytes.Lines(edit) {
		text := strings.TrimRight(string(line), "\n")
		switch {
		case strings.HasPrefix(text, "-"):
			if len(fresh) > 0 {
				if err := apply(); err != nil {
					return nil, err
				}
			}
			old = append(old, text[1:])
		case strings.HasPrefix(text, "+"):
			fresh = append(fresh, text[1:])
		default:
			if err := apply(); err != nil {
				return nil, err
			}
		}
	}
	if err := apply(); err != nil {
		return nil, err
	}
	return []byte(strings.Join(lines, "\n")), nil
}
