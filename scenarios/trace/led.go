package trace

import "slices"

// Led returns the events that led to the given steps, in the order of the run. They are the events
// in the steps' chains of causes; timers, checks and events without a sentence are left out. Led
// returns no more events than the number in the parameter most. It prefers the latest events of
// each chain, because an early event is a cause of almost every later event.
func Led(events []Event, steps []int64, most int) (list []Event) {
	parents := make([]int64, len(events))
	for i := range events {
		parents[i] = events[i].Cause
	}
	var chosen []int64
	for n, step := range steps {
		share := (most - len(chosen)) / (len(steps) - n)
		received := make(map[uint64]bool)
		for _, i := range Causes(parents, step) {
			e := &events[i]
			if e.K == "recv" {
				received[e.M] = true
			}
			told := i
			if call := within(events, i, "op.call"); call >= 0 {
				told = call // the call says more than its cause
			}
			for _, k := range []int64{within(events, i, "commit"), told} {
				if k < 0 || share <= 0 || slices.Contains(chosen, k) || dull(&events[k]) ||
					e.K == "send" && received[e.M] {
					continue
				}
				chosen = append(chosen, k)
				share--
			}
		}
	}
	slices.Sort(chosen)
	for _, i := range chosen {
		list = append(list, events[i])
	}
	return list
}

// within is the index of the first event of this kind that event i caused on the same node, among
// the next 50 events; -1 without one.
func within(events []Event, i int64, kind string) int64 {
	const near = 50
	for k := i + 1; k < min(i+near, int64(len(events))); k++ {
		if e := &events[k]; e.Cause == i && e.K == kind && e.N == events[i].N {
			return k
		}
	}
	return -1
}

// dull is true for an event that only passes time or has no sentence.
func dull(e *Event) bool {
	switch e.K {
	case "timer.set", "timer.fire", "check":
		return true
	}
	return e.Say == ""
}
