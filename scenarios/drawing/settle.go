package drawing

import (
	"cmp"
	"slices"
)

// longFlight is how long a message may be on its way, in µs, and still be drawn where it arrives. A
// message that a cut or a pause holds back would hold up the rest of the drawing.
const longFlight = 100_000

// settled sorts strokes so that every participant's line shows what it did and received in the
// right order. A level arrow leaves and arrives at one height: in the order of sending, a leader
// would seem to act on an acknowledgement that it has not received yet.
//
//	as they were sent   as S2 saw it
//	S1->>S2: ACK        S3->>S2: ACK        a quorum, with S2 itself
//	S3->>S2: ACK        S2->>S3: COMMIT
//	S2->>S3: COMMIT     S1->>S2: ACK        it was slow, and changed nothing
//
// If messages cross, no height is right, and the one sent first is drawn first. A client's call is
// drawn where it is made, so that calls of one moment stay together.
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

// point is where a stroke touches a lane.
type point struct {
	step   int64
	stroke int
}

// weaving takes strokes from the heads of lanes.
type weaving struct {
	lanes   [][]point
	touches [][]int // the lanes of each stroke
	done    []bool
}

// next is the stroke to draw next: the oldest, or one that it has to wait for. If strokes wait for
// each other, it is the oldest of these.
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
	// After as many steps as there are lanes this is a cycle.
	first := at
	for i := w.before(at); i != at; i = w.before(i) {
		first = min(first, i)
	}
	w.done[first] = true
	return first
}

// before is a stroke that a lane of this one has first, or -1.
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
