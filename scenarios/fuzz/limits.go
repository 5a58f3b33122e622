package fuzz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
)

// The limits of a schedule. A schedule at the limits takes minutes; without limits, a typing error
// could take all memory. The longest generated schedule has 20 s and some 200 lines.
const (
	maxLength  = sim.Hour
	maxLines   = 10_000          // of the plan
	maxWorks   = 100             // of one client
	maxSpan    = 10 * sim.Second // of a tick, a message or an fsync
	maxSetting = 1 << 30
)

// check returns an error, and its line, for a schedule that cannot be played, or whose run would
// not end soon. staged is the line of the stage, at has the line of each fault.
func (s *Schedule) check(staged int, at []int) (line int, err error) {
	stage := s.Stage
	stage.SetDefaults()
	switch err := stage.Check(); {
	case err != nil:
		return staged, err
	case s.Length > maxLength:
		return staged, fmt.Errorf("length=%s: must be at most %s", s.Length, maxLength)
	case s.Tick > maxSpan:
		return staged, fmt.Errorf("tick=%s: must be at most %s", s.Tick, maxSpan)
	case s.Latency.Max > maxSpan || s.Fsync.Max > maxSpan:
		return staged, fmt.Errorf("latency=%s..%s fsync=%s..%s: the larger time of each range "+
			"must be at most %s", s.Latency.Min,
			s.Latency.Max, s.Fsync.Min, s.Fsync.Max, maxSpan)
	case len(s.Plan) > maxLines:
		return at[maxLines], fmt.Errorf("more than %d faults: remove some", maxLines)
	}
	have := append(s.servers(), s.names()...)
	for i := range s.Plan {
		f := &s.Plan[i]
		named := append(slices.Concat(f.Groups...), f.Who...)
		if f.When.Trigger != 0 && f.When.Trigger != sim.TriggerStep {
			named = append(named, f.When.Who)
		}
		for _, name := range named {
			if !slices.Contains(have, name) {
				return at[i], fmt.Errorf("%s: no such machine: the schedule has "+
					"%s", name, strings.Join(have, ", "))
			}
		}
	}
	return 0, nil
}
