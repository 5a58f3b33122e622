package learn

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// leastWrong is how many wrong answers an exercise needs: a check is worth only what it refuses.
const leastWrong = 4

// Par returns the number of lines of the shortest known answer, or 0 if the exercise does not judge
// the length of an answer.
func (x *Exercise) Par() int { return x.par }

// Verify tests an exercise. Its solution must pass; if the exercise has a par, the solution must
// have exactly that many lines. The file from which learners start must not pass. There must be at
// least four wrong answers, and each must fail for the reason that is given with it. Verify returns
// one joined error, with an error for each rule that is broken.
func (x *Exercise) Verify(ctx context.Context, lab *Lab) error {
	start, err := x.Contents()
	if err != nil {
		return err
	}
	verdicts, err := x.verdicts(ctx, start, lab)
	if err != nil {
		return err
	}
	return x.judged(verdicts)
}

// judged returns what is wrong with an exercise that has these verdicts.
func (x *Exercise) judged(verdicts []Verdict) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults,
			fmt.Errorf(format, args...))
	}
	switch v := verdicts[0]; {
	case v.Status != Passed:
		fault("the verdict on the solution is %q, not %q: %s\n%s", v.Status, Passed, v.Why,
			strings.Join(v.Details, "\n"))
	case x.par > 0 && v.Lines != x.par:
		fault("the solution has %d lines, but the header says that the shortest known answer has "+
			"%d (par)", v.Lines, x.par)
	}
	switch v := verdicts[1]; {
	case x.Kind == Repair && v.Status != Failed:
		fault("the verdict on task.go, from which learners start, is %q, not %q (%s): the file "+
			"must compile, and give a wrong answer", v.Status, Failed, v.Why)
	case x.Kind != Repair && v.Status != Open:
		fault("the verdict on the file from which learners start is %q, not %q: "+
			"%s", v.Status, Open, v.Why)
	}
	if len(x.Wrong) < leastWrong {
		fault("only %d wrong answers: write at least %d into wrong.txt", len(x.Wrong), leastWrong)
	}
	for i, w := range x.Wrong {
		switch v := verdicts[2+i]; {
		case v.Status == Passed || v.Status == Open:
			fault("the verdict on the wrong answer %q is %q: write an answer that is wrong", w.Name,
				v.Status)
		case !strings.Contains(v.Why, w.Reason):
			fault("the wrong answer %q fails for another reason than %q: %s", w.Name, w.Reason,
				v.Why)
		}
	}
	return errors.Join(faults...)
}

// verdicts checks the solution, the file to start from, and the wrong answers.
func (x *Exercise) verdicts(ctx context.Context, start []byte, lab *Lab) (list []Verdict, err error) {
	answers := [][]byte{x.Answered(x.Solution), start}
	for _, w := range x.Wrong {
		answers = append(answers, x.Answered(w.Answer))
	}
	return x.CheckAll(ctx, answers, lab)
}
