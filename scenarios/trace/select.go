package trace

import "slices"

// Point is a place in a trace: a step, or a moment.
type Point struct {
	Step   int64 // index of an event
	At     int64 // µs
	ByTime bool
}

// Reached is true for the events at the place and behind it.
func (p Point) Reached(e *Event) bool {
	if p.ByTime {
		return e.T >= p.At
	}
	return e.I >= p.Step
}

// Filter says which events are wanted. What is empty asks for nothing.
type Filter struct {
	Nodes []string
	Kinds []string
	Key   bool // key moments only
	Story bool // of these, those that are not a client's call or answer
}

// Takes is true if the filter lets an event through.
func (f *Filter) Takes(e *Event) bool {
	switch {
	case len(f.Nodes) > 0 && !slices.Contains(f.Nodes, e.N):
		return false
	case len(f.Kinds) > 0 && !slices.Contains(f.Kinds, e.K):
		return false
	case f.Key && e.Key == "":
		return false
	}
	return !f.Story || e.Key != "" && e.Key != "call" && e.Key != "ret"
}

// Pick keeps of a stream of events the first ones and the last ones, in constant memory.
type Pick struct {
	First, Last int // how many to keep of each
	Count       int64
	head, ring  []Event
}

// Add takes an event.
func (p *Pick) Add(e *Event) {
	p.Count++
	switch {
	case len(p.head) < p.First:
		p.head = append(p.head, *e)
	case len(p.ring) < p.Last:
		p.ring = append(p.ring, *e)
	case p.Last > 0:
		p.ring[(p.Count-1-int64(p.First))%int64(p.Last)] = *e
	}
}

// Events are what was kept, in order, and how many are missing behind the first ones.
func (p *Pick) Events() (first, last []Event, missing int64) {
	if len(p.ring) > 0 {
		at := int((p.Count - int64(p.First)) % int64(len(p.ring)))
		last = append(append(last, p.ring[at:]...), p.ring[:at]...)
	}
	return p.head, last, p.Count - int64(len(p.head)+len(p.ring))
}

// Window keeps the events around a place: some before it, and some from there on.
type Window struct {
	Place  Point
	Before Pick
	After  Pick
}

// NewWindow is a window of so many events before and from a place.
func NewWindow(p Point, before, after int) *Window {
	return &Window{Place: p, Before: Pick{Last: before}, After: Pick{First: after}}
}

// Add takes an event.
func (w *Window) Add(e *Event) {
	if w.Place.Reached(e) {
		w.After.Add(e)
	} else {
		w.Before.Add(e)
	}
}

// Full is true when no later event can come into the window.
func (w *Window) Full() bool { return len(w.After.head) == w.After.First }

// Events are those in the window.
func (w *Window) Events() []Event {
	_, before, _ := w.Before.Events()
	return append(slices.Clone(before), w.After.head...)
}
