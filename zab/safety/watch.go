package safety

import "github.com/zablab/zablab/zab"

// Watch reports to the audit what one server does, from the start of its process until the process
// ends. Each method reports the same event as the method of [zab.Probe] with that name.
type Watch struct {
	a *Audit
	s *server
}

// Booted records what the server has read from its disk, and checks that this includes everything
// that the server had acked.
func (b *Watch) Booted(p Peer) {
	s := b.s
	from, entries := p.Base(), p.Entries()
	if len(entries) > 0 && entries[0].Zxid <= from {
		from = entries[0].Zxid - 1 // records reach back before the snapshot
	}
	history := s.log
	for _, n := range s.snaps { // the newest snapshot with that zxid
		if n.zxid == p.Base() {
			history = n.history
		}
	}
	s.log = history.upTo(from)
	for _, e := range entries {
		b.push(e)
	}
	b.restored(p.Base())
	if !s.log.holds(s.acked) {
		b.a.broken("AckedDurable", "S%d acked %v, but after a restart its log ends at %v",
			s.id, s.acked.zxid, s.log.last().zxid)
	}
	s.booting, s.peer = false, p
	s.snapped, s.rolls = 0, roll{}
	if b.a.booted != nil {
		b.a.booted(s.id)
	}
	b.a.partake(s)
}

// restored records that memory has the state of the snapshot at base, or may return to it at any
// time.
func (b *Watch) restored(base zab.Zxid) {
	b.s.base = base
	b.s.delivered = b.s.log.at(base)
}

func (b *Watch) push(e zab.Entry) {
	if last := b.s.log.last().zxid; !follows(e.Zxid, last) {
		b.a.broken("proposalInconsistent",
			"S%d logs %v, which cannot follow %v, the last transaction in its log",
			b.s.id, e.Zxid, last)
	}
	b.s.log.push(e)
}

// follows is true if a transaction at z may directly follow one at last. It copies the code of zab:
// by calling that code the audit would share its bugs.
func follows(z, last zab.Zxid) bool {
	if z.Epoch() == last.Epoch() {
		return z.Counter() == last.Counter()+1
	}
	return z.Epoch() > last.Epoch() && z.Counter() == 1
}

func (b *Watch) Logged(p Peer, e zab.Entry) {
	b.push(e)
	if p.State() != zab.Leading {
		b.follows(p)
	}
}

// follows checks ProcessConsistency: the log of a follower agrees with that of its leader.
func (b *Watch) follows(p Peer) {
	leader := p.Leader()
	e := b.a.epochs[p.Epoch()]
	if leader == 0 || e == nil || e.leader != leader || b.a.servers[leader].life != e.life {
		return
	}
	if last := b.s.log.last(); !e.broadcast.holds(last) {
		b.a.broken("ProcessConsistency",
			"the log of S%d up to %v differs from that of its leader S%d",
			b.s.id, last.zxid, leader)
	}
}

func (b *Watch) Changed(p Peer) {
	if b.s.looking = p.State() == zab.Looking; b.s.looking {
		b.s.catchUps = nil
	}
	if p.Phase() == zab.Broadcast {
		b.activated()
	}
}

// Voted checks rule L1 for the vote with which a server begins an election. This vote must say what
// is on the server's disk, not what is in its memory. Later votes of the same election are not
// checked. If this server's log was truncated, another server may still be sending a vote for it
// with the old last zxid, and this server may adopt that vote. Such a vote does no harm, because
// discovery compares the histories again.
func (b *Watch) Voted(v zab.Vote) {
	first := b.s.looking
	b.s.looking = false
	if !first || v.Leader != b.s.id {
		return
	}
	z, end := v.Zxid, b.s.log.last().zxid
	e := b.a.epochs[z.Epoch()]
	established := z.Counter() == 0 && z > end && e != nil && e.established
	if z != end && !established {
		b.a.broken("VoteTruth",
			"S%d votes with last zxid %v, but its log ends at %v", b.s.id, z, end)
	}
	if v.Epoch != b.s.current {
		b.a.broken("VoteTruth", "S%d votes with epoch %d, but currentEpoch on its disk is %d",
			b.s.id, v.Epoch, b.s.current)
	}
}

