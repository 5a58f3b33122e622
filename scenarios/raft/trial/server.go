package trial

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/sim"
)

// server is what the checks know of one server.
type server struct {
	t    *Trial
	m    *sim.Machine
	lost bool // its disk

	role    string
	term    uint64 // of the role
	applied uint64 // index of the last command, in this life
	digest  uint64 // of the registers
	matched uint64 // index up to which its log was compared with what is committed

	read    int    // bytes of the journal that log and pairs come from
	head    []byte // the beginning of the last record there
	headAt  int
	log     []entry
	pairs   []pair
	reports []report // of the step that runs
}

const leading = "leader"

// entry is one entry of a log, with the place of its record in the journal.
type entry struct {
	position
	hash   uint64 // of type and data
	prefix uint64 // hash of the log up to here; 0 if its beginning is not known
	data   []byte
	record span
}

type span struct{ from, to int }

// position is the place of an entry in a log.
type position struct{ Term, Index uint64 }

func (p position) String() string { return fmt.Sprintf("%d/%d", p.Term, p.Index) }

// pair is a key and a value of the stable store, with the place of its record.
type pair struct {
	key    string
	value  []byte
	record span
}

type report struct {
	what contract.Report
	n    uint64
	data []byte
}

func newServer(t *Trial) *server { return &server{t: t} }

// down forgets what was in memory.
func (s *server) down() {
	s.role, s.term, s.applied, s.digest, s.matched = "down", 0, 0, 0, 0
	s.forget()
}

// forget makes the journal be read again from its beginning.
func (s *server) forget() {
	s.read, s.head, s.log, s.pairs = 0, nil, s.log[:0], nil
}

// last is the position of the last entry.
func (s *server) last() position {
	if n := len(s.log); n > 0 {
		return s.log[n-1].position
	}
	index, term := s.snapshot(s.m.Disk().Names())
	return position{term, index}
}

// end is where the server's history ends: at the last entry, or at a later snapshot. A follower
// that has restored a snapshot may keep some entries from before it (hashicorp/raft's
// TrailingLogs); its history ends at the snapshot all the same. An entry at the index of the
// snapshot counts more than the snapshot, as in the library (raft.getLastEntry), so that a stale
// one shows.
func (s *server) end() position {
	last := s.last()
	if index, term := s.snapshot(s.m.Disk().Names()); index > last.Index {
		return position{term, index}
	}
	return last
}

// at returns the entry with an index, or nil.
func (s *server) at(index uint64) *entry {
	if len(s.log) == 0 || index < s.log[0].Index || index > s.log[len(s.log)-1].Index {
		return nil
	}
	return &s.log[index-s.log[0].Index]
}

// snapshot is the position of the newest of the snapshots.
func (s *server) snapshot(names []string) (index, term uint64) {
	for _, name := range names {
		if i, t, ok := contract.ParseSnapshotName(name); ok && i > index {
			index, term = i, t
		}
	}
	return index, term
}

// follow reads what is new in the journal.
func (s *server) follow() {
	b := s.m.Disk().Read(contract.Journal)
	rolledBack := len(b) < s.read || s.head != nil && !bytes.HasPrefix(b[s.headAt:], s.head)
	if rolledBack {
		s.forget()
	}
	fresh := s.read > 0 || len(s.log) > 0 // these records are written now, and not found
	for s.read < len(b) {
		kind, body, rest, ok := contract.NextRecord(b[s.read:])
		if !ok {
			return
		}
		to := len(b) - len(rest)
		s.headAt, s.head = s.read, b[s.read:min(s.read+8, to)]
		s.take(kind, body, span{s.read, to}, fresh && !rolledBack)
		s.read = to
	}
}

// take applies a record to the log and the pairs.
func (s *server) take(kind contract.Kind, body []byte, record span, fresh bool) {
	switch kind {
	case contract.Entries:
		for {
			e, rest, ok := contract.NextEntry(body)
			if !ok {
				return
			}
			s.put(&e, record, fresh)
			body = rest
		}
	case contract.Delete:
		if first, last, ok := contract.Range(body); ok {
			s.drop(first, last, fresh)
		}
	case contract.Set:
		if key, value, ok := contract.Pair(body); ok {
			if key == currentTerm && fresh {
				s.grows(value)
			}
			s.pairs = append(s.pairs, pair{key, value, record})
		}
	}
}

