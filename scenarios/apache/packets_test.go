package apache

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// record is a QuorumPacket as servers write it, with an id in its authinfo.
func record(kind uint32, zxid zab.Zxid, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, kind)
	b = binary.BigEndian.AppendUint64(b, uint64(zxid))
	if data == nil {
		b = binary.BigEndian.AppendUint32(b, 1<<32-1)
	} else {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(data))), data...)
	}
	b = binary.BigEndian.AppendUint32(b, 1)
	for _, text := range []string{"ip", "127.0.0.1"} {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(text))), text...)
	}
	return b
}

func vote(state zab.State, leader, zxid, round, epoch uint64) []byte {
	b := binary.BigEndian.AppendUint32(nil, 44)
	b = binary.BigEndian.AppendUint32(b, uint32(state))
	for _, x := range []uint64{leader, zxid, round, epoch} {
		b = binary.BigEndian.AppendUint64(b, x)
	}
	return append(b, 0, 0, 0, 2, 0, 0, 0, 0) // version 2, no configuration
}

func names(list []zab.Message) (all []string) {
	for _, m := range list {
		all = append(all, fmt.Sprintf("%s %v", m.Name(), m.At()))
	}
	return all
}

// A splitter returns the same messages whatever the size of the chunks.
func TestSplitter(t *testing.T) {
	for _, c := range []struct {
		what  string
		make  func() splitter
		bytes [][]byte
		want  []string
	}{
		{"a learner's", quorumPackets, [][]byte{
			record(packetFollowerInfo, zab.MakeZxid(1, 0), make([]byte, 20)),
			record(packetAckEpoch, zab.MakeZxid(1, 7), []byte{0, 0, 0, 1}),
			record(packetAck, zab.MakeZxid(2, 0), nil), record(packetCommitAndActivate, 0, nil),
			record(packetRequest, 0, []byte("write")),
		}, []string{"FOLLOWERINFO 1/0", "ACKEPOCH 1/7", "ACK 2/0", "REQUEST 0/0"}},
		{"a leader's", quorumPackets, [][]byte{
			record(packetLeaderInfo, zab.MakeZxid(2, 0), []byte{0, 1, 0, 0}),
			record(packetSnap, zab.MakeZxid(2, 1), nil), []byte("sessions, nodes: BenWas not yet"),
			signature, record(packetNewLeader, zab.MakeZxid(2, 0), nil),
			record(packetUpToDate, 0, nil),
			record(packetProposal, zab.MakeZxid(2, 2), []byte("no transaction")),
		}, []string{"LEADERINFO 2/0", "SNAP 2/1", "NEWLEADER 2/0", "UPTODATE 0/0", "PROPOSAL 2/2"}},
		{"votes", votes, [][]byte{vote(zab.Looking, 3, 1<<32|5, 9, 1), {0, 0, 0, 2, 1, 1},
			vote(zab.Leading, 2, 0, 1, 0)},
			[]string{"NOTIFICATION 1/5", "NOTIFICATION 0/0"}},
	} {
		all := slices.Concat(c.bytes...)
		for _, size := range []int{1, 3, 17, len(all)} {
			s := c.make()
			var got []zab.Message
			for chunk := range slices.Chunk(all, size) {
				got = append(got, s(chunk)...)
			}
			if !slices.Equal(names(got), c.want) {
				t.Errorf("%s, %d bytes at a time: %v, want %v", c.what, size, names(got), c.want)
			}
		}
	}
	m := votes()(vote(zab.Looking, 3, 1<<32|5, 9, 1))[0].(*zab.Notification)
	if m.State != zab.Looking || m.Round != 9 ||
		(m.Vote != zab.Vote{Leader: 3, Zxid: zab.MakeZxid(1, 5), Epoch: 1}) {
		t.Errorf("the vote is %+v", m)
	}
}

// A REQUEST is decoded to session, type and node; a damaged one stays opaque.
func TestAsked(t *testing.T) {
	head := append(binary.BigEndian.AppendUint64(nil, 0x77), 0, 0, 0, 5)
	request := func(op tree.OpCode, rest ...byte) []byte {
		return append(binary.BigEndian.AppendUint32(slices.Clone(head), uint32(op)), rest...)
	}
	path := []byte{0, 0, 0, 2, '/', 'x'}
	for _, c := range []struct {
		data []byte
		want tree.Op
	}{
		{request(tree.OpCreate,
			append(slices.Clone(path), 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 3)...),
			tree.Op{Type: tree.OpCreate, Path: "/x", Flags: tree.EphemeralSequential}},
		{request(tree.OpDelete, append(slices.Clone(path), 0, 0, 0, 1)...),
			tree.Op{Type: tree.OpDelete, Path: "/x"}},
		{request(tree.OpCloseSession), tree.Op{Type: tree.OpCloseSession}},
	} {
		r, ok := asked(c.data).(*server.Request)
		if !ok || r.Session != 0x77 || r.Cxid != 5 || r.Op.Type != c.want.Type ||
			r.Op.Path != c.want.Path || r.Op.Flags != c.want.Flags {
			t.Errorf("%x: %+v", c.data, r)
		}
	}
	for _, data := range [][]byte{
		nil, head, request(tree.OpDelete, 0, 0), request(tree.OpDelete, 0, 0, 0, 9, '/'),
		request(tree.OpDelete, 255, 255, 255, 255), request(77),
	} {
		if m := asked(data); m.Size() != len(data) {
			t.Errorf("%x: %+v", data, m)
		}
	}
}

// After bytes that are no packet a splitter returns nothing: the next packet could begin anywhere.
func TestSplitterEnds(t *testing.T) {
	for _, b := range [][]byte{
		record(77, 0, nil), bytes.Repeat([]byte{0xff}, 40),
		append(record(packetAck, 1, nil)[:12], 0x7f, 0, 0, 0),
	} {
		s := quorumPackets()
		if got := append(s(b), s(record(packetAck, 1, nil))...); len(got) > 0 {
			t.Errorf("%x: %v", b, names(got))
		}
	}
}

// No input makes a splitter panic, and byte by byte it returns the same messages as in one chunk.
func FuzzSplitter(f *testing.F) {
	f.Add(record(packetSnap, 1, []byte("x")), true)
	f.Add(slices.Concat(record(packetAck, 1, nil), record(packetProposal, 2, make([]byte, 60))),
		true)
	f.Add(vote(zab.Leading, 2, 0, 1, 0), false)
	f.Fuzz(func(t *testing.T, b []byte, packets bool) {
		kind := votes
		if packets {
			kind = quorumPackets
		}
		whole, single := kind(), kind()
		want := names(whole(b))
		var got []zab.Message
		for i := range b {
			got = append(got, single(b[i:i+1])...)
		}
		if !slices.Equal(names(got), want) {
			t.Errorf("%v, byte by byte %v", want, names(got))
		}
	})
}