// activated checks that everything applied is chosen, because from now on clients of this server
// can read it.
func (b *Watch) activated() {
	d := b.s.delivered
	if !b.a.chosen.holds(d) {
		b.a.broken("PrefixConsistency",
			"S%d begins to serve and has applied %v, but the chosen history ends at %v",
			b.s.id, d.zxid, b.a.Chosen())
	}
	b.a.settle(d.zxid)
}

// Elected checks a leader that has a quorum of ACKEPOCHs: it must be the only leader of its epoch,
// and its history must have all chosen transactions.
func (b *Watch) Elected(number uint32) {
	b.a.Elections++
	if e := b.a.epochs[number]; e != nil {
		name := "Leadership2"
		if e.leader != b.s.id {
			name = "Leadership1"
		}
		b.a.broken(name, "epoch %d has two leaders: S%d (after its start number %d), and before "+
			"it S%d (after its start number %d)",
			number, b.s.id, b.s.life, e.leader, e.life)
	}
	if b.s.accepted < number {
		b.a.broken("EpochCurrency", "S%d leads epoch %d, but acceptedEpoch on its own disk is %d",
			b.s.id, number, b.s.accepted)
	}
	if promised := b.a.pledged[number].With(b.s.id); !b.a.search && !promised.Majority(b.a.voters) {
		b.a.broken("PromiseQuorum", "S%d leads epoch %d, which only %d of %d voters have promised",
			b.s.id, number, (promised & b.a.voters).Len(), b.a.voters.Len())
	}
	b.a.stray(b.s, number)
	b.a.epochs[number] = &epoch{
		number: number, leader: b.s.id, life: b.s.life,
		broadcast: b.s.log.upTo(b.s.log.last().zxid),
	}
	if chosen := b.a.chosenBefore(number); !b.s.log.holds(chosen) {
		b.a.broken("LeaderLogCompleteness",
			"S%d leads epoch %d, but its history lacks %v, which is chosen: a quorum had it on "+
				"disk",
			b.s.id, number, chosen.zxid)
	}
}

// Established checks a leader that has a quorum of ACKs of NEWLEADER. From now on, the leader's
// whole history is chosen.
func (b *Watch) Established(number uint32) {
	e := b.a.epochs[number]
	if e == nil {
		b.a.broken("Leadership2", "S%d is established in epoch %d, for which no leader was elected",
			b.s.id, number)
		return
	}
	e.initial = b.s.log.last()
	if held := b.s.log.upTo(b.s.durable); b.s.current < number || !held.holds(e.initial) {
		b.a.broken("EpochCurrency",
			"S%d is established in epoch %d, but its own disk has currentEpoch %d and a log up to "+
				"%v: the disk must have currentEpoch %[2]d and the log up to %[5]v",
			b.s.id, number, b.s.current, b.s.durable, e.initial.zxid)
	}
	if last := b.a.before(number); last != nil && !b.s.log.holds(last.initial) {
		b.a.broken("InitialHistory",
			"the leader of epoch %d lacks transactions of the initial history of epoch %d, which "+
				"goes up to %v",
			number, last.number, last.initial.zxid)
	}
	if holders := b.a.holding(e.initial, number); !holders.Majority(b.a.voters) {
		b.a.broken("CommitQuorum",
			"epoch %d is established, but its initial history up to %v is on only %d of %d disks",
			number, e.initial.zxid, holders.Len(), b.a.voters.Len())
	}
	if chosen := b.a.chosenBefore(number); !b.s.log.holds(chosen) {
		b.a.broken("PrimaryIntegrity",
			"S%d is established in epoch %d, but its history lacks %v, which is chosen: a quorum "+
				"had it on disk",
			b.s.id, number, chosen.zxid)
	}
	if last := b.a.last; last != nil && last.number > number && !last.broadcast.holds(e.initial) {
		b.a.broken("InitialHistory",
			"the leader of epoch %d lacks transactions of the initial history of epoch %d, which "+
				"goes up to %v",
			last.number, number, e.initial.zxid)
	}
	b.a.establish(e, &b.s.log)
}

