package main

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/sim"
)

// store is raft's LogStore and StableStore: one file of records. As in raft-boltdb, a call that
// writes returns after the fsync. Reads come from memory.
//
// A record is its length, the CRC-32 of the rest, a kind, and a body. The file ends at the first
// record that is incomplete or fails its CRC.
type store struct {
	p           *port
	logs        []raft.Log // from first to last, without gaps
	stable      map[string][]byte
	first, last uint64
}

const storeFile = "raft"

const (
	recordLogs   = 'l' // entries
	recordDelete = 'd' // a range of entries
	recordSet    = 's' // a key
)

func openStore(p *port, d *sim.Disk) *store {
	s := &store{p: p, stable: make(map[string][]byte)}
	b := d.Read(storeFile)
	for len(b) >= 8 {
		n := int(binary.BigEndian.Uint32(b))
		if n < 1 || len(b)-8 < n || crc32.ChecksumIEEE(b[8:8+n]) != binary.BigEndian.Uint32(b[4:]) {
			break
		}
		s.replay(b[8 : 8+n])
		b = b[8+n:]
	}
	return s
}

func (s *store) write(kind byte, body []byte) {
	b := make([]byte, 8, 9+len(body))
	b = append(append(b, kind), body...)
	binary.BigEndian.PutUint32(b, uint32(len(b)-8))
	binary.BigEndian.PutUint32(b[4:], crc32.ChecksumIEEE(b[8:]))
	s.p.sync(storeFile, b)
}

func (s *store) replay(b []byte) {
	switch kind, body := b[0], b[1:]; kind {
	case recordLogs:
		for len(body) > 0 {
			var l raft.Log
			l, body = decodeLog(body)
			s.put(l)
		}
	case recordDelete:
		s.drop(binary.BigEndian.Uint64(body), binary.BigEndian.Uint64(body[8:]))
	case recordSet:
		n := int(body[0])
		s.stable[string(body[1:1+n])] = slices.Clone(body[1+n:])
	}
}

func encodeLog(b []byte, l *raft.Log) []byte {
	b = binary.BigEndian.AppendUint64(b, l.Index)
	b = binary.BigEndian.AppendUint64(b, l.Term)
	b = append(b, byte(l.Type))
	b = binary.BigEndian.AppendUint32(b, uint32(len(l.Data)))
	return append(b, l.Data...)
}

func decodeLog(b []byte) (l raft.Log, rest []byte) {
	l.Index, l.Term, l.Type =
		binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), raft.LogType(b[16])
	n := int(binary.BigEndian.Uint32(b[17:]))
	l.Data = slices.Clone(b[21 : 21+n])
	return l, b[21+n:]
}

// put adds an entry, and removes the entries that were at its index and after it.
func (s *store) put(l raft.Log) {
	if len(s.logs) == 0 || l.Index < s.first || l.Index > s.last+1 {
		s.logs, s.first = s.logs[:0], l.Index
	} else {
		s.logs = s.logs[:l.Index-s.first]
	}
	s.logs, s.last = append(s.logs, l), l.Index
}

func (s *store) drop(low, high uint64) {
	if len(s.logs) == 0 || high < s.first || low > s.last {
		return
	}
	if low <= s.first {
		n := min(high, s.last) - s.first + 1
		s.logs = slices.Clone(s.logs[n:])
		s.first += n
	} else {
		s.logs = s.logs[:low-s.first]
		s.last = low - 1
	}
	if len(s.logs) == 0 {
		s.first, s.last = 0, 0
	}
}

func (s *store) FirstIndex() (uint64, error) { return s.first, nil }
func (s *store) LastIndex() (uint64, error)  { return s.last, nil }

func (s *store) GetLog(index uint64, l *raft.Log) error {
	if len(s.logs) == 0 || index < s.first || index > s.last {
		return raft.ErrLogNotFound
	}
	*l = s.logs[index-s.first]
	return nil
}

func (s *store) StoreLog(l *raft.Log) error { return s.StoreLogs([]*raft.Log{l}) }

func (s *store) StoreLogs(logs []*raft.Log) error {
	var b []byte
	for _, l := range logs {
		b = encodeLog(b, l)
	}
	s.write(recordLogs, b)
	for _, l := range logs {
		s.put(*l)
	}
	return nil
}

func (s *store) DeleteRange(low, high uint64) error {
	s.write(recordDelete,
		binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, low), high))
	s.drop(low, high)
	return nil
}

func (s *store) Set(key, value []byte) error {
	s.write(recordSet, append(append([]byte{byte(len(key))}, key...), value...))
	s.stable[string(key)] = slices.Clone(value)
	return nil
}

func (s *store) Get(key []byte) ([]byte, error) { return s.stable[string(key)], nil }

func (s *store) SetUint64(key []byte, n uint64) error {
	return s.Set(key, binary.BigEndian.AppendUint64(nil, n))
}

func (s *store) GetUint64(key []byte) (uint64, error) {
	b := s.stable[string(key)]
	if len(b) != 8 {
		return 0, nil
	}
	return binary.BigEndian.Uint64(b), nil
}
