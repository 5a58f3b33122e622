package main

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

// store is raft's LogStore and StableStore: the journal, with its content in memory. A call that
// writes returns when the record is durable; if the disk fails, the call has no effect.
type store struct {
	bug string // to inject; "" for none

	writing sync.Mutex // held for a whole write

	mu     sync.Mutex
	logs   []raft.Log // without gaps
	stable map[string][]byte
}

// The bugs that can be injected.
const (
	bugTerm = "term" // the term is not written to the disk
	bugVote = "vote" // the vote is forgotten at once
	bugAck  = "ack"  // entries are acknowledged before their fsync
	bugRead = "read" // a new leader answers reads before it has applied what its predecessor committed
)

func openStore(bug string) *store {
	s := &store{bug: bug, stable: map[string][]byte{}}
	b := machine.Read(contract.Journal)
	whole := len(b)
	for {
		kind, body, rest, ok := contract.NextRecord(b)
		if !ok {
			break
		}
		s.replay(kind, body)
		b = rest
	}
	machine.Truncate(contract.Journal, whole-len(b)) // what a loss of power has torn
	return s
}

func (s *store) replay(kind contract.Kind, body []byte) {
	switch kind {
	case contract.Entries:
		for {
			e, rest, ok := contract.NextEntry(body)
			if !ok {
				return
			}
			s.put(raft.Log{
				Index: e.Index, Term: e.Term, Type: raft.LogType(e.Type), Data: slices.Clone(e.Data),
			})
			body = rest
		}
	case contract.Delete:
		if first, last, ok := contract.Range(body); ok {
			s.drop(first, last)
		}
	case contract.Set:
		if key, value, ok := contract.Pair(body); ok {
			s.stable[key] = slices.Clone(value)
		}
	}
}

// write makes a record durable, and then changes the memory.
func (s *store) write(kind contract.Kind, body []byte, change func()) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before := machine.Read(contract.Journal)
	machine.Append(contract.Journal, contract.AppendRecord(nil, kind, body))
	var err error
	switch {
	case s.bug == bugAck && kind == contract.Entries && before != nil:
		machine.SyncLater(contract.Journal)
	case before == nil: // its name is new
		err = machine.Sync(contract.Journal, "")
	default:
		err = machine.Sync(contract.Journal)
	}
	if err != nil {
		machine.Truncate(contract.Journal, len(before))
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	return nil
}

// put adds an entry, in place of the entries at its index and after it.
func (s *store) put(l raft.Log) {
	first, last := s.bounds()
	if len(s.logs) == 0 || l.Index < first || l.Index > last+1 {
		s.logs = nil
	} else {
		s.logs = s.logs[:l.Index-first]
	}
	s.logs = append(s.logs, l)
}

// drop removes the entries from low to high: a beginning or an end of the log.
func (s *store) drop(low, high uint64) {
	first, last := s.bounds()
	switch {
	case len(s.logs) == 0 || high < first || low > last:
	case low <= first:
		s.logs = slices.Clone(s.logs[min(high, last)-first+1:])
	default:
		s.logs = s.logs[:low-first]
	}
}

func (s *store) bounds() (first, last uint64) {
	if n := len(s.logs); n > 0 {
		return s.logs[0].Index, s.logs[n-1].Index
	}
	return 0, 0
}

func (s *store) FirstIndex() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, _ := s.bounds()
	return first, nil
}

func (s *store) LastIndex() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, last := s.bounds()
	return last, nil
}

func (s *store) GetLog(index uint64, l *raft.Log) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, last := s.bounds()
	if len(s.logs) == 0 || index < first || index > last {
		return raft.ErrLogNotFound
	}
	*l = s.logs[index-first]
	return nil
}

func (s *store) StoreLog(l *raft.Log) error { return s.StoreLogs([]*raft.Log{l}) }

func (s *store) StoreLogs(logs []*raft.Log) error {
	var b []byte
	for _, l := range logs {
		b = contract.AppendEntry(b, &contract.Entry{
			Index: l.Index, Term: l.Term, Type: byte(l.Type), Data: l.Data,
		})
	}
	return s.write(contract.Entries, b, func() {
		for _, l := range logs {
			s.put(*l)
		}
	})
}

func (s *store) DeleteRange(low, high uint64) error {
	return s.write(contract.Delete, contract.AppendRange(nil, low, high),
		func() { s.drop(low, high) })
}

func (s *store) Set(key, value []byte) error {
	k := string(key)
	keep := func() { s.stable[k] = slices.Clone(value) }
	switch {
	case s.bug == bugVote && strings.HasPrefix(k, "LastVote"):
		return nil
	case s.bug == bugTerm && k == "CurrentTerm":
		s.mu.Lock()
		defer s.mu.Unlock()
		keep()
		return nil
	}
	return s.write(contract.Set, contract.AppendPair(nil, k, value), keep)
}

func (s *store) Get(key []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stable[string(key)], nil
}

func (s *store) SetUint64(key []byte, n uint64) error {
	return s.Set(key, binary.BigEndian.AppendUint64(nil, n))
}

func (s *store) GetUint64(key []byte) (uint64, error) {
	if b, _ := s.Get(key); len(b) == 8 {
		return binary.BigEndian.Uint64(b), nil
	}
	return 0, nil
}
