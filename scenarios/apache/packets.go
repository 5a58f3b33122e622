package apache

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// splitter takes the next bytes of one direction of a connection, and returns the messages that are
// now complete. It skips a message of unknown type. If it cannot tell where the next message
// begins, it skips the rest of the connection.
type splitter func(chunk []byte) []zab.Message

// errShort means that the rest of a message has not arrived yet.
var errShort = errors.New("incomplete message")

// split returns a splitter that calls the function read for each message.
func split(read reader) splitter {
	cut := pieces(read)
	return func(chunk []byte) (list []zab.Message) {
		for _, p := range cut(chunk) {
			if p.message != nil {
				list = append(list, p.message)
			}
		}
		return list
	}
}

// reader decodes the message at the beginning of b, and returns its length; m is nil for a message
// that the lab does not model.
type reader func(b []byte) (m zab.Message, n int, err error)

// piece is the bytes of one message.
type piece struct {
	message zab.Message // nil for one that the lab does not model
	bytes   []byte
}

// pieces returns a function that takes the next bytes of one direction of a connection, and returns
// the messages that are now complete. If it cannot tell where the next message begins, all further
// bytes are messages that the lab does not model.
func pieces(read reader) func(chunk []byte) []piece {
	var rest []byte
	lost := false
	return func(chunk []byte) (list []piece) {
		rest = append(rest, chunk...)
		for len(rest) > 0 {
			m, n, err := zab.Message(nil), len(rest), error(nil)
			if !lost {
				m, n, err = read(rest)
			}
			if err == errShort {
				break
			}
			if err != nil {
				lost = true
				continue
			}
			list = append(list, piece{m, rest[:n:n]})
			rest = rest[n:]
		}
		return list
	}
}

// votes returns a splitter for the bytes on an election port after the greeting: messages of
// FastLeaderElection, each after its length (QuorumCnxManager.SendWorker).
func votes() splitter {
	const least, longest = 40, 512 << 10 // QuorumCnxManager.PACKETMAXSIZE
	return split(func(b []byte) (zab.Message, int, error) {
		if len(b) < 4 {
			return nil, 0, errShort
		}
		n := int(binary.BigEndian.Uint32(b))
		switch {
		case n > longest:
			return nil, 0, errors.New("election port: the bytes are not a vote of a ZooKeeper " +
				"server: only servers may connect to this port")
		case len(b) < 4+n:
			return nil, 0, errShort
		case n < least || binary.BigEndian.Uint32(b[4:]) > uint32(zab.Observing):
			return nil, 4 + n, nil
		}
		b = b[4:]
		return &zab.Notification{
			State: zab.State(binary.BigEndian.Uint32(b)),
			Vote: zab.Vote{
				Leader: zab.ID(binary.BigEndian.Uint64(b[4:])),
				Zxid:   zab.Zxid(binary.BigEndian.Uint64(b[12:])),
				Epoch:  uint32(binary.BigEndian.Uint64(b[28:])),
			},
			Round: binary.BigEndian.Uint64(b[20:]),
		}, 4 + n, nil
	})
}

// The types of a QuorumPacket (org.apache.zookeeper.server.quorum.Leader).
const (
	packetRequest = iota + 1
	packetProposal
	packetAck
	packetCommit
	packetPing
	packetRevalidate
	packetSync
	packetInform
	packetCommitAndActivate
	packetNewLeader
	packetFollowerInfo
	packetUpToDate
	packetDiff
	packetTrunc
	packetSnap
	packetObserverInfo
	packetLeaderInfo
	packetAckEpoch
	packetInformAndActivate
)

// signature is what follows a snapshot (LearnerHandler, Learner.syncWithLeader): a text after its
// length. A node whose data contains these bytes would end the snapshot too early.
var signature = []byte("\x00\x00\x00\x0aBenWasHere")

// quorumPackets returns a splitter for the bytes between a learner and its leader: records of
// QuorumPacket, without a length, and a snapshot after SNAP.
func quorumPackets() splitter { return split(quorumReader()) }

func quorumReader() reader {
	snapshot := false
	return func(b []byte) (zab.Message, int, error) {
		if snapshot {
			i := bytes.Index(b, signature)
			if i >= 0 {
				snapshot = false
				return nil, i + len(signature), nil
			}
			if n := len(b) - len(signature) + 1; n > 0 { // b may end within the signature
				return nil, n, nil
			}
			return nil, 0, errShort
		}
		kind, zxid, data, n, err := quorumPacket(b)
		if err != nil {
			return nil, 0, err
		}
		snapshot = kind == packetSnap
		return message(kind, zxid, data), n, nil
	}
}

