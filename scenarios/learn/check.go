package learn

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
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

// DefaultLimit is how long one run of a program may take.
const DefaultLimit = 2 * time.Minute

// Lab says how a check compiles and runs the learner's program.
type Lab struct {
	// Clone is the folder of the lab's sources, which programs are compiled with.
	Clone string
	// Limit is how long one run of a program may take, of the many of its trial; 0 for
	// DefaultLimit.
	Limit time.Duration
	// Sandbox runs programs as wasm, with a limit of memory, away from files and network. Without
	// it they run as programs of this machine, which is much faster to build: for one's own.
	Sandbox bool
}

// Check checks an answer, given as the contents of the learner's file, by playing it. It returns an
// error only if the exercise or the lab is at fault: a learner's mistake gives a verdict.
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
	case Reach:
		v, err = x.checkReach(ctx, text)
	default:
		err = fmt.Errorf("%s: the lab cannot check exercises of the kind %s", x.ID(), x.Kind)
	}
	if v.Status == Passed {
		v.Lesson = x.Lesson
	}
	return v, err
}

// CheckAll checks the answers of many learners to one exercise, and returns one verdict for each
// answer, in the order of texts. Programs are compiled together, which takes about as long as
// compiling one.
func (x *Exercise) CheckAll(ctx context.Context, texts [][]byte, lab *Lab) (list []Verdict, err error) {
	if x.Kind == Repair {
		return x.checkPrograms(ctx, texts, lab)
	}
	for _, text := range texts {
		v, err := x.Check(ctx, text, lab)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// Answered returns the contents of a learner's file with this answer. For predict, read, judge
// and reach, answer is the text after "Answer:"; for other kinds, it is already the whole file.
func (x *Exercise) Answered(answer []byte) []byte {
	switch x.Kind {
	case Predict, Read, Judge, Reach:
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
