package safety

import (
	"fmt"

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
	chosen  chain // what a quorum's disks hold: the one history that everybody must deliver
	last    *epoch
	fail    func(*Violation)

	// Counts of what a run was worth.
	Elections, Deliveries, Truncations, Snapshots, Diffs uint64
}

// server is what the audit knows of one server.
type server struct {
	id        zab.ID
	log       chain // what it has logged, durable or not
	delivered mark
	life      uint32
	booting   bool // log is that of the last life, and the disk may not have got as far

	// From its disk.
	durable           zab.Zxid
	accepted, current uint32

	acked   mark  // the last proposal it acked
	sending chain // what the snapshot under way to it stands for
}

// epoch is one reign.
type epoch struct {
	number      uint32
	leader      zab.ID
	life        uint32 // of the leader's process
	established bool
	initial     mark // the end of its initial history
	broadcast   chain
	held        zab.Set // whose disks held the initial history when they acked it
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
func (a *Audit) Probe(id zab.ID, life uint32) zab.Probe {
	a.servers[id].life, a.servers[id].booting = life, true
	return &probe{a: a, s: &a.servers[id]}
}

// DiskLog says that records of a server's log are durable up to z.
func (a *Audit) DiskLog(id zab.ID, z zab.Zxid) {
	s := &a.servers[id]
	s.durable = z
	a.currency(s)
	a.choose(s)
}

// DiskEpochs says what a server's epoch files hold.
func (a *Audit) DiskEpochs(id zab.ID, accepted, current uint32) {
	s := &a.servers[id]
	s.accepted, s.current = accepted, current
	a.currency(s)
}

// DiskLost says that a server's disk was wiped: what it acked is gone with it.
func (a *Audit) DiskLost(id zab.ID) {
	life := a.servers[id].life
	a.servers[id] = server{id: id, life: life}
}

// currency is L2: on a disk, acceptedEpoch is at least currentEpoch, and at least the epoch of
// every record.
func (a *Audit) currency(s *server) {
	if s.accepted < s.current || s.accepted < s.durable.Epoch() {
		a.broken("EpochCurrency", "disk of S%d: acceptedEpoch %d, currentEpoch %d, log up to %v",
			s.id, s.accepted, s.current, s.durable)
	}
}

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