// quorumPacket decodes the record at the beginning of b, and returns its length n.
func quorumPacket(b []byte) (kind uint32, zxid zab.Zxid, data []byte, n int, err error) {
	at := 0
	take := func(n int) []byte {
		if err == nil && len(b)-at < n {
			err = errShort
		}
		if err != nil {
			return make([]byte, min(n, 8))
		}
		at += n
		return b[at-n : at]
	}
	length := func() int { // of a buffer, a text or a list; 0 for null
		n := int32(binary.BigEndian.Uint32(take(4)))
		if err == nil && (n < -1 || n > longestPacket) {
			err = errors.New("quorum port: the bytes are not a QuorumPacket of a ZooKeeper server: " +
				"only servers may connect to this port")
		}
		return max(0, int(n))
	}
	kind = binary.BigEndian.Uint32(take(4))
	if err == nil && (kind < packetRequest || kind > packetInformAndActivate) {
		err = errors.New("quorum port: the message is not a QuorumPacket")
	}
	zxid = zab.Zxid(binary.BigEndian.Uint64(take(8)))
	data = take(length())
	for range 2 * length() { // authinfo: a scheme and an ID for each entry
		if take(length()); err != nil {
			break
		}
	}
	return kind, zxid, data, at, err
}

// message converts a packet to one of the lab's messages; nil if the lab has no such message.
func message(kind uint32, zxid zab.Zxid, data []byte) zab.Message {
	switch kind {
	case packetRequest:
		return &zab.Request{Body: asked(data)}
	case packetProposal:
		return &zab.Proposal{Entry: entry(zxid, data)}
	case packetAck:
		return &zab.Ack{Zxid: zxid}
	case packetCommit:
		return &zab.Commit{Zxid: zxid}
	case packetPing:
		return &zab.Ping{Zxid: zxid}
	case packetRevalidate:
		return &zab.Revalidate{}
	case packetSync:
		return &zab.Sync{Body: opaque(data)}
	case packetInform:
		return &zab.Inform{Entry: entry(zxid, data)}
	case packetNewLeader:
		return &zab.NewLeader{Epoch: zxid.Epoch()}
	case packetFollowerInfo, packetObserverInfo:
		return &zab.FollowerInfo{AcceptedEpoch: zxid.Epoch(), Observer: kind == packetObserverInfo}
	case packetUpToDate:
		return &zab.UpToDate{Zxid: zxid}
	case packetDiff:
		return &zab.Diff{Zxid: zxid}
	case packetTrunc:
		return &zab.Trunc{Zxid: zxid}
	case packetSnap:
		return &zab.Snap{Zxid: zxid}
	case packetLeaderInfo:
		return &zab.LeaderInfo{Epoch: zxid.Epoch()}
	case packetAckEpoch:
		m := &zab.AckEpoch{LastZxid: zxid}
		if len(data) == 4 {
			epoch := int32(binary.BigEndian.Uint32(data))
			m.CurrentEpoch, m.Again = uint32(max(0, epoch)), epoch < 0
		}
		return m
	}
	return nil
}

// entry is a proposal's transaction in the lab's encoding. Data is empty if the lab has no
// transaction of this type.
func entry(zxid zab.Zxid, data []byte) zab.Entry {
	e := zab.Entry{Zxid: zxid}
	if txn, err := jute.DecodeTxn(data); err == nil && txn.Body != nil {
		e.Data = txn.Append(nil)
	}
	return e
}

// asked decodes a client's request that a server forwards to its leader: session, number and type,
// and for a request that changes one node also the path and the flags.
func asked(data []byte) zab.Body {
	const head = 8 + 4 + 4
	if len(data) < head {
		return opaque(data)
	}
	r := &server.Request{
		Session: int64(binary.BigEndian.Uint64(data)),
		Cxid:    int32(binary.BigEndian.Uint32(data[8:])),
		Op:      &tree.Op{Type: tree.OpCode(binary.BigEndian.Uint32(data[12:]))},
	}
	rest := data[head:]
	switch r.Op.Type {
	case tree.OpCreateSession, tree.OpCloseSession, tree.OpMulti:
		return r
	case tree.OpCreate, tree.OpCreate2, tree.OpDelete, tree.OpSetData, tree.OpSetACL:
	default:
		return opaque(data)
	}
	if len(rest) < 4 || int64(len(rest)-4) < int64(binary.BigEndian.Uint32(rest)) {
		return opaque(data)
	}
	n := binary.BigEndian.Uint32(rest)
	r.Op.Path, rest = string(rest[4:4+n]), rest[4+n:]
	if made := r.Op.Type == tree.OpCreate || r.Op.Type == tree.OpCreate2; made && len(rest) >= 4 {
		r.Op.Flags = tree.CreateMode(binary.BigEndian.Uint32(rest[len(rest)-4:]))
	}
	return r
}

// opaque is a message's body that the lab does not decode.
type opaque []byte

// Size is its length in bytes.
func (o opaque) Size() int { return len(o) }

// Key is a hash of it.
func (o opaque) Key() uint64 { return sim.HashBytes(o) }
