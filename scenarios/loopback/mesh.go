package loopback

import "time"

// Mesh has the links between the servers of an ensemble, in the order in which they were added.
// Between two servers there are two links: one for the connections that the first server opens, and
// one for those that the second server opens. Bytes from one server to the other may use either
// link.
type Mesh []Link

// Link has the relays for the connections that one server opens to another. Servers are numbered
// from 1.
type Link struct {
	From, To int
	Relays   []*Relay
}

// each calls do for every relay and direction that carries bytes from one server to another.
func (m Mesh) each(from, to int, do func(*Relay, Direction)) {
	for _, l := range m {
		for _, r := range l.Relays {
			switch {
			case l.From == from && l.To == to:
				do(r, Forth)
			case l.From == to && l.To == from:
				do(r, Back)
			}
		}
	}
}

// Cut stops all bytes from one server to another, until Mend.
func (m Mesh) Cut(from, to int) { m.each(from, to, func(r *Relay, d Direction) { r.Shut(d, true) }) }

// Mend ends a Cut, and forwards the bytes that have waited.
func (m Mesh) Mend(from, to int) { m.each(from, to, func(r *Relay, d Direction) { r.Shut(d, false) }) }

// Delay delays by span everything that the two servers send to each other from now on.
func (m Mesh) Delay(a, b int, span time.Duration) {
	delay := func(r *Relay, d Direction) { r.Delay(d, span) }
	m.each(a, b, delay)
	m.each(b, a, delay)
}

// Heal mends every cut.
func (m Mesh) Heal() {
	for _, l := range m {
		m.Mend(l.From, l.To)
		m.Mend(l.To, l.From)
	}
}

// Reset breaks all connections between two servers.
func (m Mesh) Reset(a, b int) {
	m.each(a, b, func(r *Relay, _ Direction) { r.Reset() })
}

// Close ends all relays.
func (m Mesh) Close() {
	for _, l := range m {
		for _, r := range l.Relays {
			r.Close()
		}
	}
}
