package learn

import (
	"errors"
	"fmt"
	"strings"
)

// leastWrong is how many wrong answers an exercise needs: a check is worth only what it refuses.
const leastWrong = 4

// Par is the number of lines of the shortest answer known; 0 if lines do not count.
func (x *Exercise) Par() int { return x.par }

// Verify tests an exercise. Its solution must pass, with as many lines as par; the file from which
// learners start must be open; and each of at least four wrong answers must fail for its reason.
// The error joins one error for each fault.
func (x *Exercise) Verify() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	check := func(answer []byte) Verdict {
		v, err := x.Check(answer)
		if err != nil {
			fault("%w", err)
			v.Status = "" // neither passed nor wrong
		}
		return v
	}
	switch v := check(x.Answered(x.Solution)); {
	case v.Status == "":
	case v.Status != Passed:
		fault("the solution is %s: %s\n%s", v.Status, v.Why, strings.Join(v.Details, "\n"))
	case x.par > 0 && v.Lines != x.par:
		fault("the solution has %d lines, and par is %d", v.Lines, x.par)
	}
	start, err := x.Contents()
	if err != nil {
		return err
	}
	if v := check(start); v.Status != Open && v.Status != "" && x.Kind != Repair {
		fault("the file to start from is %s: %s", v.Status, v.Why)
	} else if x.Kind == Repair && v.Status == Passed {
		fault("the file to start from passes: leave something to mend in it")
	}
	if len(x.Wrong) < leastWrong {
		fault("only %d wrong answers: write at least %d into wrong.txt", len(x.Wrong), leastWrong)
	}
	for _, w := range x.Wrong {
		v := check(x.Answered(w.Answer))
		switch {
		case v.Status == "":
		case v.Status == Passed || v.Status == Open:
			fault("the wrong answer %q is %s", w.Name, v.Status)
		case !strings.Contains(v.Why, w.Reason):
			fault("the wrong answer %q fails because: %s; and not because: %s", w.Name, v.Why, w.Reason)
		}
	}
	return errors.Join(faults...)
}
