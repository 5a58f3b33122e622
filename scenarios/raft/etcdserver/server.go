package main

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"go.etcd.io/raft/v3"
)

// server is the library's node, and what this program adds.
type server struct {
	node    raft.Node
	storage *raft.MemoryStorage
	journal journal
	table   *table
	peers   map[uint64]*peer

	// of the loop's goroutine
	role    raft.StateType
	term    uint64
	members confState
	last    position // applied
	saved   uint64   // index of the newest snapshot
	serves  uint64   // the last term in which it has begun to answer reads as the leader

	mu      sync.Mutex
	lead    uint64
	leads   bool
	applied uint64
	number  uint64 // the last that a request got
	writes  map[uint64]chan outcome
	reads   map[uint64]chan uint64 // for the index
	reached []reaching
}

// reaching waits until an index is applied.
type reaching struct {
	index uint64
	done  chan struct{}
}

// outcome is a write that was applied.
type outcome struct {
	position
	contract.Register
}

var errLost = errors.New("the disk was replaced: a server of Raft that has forgotten its votes must " +
	"not come back under its old name")

// serve runs the server. It returns only when the server cannot go on.
func serve() error {
	if machine.Setting("lost") != "" {
		return errLost
	}
	s := &server{
		storage: raft.NewMemoryStorage(), journal: journal{bug: machine.Setting("bug")},
		table: newTable(), peers: map[uint64]*peer{},
		writes: map[uint64]chan outcome{}, reads: map[uint64]chan uint64{},
		number: uint64(machine.Life()) << 32,
	}
	peers, err := machine.Listen(contract.PortPeers)
	if err != nil {
		return err
	}
	clients, err := machine.Listen(contract.PortClients)
	if err != nil {
		return err
	}
	exists, err := s.recover()
	if err != nil {
		return err
	}
	names := strings.Fields(machine.Setting("servers"))
	c := config(s.storage, s.saved)
	if exists {
		s.node = raft.RestartNode(c)
	} else {
		var all []raft.Peer
		for _, name := range names {
			all = append(all, raft.Peer{ID: id(name)})
		}
		s.node = raft.StartNode(c, all)
	}
	for _, name := range names {
		if name != machine.Name() {
			p := &peer{name: name, id: id(name), node: s.node}
			s.peers[p.id] = p
			go p.connect()
		}
	}
	machine.Report(uint64(contract.Role), s.term, []byte("follower"))
	go s.accept(peers)
	go s.listen(clients)
	return s.loop(c.ElectionTick)
}

// recover reads the disk into the library's storage. It reports whether the server existed before.
func (s *server) recover() (exists bool, err error) {
	snap, hasSnapshot := newestSnapshot()
	f := readJournal()
	index, term := uint64(0), uint64(0)
	if hasSnapshot {
		index, term = place(snap)
		if err := s.storage.ApplySnapshot(snap); err != nil {
			return false, err
		}
		if err := s.restore(snap); err != nil {
			return false, err
		}
	}
	logs, ok := f.after(index, term)
	if !ok {
		var r record
		r.dropAll()
		s.journal.write(r, true, false)
	}
	list := make([]entry, len(logs))
	for i := range logs {
		list[i] = toEntry(&logs[i])
	}
	h := hard{term: f.number(keyTerm), commit: max(f.number(keyCommit), index)}
	if f.number(keyVoteTerm) == h.term {
		h.vote = id(string(f.pairs[keyVote]))
	}
	s.journal.kept, s.term = h, h.term
	if err := s.storage.SetHardState(toHardState(h)); err != nil {
		return false, err
	}
	return hasSnapshot || len(logs) > 0 || h.term > 0, s.storage.Append(list)
}

// loop is the loop of the library's package comment.
func (s *server) loop(electionTicks int) error {
	ticker := time.NewTicker(span("heartbeat") / time.Duration(electionTicks))
	for {
		select {
		case <-ticker.C:
			s.node.Tick()
		case rd := <-s.node.Ready():
			machine.Nap()
			if err := s.handle(&rd); err != nil {
				return err
			}
			s.node.Advance()
		}
	}
}

