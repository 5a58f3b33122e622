// Package etcdraft decodes the messages that servers of etcd-io/raft send to each other: it returns
// the name of a message, and the facts in it that package trial checks, such as the term.
package etcdraft

import (
	"encoding/binary"
	"strconv"

	"github.com/zablab/zablab/scenarios/raft/trial"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// Library is etcd-io/raft in the version that go.mod requires.
type Library struct{}

// Name returns the name of the library.
func (Library) Name() string { return "etcd-io/raft" }

// Package returns the path of the server's package.
func (Library) Package() string { return "github.com/zablab/zablab/scenarios/raft/etcdserver" }

// Tail returns the length, in bytes, of the number that the server appends to the data of a log
// entry, after the client's command.
func (Library) Tail() int { return 8 }

// Listen returns a reader for the messages of a run.
func (Library) Listen() trial.Ear {
	return &ear{sent: map[place]uint64{}, acked: map[follower]uint64{}}
}

// ear hears the messages of a run. A message that confirms entries has the index of the last one,
// and the leader's term; the entry's own term is in the leader's message with that entry.
type ear struct {
	sent  map[place]uint64 // terms of entries, by what their leaders have sent
	acked map[follower]uint64
}

// follower is a server under the leader of a term. What it confirms a second time answers a message
// without entries.
type follower struct{ leads, server uint64 }

// place is an index in the log of the leader of a term.
type place struct{ leads, index uint64 }

var kinds = map[raftpb.MessageType]string{
	raftpb.MsgProp: "PROPOSE", raftpb.MsgApp: "APPEND", raftpb.MsgAppResp: "APPEND-REPLY",
	raftpb.MsgVote: "VOTE", raftpb.MsgVoteResp: "VOTE-REPLY", raftpb.MsgSnap: "INSTALL",
	raftpb.MsgHeartbeat: "HEARTBEAT", raftpb.MsgHeartbeatResp: "HEARTBEAT-REPLY",
	raftpb.MsgTransferLeader: "TRANSFER", raftpb.MsgTimeoutNow: "TIMEOUTNOW",
	raftpb.MsgReadIndex: "READ", raftpb.MsgReadIndexResp: "READ-REPLY",
	raftpb.MsgPreVote: "PREVOTE", raftpb.MsgPreVoteResp: "PREVOTE-REPLY",
}

// Hear returns what a message says.
func (e *ear) Hear(_ uint64, _ bool, _ string, data []byte) (h trial.Heard) {
	var m raftpb.Message
	if len(data) < 4 || int(binary.LittleEndian.Uint32(data)) != len(data)-4 ||
		proto.Unmarshal(data[4:], &m) != nil {
		return h
	}
	h.Kind = kinds[m.GetType()]
	switch m.GetType() {
	case raftpb.MsgApp:
		h.Leads = m.GetTerm()
		e.sent[place{m.GetTerm(), m.GetIndex()}] = m.GetLogTerm()
		if len(m.GetEntries()) == 0 {
			h.Kind = "COMMIT"
			break
		}
		for _, x := range m.GetEntries() {
			h.Index, h.Term = x.GetIndex(), x.GetTerm()
			e.sent[place{m.GetTerm(), h.Index}] = h.Term
		}
	case raftpb.MsgSnap:
		at := m.GetSnapshot().GetMetadata()
		h.Leads, h.Index, h.Term = m.GetTerm(), at.GetIndex(), at.GetTerm()
		e.sent[place{m.GetTerm(), h.Index}] = h.Term
	case raftpb.MsgHeartbeat, raftpb.MsgTimeoutNow:
		h.Leads = m.GetTerm()
	case raftpb.MsgAppResp:
		if !m.GetReject() && m.GetIndex() > 0 {
			h.Holds, h.Index, h.In = true, m.GetIndex(), m.GetTerm()
			h.Term = e.sent[place{m.GetTerm(), h.Index}] // 0, which is any, if nobody has sent it
			f := follower{m.GetTerm(), m.GetFrom()}
			if h.Index <= e.acked[f] {
				h.Kind = "COMMIT-REPLY"
			}
			e.acked[f] = max(e.acked[f], h.Index)
		}
	case raftpb.MsgVoteResp:
		if !m.GetReject() {
			h.Term, h.Candidate = m.GetTerm(), "S"+strconv.FormatUint(m.GetTo(), 10)
		}
	}
	return h
}
