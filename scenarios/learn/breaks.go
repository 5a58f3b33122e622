package learn

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// mostFaults is the most faults that an answer may have if the exercise sets no limit.
const mostFaults = 20

// faultLines returns the lines of a plan that are neither blank nor comments, and their places.
func faultLines(text []byte) (lines []string, at []int) {
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			lines, at = append(lines, line), append(at, i+1)
		}
	}
	return lines, at
}

// checkBreak plays the schedule of the exercise with the learner's faults: with the flaw some check
// must break, and without it none.
func (x *Exercise) checkBreak(text []byte) (Verdict, error) {
	lines, at := faultLines(text)
	most := x.Most()
	switch {
	case len(lines) == 0:
		return unread(errOpen), nil
	case len(lines) > most:
		return unread(fmt.Errorf("the plan has %d faults, but at most %d are allowed: the "+
			"shortest known plan has %d", len(lines), most, x.par)), nil
	}
	for i, line := range lines {
		if _, err := sim.ParseFault(line); err != nil {
			return unread(&diagram.Error{File: x.File(), Line: at[i], Column: 1,
				Message: err.Error()}), nil
		}
	}
	s, err := fuzz.Parse(x.File(), x.stage+"\n"+strings.Join(lines, "\n")+"\n")
	var wrongLine *diagram.Error
	if errors.As(err, &wrongLine) {
		if i := wrongLine.Line - strings.Count(x.stage, "\n") - 2; i >= 0 && i < len(at) {
			wrongLine.Line = at[i]
		}
		return unread(wrongLine), nil
	}
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{Lines: len(lines), Par: x.par}
	return x.withFlaw(v, &s)
}

// withFlaw plays a schedule with the flaw and, if a check breaks, without it.
func (x *Exercise) withFlaw(v Verdict, s *fuzz.Schedule) (Verdict, error) {
	r, err := s.Play(fuzz.Playing{Keep: true})
	if err != nil {
		return unread(err), nil
	}
	defer r.Close()
	told, err := s.Tell(&r)
	if err != nil {
		return v, err
	}
	if r.Property != "" {
		sound := *s
		sound.Flaw = flaw.None
		switch r, err := sound.Play(fuzz.Playing{}); {
		case err != nil:
			return unread(err), nil
		case r.Property != "":
			v.Status = Failed
			v.Why = fmt.Sprintf("these faults break %s even without the bug of the exercise, so "+
				"they do not show the bug: %s", r.Property, plainly(r.Text))
			return v, nil
		}
		v.Status, v.Drawing = Passed, told.Drawing
		v.Details = []string{r.Property + ": " + plainly(r.Text)}
		return v, nil
	}
	v.Status = Failed
	switch {
	case r.FlawHits == 0:
		v.Why = "no check breaks: in this run the bug of the exercise never made a difference"
	default:
		v.Why = fmt.Sprintf("no check breaks: the bug of the exercise took effect (%s), but broke "+
			"no property", r.FlawHits)
	}
	v.Drawing = plainly(s.Sketch(told.Run))
	return v, nil
}
