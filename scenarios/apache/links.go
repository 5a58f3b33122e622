package apache

import "time"

// link holds the relays from one server to another.
type link struct {
	from, to int
	relays   []*Relay
}

// pair is two servers: the server from dials the server to.
type pair struct{ from, to int }

// connect makes the relays between all servers: for each ordered pair one relay for the quorum port
// and one for the election port.
func (e *Ensemble) connect() error {
	elect := make(map[pair]string)
	for _, a := range e.servers {
		for _, b := range e.servers {
			if a == b {
				continue
			}
			l, err := listen()
			if err != nil {
				return err
			}
			r := newRelay(l, loopback(b.elect))
			l, err = listen()
			if err != nil {
				_ = r.listener.Close()
				return err
			}
			q := newRelay(l, loopback(b.quorum))
			q.lives = func() bool { return e.Up(b.id) }
			q.watch, r.watch = e.watch(a.id, b.id, quorumPackets), e.watch(a.id, b.id, votes)
			q.start()
			elect[pair{a.id, b.id}] = r.Address()
			e.relays = append(e.relays, link{a.id, b.id, []*Relay{q, r}})
		}
	}
	for _, l := range e.relays {
		r := l.relays[1]
		r.greeting = electionGreeting(elect[pair{l.to, l.from}])
		r.start()
	}
	return nil
}

// watch returns a function that reports to config.Seen the messages on connections from one server
// to another; nil if there is no Seen.
func (e *Ensemble) watch(from, to int, splitter func() splitter) watch {
	if e.config.Seen == nil {
		return nil
	}
	return func(d Direction) func([]byte) func() {
		a, b, messages := from, to, splitter()
		if d == Back {
			a, b = to, from
		}
		return func(chunk []byte) func() {
			var all []func()
			for _, m := range messages(chunk) {
				all = append(all, e.config.Seen(a, b, m))
			}
			if len(all) == 0 {
				return nil
			}
			return func() {
				for _, arrives := range all {
					arrives()
				}
			}
		}
	}
}

// Cut stops all bytes from one server to another, until Mend.
func (e *Ensemble) Cut(from, to int) { e.shut(from, to, true) }

// Mend ends a Cut, and forwards the bytes that have waited.
func (e *Ensemble) Mend(from, to int) { e.shut(from, to, false) }

func (e *Ensemble) shut(from, to int, shut bool) {
	for _, l := range e.relays {
		for _, r := range l.relays {
			switch {
			case l.from == from && l.to == to:
				r.Shut(Forth, shut)
			case l.from == to && l.to == from:
				r.Shut(Back, shut)
			}
		}
	}
}

// Delay makes everything that two servers send to each other from now on arrive later by span.
func (e *Ensemble) Delay(a, b int, span time.Duration) {
	for _, l := range e.relays {
		if l.from == a && l.to == b || l.from == b && l.to == a {
			for _, r := range l.relays {
				r.Delay(Forth, span)
				r.Delay(Back, span)
			}
		}
	}
}

// Heal mends every cut.
func (e *Ensemble) Heal() {
	for _, l := range e.relays {
		for _, r := range l.relays {
			r.Shut(Forth, false)
			r.Shut(Back, false)
		}
	}
}

// Reset breaks all connections between two servers.
func (e *Ensemble) Reset(a, b int) {
	for _, l := range e.relays {
		if l.from == a && l.to == b || l.from == b && l.to == a {
			for _, r := range l.relays {
				r.Reset()
			}
		}
	}
}
