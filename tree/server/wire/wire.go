package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// kind is the first byte of a frame: which message it is.
type kind uint8

// The kinds. Their numbers are on the wire: never change one.
const (
	notification kind = iota + 1
	followerInfo
	leaderInfo
	ackEpoch
	diff
	trunc
	snap
	snapData
	newLeader
	upToDate
	proposal
	ack
	commit
	inform
	ping
	revalidate
	request
	syncCall
)

// lengthPrefix is the size in bytes of the length that precedes a frame.
const lengthPrefix = 4

// Append appends the frame of a message to dst. It panics for a message that no server sends,
// because then the caller has a bug.
func Append(dst []byte, m sim.Message) []byte {
	at := len(dst)
	dst = appendMessage(append(dst, 0, 0, 0, 0), m)
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-lengthPrefix))
	return dst
}

func appendMessage(dst []byte, m sim.Message) []byte {
	begin := func(k kind) { dst = append(dst, byte(k)) }
	switch m := m.(type) {
	case *zab.Notification:
		begin(notification)
		dst = appendInt(append(dst, byte(m.State)), uint32(m.Vote.Leader))
		dst = appendLong(dst, uint64(m.Vote.Zxid))
		return appendLong(appendInt(dst, m.Vote.Epoch), m.Round)
	case *zab.FollowerInfo:
		begin(followerInfo)
		return appendBool(appendInt(dst, m.AcceptedEpoch), m.Observer)
	case *zab.LeaderInfo:
		begin(leaderInfo)
		return appendInt(dst, m.Epoch)
	case *zab.AckEpoch:
		begin(ackEpoch)
		return appendBool(appendInt(appendLong(dst, uint64(m.LastZxid)), m.CurrentEpoch), m.Again)
	case *zab.Diff:
		begin(diff)
		return appendLong(dst, uint64(m.Zxid))
	case *zab.Trunc:
		begin(trunc)
		return appendLong(dst, uint64(m.Zxid))
	case *zab.Snap:
		begin(snap)
		return appendLong(dst, uint64(m.Zxid))
	case *zab.SnapData:
		begin(snapData)
		return append(appendBool(dst, m.Last), m.Data...)
	case *zab.NewLeader:
		begin(newLeader)
		return appendInt(dst, m.Epoch)
	case *zab.UpToDate:
		begin(upToDate)
		return appendLong(dst, uint64(m.Zxid))
	case *zab.Proposal:
		begin(proposal)
		return appendEntry(dst, &m.Entry)
	case *zab.Ack:
		begin(ack)
		return appendLong(dst, uint64(m.Zxid))
	case *zab.Commit:
		begin(commit)
		return appendLong(dst, uint64(m.Zxid))
	case *zab.Inform:
		begin(inform)
		return appendEntry(dst, &m.Entry)
	case *zab.Ping:
		begin(ping)
		return appendPing(dst, m)
	case *zab.Revalidate:
		begin(revalidate)
		dst = appendInt(appendLong(dst, uint64(m.Session)), uint32(m.TimeoutMs))
		return appendBool(dst, m.Valid)
	case *zab.Request:
		begin(request)
		return appendRequest(dst, m.Body.(*server.Request))
	case *zab.Sync:
		begin(syncCall)
		b := m.Body.(*server.Sync)
		return append(appendInt(appendLong(dst, uint64(b.Session)), uint32(b.Cxid)), b.Path...)
	}
	panic(fmt.Sprintf("wire: append %s: no server sends this message to another", m.Name()))
}

func appendEntry(dst []byte, e *zab.Entry) []byte {
	return append(appendLong(dst, uint64(e.Zxid)), e.Data...)
}

func appendPing(dst []byte, m *zab.Ping) []byte {
	dst = appendLong(dst, uint64(m.Zxid))
	for i := range m.Touched {
		t := &m.Touched[i]
		dst = appendInt(appendLong(dst, uint64(t.Session)), uint32(t.TimeoutMs))
	}
	return dst
}

// appendRequest appends the body of a REQUEST. The timeout stands outside of the operation, because
// clients have no operation that opens a session.
func appendRequest(dst []byte, r *server.Request) []byte {
	dst = appendBool(appendLong(dst, uint64(r.Session)), r.Dropped)
	dst = appendInt(dst, uint32(r.Op.TimeoutMs))
	dst = appendInt(dst, uint32(len(r.Auth)))
	for i := range r.Auth {
		dst = appendText(appendText(dst, r.Auth[i].Scheme), r.Auth[i].ID)
	}
	return jute.AppendRequest(dst, &tree.Request{Xid: r.Cxid, Op: *r.Op})
}

func appendInt(dst []byte, v uint32) []byte  { return binary.BigEndian.AppendUint32(dst, v) }
func appendLong(dst []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(dst, v) }

func appendText(dst []byte, s string) []byte {
	return append(appendInt(dst, uint32(len(s))), s...)
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}
