package jute

import (
	"errors"
	"fmt"

	"github.com/zablab/zablab/tree"
)

// The server's half of reading: what a client sends.

// [DecodeRequest] returns an error that wraps ErrUnknownOperation if this package cannot read the
// operation in the packet: reconfig, sasl, an operation that only servers use, or an unknown
// number. The returned request then has its xid and type, so that a server can refuse the request.
var ErrUnknownOperation = errors.New("unsupported operation")

// DecodeConnectRequest reads a client's first packet on a connection. readOnly is true if the
// packet ends with the flag for read-only servers. Clients of ZooKeeper 3.4 and later send this
// flag, and the response to such a client must have it too (ZOOKEEPER-1036).
func DecodeConnectRequest(b []byte) (m *tree.ConnectRequest, readOnly bool, err error) {
	d := decoder{rest: b}
	d.int() // the protocol's version
	m = &tree.ConnectRequest{
		LastZxidSeen: d.long(), TimeoutMs: d.int(), SessionID: d.long(), Passwd: d.bytes(),
	}
	if len(d.rest) > 0 {
		readOnly = true
		d.bool()
	}
	if err := d.end("connect request", b); err != nil {
		return nil, false, err
	}
	return m, readOnly, nil
}

// DecodeRequest reads a client's request. Every packet of a client is a request, except the first.
// If the error is [ErrUnknownOperation], only the xid and the type of the returned request are set.
func DecodeRequest(b []byte) (*tree.Request, error) {
	d := decoder{rest: b}
	r := &tree.Request{Xid: d.int(), Op: tree.Op{Type: tree.OpCode(d.int())}}
	if d.err == nil && !d.op(&r.Op) {
		return r, fmt.Errorf("decode request of %d bytes: %w: %v", len(b),
			ErrUnknownOperation, r.Type)
	}
	if err := d.end("request "+r.Type.String(), b); err != nil {
		return nil, err
	}
	return r, nil
}

// op reads the body of a request. It returns false if it does not know the operation.
func (d *decoder) op(o *tree.Op) bool {
	switch o.Type {
	case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		d.create(o)
	case tree.OpDelete, tree.OpCheck:
		o.Path, o.Version = d.text(), d.int()
	case tree.OpSetData:
		o.Path, o.Data, o.Version = d.text(), d.bytes(), d.int()
	case tree.OpSetACL:
		o.Path, o.ACL, o.Version = d.text(), d.acl(), d.int()
	case tree.OpExists, tree.OpGetData, tree.OpGetChildren, tree.OpGetChildren2:
		o.Path, o.Watch = d.text(), d.bool()
	case tree.OpGetACL, tree.OpSync, tree.OpGetEphemerals, tree.OpGetAllChildrenNumber:
		o.Path = d.text()
	case tree.OpAddWatch:
		o.Path, o.WatchMode = d.text(), tree.AddWatchMode(d.int())
	case tree.OpRemoveWatches, tree.OpCheckWatches:
		o.Path, o.WatcherType = d.text(), tree.WatcherType(d.int())
	case tree.OpSetWatches, tree.OpSetWatches2:
		d.setWatches(o)
	case tree.OpAuth:
		d.int() // always 0
		o.Scheme, o.Data = d.text(), d.bytes()
	case tree.OpMulti, tree.OpMultiRead:
		d.parts(o)
	case tree.OpPing, tree.OpCloseSession, tree.OpWhoAmI:
	default:
		return false
	}
	return true
}

// create reads the body of a create.
func (d *decoder) create(o *tree.Op) {
	o.Path, o.Data, o.ACL, o.Flags = d.text(), d.bytes(), d.acl(), tree.CreateMode(d.int())
	if o.Type == tree.OpCreateTTL {
		o.TTL = d.long()
	}
}

func (d *decoder) setWatches(o *tree.Op) {
	s := &tree.SetWatches{RelativeZxid: d.long()}
	s.Data, s.Exist, s.Child = d.texts(), d.texts(), d.texts()
	if o.Type == tree.OpSetWatches2 {
		s.Persistent, s.Recursive = d.texts(), d.texts()
	}
	o.SetWatches = s
}

// parts reads the operations of a multi, all of which must be known.
func (d *decoder) parts(o *tree.Op) {
	for d.err == nil {
		kind, done := tree.OpCode(d.int()), d.bool()
		d.int() // an error code that only replies use
		if done || d.err != nil {
			break
		}
		part := tree.Op{Type: kind}
		if kind == tree.OpMulti || kind == tree.OpMultiRead {
			d.fail("a multi contains another multi")
		} else if !d.op(&part) { // without it, the other parts would be another request
			d.fail("a multi contains an unsupported operation")
		}
		o.Ops = append(o.Ops, part)
	}
}
