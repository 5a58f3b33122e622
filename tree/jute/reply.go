package jute

import (
	"strings"

	"github.com/zablab/zablab/tree"
)

// The server's half of writing: what a client receives.

// stateConnected is the session's state in every watch event (Watcher.Event.KeeperState).
const stateConnected = 3

// AppendConnectResponse appends a server's first packet on a connection. Set readOnly if the
// client's request had the flag for read-only servers; the response then has this flag too.
func AppendConnectResponse(dst []byte, m *tree.ConnectResponse, readOnly bool) []byte {
	return frame(dst, func(dst []byte) []byte {
		dst = appendInt(dst, 0) // the protocol's version
		dst = appendInt(dst, m.TimeoutMs)
		dst = appendLong(dst, m.SessionID)
		dst = appendBytes(dst, m.Passwd)
		if readOnly {
			dst = appendBool(dst, false) // this server takes writes
		}
		return dst
	})
}

// AppendReply appends the reply to a request.
func AppendReply(dst []byte, r *tree.Reply) []byte {
	return frame(dst, func(dst []byte) []byte {
		dst = appendHeader(dst, r.Xid, r.Zxid, r.Code)
		if r.Code != tree.OK {
			return dst
		}
		return appendResult(dst, &r.Result)
	})
}

// AppendEvent appends a watch event. Its header has the zxid -1.
func AppendEvent(dst []byte, e *tree.WatchEvent) []byte {
	return frame(dst, func(dst []byte) []byte {
		dst = appendHeader(dst, tree.XidNotification, -1, tree.OK)
		dst = appendInt(dst, int32(e.Type))
		dst = appendInt(dst, stateConnected)
		return appendText(dst, e.Path)
	})
}

func appendHeader(dst []byte, xid int32, zxid int64, code tree.Code) []byte {
	return appendInt(appendLong(appendInt(dst, xid), zxid), int32(code))
}

func appendStat(dst []byte, s *tree.Stat) []byte {
	for _, v := range [...]int64{s.Czxid, s.Mzxid, s.Ctime, s.Mtime} {
		dst = appendLong(dst, v)
	}
	for _, v := range [...]int32{s.Version, s.Cversion, s.Aversion} {
		dst = appendInt(dst, v)
	}
	dst = appendLong(dst, s.EphemeralOwner)
	dst = appendInt(appendInt(dst, s.DataLength), s.NumChildren)
	return appendLong(dst, s.Pzxid)
}

// appendResult appends the body of a reply.
func appendResult(dst []byte, r *tree.OpResult) []byte {
	switch r.Type {
	case tree.OpCreate, tree.OpSync:
		return appendText(dst, r.Path)
	case tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		return appendStat(appendText(dst, r.Path), &r.Stat)
	case tree.OpExists, tree.OpSetData, tree.OpSetACL:
		return appendStat(dst, &r.Stat)
	case tree.OpGetData:
		return appendStat(appendBytes(dst, r.Data), &r.Stat)
	case tree.OpGetChildren, tree.OpGetEphemerals:
		return appendTexts(dst, r.Children)
	case tree.OpWhoAmI:
		dst = appendInt(dst, int32(len(r.Children)))
		for _, who := range r.Children {
			scheme, user, _ := strings.Cut(who, ":")
			dst = appendText(appendText(dst, scheme), user)
		}
		return dst
	case tree.OpGetChildren2:
		return appendStat(appendTexts(dst, r.Children), &r.Stat)
	case tree.OpGetACL:
		return appendStat(appendACL(dst, r.ACL), &r.Stat)
	case tree.OpGetAllChildrenNumber:
		return appendInt(dst, r.Number)
	case tree.OpAddWatch:
		return appendInt(dst, 0) // the code, again
	case tree.OpError:
		return appendInt(dst, int32(r.Code))
	case tree.OpMulti, tree.OpMultiRead:
		for i := range r.Results {
			dst = appendPart(dst, &r.Results[i])
		}
		return appendMultiHeader(dst, -1, true)
	}
	return dst // delete, check, ping, setWatches, removeWatches, checkWatches, closeSession, auth
}

// appendPart appends the result of one part of a multi. A part that has failed is an error,
// whatever it was (ZooKeeper's ErrorResult).
func appendPart(dst []byte, r *tree.OpResult) []byte {
	kind := r.Type
	if r.Code != tree.OK {
		kind = tree.OpError
	}
	dst = appendInt(appendBool(appendInt(dst, int32(kind)), false), int32(r.Code))
	if kind == tree.OpError {
		return appendInt(dst, int32(r.Code))
	}
	return appendResult(dst, r)
}
