package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

// snapshots is raft's SnapshotStore, as its FileSnapshotStore: a snapshot is written to a temporary
// file, synced and renamed. The newest two are kept. A file is a line with the metadata, as JSON,
// and what raft has written.
type snapshots struct{}

const unfinished = ".tmp"

func openSnapshots() snapshots {
	for _, name := range machine.Files() {
		if strings.HasSuffix(name, unfinished) {
			machine.Remove(name)
		}
	}
	return snapshots{}
}

// names returns the names of the snapshots, the newest first.
func (snapshots) names() (names []string) {
	for _, name := range machine.Files() {
		if _, _, ok := contract.ParseSnapshotName(name); ok {
			names = append(names, name)
		}
	}
	slices.Reverse(names)
	return names
}

func (snapshots) Create(
	version raft.SnapshotVersion, index, term uint64, c raft.Configuration, configIndex uint64,
	_ raft.Transport,
) (raft.SnapshotSink, error) {
	if version != 1 {
		return nil, fmt.Errorf("snapshot: version %d is not supported", version)
	}
	return &sink{meta: raft.SnapshotMeta{
		Version: version, ID: contract.SnapshotName(index, term), Index: index, Term: term,
		Configuration: c, ConfigurationIndex: configIndex,
	}}, nil
}

func (s snapshots) List() (list []*raft.SnapshotMeta, err error) {
	for _, name := range s.names() {
		meta, _, err := open(name)
		if err != nil {
			return nil, err
		}
		list = append(list, meta)
	}
	return list, nil
}

func (snapshots) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	meta, data, err := open(id)
	return meta, io.NopCloser(bytes.NewReader(data)), err
}

func open(name string) (*raft.SnapshotMeta, []byte, error) {
	head, data, ok := bytes.Cut(machine.Read(name), []byte("\n"))
	meta := new(raft.SnapshotMeta)
	if !ok {
		return nil, nil, fmt.Errorf("snapshot %s: no such file, or no metadata", name)
	}
	if err := json.Unmarshal(head, meta); err != nil {
		return nil, nil, fmt.Errorf("snapshot %s: %w", name, err)
	}
	return meta, data, nil
}

// sink is a snapshot that is being written.
type sink struct {
	meta  raft.SnapshotMeta
	data  []byte
	ended bool
}

func (s *sink) ID() string { return s.meta.ID }

func (s *sink) Write(b []byte) (int, error) {
	s.data = append(s.data, b...)
	return len(b), nil
}

func (s *sink) Cancel() error {
	s.ended = true
	return nil
}

// Close makes the snapshot one that List returns. A second call does nothing, as with raft's
// FileSnapshotStore: the state machine closes its sink, and raft closes it again.
func (s *sink) Close() error {
	if s.ended {
		return nil
	}
	s.ended = true
	s.meta.Size = int64(len(s.data))
	head, err := json.Marshal(&s.meta)
	if err != nil {
		return err
	}
	name := s.meta.ID
	made := name + unfinished
	machine.Remove(made)
	machine.Append(made, append(append(head, '\n'), s.data...))
	if err := machine.Sync(made); err != nil {
		machine.Remove(made)
		return err
	}
	machine.Rename(made, name)
	if err := machine.Sync(""); err != nil {
		return err
	}
	if names := (snapshots{}).names(); len(names) > 2 {
		for _, old := range names[2:] {
			machine.Remove(old)
		}
	}
	return nil
}
