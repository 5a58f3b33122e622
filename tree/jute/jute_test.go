package jute

import (
	"encoding/binary"
	"testing"

	"github.com/zablab/zablab/tree"
)

// requests has one request of every operation.
func requests() []tree.Request {
	path := tree.Op{Path: "/a/b", Data: []byte("data"), ACL: tree.OpenACL, Version: 3}
	var list []tree.Request
	for _, code := range []tree.OpCode{
		tree.OpCreate, tree.OpCreate2, tree.OpDelete, tree.OpExists, tree.OpGetData, tree.OpSetData,
		tree.OpGetACL,
		tree.OpSetACL, tree.OpGetChildren, tree.OpSync, tree.OpPing, tree.OpGetChildren2,
		tree.OpCheck,
		tree.OpCheckWatches, tree.OpRemoveWatches, tree.OpGetEphemerals,
		tree.OpGetAllChildrenNumber,
		tree.OpAddWatch, tree.OpCloseSession,
	} {
		op := path
		op.Type = code
		list = append(list, tree.Request{Xid: 7, Op: op})
	}
	set := &tree.SetWatches{RelativeZxid: 5, Data: []string{"/x"}, Exist: []string{},
		Persistent: []string{"/y", "/z"}}
	return append(list,
		tree.Request{Op: tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte("u:p")}},
		tree.Request{Op: tree.Op{Type: tree.OpSetWatches, SetWatches: set}},
		tree.Request{Op: tree.Op{Type: tree.OpSetWatches2, SetWatches: set}},
		tree.Request{Op: tree.Op{Type: tree.OpMulti,
			Ops: []tree.Op{list[0].Op, list[2].Op, list[5].Op, list[12].Op}}},
		tree.Request{Op: tree.Op{Type: tree.OpMultiRead, Ops: []tree.Op{list[4].Op, list[8].Op}}},
	)
}

// A packet has as many bytes as the simulation charges its links for.
func TestSizes(t *testing.T) {
	check := func(what string, b []byte, size int) {
		if len(b) != size || int(binary.BigEndian.Uint32(b)) != len(b)-4 {
			t.Errorf("%s: %d bytes with a length of %d, want %d", what, len(b),
				binary.BigEndian.Uint32(b), size)
		}
	}
	for _, r := range requests() {
		check(r.Type.String(), AppendRequest(nil, &r), r.Size())
	}
	c := tree.ConnectRequest{TimeoutMs: 4000, Passwd: make([]byte, 16)}
	check("connect", AppendConnect(nil, &c), c.Size())
}

// The bytes are those of ZooKeeper's own classes: a create as its client encodes it.
func TestCreate(t *testing.T) {
	got := AppendRequest(nil, &tree.Request{Xid: 1, Op: tree.Op{
		Type: tree.OpCreate, Path: "/a", ACL: tree.OpenACL, Flags: tree.Ephemeral,
	}})
	want := "\x00\x00\x00\x31" + "\x00\x00\x00\x01" + "\x00\x00\x00\x01" + "\x00\x00\x00\x02/a" +
		"\xff\xff\xff\xff" +
		"\x00\x00\x00\x01" + "\x00\x00\x00\x1f" + "\x00\x00\x00\x05world" +
		"\x00\x00\x00\x06anyone" + "\x00\x00\x00\x01"
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A packet that is cut off anywhere is an error, and no panic.
func TestCutOff(t *testing.T) {
	stat := make([]byte, 68)
	header := append([]byte{0, 0, 0, 9}, make([]byte, 12)...)
	for _, x := range []struct {
		op   tree.OpCode
		body []byte
	}{
		{tree.OpExists, stat},
		{tree.OpGetData, append(append([]byte{0, 0, 0, 2}, "xy"...), stat...)},
		{tree.OpGetChildren, append([]byte{0, 0, 0, 1, 0, 0, 0, 1}, 'a')},
		{tree.OpMulti, []byte{255, 255, 255, 255, 0, 255, 255, 255, 154, 255, 255, 255, 154, 255,
			255, 255, 255, 1, 255, 255, 255, 255}},
	} {
		whole := append(append([]byte{}, header...), x.body...)
		op := &tree.Op{Type: x.op}
		if r, err := DecodeReply(whole, op); err != nil || r.Xid != 9 {
			t.Errorf("%v: %v", x.op, err)
		}
		for n := range whole {
			if _, err := DecodeReply(whole[:n], op); err == nil {
				t.Errorf("%v: cut off after %d bytes, and read without an error", x.op, n)
			}
		}
		if _, err := DecodeReply(append(whole, 0), op); err == nil {
			t.Errorf("%v: a byte too many is read", x.op)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00"),
		int32(tree.OpMulti))
	f.Fuzz(func(t *testing.T, b []byte, op int32) {
		_, _ = DecodeReply(b, &tree.Op{Type: tree.OpCode(op)})
		_, _, _ = DecodeEvent(b)
		_, _ = DecodeConnect(b)
	})
}
