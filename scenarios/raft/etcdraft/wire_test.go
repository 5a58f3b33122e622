package etcdraft

import (
	"encoding/binary"
	"testing"

	"github.com/zablab/zablab/scenarios/raft/trial"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

func heard(t *testing.T, e trial.Ear, m *raftpb.Message) trial.Heard {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	b = append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
	return e.Hear(1, true, "S1", b)
}

// A confirmation names the last index alone: the entry's term is that in the leader's message.
func TestHear(t *testing.T) {
	e := Library{}.Listen()
	id := func(n uint64) *uint64 { return &n }
	ack := &raftpb.Message{
		Type: raftpb.MsgAppResp.Enum(), From: id(2), To: id(1), Term: id(5), Index: id(8),
	}
	for _, c := range []struct {
		name string
		m    *raftpb.Message
		want trial.Heard
	}{
		{"entries of an earlier term", &raftpb.Message{
			Type: raftpb.MsgApp.Enum(), From: id(1), To: id(2), Term: id(5), Index: id(7), LogTerm: id(3),
			Entries: []*raftpb.Entry{{Index: id(8), Term: id(4)}},
		}, trial.Heard{Kind: "APPEND", Leads: 5, Index: 8, Term: 4}},
		{"a confirmation", ack, trial.Heard{
			Kind: "APPEND-REPLY", Holds: true, Index: 8, Term: 4, In: 5,
		}},
		{"the same again", ack, trial.Heard{
			Kind: "COMMIT-REPLY", Holds: true, Index: 8, Term: 4, In: 5,
		}},
		{"a rejection", &raftpb.Message{
			Type: raftpb.MsgAppResp.Enum(), From: id(3), To: id(1), Term: id(5), Index: id(8),
			Reject: proto.Bool(true),
		}, trial.Heard{Kind: "APPEND-REPLY"}},
		{"a commit", &raftpb.Message{
			Type: raftpb.MsgApp.Enum(), From: id(1), To: id(2), Term: id(5), Index: id(8), LogTerm: id(4),
		}, trial.Heard{Kind: "COMMIT", Leads: 5}},
		{"a vote", &raftpb.Message{
			Type: raftpb.MsgVoteResp.Enum(), From: id(2), To: id(3), Term: id(6),
		}, trial.Heard{Kind: "VOTE-REPLY", Candidate: "S3", Term: 6}},
		{"no vote", &raftpb.Message{
			Type: raftpb.MsgVoteResp.Enum(), From: id(2), To: id(3), Term: id(6), Reject: proto.Bool(true),
		}, trial.Heard{Kind: "VOTE-REPLY"}},
	} {
		if h := heard(t, e, c.m); h != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, h, c.want)
		}
	}
	if h := e.Hear(1, true, "S1", []byte("no message")); h != (trial.Heard{}) {
		t.Errorf("bytes that are no message: %+v", h)
	}
}
