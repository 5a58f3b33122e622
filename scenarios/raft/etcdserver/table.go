package main

import (
	"encoding/binary"
	"encoding/json"
	"sync"

	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

// table is the state machine: each command sets one register.
type table struct {
	mu    sync.Mutex
	state *contract.Registers
	last  position // of the last command
}

// position is the place of an entry in the log.
type position struct{ Index, Term uint64 }

func newTable() *table { return &table{state: contract.NewRegisters()} }

func (t *table) report(what contract.Report) {
	b := binary.LittleEndian.AppendUint64(nil, t.last.Term)
	machine.Report(uint64(what), t.last.Index, binary.LittleEndian.AppendUint64(b, t.state.Digest))
}

// tail is the length of the number at the end of a command, by which a server knows its own.
const tail = 8

// command is a write in an entry.
func command(number uint64, key, value string) []byte {
	b := contract.AppendPair(nil, key, []byte(value))
	return binary.BigEndian.AppendUint64(b, number)
}

// apply executes a command, and returns its number.
func (t *table) apply(e *contract.Entry) (number uint64, r contract.Register) {
	t.mu.Lock()
	defer t.mu.Unlock()
	end := len(e.Data) - tail
	key, value, _ := contract.Pair(e.Data[:end])
	r = t.state.Set(key, string(value))
	t.last = position{e.Index, e.Term}
	t.report(contract.Applied)
	return binary.BigEndian.Uint64(e.Data[end:]), r
}

func (t *table) get(key string) contract.Register {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.Values[key]
}

// image is the table in a snapshot.
type image struct {
	Last   position
	Values map[string]contract.Register
}

// save returns the table for a snapshot.
func (t *table) save() ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return json.Marshal(&image{t.last, t.state.Values}) // which sorts the keys
}

func (t *table) restore(data []byte) error {
	var i image
	if err := json.Unmarshal(data, &i); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state, t.last = contract.NewRegisters(), i.Last
	for key, r := range i.Values { // order: the digest does not depend on it
		t.state.Put(key, r)
	}
	t.report(contract.Restored)
	return nil
}