func (b *Watch) Proposed(entry zab.Entry) {
	if entry.Zxid.Counter() == 0 {
		b.a.broken("TypeOK", "S%d proposes a transaction at %v, but no transaction may have "+
			"counter 0: that zxid only marks the start of an epoch", b.s.id, entry.Zxid)
	}
	e := b.a.epochs[entry.Zxid.Epoch()]
	if e == nil || e.leader != b.s.id || e.life != b.s.life || !e.established {
		b.a.broken("Leadership2",
			"S%d proposes %v, but is not the established leader of that epoch",
			b.s.id, entry.Zxid)
		return
	}
	if last := e.broadcast.last().zxid; !follows(entry.Zxid, last) {
		b.a.broken("LocalPrimaryOrder",
			"S%d proposes %v, which cannot follow %v, the last transaction before it",
			b.s.id, entry.Zxid, last)
	}
	e.broadcast.push(entry)
}

// Committed checks that a quorum of voters had the history up to z on disk, each of these voters
// while it was in the epoch of z.
func (b *Watch) Committed(z zab.Zxid) {
	e := b.a.epochs[z.Epoch()]
	if e == nil {
		b.a.broken("Integrity",
			"S%d commits %v, but no leader was elected for that epoch", b.s.id, z)
		return
	}
	m := e.broadcast.at(z)
	// If m is chosen already, a quorum of disks has held it.
	if holders := b.a.holding(m, e.number); !b.a.chosen.holds(m) && !holders.Majority(b.a.voters) {
		b.a.broken("CommitQuorum", "S%d commits %v, but only %d of %d disks have it",
			b.s.id, z, holders.Len(), b.a.voters.Len())
	}
	if z > b.a.Chosen() {
		b.a.advance(&e.broadcast, z)
	}
	e.committed = z
	b.a.settle(z)
}

// Pledged checks that a promised epoch is on the server's disk before the server sends ACKEPOCH
// (rule L2).
func (b *Watch) Pledged(epoch uint32) {
	if b.s.accepted < epoch {
		b.a.broken("EpochCurrency", "S%d acks epoch %d, but acceptedEpoch on its disk is %d",
			b.s.id, epoch, b.s.accepted)
	}
	if b.a.pledged == nil {
		b.a.pledged = make(map[uint32]zab.Set)
	}
	b.a.pledged[epoch] = b.a.pledged[epoch].With(b.s.id)
}

// Acked checks that the server's disk holds what the ACK of z promises, and records the ACK. If the
// counter of z is 0, this is the ACK of NEWLEADER, and it promises the epoch. Any other ACK
// promises the log up to z.
func (b *Watch) Acked(p Peer, z zab.Zxid) {
	if z.Counter() == 0 {
		if b.s.current < z.Epoch() {
			b.a.broken("EpochCurrency",
				"S%d acks NEWLEADER of epoch %d, but currentEpoch on its disk is %d",
				b.s.id, z.Epoch(), b.s.current)
		}
		b.follows(p)
		u := b.s.catchUp(z.Epoch())
		if held := b.s.log.upTo(b.s.durable); !held.holds(u.owed) {
			b.a.broken("EpochCurrency",
				"S%d acks NEWLEADER of epoch %d, but its log on disk ends at %v "+
					"and lacks the leader's %v",
				b.s.id, z.Epoch(), b.s.durable, u.owed.zxid)
		}
		b.a.stray(b.s, z.Epoch())
		u.owed, b.s.acked = mark{}, b.s.log.at(b.s.durable)
		return
	}
	if b.s.durable < z {
		b.a.broken("AckedDurable",
			"S%d acks %v, but its log on disk ends at %v", b.s.id, z, b.s.durable)
	}
	b.s.acked = b.s.log.at(z)
}

