package main

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"

	"github.com/hashicorp/raft"
)

type entry struct {
	key string
	register
}

// snapshot has the registers after the log entry with one index.
type snapshot []entry

func (s snapshot) sort() {
	slices.SortFunc(s, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
}

type kept struct {
	Key     string
	Value   string
	Version uint64
}

func (s snapshot) Persist(sink raft.SnapshotSink) error {
	list := make([]kept, len(s))
	for i, e := range s {
		list[i] = kept{e.key, e.value, e.version}
	}
	if err := json.NewEncoder(sink).Encode(list); err != nil {
		_ = sink.Cancel()
		return err
	}
	return sink.Close()
}

func (s snapshot) Release() {}

func readSnapshot(in io.Reader) (s snapshot, err error) {
	var list []kept
	if err := json.NewDecoder(in).Decode(&list); err != nil {
		return nil, err
	}
	for _, k := range list {
		s = append(s, entry{k.Key, register{k.Value, k.Version}})
	}
	return s, nil
}
