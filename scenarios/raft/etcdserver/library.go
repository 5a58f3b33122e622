//go:build !raft36

package main

import (
	"context"

	"github.com/zablab/zablab/scenarios/raft/contract"
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// The library's types, as version 3.7 passes them.
type (
	message   = *raftpb.Message
	entry     = *raftpb.Entry
	snapshot  = *raftpb.Snapshot
	confState = *raftpb.ConfState
)

// must returns the encoding of a message that this program has made, which never fails.
func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func encodeMessage(m message) []byte   { return must(proto.Marshal(m)) }
func encodeSnapshot(s snapshot) []byte { return must(proto.Marshal(s)) }

func decodeMessage(b []byte) (message, error) {
	m := new(raftpb.Message)
	return m, proto.Unmarshal(b, m)
}

func decodeSnapshot(b []byte) (snapshot, error) {
	s := new(raftpb.Snapshot)
	return s, proto.Unmarshal(b, s)
}

// header says what a message is for this program.
func header(m message) (kind raftpb.MessageType, to uint64) { return m.GetType(), m.GetTo() }

func fromEntry(e entry) contract.Entry {
	return contract.Entry{
		Index: e.GetIndex(), Term: e.GetTerm(), Type: byte(e.GetType()), Data: e.GetData(),
	}
}

func toEntry(e *contract.Entry) entry {
	kind := raftpb.EntryType(e.Type)
	return &raftpb.Entry{Index: &e.Index, Term: &e.Term, Type: &kind, Data: e.Data}
}

// place is the position of a snapshot.
func place(s snapshot) (index, term uint64) {
	return s.GetMetadata().GetIndex(), s.GetMetadata().GetTerm()
}

func members(s snapshot) confState { return s.GetMetadata().GetConfState() }

func content(s snapshot) []byte { return s.GetData() }

// hardState returns what a server must remember, or false if the Ready changes none of it.
func hardState(rd *raft.Ready) (h hard, ok bool) {
	if raft.IsEmptyHardState(rd.HardState) {
		return h, false
	}
	return hard{rd.HardState.GetTerm(), rd.HardState.GetVote(), rd.HardState.GetCommit()}, true
}

func toHardState(h hard) *raftpb.HardState {
	return &raftpb.HardState{Term: &h.term, Vote: &h.vote, Commit: &h.commit}
}

// changeOf returns the change of the membership in an entry, or nil.
func changeOf(e *contract.Entry) (raftpb.ConfChangeI, error) {
	switch raftpb.EntryType(e.Type) {
	case raftpb.EntryConfChange:
		c := new(raftpb.ConfChange)
		return c, proto.Unmarshal(e.Data, c)
	case raftpb.EntryConfChangeV2:
		c := new(raftpb.ConfChangeV2)
		return c, proto.Unmarshal(e.Data, c)
	}
	return nil, nil
}

// step hands a message from another server to the library.
func step(ctx context.Context, n raft.Node, m message) { _ = n.Step(ctx, m) }
