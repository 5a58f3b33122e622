package odds

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Schedule has, for the steps of a schedule's run, the odds that a property breaks. Any property
// counts, because one mistake may break several, and the first that breaks ends the run.
type Schedule struct {
	*Curve
	Property string // that breaks in the run itself
	Trace    []byte // of the run
	Events   []trace.Event
	// Near is the nearest run in which no property breaks: the one of Miss, or if chance
	// decides nothing, the same schedule without the fault Without. It is nil if neither exists.
	Near    *fuzz.Schedule
	Without string
}

// ErrSound is the error of [OfSchedule] for a run in which nothing breaks.
var ErrSound = errors.New("no check fails in this run: choose a schedule in which a check fails")

// OfSchedule plays a schedule, and measures the odds that a property breaks.
func OfSchedule(s *fuzz.Schedule, o fuzz.Playing, m Options) (*Schedule, error) {
	o.Keep = true
	base, err := s.Play(o)
	if err != nil {
		return nil, err
	}
	defer base.Close()
	if base.Property == "" {
		return nil, ErrSound
	}
	told, err := s.Tell(&base, o.Mute...)
	if err != nil {
		return nil, err
	}
	return OfTold(s, &base, &told, o, m)
}

// OfTold does the same as [OfSchedule] for a run that has already been played, and whose trace and
// explanation [fuzz.Schedule.Tell] has returned.
func OfTold(s *fuzz.Schedule, base *fuzz.Result, told *fuzz.Told, o fuzz.Playing, m Options) (
	*Schedule, error,
) {
	if base.Property == "" || told.Why == nil {
		return nil, ErrSound
	}
	d := &Schedule{Property: base.Property, Trace: told.Trace, Events: unchecked(told.Run.Events)}
	last := trace.Index(told.Why.Step)
	if s.Resample.Step != 0 {
		return nil, errResampled
	}
	o.Keep, o.Reach, o.Over = false, false, nil
	var err error
	d.Curve, err = Measure(1, max(last, 2), m, func(r sim.Resample) (bool, error) {
		other := *s
		other.Resample = r
		out, err := other.Play(o)
		if err != nil {
			return false, fmt.Errorf("play the run with other random choices after step %d: "+
				"%w", r.Step, err)
		}
		return out.Property != "", nil
	})
	if err != nil || d.Cut {
		return d, err
	}
	if d.Miss != nil {
		near := *s
		near.Resample, d.Near = *d.Miss, &near
		return d, nil
	}
	return d, d.leaveOut(s, o)
}

// leaveOut looks for a fault without which nothing breaks: of several, the latest.
func (d *Schedule) leaveOut(s *fuzz.Schedule, o fuzz.Playing) error {
	order := make([]int, len(s.Plan))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(s.Plan[b].When.At, s.Plan[a].When.At)
	})
	for _, i := range order {
		near := *s
		near.Plan = slices.Delete(slices.Clone(s.Plan), i, i+1)
		out, err := near.Play(o)
		if err != nil {
			return fmt.Errorf("play the schedule without the fault %q: %w", s.Plan[i], err)
		}
		if out.Property == "" {
			d.Near, d.Without = &near, s.Plan[i].String()
			return nil
		}
	}
	return nil
}

// Sentences returns sentences that describe the curve, and that name the nearest run in which no
// property breaks.
func (d *Schedule) Sentences() []string {
	t := d.Told()
	list := t.Sentences()
	switch {
	case d.Without != "":
		list = append(list, fmt.Sprintf("The same schedule without the fault %q does not have "+
			"this outcome.",
			d.Without))
	case d.Near == nil && !d.Cut:
		list = append(list, "Leaving out any single fault does not prevent this outcome.")
	}
	return list
}

// Told returns the curve with the events of the run.
func (d *Schedule) Told() *Told { return &Told{d.Curve, d.Events} }