// handle does what the library asks for, in the order in which it must be done.
func (s *server) handle(rd *raft.Ready) error {
	h, changed := hardState(rd)
	if changed {
		s.term = h.term
	}
	s.become(rd.SoftState, changed)
	if err := s.persist(rd, h, changed); err != nil {
		return err
	}
	machine.Nap()
	for _, m := range rd.Messages {
		if _, to := header(m); s.peers[to] != nil {
			s.peers[to].send(m)
		}
	}
	machine.Nap()
	if !raft.IsEmptySnap(rd.Snapshot) {
		if err := s.restore(rd.Snapshot); err != nil {
			return err
		}
	}
	for _, x := range rd.CommittedEntries {
		e := fromEntry(x)
		if err := s.apply(&e); err != nil {
			return err
		}
	}
	for _, r := range rd.ReadStates {
		s.confirmed(r.RequestCtx, r.Index)
	}
	machine.Nap()
	return s.maybeSnapshot()
}

// persist makes durable what the messages of a Ready promise. A snapshot comes first: without it,
// the entries and the commit after it would mean nothing to a server that starts again.
func (s *server) persist(rd *raft.Ready, h hard, changed bool) error {
	var r record
	must := rd.MustSync
	if !raft.IsEmptySnap(rd.Snapshot) {
		saveSnapshot(rd.Snapshot)
		r.dropAll()
		must = true
	}
	if changed {
		s.journal.promise(&r, h)
	}
	r.entries(rd.Entries)
	if changed {
		s.journal.committed(&r, h)
	}
	s.journal.write(r, must, len(rd.Entries) > 0)
	if !raft.IsEmptySnap(rd.Snapshot) {
		if err := s.storage.ApplySnapshot(rd.Snapshot); err != nil {
			return err
		}
	}
	if changed {
		if err := s.storage.SetHardState(toHardState(h)); err != nil {
			return err
		}
	}
	return s.storage.Append(rd.Entries)
}

// roles are the words of package contract.
var roles = map[raft.StateType]string{
	raft.StateFollower: "follower", raft.StateCandidate: "candidate",
	raft.StatePreCandidate: "candidate", raft.StateLeader: "leader",
}

// become takes and reports a change of the role or the term.
func (s *server) become(soft *raft.SoftState, termChanged bool) {
	if soft != nil {
		s.role = soft.RaftState
		s.mu.Lock()
		s.lead, s.leads = soft.Lead, soft.RaftState == raft.StateLeader
		s.mu.Unlock()
	}
	if soft != nil || termChanged {
		machine.Report(uint64(contract.Role), s.term, []byte(roles[s.role]))
	}
}

// restore replaces the state machine by that of a snapshot, which is on the disk.
func (s *server) restore(snap snapshot) error {
	index, term := place(snap)
	s.saved, s.members = index, members(snap)
	if err := s.table.restore(content(snap)); err != nil {
		return err
	}
	s.reach(position{index, term})
	return nil
}

// apply applies a committed entry.
func (s *server) apply(e *contract.Entry) error {
	machine.Yield()
	change, err := changeOf(e)
	switch {
	case err != nil:
		return err
	case change != nil:
		s.members = s.node.ApplyConfChange(change)
	case len(e.Data) > 0: // the first entry of a term is empty
		number, r := s.table.apply(e)
		s.answer(number, outcome{position{e.Index, e.Term}, r})
	}
	s.reach(position{e.Index, e.Term})
	if s.role == raft.StateLeader && e.Term == s.term && s.serves != s.term {
		s.serves = s.term
		machine.Report(uint64(contract.Serves), s.term, nil)
	}
	return nil
}

// maybeSnapshot takes a snapshot when enough entries were applied since the last one, and drops the
// log up to some entries before it.
func (s *server) maybeSnapshot() error {
	if s.last.Index < s.saved+uint64(number("snap-threshold")) {
		return nil
	}
	data, err := s.table.save()
	if err != nil {
		return err
	}
	snap, err := s.storage.CreateSnapshot(s.last.Index, s.members, data)
	if err != nil {
		return err
	}
	saveSnapshot(snap)
	s.saved = s.last.Index
	if trailing := uint64(number("trailing")); s.saved > trailing {
		first, err := s.storage.FirstIndex()
		if err != nil || first > s.saved-trailing {
			return err
		}
		var r record
		r.drop(s.saved - trailing)
		s.journal.write(r, false, false)
		return s.storage.Compact(s.saved - trailing)
	}
	return nil
}
