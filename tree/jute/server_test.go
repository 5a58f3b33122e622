package jute

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/zablab/zablab/tree"
)

// What the client's half writes, the server's half reads, and writing it again gives equal bytes.
func TestRequestRoundTrip(t *testing.T) {
	for _, r := range requests() {
		b := AppendRequest(nil, &r)
		got, err := DecodeRequest(b[4:])
		if err != nil {
			t.Errorf("%v: %v", r.Type, err)
			continue
		}
		if again := AppendRequest(nil, got); !bytes.Equal(again, b) {
			t.Errorf("%v: read and written again:\n%q\nwant\n%q", r.Type, again, b)
		}
		for n := 4; n < len(b); n++ {
			if _, err := DecodeRequest(b[4:n]); err == nil {
				t.Errorf("%v: cut off after %d of %d bytes, and read without an error", r.Type, n-4,
					len(b)-4)
			}
		}
		if _, err := DecodeRequest(append(bytes.Clone(b[4:]), 0)); err == nil {
			t.Errorf("%v: a byte too many is read", r.Type)
		}
	}
}

// An old client's first packet has no flag for read-only servers.
func TestConnectRequest(t *testing.T) {
	m := &tree.ConnectRequest{
		LastZxidSeen: 7, TimeoutMs: 4000, SessionID: 9, Passwd: []byte("0123456789abcdef"),
	}
	b := AppendConnect(nil, m)[4:]
	for _, x := range []struct {
		packet   []byte
		readOnly bool
	}{{b, true}, {b[:len(b)-1], false}} {
		got, readOnly, err := DecodeConnectRequest(x.packet)
		if err != nil || readOnly != x.readOnly || !reflect.DeepEqual(got, m) {
			t.Errorf("%d bytes: got %+v, flag %v, error %v", len(x.packet), got, readOnly, err)
		}
	}
	for n := range len(b) - 1 {
		if _, _, err := DecodeConnectRequest(b[:n]); err == nil {
			t.Errorf("cut off after %d bytes, and read without an error", n)
		}
	}
}

func TestConnectResponse(t *testing.T) {
	m := &tree.ConnectResponse{TimeoutMs: 4000, SessionID: 9, Passwd: []byte("0123456789abcdef")}
	b := AppendConnectResponse(nil, m, true)
	if len(b) != m.Size() {
		t.Errorf("%d bytes, want %d", len(b), m.Size())
	}
	for _, packet := range [][]byte{b, AppendConnectResponse(nil, m, false)} {
		if got, err := DecodeConnect(packet[4:]); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("got %+v, error %v", got, err)
		}
	}
}

func replies() []tree.Reply {
	stat := tree.Stat{Czxid: 1, Mzxid: 2, Ctime: 3, Mtime: 4, Version: 5, Cversion: 6, Aversion: 7,
		EphemeralOwner: 8, DataLength: 9, NumChildren: 10, Pzxid: 11}
	var list []tree.Reply
	for _, r := range []tree.OpResult{
		{Type: tree.OpCreate, Path: "/a"},
		{Type: tree.OpCreate2, Path: "/a", Stat: stat},
		{Type: tree.OpDelete},
		{Type: tree.OpExists, Stat: stat},
		{Type: tree.OpGetData, Data: []byte("x"), Stat: stat},
		{Type: tree.OpGetData, Stat: stat},
		{Type: tree.OpSetData, Stat: stat},
		{Type: tree.OpGetACL, ACL: tree.OpenACL, Stat: stat},
		{Type: tree.OpSetACL, Stat: stat},
		{Type: tree.OpGetChildren, Children: []string{"a", "b"}},
		{Type: tree.OpGetChildren2, Children: []string{}, Stat: stat},
		{Type: tree.OpSync, Path: "/a"},
		{Type: tree.OpPing},
		{Type: tree.OpGetEphemerals, Children: []string{"/a"}},
		{Type: tree.OpGetAllChildrenNumber, Number: 3},
		{Type: tree.OpAddWatch},
		{Type: tree.OpRemoveWatches},
		{Type: tree.OpMulti, Results: []tree.OpResult{
			{Type: tree.OpCreate, Path: "/a"}, {Type: tree.OpSetData, Stat: stat},
			{Type: tree.OpDelete}, {Type: tree.OpCheck}}},
		{Type: tree.OpMulti, Results: []tree.OpResult{
			{Type: tree.OpError}, {Type: tree.OpError, Code: tree.NoNode},
			{Type: tree.OpError, Code: tree.RuntimeInconsistency}}},
		{Type: tree.OpMultiRead, Results: []tree.OpResult{
			{Type: tree.OpGetData, Data: []byte{}, Stat: stat},
			{Type: tree.OpError, Code: tree.NoNode},
			{Type: tree.OpGetChildren, Children: []string{"a"}}}},
	} {
		list = append(list, tree.Reply{Xid: 7, Zxid: 1 << 33, Result: r})
	}
	return append(list, tree.Reply{Xid: 8, Zxid: 5, Code: tree.NoNode})
}

// What the server's half writes, the client's half reads.
func TestReplyRoundTrip(t *testing.T) {
	for _, r := range replies() {
		op := &tree.Op{Type: r.Result.Type}
		b := AppendReply(nil, &r)
		if len(b) != r.Size() {
			t.Errorf("%v: %d bytes, want %d", op.Type, len(b), r.Size())
		}
		got, err := DecodeReply(b[4:], op)
		if err != nil || !reflect.DeepEqual(got, &r) {
			t.Errorf("%v: got %+v, error %v, want %+v", op.Type, got, err, r)
		}
	}
}

func TestEventRoundTrip(t *testing.T) {
	e := tree.WatchEvent{Type: tree.NodeDeleted, Path: "/leader"}
	b := AppendEvent(nil, &e)
	if n := (&tree.WatchNotification{WatchEvent: e}).Size(); len(b) != n {
		t.Errorf("%d bytes, want %d", len(b), n)
	}
	got, state, err := DecodeEvent(b[4:])
	if err != nil || state != 3 || got != e {
		t.Errorf("got %+v in state %d, error %v", got, state, err)
	}
}

// A server can refuse an operation that it cannot read, because it has the xid.
func TestUnknownOperation(t *testing.T) {
	for _, op := range []tree.OpCode{tree.OpReconfig, tree.OpSasl, tree.OpCreateSession, 999} {
		b := appendInt(appendInt(nil, 5), int32(op))
		r, err := DecodeRequest(append(b, "anything"...))
		if !errors.Is(err, ErrUnknownOperation) || r == nil || r.Xid != 5 || r.Type != op {
			t.Errorf("%v: got %+v, error %v", op, r, err)
		}
	}
}

func FuzzDecodeRequest(f *testing.F) {
	for _, r := range requests() {
		f.Add(AppendRequest(nil, &r)[4:])
	}
	f.Add(AppendConnect(nil, &tree.ConnectRequest{Passwd: make([]byte, 16)})[4:])
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, readOnly, err := DecodeConnectRequest(b); err == nil {
			_ = AppendConnectResponse(nil, &tree.ConnectResponse{Passwd: m.Passwd}, readOnly)
		}
		r, err := DecodeRequest(b)
		if err != nil {
			return
		}
		again, err := DecodeRequest(AppendRequest(nil, r)[4:])
		if r.Type != tree.OpCreateTTL && (err != nil || !reflect.DeepEqual(again, r)) {
			t.Errorf("%+v is written and read as %+v, error %v", r, again, err)
		}
	})
}
