package learn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
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
	var faults sim.Plan
	for i, line := range lines {
		f, err := sim.ParseFault(line)
		if err != nil {
			return unread(&diagram.Error{File: x.File(), Line: at[i], Column: 1,
				Message: err.Error()}), nil
		}
		faults = append(faults, f)
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
	for i, f := range faults {
		if w := f.When; w.Trigger == 0 && w.At >= s.Length {
			return unread(&diagram.Error{File: x.File(), Line: at[i], Column: 1, Message: fmt.Sprintf(
				"%s: nothing happens at this time, because the run ends at %s: write an earlier time",
				lines[i], s.Length)}), nil
		}
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
		v.Why = "no check breaks: in this run the code with the bug of the exercise never ran"
	default:
		v.Why = "no check breaks: the code with the bug of the exercise ran, but in this run it did " +
			"no harm"
	}
	record := r.Ensemble.Record()
	v.Details = holders(&record, s.Length)
	v.Drawing = plainly(s.Sketch(told.Run))
	return v, nil
}

// mostHolders is how many spans holders lists, and how many writes of each.
const mostHolders = 12

// holders says who held what, and when, and when it wrote to a resource meanwhile: a plan that is
// to hit a holder needs these times.
func holders(r *lin.Record, end sim.Time) (lines []string) {
	beliefs := slices.Clone(r.Beliefs)
	slices.SortStableFunc(beliefs, func(a, b lin.Belief) int { return cmp.Compare(a.From, b.From) })
	for i, b := range beliefs {
		if i == mostHolders {
			return append(lines, fmt.Sprintf("and %d more", len(beliefs)-i))
		}
		until := "the end"
		if b.To < int64(end) {
			until = seconds(sim.Time(b.To))
		}
		line := fmt.Sprintf("%s believed that it held %s from %s to %s", b.Client, b.Role,
			seconds(sim.Time(b.From)), until)
		var writes []string
		for _, a := range r.Accesses {
			if a.Client != b.Client || a.At < b.From || a.At > b.To || a.At >= int64(end) {
				continue
			}
			write := a.Resource + " at " + seconds(sim.Time(a.At))
			if !a.Accepted {
				write += " (refused)"
			}
			writes = append(writes, write)
		}
		if more := len(writes) - mostHolders; more > 0 {
			writes = append(writes[:mostHolders], fmt.Sprintf("and %d more", more))
		}
		if len(writes) > 0 {
			line += ", with writes to " + strings.Join(writes, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}
