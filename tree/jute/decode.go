package jute

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/zablab/zablab/tree"
)

// Header is at the start of every packet that a server sends, except the first.
type Header struct {
	Xid  int32
	Zxid int64 // -1 for a watch event
	Code tree.Code
}

// DecodeConnect decodes a server's first packet.
func DecodeConnect(b []byte) (*tree.ConnectResponse, error) {
	d := decoder{rest: b}
	d.int() // the protocol's version
	m := &tree.ConnectResponse{TimeoutMs: d.int(), SessionID: d.long(), Passwd: d.bytes()}
	if len(d.rest) > 0 { // the read-only flag, since 3.4
		d.bool()
	}
	return m, d.end("connect response", b)
}

// DecodeHeader decodes only the header, whose xid says which request the packet answers. It returns
// the bytes after the header, which are the body, as rest.
func DecodeHeader(b []byte) (h Header, rest []byte, err error) {
	d := decoder{rest: b}
	h = Header{d.int(), d.long(), tree.Code(d.int())}
	if d.err != nil {
		return h, nil, fmt.Errorf("decode reply of %d bytes: %w", len(b), d.err)
	}
	return h, d.rest, nil
}

// DecodeReply decodes the reply to the operation op.
func DecodeReply(b []byte, op *tree.Op) (*tree.Reply, error) {
	h, rest, err := DecodeHeader(b)
	if err != nil {
		return nil, err
	}
	r := &tree.Reply{Xid: h.Xid, Zxid: h.Zxid, Code: h.Code}
	d := decoder{rest: rest}
	if h.Code == tree.OK {
		r.Result.Type = op.Type
		d.result(&r.Result)
	}
	return r, d.end("reply to "+op.Type.String(), rest)
}

// DecodeEvent decodes a watch event. It also returns the session state that is in the event; 3
// means connected.
func DecodeEvent(b []byte) (e tree.WatchEvent, state int32, err error) {
	_, rest, err := DecodeHeader(b)
	if err != nil {
		return e, 0, err
	}
	d := decoder{rest: rest}
	e.Type, state, e.Path = tree.EventType(d.int()), d.int(), d.text()
	return e, state, d.end("watch event", rest)
}

var errPacket = errors.New("malformed")

// decoder reads values from the front of rest. After the first failure every read returns zero.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(cause string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errPacket, cause)
	}
}

func (d *decoder) end(what string, b []byte) error {
	if d.err == nil && len(d.rest) > 0 {
		d.fail(fmt.Sprintf("%d bytes follow the end of the message", len(d.rest)))
	}
	if d.err != nil {
		return fmt.Errorf("decode %s of %d bytes: %w", what, len(b), d.err)
	}
	return nil
}

func (d *decoder) take(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.rest) {
		d.fail("the packet ends too early")
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) int() int32 {
	if b := d.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (d *decoder) long() int64 {
	if b := d.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (d *decoder) bool() bool {
	b := d.take(1)
	if b != nil && b[0] > 1 {
		d.fail("a boolean is neither 0 nor 1")
	}
	return b != nil && b[0] == 1
}

func (d *decoder) text() string { return string(d.bytes()) }

// bytes reads a length and that many bytes. A length of -1 means nil.
func (d *decoder) bytes() []byte {
	n := d.int()
	if n == -1 || d.err != nil {
		return nil
	}
	b := d.take(int(n))
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

// count reads the length of a list whose items take at least size bytes each.
func (d *decoder) count(size int) int {
	n := int(d.int())
	if n == -1 {
		return 0
	}
	if n < 0 || n > len(d.rest)/size {
		d.fail("a list is longer than the rest of the packet")
		return 0
	}
	return n
}

func (d *decoder) texts() []string {
	list := make([]string, d.count(4))
	for i := range list {
		list[i] = d.text()
	}
	return list
}

// acl reads an ACL. An absent one, of length -1, is nil, and an empty one is not.
func (d *decoder) acl() []tree.ACL {
	if len(d.rest) >= 4 && binary.BigEndian.Uint32(d.rest) == math.MaxUint32 {
		d.int()
		return nil
	}
	list := make([]tree.ACL, d.count(12))
	for i := range list {
		list[i] = tree.ACL{Perms: d.int(), Scheme: d.text(), ID: d.text()}
	}
	return list
}

func (d *decoder) stat() tree.Stat {
	return tree.Stat{
		Czxid: d.long(), Mzxid: d.long(), Ctime: d.long(), Mtime: d.long(),
		Version: d.int(), Cversion: d.int(), Aversion: d.int(), EphemeralOwner: d.long(),
		DataLength: d.int(), NumChildren: d.int(), Pzxid: d.long(),
	}
}

// result reads the body of a reply into r, whose Type is set.
func (d *decoder) result(r *tree.OpResult) {
	switch r.Type {
	case tree.OpCreate, tree.OpSync:
		r.Path = d.text()
	case tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		r.Path, r.Stat = d.text(), d.stat()
	case tree.OpExists, tree.OpSetData, tree.OpSetACL:
		r.Stat = d.stat()
	case tree.OpGetData:
		r.Data, r.Stat = d.bytes(), d.stat()
	case tree.OpGetChildren, tree.OpGetEphemerals:
		r.Children = d.texts()
	case tree.OpWhoAmI:
		r.Children = make([]string, d.count(8))
		for i := range r.Children {
			r.Children[i] = d.text() + ":" + d.text()
		}
	case tree.OpGetChildren2:
		r.Children, r.Stat = d.texts(), d.stat()
	case tree.OpGetACL:
		r.ACL, r.Stat = d.acl(), d.stat()
	case tree.OpGetAllChildrenNumber:
		r.Number = d.int()
	case tree.OpAddWatch:
		d.int() // an error code, as in the header
	case tree.OpError:
		r.Code = tree.Code(d.int())
	case tree.OpMulti, tree.OpMultiRead:
		d.multi(r)
	}
}

func (d *decoder) multi(r *tree.OpResult) {
	for d.err == nil {
		kind, done, code := tree.OpCode(d.int()), d.bool(), tree.Code(d.int())
		if done {
			return
		}
		part := tree.OpResult{Type: kind}
		if kind == tree.OpMulti || kind == tree.OpMultiRead {
			d.fail("a multi contains another multi")
			return
		}
		d.result(&part)
		if kind == tree.OpError && part.Code != code {
			d.fail(fmt.Sprintf("a failed operation of a multi has two different error codes: %d "+
				"in its header and %d in its body",
				code, part.Code))
		}
		r.Results = append(r.Results, part)
	}
}
