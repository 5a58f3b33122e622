package drawing

import (
	"cmp"
	"slices"
)

// longFlight is the longest time in transit, in µs, of a message that is drawn where it arrives. A
// message that a cut or a pause delays longer is drawn where it is sent. Otherwise all that its
// receiver does before it arrives would have to be drawn above it.
const longFlight = 100_000

// settled sorts strokes so that every participant's lifeline shows in the right order what the
// participant does and receives. An arrow is level: it leaves and arrives at the same height. If
// messages were drawn in the order of sending, a leader would seem to act on an acknowledgement
// that it has not received yet.
//
//	order of sending    order at S2
//	S1->>S2: ACK        S3->>S2: ACK        a quorum, with S2 itself
//	S3->>S2: ACK        S2->>S3: COMMIT
//	S2->>S3: COMMIT     S1->>S2: ACK        slow: S2 has committed without it
//
// If two messages cross, no order is right for both participants, and the message that was sent
// first is drawn first. A client's call is drawn where it is sent, so that calls of the same moment
// stay together.
func settled(list []stroke) []stroke {
	w := weaving{touches: make([][]int, len(list)), done: make([]bool, len(list))}
	index := make(map[string]int)
	touch := func(who string, step int64, i int) {
		at, ok := index[who]
		if !ok {
			at = len(w.lanes)
			index[who] = at
			w.lanes = append(w.lanes, nil)
		}
		w.lanes[at] = append(w.lanes[at], point{step, i})
		w.touches[i] = append(w.touches[i], at)
	}
	for i := range list {
		s := &list[i]
		for _, who := range s.over {
			touch(who, s.begin, i)
		}
		if len(s.over) > 0 {
			continue
		}
		touch(s.from, s.begin, i)
		if s.end >= 0 && !s.lost && !s.call && s.arrives-s.at <= longFlight {
			touch(s.to, s.end, i)
		}
	}
	for _, lane := range w.lanes {
		slices.SortStableFunc(lane, func(a, b point) int { return cmp.Compare(a.step, b.step) })
	}
	out := make([]stroke, 0, len(list))
	for i := range list { // in the order of sending
		for !w.done[i] {
			out = append(out, list[w.next(i)])
		}
	}
	return out
}

// point is the place of a stroke on a lifeline.
type point struct {
	step   int64
	stroke int
}

// weaving merges lifelines: it takes a stroke when it is the next one on all its lifelines.
type weaving struct {
	lanes   [][]point // lifelines: the strokes of each participant, by step
	touches [][]int   // by stroke: indices of its lanes
	done    []bool    // by stroke
}

// next returns the index of the stroke to draw next: oldest, or a stroke that must be drawn before
// it. If strokes wait for each other in a cycle, next returns the oldest stroke of the cycle.
func (w *weaving) next(oldest int) int {
	at := oldest
	for range w.lanes {
		before := w.before(at)
		if before < 0 {
			w.done[at] = true
			return at
		}
		at = before
	}
	// A chain longer than the number of lanes is a cycle.
	first := at
	for i := w.before(at); i != at; i = w.before(i) {
		first = min(first, i)
	}
	w.done[first] = true
	return first
}

// before returns a stroke that must be drawn before stroke i, because a lane of i has it first; -1
// if none.
func (w *weaving) before(i int) int {
	for _, at := range w.touches[i] {
		lane := w.lanes[at]
		for w.done[lane[0].stroke] {
			lane = lane[1:]
		}
		w.lanes[at] = lane
		if lane[0].stroke != i {
			return lane[0].stroke
		}
	}
	return -1
}
