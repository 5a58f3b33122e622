package scenarios

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// Shrink takes everything away from a schedule that is not needed for it to break the same property,
// and returns what is left, and how many runs that took. The result is locally minimal: no single fault,
// workload or client can be taken away any more, which the last round has tried.
//
// Chance on a link depends on the link and the message's number alone, so that without one fault the
// others meet the same run for as long as that is possible.
func Shrink(s Schedule, property string, tamper Tamper) (least Schedule, runs int) {
	breaks := func(c *Schedule) bool {
		runs++
		f, err := c.Play(tamper, false)
		return err == nil && f.Property == property
	}
	least = s
	for {
		reduce(&least, breaks)
		// Other moments may make something else needless.
		if next := rounded(least, breaks); next.String() != least.String() {
			least = next
			continue
		}
		return least, runs
	}
}

// reduce takes away what can go, until a whole round finds nothing.
func reduce(least *Schedule, breaks func(*Schedule) bool) {
	for again := true; again; {
		again = false
		for _, cut := range []func(Schedule, int) (Schedule, bool){
			withoutFaults(len(least.Plan)), withoutFaults(max(2, len(least.Plan)/4)), withoutFaults(1),
			withoutClient, withoutWork, withoutEnd, smaller,
		} {
			for i := 0; ; {
				next, ok := cut(*least, i)
				if !ok {
					break
				}
				if breaks(&next) {
					*least, again = next, true
				} else {
					i++
				}
			}
		}
	}
}

// withoutFaults takes away n faults, from the nth times i on.
func withoutFaults(n int) func(Schedule, int) (Schedule, bool) {
	return func(s Schedule, i int) (Schedule, bool) {
		from := i * n
		if n == 0 || from >= len(s.Plan) {
			return s, false
		}
		s.Plan = slices.Delete(slices.Clone(s.Plan), from, min(from+n, len(s.Plan)))
		return s, true
	}
}

// withoutClient idles one client. Its name stays, lest others are called otherwise.
func withoutClient(s Schedule, i int) (Schedule, bool) {
	for ; i < len(s.Clients); i++ {
		if len(s.Clients[i]) > 0 {
			s.Clients = slices.Clone(s.Clients)
			s.Clients[i] = nil
			return s, true
		}
	}
	return s, false
}

// withoutWork takes away one workload of one client.
func withoutWork(s Schedule, i int) (Schedule, bool) {
	for k, works := range s.Clients {
		if len(works) < 2 {
			continue
		}
		if i < len(works) {
			s.Clients = slices.Clone(s.Clients)
			s.Clients[k] = slices.Delete(slices.Clone(works), i, i+1)
			return s, true
		}
		i -= len(works)
	}
	return s, false
}

// withoutEnd makes the time of faults and work shorter.
func withoutEnd(s Schedule, i int) (Schedule, bool) {
	lengths := []sim.Time{s.Length / 4, s.Length / 2, s.Length * 3 / 4}
	if i >= len(lengths) || s.Length <= sim.Second {
		return s, false
	}
	s.Length = lengths[i] / (100 * sim.Millisecond) * (100 * sim.Millisecond)
	return s, s.Length > 0
}

// smaller takes the observer, and servers that no fault names.
func smaller(s Schedule, i int) (Schedule, bool) {
	named := 0
	for _, f := range s.Plan {
		for _, n := range append(slices.Concat(f.Groups...), f.Who...) {
			if isServer(n) {
				named = max(named, int(n[1]-'0'))
			}
		}
	}
	switch {
	case i == 0 && s.Observers > 0 && named <= s.Servers:
		s.Observers = 0
		return s, true
	case i <= 1 && s.Observers == 0 && s.Servers > 3 && named <= s.Servers-2:
		s.Servers -= 2
		return s, true
	}
	return s, false
}

// rounded puts faults at round moments, where that changes nothing.
func rounded(s Schedule, breaks func(*Schedule) bool) Schedule {
	for i := range s.Plan {
		for _, unit := range []sim.Time{sim.Second, 100 * sim.Millisecond, 10 * sim.Millisecond, sim.Millisecond} {
			next := s
			next.Plan = slices.Clone(s.Plan)
			f := &next.Plan[i]
			if f.When.At = (f.When.At + unit/2) / unit * unit; f.When.At == s.Plan[i].When.At {
				break
			}
			if breaks(&next) {
				s = next
				break
			}
		}
	}
	return s
}