func (s *server) put(e *contract.Entry, record span, fresh bool) {
	n := entry{position: position{e.Term, e.Index}, data: e.Data, record: record}
	n.hash = sim.Mix(sim.HashBytes(e.Data) + uint64(e.Type))
	switch old := s.at(e.Index); {
	case old != nil:
		if fresh && s.role == leading {
			s.t.violate("LeaderAppendOnly", "%s leads term %d and overwrites the entry %v of "+
				"its log with %v",
				s.m.Name, s.term, old.position, n.position)
		}
		s.log = s.log[:e.Index-s.log[0].Index]
	case len(s.log) > 0 && e.Index != s.last().Index+1:
		s.log = s.log[:0]
	}
	n.prefix = s.t.matter.prefix(s, &n)
	s.log = append(s.log, n)
	s.t.matches(s, &n)
}

func (s *server) drop(first, last uint64, fresh bool) {
	if len(s.log) == 0 || last < s.log[0].Index || first > s.last().Index {
		return
	}
	if first <= s.log[0].Index {
		s.log = slices.Delete(s.log, 0, int(min(last, s.last().Index)-s.log[0].Index+1))
		return
	}
	if fresh && s.role == leading {
		s.t.violate("LeaderAppendOnly", "%s leads term %d and deletes its log from %v on", s.m.Name,
			s.term, s.at(first).position)
	}
	s.log = s.log[:first-s.log[0].Index]
}

// durable reports whether a record of the journal is on the platter.
func (s *server) durable(record span) bool {
	disk := s.m.Disk()
	now, kept := disk.Read(contract.Journal), disk.Durable(contract.Journal)
	return record.to <= len(kept) && record.to <= len(now) &&
		bytes.Equal(now[record.from:record.to], kept[record.from:record.to])
}

// holds reports whether the entry, or a snapshot that includes it, is on the platter. A term or
// hash of 0 is any.
func (s *server) holds(index, term, hash uint64) bool {
	s.follow()
	if e := s.at(index); e != nil && (term == 0 || e.Term == term) && (hash == 0 || e.hash == hash) &&
		s.durable(e.record) {
		return true
	}
	snap, _ := s.snapshot(s.m.Disk().DurableNames())
	return index <= snap
}

// replaced reports whether a leader of a later term than in has replaced the log at an index, and
// the new log is on the platter. A confirmation in the earlier term may then be late: it is as if
// it had been sent before, and delayed. A later term alone does not suffice: the entry must be gone
// because of a leader, and not because the disk has lost it.
func (s *server) replaced(index, in uint64) bool {
	if in == 0 {
		return false
	}
	if len(s.log) == 0 { // only a snapshot of a later leader empties the log
		snap, _ := s.snapshot(s.m.Disk().DurableNames())
		return snap > 0 && bigEndian(s.kept(currentTerm)) > in
	}
	e := s.at(min(index, s.last().Index))
	return e != nil && e.Term > in && s.durable(e.record)
}

// kept is the newest durable value of a key of the stable store.
func (s *server) kept(key string) []byte {
	s.follow()
	for i := len(s.pairs) - 1; i >= 0; i-- {
		if p := &s.pairs[i]; p.key == key && s.durable(p.record) {
			return p.value
		}
	}
	return nil
}

// The keys of the stable store that the checks read.
const (
	currentTerm = "CurrentTerm"
	voteTerm    = "LastVoteTerm"
	votedFor    = "LastVoteCand"
)

// grows checks TermMonotonic for a term that the server stores.
func (s *server) grows(value []byte) {
	for i := len(s.pairs) - 1; i >= 0; i-- {
		p := &s.pairs[i]
		if p.key != currentTerm {
			continue
		}
		if before, now := bigEndian(p.value), bigEndian(value); now < before {
			s.t.violate("TermMonotonic", "%s stores term %d, which is lower than its stored term "+
				"%d", s.m.Name, now, before)
		}
		return
	}
}

// bigEndian is a number of the stable store; 0 if it is none.
func bigEndian(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}
