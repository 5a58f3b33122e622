package main

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"maps"
	"sync"

	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

// table is raft's state machine: each command sets one register.
type table struct {
	mu          sync.Mutex
	state       *contract.Registers
	index, term uint64 // of the last command
}

func newTable() *table { return &table{state: contract.NewRegisters()} }

// command is a write in a log entry.
func command(key, value string) []byte { return contract.AppendPair(nil, key, []byte(value)) }

func (t *table) report(what contract.Report) {
	b := binary.LittleEndian.AppendUint64(nil, t.term)
	machine.Report(uint64(what), t.index, binary.LittleEndian.AppendUint64(b, t.state.Digest))
}

func (t *table) Apply(l *raft.Log) any {
	machine.Yield()
	t.mu.Lock()
	defer t.mu.Unlock()
	key, value, _ := contract.Pair(l.Data)
	r := t.state.Set(key, string(value))
	t.index, t.term = l.Index, l.Term
	t.report(contract.Applied)
	return r
}

func (t *table) get(key string) contract.Register {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.Values[key]
}

// image is the table in a snapshot.
type image struct {
	Index, Term uint64
	Values      map[string]contract.Register
}

func (t *table) Snapshot() (raft.FSMSnapshot, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &image{t.index, t.term, maps.Clone(t.state.Values)}, nil
}

func (i *image) Persist(sink raft.SnapshotSink) error {
	if err := json.NewEncoder(sink).Encode(i); err != nil { // which sorts the keys
		_ = sink.Cancel()
		return err
	}
	return sink.Close()
}

func (*image) Release() {}

func (t *table) Restore(in io.ReadCloser) error {
	defer in.Close()
	var i image
	if err := json.NewDecoder(in).Decode(&i); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state = contract.NewRegisters()
	for key, r := range i.Values { // order: the digest does not depend on it
		t.state.Put(key, r)
	}
	t.index, t.term = i.Index, i.Term
	t.report(contract.Restored)
	return nil
}
