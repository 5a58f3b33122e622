package safety

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/zab"
)

// Audit checks the safety properties of one ensemble during a run.
type Audit struct {
	voters  zab.Set
	servers []server // by ID
	epochs  map[uint32]*epoch
	chosen  chain              // what a quorum's disks hold: the one history that all servers must deliver
	settled zab.Zxid           // a server or client relies on chosen up to here
	reigns  []*epoch           // the established epochs, by number
	last    *epoch             // the last of reigns
	pledged map[uint32]zab.Set // by epoch: who has promised it
	fail    func(name, text string)
	booted  func(zab.ID) // called when a server has read its disk, if set
	search  bool         // see [Audit.Search]

	// Counts of what has happened in the run.
	Elections, Deliveries, Truncations, Snapshots, Diffs uint64
}

// server is what the audit knows about one server.
type server struct {
	id        zab.ID
	log       chain    // what it has logged, durable or not
	delivered mark     // the end of what memory holds
	base      zab.Zxid // of the newest snapshot
	life      uint32
	looking   bool // and has not voted yet
	booting   bool // log is that of the last life; the disk may lag behind it
	peer      Peer // of the last life that has booted

	// From its disk.
	durable           zab.Zxid
	accepted, current uint32
	parts             []part // by epoch
	snaps             []snap // snapshots that may be on its disk
	tails             []mark // for each log on its disk, the history that its last record ends

	snapped zab.Zxid // how far the log was durable when it finished its last snapshot; 0 without one
	rolls   roll

	acked    mark      // the last proposal it acked
	catchUps []catchUp // by epoch: a paused leader may start one late
}

// catchUp is how the leader of an epoch brings a server to its history.
type catchUp struct {
	epoch   uint32
	owed    mark  // what the server must hold when it acks NEWLEADER
	sending chain // the history in the snapshot that is on its way to the server
	order   order // a TRUNC to the server, if any
}

// catchUp returns the server's catchUp of an epoch, and creates a missing one.
func (s *server) catchUp(epoch uint32) *catchUp {
	for i := range s.catchUps {
		if s.catchUps[i].epoch == epoch {
			return &s.catchUps[i]
		}
	}
	s.catchUps = append(s.catchUps, catchUp{epoch: epoch})
	return &s.catchUps[len(s.catchUps)-1]
}

// roll says that a log file that begins at first or before has no record after last, because the
// server has begun a snapshot since, and then a new file. The zero value says nothing.
type roll struct{ first, last zab.Zxid }

// snap is a snapshot of a server, and the history up to it. A snapshot that is being installed
// reaches the disk later: until that happens, a crash brings back the one that it replaces.
type snap struct {
	zxid    zab.Zxid
	history chain
	exact   zab.Zxid // it may hold parts of what follows zxid, and nothing of what follows this
}

// epoch is the reign of one leader.
type epoch struct {
	number      uint32
	leader      zab.ID
	life        uint32 // of the leader's process
	established bool
	initial     mark     // the end of its initial history
	end         mark     // of what was chosen when a later epoch was established
	committed   zab.Zxid // the last zxid that the leader has committed
	broadcast   chain
}

// New returns an audit of an ensemble. voters are the servers that vote, and highest is the largest
// server ID in the ensemble. At every violation the audit calls the function fail, with the name of
// the violated check (doc.go lists them) and a text that describes the violation.
func New(voters zab.Set, highest zab.ID, fail func(name, text string)) *Audit {
	a := &Audit{
		voters: voters, epochs: make(map[uint32]*epoch), fail: fail,
		servers: make([]server, highest+1),
	}
	for id := range a.servers {
		a.servers[id].id = zab.ID(id)
	}
	return a
}

func (a *Audit) broken(name, format string, args ...any) {
	a.fail(name, fmt.Sprintf(format, args...))
}

// Chosen returns the last zxid of the chosen history: a quorum of voters had this history on disk,
// each of these voters while it was in the newest established epoch.
func (a *Audit) Chosen() zab.Zxid { return a.chosen.last().zxid }

// Probe returns a probe for one process of a server. The parameter life is 1 for the server's first
// process, and greater for each later process. Call Probe when a process starts, before it reads
// its disk.
func (a *Audit) Probe(id zab.ID, life uint32) zab.Probe { return probe{w: a.Watch(id, life)} }

