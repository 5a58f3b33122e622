package safety

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/zab"
)

// Audit watches one ensemble.
type Audit struct {
	voters  zab.Set
	servers []server // by ID
	epochs  map[uint32]*epoch
	chosen  chain    // what a quorum's disks hold: the one history that everybody must deliver
	settled zab.Zxid // up to here somebody has relied on it: it is never taken back
	reigns  []*epoch // the established ones, by number
	last    *epoch   // of them
	fail    func(name, text string)

	// How much the run has exercised.
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
	booting   bool // log is that of the last life; the disk may lag behind it

	// From its disk.
	durable           zab.Zxid
	accepted, current uint32
	parts             []part // by epoch
	snaps             []snap // those that may be on it

	acked    mark      // the last proposal it acked
	catchUps []catchUp // by epoch: a leader that was paused may begin one too late
}

// catchUp is how the leader of an epoch brings a server to its history.
type catchUp struct {
	epoch   uint32
	owed    mark  // what the server must hold when it acks NEWLEADER
	sending chain // what the snapshot under way to it stands for
	order   order // to truncate
}

// catchUp returns the one of an epoch, and makes it if necessary.
func (s *server) catchUp(epoch uint32) *catchUp {
	for i := range s.catchUps {
		if s.catchUps[i].epoch == epoch {
			return &s.catchUps[i]
		}
	}
	s.catchUps = append(s.catchUps, catchUp{epoch: epoch})
	return &s.catchUps[len(s.catchUps)-1]
}

// snap is a snapshot of a server, and the history that it stands for. A snapshot that is being
// installed reaches the disk later, and until then a crash brings back what it replaces.
type snap struct {
	zxid    zab.Zxid
	history chain
}

// epoch is the time of one leader.
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

// New returns an audit of an ensemble with those voters, and servers numbered up to highest. fail
// is called with every violation: the name of the check, as in doc.go, and a text with the values.
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

// Chosen is the end of the committed history: of what a quorum holds.
func (a *Audit) Chosen() zab.Zxid { return a.chosen.last().zxid }

// Probe returns the probe of one server. life counts the lives of its process. Call it when a life
// begins, before the disk is read.
func (a *Audit) Probe(id zab.ID, life uint32) zab.Probe { return probe{w: a.Watch(id, life)} }

// Watch is Probe for a server that is not a [zab.Peer].
func (a *Audit) Watch(id zab.ID, life uint32) *Watch {
	s := &a.servers[id]
	s.life, s.booting, s.catchUps = life, true, nil
	return &Watch{a: a, s: s}
}

// DiskLog reports that a server's log is durable up to z.
func (a *Audit) DiskLog(id zab.ID, z zab.Zxid) {
	s := &a.servers[id]
	s.durable = z
	a.currency(s)
	a.partake(s)
}

// DiskEpochs reports what a server's epoch files hold.
func (a *Audit) DiskEpochs(id zab.ID, accepted, current uint32) {
	s := &a.servers[id]
	if current > s.current && !s.booting {
		if held, owed := s.log.upTo(s.durable), s.catchUp(current).owed; !held.holds(owed) {
			a.broken("EpochCurrency",
				"S%d has currentEpoch %d on its disk, "+
					"but its log there ends at %v and lacks the leader's %v",
				id, current, s.durable, owed.zxid)
		}
	}
	s.accepted, s.current = accepted, current
	a.currency(s)
	a.partake(s)
}

// DiskSnapshots reports which snapshots a server's disk has. At a start these are all it has.
func (a *Audit) DiskSnapshots(id zab.ID, at []zab.Zxid) {
	s := &a.servers[id]
	if !s.booting {
		return
	}
	s.snaps = slices.DeleteFunc(s.snaps, func(n snap) bool { return !slices.Contains(at, n.zxid) })
}

// DiskLost reports that a server's disk was wiped. What it held in an epoch still counts there: an
// ack may be under way, and the server, which holds nothing now, has no vote to give to a leader
// that lacks it.
func (a *Audit) DiskLost(id zab.ID) {
	s := &a.servers[id]
	*s = server{id: id, life: s.life, booting: s.booting, parts: s.parts}
}

// currency is rule L2: on a disk, acceptedEpoch is at least currentEpoch, and at least the epoch of
// every record.
func (a *Audit) currency(s *server) {
	if s.accepted < s.current || s.accepted < s.durable.Epoch() {
		a.broken("EpochCurrency",
			"the disk of S%d has acceptedEpoch %d, but currentEpoch %d and a log up to %v",
			s.id, s.accepted, s.current, s.durable)
	}
}
