package trace

import "slices"

// Led are the events that led to some of a run's, in order: the chains of causes of all of them,
// without what only passes time. Of more than most the latest of each chain are kept, most of them
// in all: what is far back is a reason for everything.
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
			if share <= 0 {
				break
			}
			if slices.Contains(chosen, i) || dull(e) || e.K == "send" && received[e.M] {
				continue
			}
			if e.K == "recv" {
				received[e.M] = true
			}
			chosen = append(chosen, i)
			share--
		}
	}
	slices.Sort(chosen)
	for _, i := range chosen {
		list = append(list, events[i])
	}
	return list
}

// dull says that an event only passes time, or only hands something over.
func dull(e *Event) bool {
	switch e.K {
	case "timer.set", "timer.fire", "check":
		return true
	}
	return e.Say == ""
}
