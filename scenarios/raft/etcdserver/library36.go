//go:build raft36

package main

import (
	"context"

	"github.com/zablab/zablab/scenarios/raft/contract"
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// The library's types, as version 3.6 passes them.
type (
	message   = raftpb.Message
	entry     = raftpb.Entry
	snapshot  = raftpb.Snapshot
	confState = *raftpb.ConfState
)

// must returns the encoding of a message that this program has made, which never fails.
func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func encodeMessage(m message) []byte   { return must(m.Marshal()) }
func encodeSnapshot(s snapshot) []byte { return must(s.Marshal()) }

func decodeMessage(b []byte) (m message, err error) {
	err = m.Unmarshal(b)
	return m, err
}

func decodeSnapshot(b []byte) (s snapshot, err error) {
	err = s.Unmarshal(b)
	return s, err
}

// header says what a message is for this program.
func header(m message) (kind raftpb.MessageType, to uint64) { return m.Type, m.To }

func fromEntry(e entry) contract.Entry {
	return contract.Entry{Index: e.Index, Term: e.Term, Type: byte(e.Type), Data: e.Data}
}

func toEntry(e *contract.Entry) entry {
	return raftpb.Entry{
		Index: e.Index, Term: e.Term, Type: raftpb.EntryType(e.Type), Data: e.Data,
	}
}

// place is the position of a snapshot.
func place(s snapshot) (index, term uint64) { return s.Metadata.Index, s.Metadata.Term }

func members(s snapshot) confState { return &s.Metadata.ConfState }

func content(s snapshot) []byte { return s.Data }

// hardState returns what a server must remember, or false if the Ready changes none of it.
func hardState(rd *raft.Ready) (h hard, ok bool) {
	return hard{rd.Term, rd.Vote, rd.Commit}, !raft.IsEmptyHardState(rd.HardState)
}

func toHardState(h hard) raftpb.HardState {
	return raftpb.HardState{Term: h.term, Vote: h.vote, Commit: h.commit}
}

// changeOf returns the change of the membership in an entry, or nil.
func changeOf(e *contract.Entry) (raftpb.ConfChangeI, error) {
	switch raftpb.EntryType(e.Type) {
	case raftpb.EntryConfChange:
		var c raftpb.ConfChange
		err := c.Unmarshal(e.Data)
		return c, err
	case raftpb.EntryConfChangeV2:
		var c raftpb.ConfChangeV2
		err := c.Unmarshal(e.Data)
		return c, err
	}
	return nil, nil
}

// step hands a message from another server to the library.
func step(ctx context.Context, n raft.Node, m message) { _ = n.Step(ctx, m) }
