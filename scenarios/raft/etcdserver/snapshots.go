package main

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

const unfinished = ".tmp"

// snapshotNames returns the names of the snapshots, the newest first.
func snapshotNames() (names []string) {
	for _, name := range machine.Files() {
		if _, _, ok := contract.ParseSnapshotName(name); ok {
			names = append(names, name)
		}
	}
	slices.Reverse(names)
	return names
}

// newestSnapshot reads the newest snapshot; false if there is none. It removes what a process that
// died has left, and makes the names durable.
func newestSnapshot() (s snapshot, ok bool) {
	for _, name := range machine.Files() {
		if strings.HasSuffix(name, unfinished) {
			machine.Remove(name)
		}
	}
	names := snapshotNames()
	if len(names) == 0 {
		return s, false
	}
	s, err := decodeSnapshot(machine.Read(names[0]))
	if err == nil {
		err = machine.Sync(names[0], "")
	}
	if err != nil {
		panic(err)
	}
	return s, true
}

// saveSnapshot makes a snapshot durable: the file is written under another name, synced and
// renamed. The newest two are kept.
func saveSnapshot(s snapshot) {
	name := contract.SnapshotName(place(s))
	made := name + unfinished
	machine.Remove(made)
	machine.Append(made, encodeSnapshot(s))
	if err := machine.Sync(made); err != nil {
		panic(err)
	}
	machine.Rename(made, name)
	if err := machine.Sync(""); err != nil {
		panic(err)
	}
	if names := snapshotNames(); len(names) > 2 {
		for _, old := range names[2:] {
			machine.Remove(old)
		}
	}
}
