package wire_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/tree/server/wire"
	"github.com/zablab/zablab/zab"
)

// messages has at least one message of each kind.
func messages() []zab.Message {
	entry := zab.Entry{Zxid: 3<<32 | 7, Data: []byte("transaction")}
	list := []zab.Message{
		&zab.Notification{State: zab.Looking, Vote: zab.Vote{Leader: 3, Zxid: 1 << 33, Epoch: 2}, Round: 9},
		&zab.Notification{State: zab.Observing, Vote: zab.Vote{Zxid: zab.NoZxid}},
		&zab.FollowerInfo{AcceptedEpoch: 4, Observer: true},
		&zab.LeaderInfo{Epoch: 5},
		&zab.AckEpoch{LastZxid: zab.NoZxid, CurrentEpoch: 4, Again: true},
		&zab.Diff{Zxid: 7}, &zab.Trunc{Zxid: 8}, &zab.Snap{Zxid: 9},
		&zab.SnapData{Data: []byte("piece")}, &zab.SnapData{Last: true, Data: []byte{}},
		&zab.NewLeader{Epoch: 6}, &zab.UpToDate{Zxid: 10},
		&zab.Proposal{Entry: entry}, &zab.Ack{Zxid: 11}, &zab.Commit{Zxid: 12},
		&zab.Inform{Entry: entry},
		&zab.Ping{Zxid: 13},
		&zab.Ping{Zxid: 13, Touched: []zab.Touch{{Session: -1, TimeoutMs: 4000}, {Session: 2}}},
		&zab.Revalidate{Session: 1 << 60, TimeoutMs: 4000, Valid: true},
		&zab.Sync{Body: &server.Sync{Session: 5, Cxid: 6, Path: "/a"}},
	}
	auth := []tree.Identity{{Scheme: "ip", ID: "127.0.0.1"}, {Scheme: "digest", ID: "a:b"}}
	for _, op := range []tree.Op{
		{Type: tree.OpCreate, Path: "/a", Data: []byte("x"), ACL: tree.OpenACL, Flags: 1},
		{Type: tree.OpCreateTTL, Path: "/a", ACL: tree.OpenACL, Flags: 5, TTL: 1000},
		{Type: tree.OpDelete, Path: "/a", Version: -1},
		{Type: tree.OpSetData, Path: "/a", Version: 3},
		{Type: tree.OpSetACL, Path: "/a", ACL: tree.OpenACL},
		{Type: tree.OpMulti, Ops: []tree.Op{{Type: tree.OpCheck, Path: "/a", Version: 1}}},
		{Type: tree.OpCreateSession, TimeoutMs: 4000},
		{Type: tree.OpCloseSession},
		{Type: tree.OpReconfig},
	} {
		list = append(list, &zab.Request{Body: &server.Request{
			Session: 1<<56 | 7, Cxid: 8, Op: &op, Auth: auth, Dropped: op.Type == tree.OpCloseSession,
		}})
	}
	return list
}

// What is written is read as the same message, and no part of it is a message.
func TestRoundTrip(t *testing.T) {
	kinds := map[string]bool{}
	for _, m := range messages() {
		kinds[m.Name()] = true
		frame := wire.Append([]byte("before"), m)[len("before"):]
		if n := int(frame[2])<<8 | int(frame[3]); n != len(frame)-4 {
			t.Errorf("%s: the length says %d, but %d bytes follow", m.Name(), n, len(frame)-4)
		}
		b := bytes.Clone(frame[4:])
		got, err := wire.Decode(b)
		for i := range b {
			b[i] ^= 0xff // what was decoded shares no memory with the frame
		}
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: %+v is read as %+v, error %v", m.Name(), m, got, err)
		}
	}
	if len(kinds) != 18 {
		t.Errorf("%d kinds of messages are tested, of 18: %v", len(kinds), kinds)
	}
}

// A frame that was cut off, or has a byte too many, is refused; unless the message ends in data of
// any length, or in a list: then it is read as a shorter or a longer one.
func TestTruncated(t *testing.T) {
	for _, m := range messages() {
		open := false
		switch m.(type) {
		case *zab.SnapData, *zab.Proposal, *zab.Inform, *zab.Sync, *zab.Ping:
			open = true
		}
		b := append(wire.Append(nil, m)[4:], 0)
		for n := range len(b) + 1 {
			got, err := wire.Decode(b[:n])
			if n == len(b)-1 || err != nil {
				continue
			}
			if !open || !bytes.Equal(wire.Append(nil, got)[4:], b[:n]) {
				t.Errorf("%s: %d bytes of %d are read as %+v", m.Name(), n, len(b)-1, got)
			}
		}
	}
	for _, b := range []string{"", "\x00", "\xff", "\x01\x09"} {
		if m, err := wire.Decode([]byte(b)); err == nil {
			t.Errorf("%q is read as %v", b, m)
		}
	}
}

// No client's message goes to another server.
func TestForeign(t *testing.T) {
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "no server sends") {
			t.Errorf("a reply to a client is encoded: %q", text)
		}
	}()
	var m sim.Message = &tree.Reply{}
	wire.Append(nil, m)
}

func FuzzDecode(f *testing.F) {
	for _, m := range messages() {
		f.Add(wire.Append(nil, m)[4:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wire.Decode(b)
		if err != nil {
			return
		}
		if m.Name() == "" || m.Size() < 0 {
			t.Errorf("%+v has no name or size", m)
		}
		again, err := wire.Decode(wire.Append(nil, m)[4:])
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%+v is written and read as %+v, error %v", m, again, err)
		}
	})
}
