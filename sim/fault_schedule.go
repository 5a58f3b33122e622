package sim

import "strings"

// schedule has the faults that have not happened yet.
type schedule struct {
	timed pool[Fault]  // wait for a moment: the queue refers to them
	armed []armedFault // wait for an event
	due   []Fault      // whose event has happened in this step, carried out when it ends
	step  int64        // the first step that a fault waits for, or 0
}

// armedFault is a fault that waits for an event. left is how many such events must still happen.
type armedFault struct {
	fault Fault
	first int // of the events that must come first
	left  int
}

func (s *schedule) arm(f Fault) {
	if n := int64(f.When.Count); f.When.Trigger == TriggerStep && (s.step == 0 || n < s.step) {
		s.step = n
	}
	a := armedFault{fault: f, left: max(f.When.Count, 1)}
	if f.When.After.Trigger != 0 {
		a.first = max(f.When.After.Count, 1)
	}
	s.armed = append(s.armed, a)
}

// waits reports whether some fault waits for an event of this kind. If not, it need not be
// observed.
func (s *schedule) waits(event Trigger) bool {
	for i := range s.armed {
		a := &s.armed[i]
		if w := &a.fault.When; w.Trigger == event || a.first > 0 && w.After.Trigger == event {
			return true
		}
	}
	return false
}

// observe moves the faults that have waited for this event to due.
func (s *schedule) observe(now Time, machine string, event Trigger, arg string) {
	for i := 0; i < len(s.armed); i++ {
		a := &s.armed[i]
		w := &a.fault.When
		switch {
		case now < w.After.At:
		case a.first > 0:
			if w.After.Trigger == event && w.After.Who == machine &&
				strings.EqualFold(w.After.Arg, arg) {
				a.first--
			}
		case w.Trigger == event && w.Who == machine && strings.EqualFold(w.Arg, arg):
			if a.left--; a.left == 0 {
				s.due = append(s.due, a.fault)
				s.armed = append(s.armed[:i], s.armed[i+1:]...)
				i--
			}
		}
	}
}

// reach moves the faults to due that have waited for a step before index.
func (s *schedule) reach(index int64) {
	s.step = 0
	for i := 0; i < len(s.armed); i++ {
		w := &s.armed[i].fault.When
		n := int64(w.Count)
		switch {
		case w.Trigger != TriggerStep:
		case n < index:
			s.due = append(s.due, s.armed[i].fault)
			s.armed = append(s.armed[:i], s.armed[i+1:]...)
			i--
		case s.step == 0 || n < s.step:
			s.step = n
		}
	}
}

// next removes and returns the first fault that is due.
func (s *schedule) next() Fault {
	f := s.due[0]
	s.due = s.due[1:]
	return f
}
