package safety

import "github.com/zablab/zablab/zab"

// choose finds out, when a disk has more than before, whether a quorum has: of voters whose
// disks say that they are in the epoch now established.
func (a *Audit) choose(s *server) {
	if s.booting || a.last == nil || !a.last.established || s.current != a.last.number || s.durable <= a.Chosen() {
		return
	}
	// How far has a majority come? At most s's own durable zxid, for only s has moved.
	best := a.Chosen()
	for i := range a.servers {
		t := &a.servers[i]
		if !a.counts(t) || t.durable <= best || t.durable > s.durable {
			continue
		}
		n := 0
		for j := range a.servers {
			if u := &a.servers[j]; a.counts(u) && u.durable >= t.durable {
				n++
			}
		}
		if 2*n > a.voters.Len() {
			best = t.durable
		}
	}
	if best > a.Chosen() {
		a.advance(&s.log, best)
	}
}

func (a *Audit) counts(s *server) bool {
	return a.voters.Has(s.id) && s.current == a.last.number
}

// advance extends what is chosen by a log that holds it.
func (a *Audit) advance(from *chain, to zab.Zxid) {
	have := a.chosen.last()
	if !from.holds(have) {
		a.broken("CommittedLogMonotonicity", "what is chosen up to %v is not in the log that now goes on to %v",
			have.zxid, to)
		return
	}
	for i := from.search(have.zxid + 1); i < len(from.marks) && from.marks[i].zxid <= to; i++ {
		a.chosen.marks = append(a.chosen.marks, from.marks[i])
	}
}

// holding are the voters whose disks hold history m in epoch e now. Who has gone on to a later
// epoch meanwhile may have been one: an ack may arrive late.
func (a *Audit) holding(m mark, e uint32) (on zab.Set) {
	for i := range a.servers {
		s := &a.servers[i]
		if a.voters.Has(s.id) && s.current == e && s.durable >= m.zxid && s.log.holds(m) {
			on = on.With(s.id)
		}
	}
	return on
}

// order is a TRUNC under way to a learner: who gave it, and what that leader had committed then.
// The zero order was given by nobody.
type order struct {
	reign     *epoch
	committed zab.Zxid
}

// settle says that somebody was told of everything up to z.
func (a *Audit) settle(z zab.Zxid) { a.settled = max(a.settled, z) }

// kept are the voters whose disks hold m and say that they are in the epoch now established, or
// have gone on to a later one with what they held in it.
func (a *Audit) kept(m mark) (on zab.Set) {
	for i := range a.servers {
		s := &a.servers[i]
		if a.voters.Has(s.id) && s.current >= a.last.number && s.durable >= m.zxid && s.log.holds(m) {
			on = on.With(s.id)
		}
	}
	return on
}

// takeBack is called when s has cut its log at z, and has lost what begins at dropped, which was
// chosen. It is true if that was the one legal way (see doc.go), and then what is chosen ends
// where a quorum of disks still holds it.
func (a *Audit) takeBack(s *server, z zab.Zxid, dropped mark) bool {
	o := s.order
	if o.reign == nil || dropped.zxid.Epoch() != o.reign.number || z < o.committed {
		return false
	}
	// What was settled since the order was given has not been settled by this disk.
	if told := a.chosen.at(a.settled); dropped.zxid <= told.zxid && !a.kept(told).Majority(a.voters) {
		return false
	}
	for end := a.chosen.last(); end.zxid > a.settled && !a.kept(end).Majority(a.voters); end = a.chosen.last() {
		a.chosen = a.chosen.upTo(end.zxid - 1)
	}
	return true
}
