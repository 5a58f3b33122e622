package safety

import (
	"slices"

	"github.com/zablab/zablab/zab"
)

// before returns the last established epoch before number.
func (a *Audit) before(number uint32) *epoch {
	for i := len(a.reigns) - 1; i >= 0; i-- {
		if a.reigns[i].number < number {
			return a.reigns[i]
		}
	}
	return nil
}

// chosenBefore returns the end of what was chosen in the epochs before number, which the leader of
// epoch number must hold. That is everything chosen, unless a later epoch is already established: a
// process that was paused may count late the acks that make it leader. Such a leader need not hold
// what came after its own epoch, and can commit nothing.
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

// establish records that epoch e is established. log is its leader's history.
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

// part is what a server's disk held when the disk was last in an epoch: when it had that number
// both as acceptedEpoch and as currentEpoch. Records that the server logs after it has promised a
// later epoch do not count for the old one. Records from before may have been acked, and the ACK
// may arrive much later.
type part struct {
	epoch uint32
	held  chain
}

// in returns what the disk of s held in epoch e, or nil if it was never in e.
func (s *server) in(e uint32) *part {
	for i := len(s.parts) - 1; i >= 0; i-- {
		if s.parts[i].epoch == e {
			return &s.parts[i]
		}
	}
	return nil
}

// partake records what the disk of s holds in its epoch, and extends what is chosen if a quorum now
// holds more.
func (a *Audit) partake(s *server) {
	if s.booting || s.accepted != s.current {
		return
	}
	n := len(s.parts)
	var before *part // only a server that has lost its disk comes back to an epoch
	if n == 0 || s.parts[n-1].epoch != s.current {
		before = s.in(s.current)
		s.parts = append(s.parts, part{epoch: s.current})
		n++
	}
	held := &s.parts[n-1].held
	*held = s.log.upTo(s.durable)
	if before != nil && !held.holds(before.held.last()) {
		a.shorten()
	}
	if a.last != nil && a.last.number == s.current {
		a.choose(s, held)
	}
}

// choose extends the chosen history as far as a quorum holds it, after the disk of s has received
// more of it.
func (a *Audit) choose(s *server, held *chain) {
	chosen := a.chosen.last()
	end := held.last().zxid
	if end <= chosen.zxid {
		return
	}
	if !held.holds(chosen) {
		a.broken("CommittedLogMonotonicity",
			"the log on the disk of S%d ends at %v, but lacks %v, which is chosen: a quorum had "+
				"it on disk", s.id, end,
			chosen.zxid)
		return
	}
	// Find the last zxid that a majority holds. It is at most the end of s, because only s has
	// grown.
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

// advance extends the chosen history up to a zxid. It takes the marks of the log from, which must
// hold what is chosen already.
func (a *Audit) advance(from *chain, to zab.Zxid) {
	have := a.chosen.last()
	if !from.holds(have) {
		a.broken("CommittedLogMonotonicity",
			"%v was chosen earlier, but now a quorum has a different history up to %v, without "+
				"this transaction",
			have.zxid, to)
		return
	}
	for i := from.search(have.zxid + 1); i < len(from.marks) && from.marks[i].zxid <= to; i++ {
		a.chosen.marks = append(a.chosen.marks, from.marks[i])
	}
}

// holding returns the voters whose disks held history m when they were last in epoch e.
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

// order is a TRUNC that a leader has sent to a learner: the leader's epoch, and what it had
// committed when it sent the TRUNC. The zero value is no order.
type order struct {
	reign     *epoch
	committed zab.Zxid
}

// settle records that a server or client relies on everything chosen up to z.
func (a *Audit) settle(z zab.Zxid) { a.settled = max(a.settled, z) }

// kept is true if a quorum of disks holds m in the established epoch.
func (a *Audit) kept(m mark) bool { return a.holding(m, a.last.number).Majority(a.voters) }

// takeBack handles a server that has truncated its log to z and so dropped chosen transactions;
// dropped is the first of them. It returns true if that is legal (see doc.go). Then it shortens
// what is chosen to what a quorum of disks still holds.
func (a *Audit) takeBack(o order, z zab.Zxid, dropped mark) bool {
	if o.reign == nil || dropped.zxid.Epoch() != o.reign.number || z < o.committed {
		return false
	}
	// What was settled after the leader sent the TRUNC must be on a quorum of the other disks.
	if told := a.chosen.at(a.settled); dropped.zxid <= told.zxid && !a.kept(told) {
		return false
	}
	a.shorten()
	return true
}

// shorten drops from what is chosen what a quorum of disks holds no longer and nobody relies on.
func (a *Audit) shorten() {
	if a.last == nil {
		return
	}
	for end := a.chosen.last(); end.zxid > a.settled && !a.kept(end); end = a.chosen.last() {
		a.chosen = a.chosen.upTo(end.zxid - 1)
	}
}
