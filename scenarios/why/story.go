package why

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// The limits of a story: lines before the failure, lines after it, and how long after it, in µs.
const (
	mostStory = 22
	mostNext  = 4
	nextSpan  = 2_000_000
)

// tell chooses the events of the story.
func (x *Explanation) tell(s *subjects, d *fold) {
	f := x.failure
	weights := x.weigh(s, d)
	x.pair(weights, d)
	extras := d.extras(s, 0, x.At, mostExtras)
	chosen := pick(f.Events, weights, mostStory-len(extras))
	for _, i := range chosen {
		if !carries(f.Events, i) && !d.doubled(&f.Events[i]) {
			x.Story = append(x.Story, d.line(f.Events, &f.Events[i], f.Broke))
		}
		if ret, ok := d.clients.rets[i]; ok && ret <= f.Broke {
			x.drawn = append(x.drawn, ret)
		}
	}
	x.Story = merged(woven(x.Story, extras))
	x.drawn = append(x.drawn, chosen...)
	x.next(s, d)
	slices.Sort(x.drawn)
	x.drawn = slices.Compact(x.drawn)
}

// mostExtras limits the lines of each client that are no events.
const mostExtras = 3

// next chooses the events after the failure.
func (x *Explanation) next(s *subjects, d *fold) {
	f := x.failure
	from := f.Events[f.Broke].T
	var chosen []int64
	for i := f.Broke + 1; i < int64(len(f.Events)) && f.Events[i].T <= from+nextSpan; i++ {
		e := &f.Events[i]
		if e.T == from && x.told(i) || !x.follows(e, s, d) {
			continue
		}
		if call, ok := d.clients.calls[i]; ok && slices.Contains(chosen, call) {
			continue
		}
		if chosen = append(chosen, i); len(chosen) == mostNext {
			break
		}
	}
	for _, i := range chosen {
		x.Next = append(x.Next, d.line(f.Events, &f.Events[i], int64(len(f.Events))))
		x.drawn = append(x.drawn, i)
	}
}

// follows reports whether an event after the failure has to do with it.
func (x *Explanation) follows(e *trace.Event, s *subjects, d *fold) bool {
	n := d.nodes[e.N]
	if e.K == "crash" && len(e.N) == 1 {
		return false // the end of the run
	}
	if n == nil || dull(e) || strings.Contains(e.Say, " votes for ") {
		return Fault(e) && !ending(e)
	}
	if n.kind == "client" {
		if !s.speaks(e.N) || e.K == "crash" {
			return false
		}
		path := pathOf(e.Drawn)
		if call, ok := d.clients.calls[e.I]; ok {
			path = pathOf(x.failure.Events[call].Drawn)
		}
		return e.K == "note" || e.K == "role" || (e.K == "op.call" || e.K == "op.ret") &&
			(s.hasPath(path) || path == "/served")
	}
	if !s.speaks(e.N) {
		return false
	}
	return d.weight(e, s) > 3
}

// told reports whether the story already has an event.
func (x *Explanation) told(i int64) bool {
	return slices.ContainsFunc(x.Story,
		func(l Line) bool { return l.Step == x.failure.Events[i].I })
}

// pathOf is the first path in a sentence.
func pathOf(text string) string {
	if m := pathPattern.FindStringSubmatch(text); m != nil {
		return strings.TrimRight(m[1], "…")
	}
	return ""
}

// Fault reports whether an event belongs to a fault: it returns true for the start and for the end
// of a fault.
func Fault(e *trace.Event) bool {
	if e.Drawn == "release" {
		return false
	}
	switch e.Key {
	case "crash", "restart", "pause", "resume", "split", "heal", "cut", "mend", "delay",
		"hold", "release",
		"reset", "clock", "wall", "fsync", "tear", "corrupt", "full", "disk", "fail-fsync":
		return true
	}
	return e.Key == "expire" && strings.Contains(e.Say, "forced")
}

// ending reports whether an event ends a fault.
func ending(e *trace.Event) bool {
	switch e.Key {
	case "restart", "resume", "heal", "mend", "release":
		return true
	}
	return false
}
