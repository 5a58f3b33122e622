package learn

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Status says what a check found.
type Status string

// The statuses of an answer.
const (
	Open   Status = "open"   // there is no answer yet
	Unread Status = "unread" // the answer cannot be read: the sentence says why
	Failed Status = "wrong"
	Passed Status = "passed"
)

// Verdict is what a check found, in words for the learner.
type Verdict struct {
	Status  Status
	Why     string   // one sentence
	Details []string // what happened in the run, line by line
	Drawing string   // of the run that shows it, as Mermaid; may be empty
	// Schedule is the least schedule of the fuzzer in which a program fails; may be empty.
	Schedule string
	Again    string // a command that shows more; may be empty
	Lines    int    // of an answer that is counted
	Par      int    // the fewest lines known
	Lesson   string // of a passed exercise
}

// Check checks an answer, given as the contents of the learner's file, by playing it. The error is
// that of the exercise or the lab, never the learner's.
func (x *Exercise) Check(ctx context.Context, text []byte, lab *Lab) (v Verdict, err error) {
	switch x.Kind {
	case Predict:
		v, err = x.checkPredict(text)
	case Read:
		v, err = x.checkRead(text)
	case Judge:
		v, err = x.checkJudge(text)
	case Draw:
		v, err = x.checkDraw(text)
	case Break:
		v, err = x.checkBreak(text)
	case Repair:
		v, err = x.checkRepair(ctx, text, lab)
	default:
		err = fmt.Errorf("%s: the lab cannot check exercises of the kind %s", x.ID(), x.Kind)
	}
	if v.Status == Passed {
		v.Lesson = x.Lesson
	}
	return v, err
}

// Answered returns the contents of a learner's file that has this answer: a whole file, or the
// answer of an exercise that is answered in one line.
func (x *Exercise) Answered(answer []byte) []byte {
	switch x.Kind {
	case Predict, Read, Judge:
		return []byte("Answer: " + strings.TrimSpace(string(answer)) + "\n")
	}
	return answer
}

// unread is the verdict on an answer that cannot be read.
func unread(err error) Verdict {
	if errors.Is(err, errOpen) {
		return Verdict{Status: Open, Why: "there is no answer yet"}
	}
	return Verdict{Status: Unread, Why: err.Error()}
}

func wrong(format string, args ...any) Verdict {
	return Verdict{Status: Failed, Why: fmt.Sprintf(format, args...)}
}