// Watch returns a [Watch] for one process of a server that is not a [zab.Peer]. The parameter life
// has the same meaning as in [Audit.Probe].
func (a *Audit) Watch(id zab.ID, life uint32) *Watch {
	s := &a.servers[id]
	s.life, s.booting, s.catchUps = life, true, nil
	return &Watch{a: a, s: s}
}

// DiskLog reports to the audit that a server's log is durable up to z.
func (a *Audit) DiskLog(id zab.ID, z zab.Zxid) {
	s := &a.servers[id]
	s.durable = z
	a.currency(s)
	a.partake(s)
}

// DiskEpochs reports to the audit the epochs in the two epoch files of a server's disk.
func (a *Audit) DiskEpochs(id zab.ID, accepted, current uint32) {
	s := &a.servers[id]
	if current > s.current && !s.booting {
		if held, owed := s.log.upTo(s.durable), s.catchUp(current).owed; !held.holds(owed) {
			a.broken("EpochCurrency",
				"S%d has currentEpoch %d on its disk, but the log on this disk ends at %v and "+
					"lacks the leader's transaction %v",
				id, current, s.durable, owed.zxid)
		}
	}
	s.accepted, s.current = accepted, current
	a.currency(s)
	a.partake(s)
}

// DiskSnapshots reports to the audit the zxids of the snapshots on a server's disk. It has an
// effect only while the server starts.
func (a *Audit) DiskSnapshots(id zab.ID, at []zab.Zxid) {
	s := &a.servers[id]
	if !s.booting {
		return
	}
	s.snaps = slices.DeleteFunc(s.snaps, func(n snap) bool { return !slices.Contains(at, n.zxid) })
}

// DiskLost reports to the audit that a server's disk was wiped. For the epochs in which the disk
// held a history, this history still counts towards a quorum, because the server may have acked it,
// and the leader may still receive the ACK. This is safe: a server that has lost its history does
// not vote, so it cannot help to elect a leader that lacks the acked transactions.
func (a *Audit) DiskLost(id zab.ID) {
	s := &a.servers[id]
	*s = server{id: id, life: s.life, booting: s.booting, parts: s.parts}
}

// stray checks that the log files on the disk of s hold only its log. A record of another history,
// a hole, or a suffix that was cut off and is there again would come back with the next restart.
// While a server catches up its disk may still hold the old end of its log.
func (a *Audit) stray(s *server, epoch uint32) {
	for _, tail := range s.tails {
		if !s.log.holds(tail) {
			a.broken("AckedDurable",
				"S%d joins epoch %d, but its disk still has a log file, ending at %v, with "+
					"transactions that are not in the history of S%[1]d", s.id, epoch, tail.zxid)
		}
	}
}

// Exact reports whether the state of a server, after it has applied the transaction at z, is
// exactly the result of the chosen transactions up to z. Two conditions must hold: the server's
// history up to z is the chosen history; and the snapshot with zxid base, from which the server
// started, has no effects of transactions later than z.
func (a *Audit) Exact(id zab.ID, base, z zab.Zxid) bool {
	s := &a.servers[id]
	if m := a.chosen.at(z); m.zxid != z || s.log.at(z) != m {
		return false
	}
	for i := len(s.snaps) - 1; i >= 0; i-- {
		if s.snaps[i].zxid == base {
			return z >= s.snaps[i].exact
		}
	}
	return base == 0 // the empty snapshot of a new disk
}

// currency checks rule L2: acceptedEpoch on a disk is at least currentEpoch, and at least the epoch
// of every record.
func (a *Audit) currency(s *server) {
	if s.accepted < s.current || s.accepted < s.durable.Epoch() {
		a.broken("EpochCurrency",
			"acceptedEpoch on the disk of S%d is %d, but must be at least currentEpoch (%d) and "+
				"at least the epoch of the last zxid in the log (%v)",
			s.id, s.accepted, s.current, s.durable)
	}
}

// rolled checks LogRolls: the log of s begins a new file with each snapshot, so that old files can
// be deleted one day. file has records up to last.
func (a *Audit) rolled(s *server, file string, last zab.Zxid) {
	first, _, _ := zab.FileZxid(file)
	if !a.search && s.rolls.first != 0 && first <= s.rolls.first && last > s.rolls.last {
		a.broken("LogRolls", "S%d began a snapshot when its log ended at %v, so later records "+
			"belong in a new log file, but the file that begins at %v has records up to %v",
			s.id, s.rolls.last, first, last)
	}
}
