package trial

import "github.com/zablab/zablab/tree/client"

// part is what a client does at a read-write lock.
type part int

const (
	wantsToRead part = iota + 1
	reads
	writes // or waits to
)

// sharing counts whether readers of a lock hold it together.
type sharing struct {
	parts    map[string]part // by client
	chances  int             // a reader came while another read, and no client wrote or waited to
	together bool            // two readers have held it at the same moment
}

// is notes what a client does from now on.
func (s *sharing) is(p *client.Proc, as part) {
	if s.parts == nil {
		s.parts = make(map[string]part)
	}
	s.parts[p.Name()] = as
	reading, writing := 0, 0
	for _, other := range s.parts { // order: counts
		switch other {
		case reads:
			reading++
		case writes:
			writing++
		}
	}
	s.together = s.together || reading > 1
	if as == wantsToRead && reading > 0 && writing == 0 {
		s.chances++
	}
}

// leaves notes that a client neither holds the lock nor waits for it.
func (s *sharing) leaves(p *client.Proc) { delete(s.parts, p.Name()) }

// leastChances is how often readers must have been able to hold a lock together. One chance proves
// nothing: the first reader may let go before the second one has asked for the lock.
const leastChances = 12

// apart reports whether readers never held the lock together, although they often could have.
func (s *sharing) apart() bool { return s.chances >= leastChances && !s.together }
