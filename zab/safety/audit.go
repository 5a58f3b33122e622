package safety

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/zab"
)

// Violation is a truth that does not hold.
type Violation struct {
	Name string // as in doc.go
	Text string // with the values
}

func (v *Violation) Error() string { return "safety: " + v.Name + " broken: " + v.Text }

// Audit watches one ensemble.
type Audit struct {
	voters  zab.Set
	servers []server // by ID
	epochs  map[uint32]*epoch
	chosen  chain    // what a quorum's disks hold: the one history that everybody must deliver
	settled zab.Zxid // up to here somebody was told: it is never taken back
	reigns  []*epoch // the established ones, by number
	last    *epoch   // of them
	fail    func(*Violation)

	// Counts of what a run was worth.
	Elections, Deliveries, Truncations, Snapshots, Diffs uint64
}

// server is what the audit knows of one server.
type server struct {
	id        zab.ID
	log       chain    // what it has logged, durable or not
	delivered mark     // the end of what memory holds
	base      zab.Zxid // of the newest snapshot
	life      uint32
	looking   bool // and has not voted yet
	booting   bool // log is that of the last life, and the disk may not have got as far

	// From its disk.
	durable           zab.Zxid
	accepted, current uint32
	parts             []part // by epoch
	snaps             []snap // that may be on it

	acked mark       // the last proposal it acked
	syncs []underway // to it, by epoch: a leader that stood still may begin one that nobody waits for any more
}

// underway is a synchronisation of a server by the leader of an epoch.
type underway struct {
	epoch   uint32
	owed    mark  // what it has to hold when it acks NEWLEADER
	sending chain // what the snapshot under way to it stands for
	order   order // to truncate
}

// sync is the one of an epoch. It is made if there is none.
func (s *server) sync(epoch uint32) *underway {
	for i := range s.syncs {
		if s.syncs[i].epoch == epoch {
			return &s.syncs[i]
		}
	}
	s.syncs = append(s.syncs, underway{epoch: epoch})
	return &s.syncs[len(s.syncs)-1]
}

// snap is a snapshot of a server, and the history that it stands for. One that is being installed
// is on the disk later, and until then a crash brings back what it replaces.
type snap struct {
	zxid    zab.Zxid
	history chain
}

// epoch is one reign.
type epoch struct {
	number      uint32
	leader      zab.ID
	life        uint32 // of the leader's process
	established bool
	initial     mark     // the end of its initial history
	end         mark     // of what was chosen when a later epoch was established
	committed   zab.Zxid // counted by the leader
	broadcast   chain
}

// New returns an audit of an ensemble with those voters and servers up to highest. fail is
// called with the first thing that is not so, and with each one after it.
func New(voters zab.Set, highest zab.ID, fail func(*Violation)) *Audit {
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
	a.fail(&Violation{Name: name, Text: fmt.Sprintf(format, args...)})
}

// Chosen is the end of what a quorum holds: the committed history.
func (a *Audit) Chosen() zab.Zxid { return a.chosen.last().zxid }

// Probe returns the probe of one server. life counts the lives of its process. It is asked for
// when a life begins, before the disk is looked at.
func (a *Audit) Probe(id zab.ID, life uint32) zab.Probe { return probe{w: a.Watch(id, life)} }

// Watch is the same for a server that is not a [zab.Peer].
func (a *Audit) Watch(id zab.ID, life uint32) *Watch {
	s := &a.servers[id]
	s.life, s.booting, s.syncs = life, true, nil
	return &Watch{a: a, s: s}
}

// DiskLog says that records of a server's log are durable up to z.
func (a *Audit) DiskLog(id zab.ID, z zab.Zxid) {
	s := &a.servers[id]
	s.durable = z
	a.currency(s)
	a.partake(s)
}

// DiskEpochs says what a server's epoch files hold.
func (a *Audit) DiskEpochs(id zab.ID, accepted, current uint32) {
	s := &a.servers[id]
	if current > s.current && !s.booting {
		if held, owed := s.log.upTo(s.durable), s.sync(current).owed; !held.holds(owed) {
			a.broken("EpochCurrency", "the disk of S%d says that it is in epoch %d, and ends at %v, without %v of its leader's history",
				id, current, s.durable, owed.zxid)
		}
	}
	s.accepted, s.current = accepted, current
	a.currency(s)
	a.partake(s)
}

// DiskSnapshots says which snapshots a server's disk has. When it starts, these are all.
func (a *Audit) DiskSnapshots(id zab.ID, at []zab.Zxid) {
	s := &a.servers[id]
	if !s.booting {
		return
	}
	s.snaps = slices.DeleteFunc(s.snaps, func(n snap) bool { return !slices.Contains(at, n.zxid) })
}

// DiskLost says that a server's disk was wiped. What it held in an epoch still counts there: an ack may be
// under way, and the server, which holds nothing now, helps nobody to lead who lacks that.
func (a *Audit) DiskLost(id zab.ID) {
	s := &a.servers[id]
	*s = server{id: id, life: s.life, booting: s.booting, parts: s.parts}
}

// currency is L2: on a disk, acceptedEpoch is at least currentEpoch, and at least the epoch of
// every record.
func (a *Audit) currency(s *server) {
	if s.accepted < s.current || s.accepted < s.durable.Epoch() {
		a.broken("EpochCurrency", "disk of S%d: acceptedEpoch %d, currentEpoch %d, log up to %v",
			s.id, s.accepted, s.current, s.durable)
	}
}