// Delivered checks that all servers deliver the same transactions in the same order.
func (b *Watch) Delivered(e zab.Entry, replayed bool) {
	s, a := b.s, b.a
	last, m := s.delivered, s.log.at(e.Zxid)
	s.delivered = m
	switch before := s.log.before(m); {
	case m.zxid != e.Zxid:
		a.broken("Integrity", "S%d delivers %v, which is not in its log", s.id, e.Zxid)
	case replayed:
		// A replayed transaction need not be committed. A replay continues, or begins again after
		// the snapshot.
		if before != last && before != s.log.at(s.base) {
			a.broken("CommittedLogChain",
				"S%d replays %v, which does not follow %v in its log", s.id, e.Zxid, last.zxid)
		}
	case e.Zxid <= last.zxid:
		a.broken("GlobalPrimaryOrder",
			"S%d delivers %v, which cannot follow %v, the last transaction that it delivered",
			s.id, e.Zxid, last.zxid)
	case !follows(e.Zxid, last.zxid):
		a.broken("LocalPrimaryOrder",
			"S%d delivers %v, which cannot follow %v, the last transaction that it delivered",
			s.id, e.Zxid, last.zxid)
	case before != last:
		a.broken("CommittedLogChain",
			"S%d delivers %v right after %v, but its log has %v between these two",
			s.id, e.Zxid, last.zxid, before.zxid)
	default:
		b.agreed(m)
	}
}

// agreed compares a delivered transaction with what its leader proposed and with what a quorum
// holds.
func (b *Watch) agreed(m mark) {
	a := b.a
	a.Deliveries++
	if r := a.epochs[m.zxid.Epoch()]; r == nil || !r.broadcast.holds(m) {
		a.broken("Integrity", "S%d delivers %v, which no leader has proposed", b.s.id, m.zxid)
	}
	if c := a.chosen.at(m.zxid); c != m {
		a.broken("PrefixConsistency",
			"S%d delivers %v, but the chosen history ends at %v", b.s.id, m.zxid, c.zxid)
	}
	a.settle(m.zxid)
}

// Truncated checks that a server removes a transaction from the end of its log only if the
// transaction was not chosen, or if it is one that the leader may drop (see Decisions in doc.go).
func (b *Watch) Truncated(p Peer, z zab.Zxid) {
	b.a.Truncations++
	s := b.s
	dropped := s.log.marks[s.log.search(z+1):]
	s.log = s.log.upTo(z)
	if end := s.log.last().zxid; end != z && z.Counter() != 0 {
		b.a.broken("proposalInconsistent", "S%d was to truncate its log to %v, but after the "+
			"truncation the log ends at %v",
			s.id, z, end)
	}
	b.forget(z)
	s.snapped, s.rolls = 0, roll{}
	b.restored(p.Base())
	u := s.catchUp(p.Epoch())
	if len(dropped) > 0 && b.a.chosen.holds(dropped[0]) && !b.a.takeBack(u.order, z, dropped[0]) {
		b.a.broken("CommittedLogDurability", "S%d drops %v, which is chosen: a quorum had it on "+
			"disk", s.id, dropped[0].zxid)
	}
	u.order = order{}
	b.void(p, z)
}

// counts is a leader that can say which ACKs it counts.
type counts interface {
	Epoch() uint32
	Counted(of zab.ID) zab.Zxid
}

// void checks a leader that has told s to drop everything after z: it must not count an earlier ACK
// of s for what s drops. Such an ACK could be the one that completes a quorum.
func (b *Watch) void(p Peer, z zab.Zxid) {
	e := b.a.epochs[p.Epoch()]
	if e == nil || e.leader == 0 || b.a.servers[e.leader].life != e.life {
		return
	}
	if l, ok := b.a.servers[e.leader].peer.(counts); ok && l.Epoch() == e.number {
		if acked := l.Counted(b.s.id); acked > z {
			b.a.broken("CommitQuorum", "S%d drops everything after %v, because its leader S%d "+
				"sent TRUNC, but S%d still counts an ACK of %v that S%d sent before",
				b.s.id, z, e.leader, e.leader, acked, b.s.id)
		}
	}
}

// forget removes transactions that a truncation dropped from what must survive a crash.
func (b *Watch) forget(z zab.Zxid) {
	if b.s.acked.zxid > z {
		b.s.acked = b.s.log.last()
	}
	b.s.durable = min(b.s.durable, z)
	b.a.partake(b.s)
}

