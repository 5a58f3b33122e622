package fuzz

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/scenarios/why"
	"github.com/zablab/zablab/sim"
)

// How much of a run a sketch has.
const (
	sketchBefore = 1 * sim.Second
	sketchAfter  = 3 * sim.Second
	mostSketched = 40 // arrows and notes
	// Of a part with fewer, more is drawn before the first fault.
	leastSketched = 12
)

// Sketch draws what the clients did in a run of the schedule, from shortly before the first fault
// to shortly after the last. If the schedule has no faults, it draws the beginning of the run. The
// result is a Mermaid sequence diagram with at most 40 arrows and notes. It leaves out the end of
// the run, when all faults are healed and a client of the lab checks the ensemble.
func (s *Schedule) Sketch(run *trace.Run) string {
	first, last := sim.Never, sim.Time(0)
	for i := range run.Events {
		if e := &run.Events[i]; sim.Time(e.T) < s.Length && why.Fault(e) {
			first, last = min(first, sim.Time(e.T)), sim.Time(e.T)
		}
	}
	from, to := max(0, first-sketchBefore), min(last+sketchAfter, s.Length)
	if first == sim.Never {
		from, to = 0, s.Length
	}
	return sketched(run, from, to)
}

// SketchAt draws what the clients did shortly before and after a moment of a run, as
// [Schedule.Sketch] does. Where much happens, the drawing begins later.
func SketchAt(run *trace.Run, at sim.Time) string {
	from, to := max(0, at-sketchBefore), at+sketchBefore/2
	for from < at {
		if d := sketch(run, from, to); d.Arrows()+d.Notes() < mostSketched {
			break
		}
		from += sketchBefore / 20
	}
	return sketched(run, from, to)
}

// sketched draws a part of a run, and more before it if there is little in the part.
func sketched(run *trace.Run, from, to sim.Time) string {
	d := sketch(run, from, to)
	for d.Arrows()+d.Notes() < leastSketched && from > 0 { // what led there may be long ago
		from = max(0, from-sketchBefore)
		d = sketch(run, from, to)
	}
	part := fmt.Sprintf("from %s to %s", from, to)
	if d.Arrows()+d.Notes() >= mostSketched {
		part = fmt.Sprintf("from %s on", from)
	}
	return d.Print(part)
}

// sketch draws the beginning of a part of a run.
func sketch(run *trace.Run, from, to sim.Time) *drawing.Drawing {
	d := drawing.New(&run.Header, drawing.DepthClient)
	for i := range run.Events {
		e := &run.Events[i]
		if at := sim.Time(e.T); at < from || at >= to || d.Arrows()+d.Notes() >= mostSketched {
			d.Pass(e)
			continue
		}
		d.Add(e)
	}
	return d
}
