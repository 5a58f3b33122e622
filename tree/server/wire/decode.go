package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Decode decodes the body of one frame: the bytes after the length.
func Decode(b []byte) (zab.Message, error) {
	d := decoder{rest: b}
	k := kind(d.byte())
	m := d.message(k)
	switch {
	case d.err == nil && m == nil:
		d.fail("unknown kind of message")
	case d.err == nil && len(d.rest) > 0:
		d.fail("bytes follow the end of the message")
	}
	if d.err != nil {
		return nil, fmt.Errorf("decode a message of %d bytes, kind %d: %w", len(b), k, d.err)
	}
	return m, nil
}

// decoder reads values from the front of rest. After the first failure every read returns zero.
type decoder struct {
	rest []byte
	err  error
}

// message reads a message of a kind. It returns nil for an unknown kind.
func (d *decoder) message(k kind) zab.Message {
	switch k {
	case notification:
		return d.notification()
	case followerInfo:
		return &zab.FollowerInfo{AcceptedEpoch: d.int(), Observer: d.bool()}
	case leaderInfo:
		return &zab.LeaderInfo{Epoch: d.int()}
	case ackEpoch:
		return &zab.AckEpoch{LastZxid: d.zxid(), CurrentEpoch: d.int(), Again: d.bool()}
	case diff:
		return &zab.Diff{Zxid: d.zxid()}
	case trunc:
		return &zab.Trunc{Zxid: d.zxid()}
	case snap:
		return &zab.Snap{Zxid: d.zxid()}
	case snapData:
		return &zab.SnapData{Last: d.bool(), Data: d.all()}
	case newLeader:
		return &zab.NewLeader{Epoch: d.int()}
	case upToDate:
		return &zab.UpToDate{Zxid: d.zxid()}
	case proposal:
		return &zab.Proposal{Entry: zab.Entry{Zxid: d.zxid(), Data: d.all()}}
	case ack:
		return &zab.Ack{Zxid: d.zxid()}
	case commit:
		return &zab.Commit{Zxid: d.zxid()}
	case inform:
		return &zab.Inform{Entry: zab.Entry{Zxid: d.zxid(), Data: d.all()}}
	case ping:
		return d.ping()
	case revalidate:
		return &zab.Revalidate{
			Session: int64(d.long()), TimeoutMs: int32(d.int()), Valid: d.bool(),
		}
	case request:
		return &zab.Request{Body: d.request()}
	case syncCall:
		return &zab.Sync{Body: &server.Sync{
			Session: int64(d.long()), Cxid: int32(d.int()), Path: string(d.all()),
		}}
	}
	return nil
}

func (d *decoder) notification() *zab.Notification {
	m := &zab.Notification{State: zab.State(d.byte())}
	if m.State > zab.Observing {
		d.fail("unknown state of a server")
	}
	m.Vote = zab.Vote{Leader: sim.NodeID(d.int()), Zxid: d.zxid(), Epoch: d.int()}
	m.Round = d.long()
	return m
}

// touchSize is the size in bytes of an entry of a PING's list.
const touchSize = 8 + 4

func (d *decoder) ping() *zab.Ping {
	m := &zab.Ping{Zxid: d.zxid()}
	if n := len(d.rest) / touchSize; n > 0 {
		m.Touched = make([]zab.Touch, n)
	}
	for i := range m.Touched {
		m.Touched[i] = zab.Touch{Session: int64(d.long()), TimeoutMs: int32(d.int())}
	}
	return m
}

// request reads the body of a REQUEST.
func (d *decoder) request() *server.Request {
	r := &server.Request{Session: int64(d.long()), Dropped: d.bool()}
	timeoutMs := int32(d.int())
	n := d.int()
	if uint64(n) > uint64(len(d.rest))/8 {
		d.fail("a list is longer than the message")
		return r
	}
	if n > 0 {
		r.Auth = make([]tree.Identity, n)
	}
	for i := range r.Auth {
		r.Auth[i] = tree.Identity{Scheme: d.text(), ID: d.text()}
	}
	if size := d.int(); d.err == nil && int64(size) != int64(len(d.rest)) {
		d.fail("the stated length of the operation differs from the number of bytes that follow")
	}
	if d.err != nil {
		return r
	}
	packet := d.take(len(d.rest))
	m, err := jute.DecodeRequest(packet)
	if errors.Is(err, jute.ErrUnknownOperation) && len(packet) == 8 {
		err = nil // createSession, or an operation that the leader refuses: it has no body
	}
	if err != nil {
		d.fail(err.Error())
		return r
	}
	r.Cxid, r.Op = m.Xid, &m.Op
	r.Op.TimeoutMs = timeoutMs
	return r
}

func (d *decoder) fail(cause string) {
	if d.err == nil {
		d.err = errors.New(cause)
	}
}

func (d *decoder) take(n int) []byte {
	if d.err != nil || n > len(d.rest) {
		d.fail("the message ends too early")
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) bool() bool {
	b := d.byte()
	if b > 1 {
		d.fail("a flag is neither 0 nor 1")
	}
	return b == 1
}

func (d *decoder) int() uint32 {
	if b := d.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) long() uint64 {
	if b := d.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) zxid() zab.Zxid { return zab.Zxid(d.long()) }

func (d *decoder) text() string {
	n := d.int()
	if uint64(n) > uint64(len(d.rest)) {
		d.fail("a text is longer than the message")
		return ""
	}
	return string(d.take(int(n)))
}

// all returns a copy of the rest.
func (d *decoder) all() []byte { return bytes.Clone(d.take(len(d.rest))) }
