package trace

import "slices"

// Point is a place in a trace: an event's index, or a time.
type Point struct {
	Step   int64 // index of an event
	At     int64 // µs
	ByTime bool
}

// Reached reports whether an event is at the place or after it.
func (p Point) Reached(e *Event) bool {
	if p.ByTime {
		return e.T >= p.At
	}
	return e.I >= p.Step
}

// Filter selects events that match all of its fields. An empty field matches every event.
type Filter struct {
	Nodes []string
	Kinds []string
	Key   bool // key moments only
	Story bool // key moments that are not a client's call or answer
}

// Takes reports whether the filter selects the event.
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

// Pick keeps the first and the last events of a stream, in constant memory.
type Pick struct {
	First, Last int // how many events to keep
	Count       int64
	head, ring  []Event
}

// Add takes the next event.
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

// Events returns the events that the Pick has kept from the start of the stream, the events that it
// has kept from the end, and the number of events between them that it has not kept.
func (p *Pick) Events() (first, last []Event, missing int64) {
	if len(p.ring) > 0 {
		at := int((p.Count - int64(p.First)) % int64(len(p.ring)))
		last = append(append(last, p.ring[at:]...), p.ring[:at]...)
	}
	return p.head, last, p.Count - int64(len(p.head)+len(p.ring))
}

// Window keeps the last events before a place, and the first events from that place on.
type Window struct {
	Place  Point
	Before Pick
	After  Pick
}

// NewWindow returns a window around a place. The parameter before limits how many events the window
// keeps from ahead of the place, and the parameter after limits how many it keeps from the place
// on.
func NewWindow(p Point, before, after int) *Window {
	return &Window{Place: p, Before: Pick{Last: before}, After: Pick{First: after}}
}

// Add takes the next event.
func (w *Window) Add(e *Event) {
	if w.Place.Reached(e) {
		w.After.Add(e)
	} else {
		w.Before.Add(e)
	}
}

// Full reports whether the window has reached its limit for events from the place on.
func (w *Window) Full() bool { return len(w.After.head) == w.After.First }

// Events returns the events that the window keeps, in order.
func (w *Window) Events() []Event {
	_, before, _ := w.Before.Events()
	return append(slices.Clone(before), w.After.head...)
}