// owes records what a learner must hold when it acks NEWLEADER: the initial history of the epoch,
// and what its leader has committed since.
func (a *Audit) owes(number uint32, leader *server, to zab.ID) {
	e, u := a.epochs[number], a.servers[to].catchUp(number)
	switch {
	case e == nil || e.leader != leader.id || e.life != leader.life:
		u.owed = mark{}
	case e.established:
		u.owed = e.broadcast.at(e.committed)
	default:
		u.owed = e.broadcast.last()
	}
}

// CatchUp records that a leader begins to bring a learner up to date. For a SNAP it records the
// history in the snapshot. For a TRUNC it records what the leader had committed when it sent the
// TRUNC. If the learner could not carry out a TRUNC and gets a SNAP instead, CatchUp records both.
func (b *Watch) CatchUp(p Peer, to zab.ID, kind string) {
	u := b.a.servers[to].catchUp(p.Epoch())
	again := kind == "SNAP" && u.order.reign != nil
	u.order = order{}
	b.a.owes(p.Epoch(), b.s, to)
	e := b.a.epochs[p.Epoch()]
	leads := e != nil && e.established && e.leader == b.s.id && e.life == b.s.life
	if leads && (kind == "TRUNC" || again) {
		u.order = order{e, e.committed}
	}
	switch kind {
	case "SNAP":
		b.a.Snapshots++
		u.sending = b.s.log.upTo(p.Applied())
	case "DIFF":
		b.a.Diffs++
	}
}

// Installed records that a server replaces its log with the history of a snapshot. It checks that
// every chosen transaction of the log is in this history, unless the leader that sent the snapshot
// may drop that transaction. It compares only the last chosen transaction, because the hash at a
// transaction covers the whole history before it.
func (b *Watch) Installed(p Peer, z zab.Zxid) {
	s, u := b.s, b.s.catchUp(p.Epoch())
	sending, old := u.sending, s.log
	// Until the snapshot is on disk and acked, a crash may bring the old log back: what must
	// survive is the part of the acked history that both have.
	for !sending.holds(s.acked) {
		s.acked = old.before(s.acked)
	}
	s.log = sending
	for i := len(old.marks) - 1; i >= 0; i-- {
		if m := old.marks[i]; b.a.chosen.holds(m) {
			if !sending.holds(m) {
				b.replaced(&old, u, z, m)
			}
			break
		}
	}
	u.order = order{}
	exact := z
	if e := b.a.epochs[p.Epoch()]; e != nil {
		exact = max(z, e.committed) // its leader read it while it committed these
	}
	s.snaps = append(s.snaps, snap{z, sending, exact})
	s.snapped, s.rolls = 0, roll{}
	b.restored(z)
	b.void(p, sending.last().zxid)
}

// replaced handles a snapshot at z that has replaced the log old, but lacks the chosen transaction
// lost.
func (b *Watch) replaced(old *chain, u *catchUp, z zab.Zxid, lost mark) {
	s, end := b.s, u.sending.last()
	if u.order.reign != nil && old.holds(end) && end.zxid < lost.zxid {
		s.durable = min(s.durable, z)
		b.a.partake(s)
		if b.a.takeBack(u.order, z, old.marks[old.search(end.zxid+1)]) {
			return
		}
	}
	b.a.broken("CommittedLogDurability",
		"S%d replaces its log with a snapshot at %v, and so loses %v, which is chosen: a quorum "+
			"had it on disk", s.id, z,
		lost.zxid)
}

// Snapped checks rule L6: a snapshot that a server makes of its own state has only chosen
// transactions.
func (b *Watch) Snapped(p Peer, z zab.Zxid) {
	b.s.base = z
	b.s.rolls = roll{b.s.snapped, b.s.log.last().zxid}
	b.s.snapped = b.s.durable
	b.s.snaps = append(b.s.snaps, snap{z, b.s.log.upTo(z), p.Applied()})
	if m := b.s.log.at(p.Applied()); !b.a.chosen.holds(m) {
		b.a.broken("SnapshotLegality",
			"S%d has a snapshot that includes %v, but the chosen history ends at %v",
			b.s.id, m.zxid, b.a.Chosen())
	}
}
