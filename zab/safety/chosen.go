package safety

import (
	"slices"

	"github.com/zablab/zablab/zab"
)

// before is the last established epoch before number.
func (a *Audit) before(number uint32) *epoch {
	for i := len(a.reigns) - 1; i >= 0; i-- {
		if a.reigns[i].number < number {
			return a.reigns[i]
		}
	}
	return nil
}

// chosenBefore is the end of what was chosen in the epochs before number: what its leader must
// hold. That is everything chosen, unless a later epoch has its quorum already: a process that was
// paused may count the acks that make it leader late. It need not hold what came after its own
// epoch, and can commit nothing.
func (a *Audit) chosenBefore(number uint32) mark {
	switch e := a.before(number); {
	case e == nil:
		if a.last != nil {
			return mark{}
		}
	case e != a.last:
		return e.end
	}
	return a.chosen.last()
}

// establish notes that e is established. log is the history of its leader.
func (a *Audit) establish(e *epoch, log *chain) {
	e.established, e.committed = true, e.initial.zxid
	i := len(a.reigns)
	for i > 0 && a.reigns[i-1].number > e.number {
		i--
	}
	a.reigns = slices.Insert(a.reigns, i, e)
	a.settle(e.initial.zxid)
	if i < len(a.reigns)-1 {
		e.end = e.initial
		return
	}
	if a.last != nil {
		a.last.end = a.chosen.last()
	}
	a.last = e
	a.advance(log, e.initial.zxid)
}

// part is what a server's disk held when it was last in an epoch, with that number both as
// acceptedEpoch and as currentEpoch. What it logs after promising a later epoch is no vote for the
// old one. What it held before, it may have acked, and that ack may arrive much later.
type part struct {
	epoch uint32
	held  chain
}

// in is what s held in epoch e, or nil if it was never in it.
func (s *server) in(e uint32) *part {
	for i := len(s.parts) - 1; i >= 0; i-- {
		if s.parts[i].epoch == e {
			return &s.parts[i]
		}
	}
	return nil
}

// partake notes what the disk of s holds in its epoch, and whether that makes a quorum.
func (a *Audit) partake(s *server) {
	if s.booting || s.accepted != s.current {
		return
	}
	n := len(s.parts)
	if n == 0 || s.parts[n-1].epoch != s.current {
		s.parts = append(s.parts, part{epoch: s.current})
		n++
	}
	held := &s.parts[n-1].held
	*held = s.log.upTo(s.durable)
	if a.last != nil && a.last.number == s.current {
		a.choose(s, held)
	}
}

// choose finds out whether a quorum holds more than before, when a disk in the established epoch
// does.
func (a *Audit) choose(s *server, held *chain) {
	chosen := a.chosen.last()
	end := held.last().zxid
	if end <= chosen.zxid {
		return
	}
	if !held.holds(chosen) {
		a.broken("CommittedLogMonotonicity",
			"the log on the disk of S%d ends at %v, but lacks %v, which is chosen", s.id, end,
			chosen.zxid)
		return
	}
	// How far does a majority reach? At most as far as s, because only s has moved.
	best := chosen
	for i := range a.servers {
		t := a.servers[i].in(a.last.number)
		if t == nil {
			continue
		}
		z := t.held.last().zxid
		if z <= best.zxid || z > end {
			continue
		}
		if m := held.at(z); a.holding(m, a.last.number).Majority(a.voters) {
			best = m
		}
	}
	if best.zxid > chosen.zxid {
		a.advance(held, best.zxid)
	}
}

// advance extends what is chosen by a log that holds it.
func (a *Audit) advance(from *chain, to zab.Zxid) {
	have := a.chosen.last()
	if !from.holds(have) {
		a.broken("CommittedLogMonotonicity",
			"the history is chosen up to %v, but a log that extends it to %v lacks part of it",
			have.zxid, to)
		return
	}
	for i := from.search(have.zxid + 1); i < len(from.marks) && from.marks[i].zxid <= to; i++ {
		a.chosen.marks = append(a.chosen.marks, from.marks[i])
	}
}

// holding are the voters whose disks held history m when they were last in epoch e.
func (a *Audit) holding(m mark, e uint32) (on zab.Set) {
	for i := range a.servers {
		s := &a.servers[i]
		if !a.voters.Has(s.id) {
			continue
		}
		if p := s.in(e); p != nil && p.held.holds(m) {
			on = on.With(s.id)
		}
	}
	return on
}

// order is a TRUNC under way to a learner: in which epoch it was given, and what the leader had
// committed then. The zero order is no order.
type order struct {
	reign     *epoch
	committed zab.Zxid
}

// settle notes that somebody relies on everything up to z.
func (a *Audit) settle(z zab.Zxid) { a.settled = max(a.settled, z) }

// kept is true if a quorum of disks holds m in the established epoch.
func (a *Audit) kept(m mark) bool { return a.holding(m, a.last.number).Majority(a.voters) }

// takeBack is called when a server has cut its log at z, and has lost what begins at dropped, which
// was chosen. It is true if that is legal (see doc.go); then what is chosen ends where a quorum of
// disks still holds it.
func (a *Audit) takeBack(o order, z zab.Zxid, dropped mark) bool {
	if o.reign == nil || dropped.zxid.Epoch() != o.reign.number || z < o.committed {
		return false
	}
	// What was settled since the order was given must not need this disk.
	if told := a.chosen.at(a.settled); dropped.zxid <= told.zxid && !a.kept(told) {
		return false
	}
	for end := a.chosen.last(); end.zxid > a.settled && !a.kept(end); end = a.chosen.last() {
		a.chosen = a.chosen.upTo(end.zxid - 1)
	}
	return true
}
