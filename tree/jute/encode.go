package jute

import (
	"encoding/binary"

	"github.com/zablab/zablab/tree"
)

// frame appends what body appends, with its length in front.
func frame(dst []byte, body func([]byte) []byte) []byte {
	at := len(dst)
	dst = body(append(dst, 0, 0, 0, 0))
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// AppendConnect appends a client's first packet on a connection.
func AppendConnect(dst []byte, m *tree.ConnectRequest) []byte {
	return frame(dst, func(dst []byte) []byte {
		dst = appendInt(dst, 0) // the protocol's version
		dst = appendLong(dst, m.LastZxidSeen)
		dst = appendInt(dst, m.TimeoutMs)
		dst = appendLong(dst, m.SessionID)
		dst = appendBytes(dst, m.Passwd)
		return appendBool(dst, false) // no read-only server
	})
}

// AppendRequest appends a request.
func AppendRequest(dst []byte, r *tree.Request) []byte {
	return frame(dst, func(dst []byte) []byte {
		dst = appendInt(dst, r.Xid)
		dst = appendInt(dst, int32(r.Type))
		return appendOp(dst, &r.Op)
	})
}

// appendOp appends the body of an operation.
func appendOp(dst []byte, o *tree.Op) []byte {
	switch o.Type {
	case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		dst = appendText(dst, o.Path)
		dst = appendBytes(dst, o.Data)
		dst = appendACL(dst, o.ACL)
		if dst = appendInt(dst, int32(o.Flags)); o.Type == tree.OpCreateTTL {
			dst = appendLong(dst, o.TTL)
		}
		return dst
	case tree.OpDelete, tree.OpCheck:
		return appendInt(appendText(dst, o.Path), o.Version)
	case tree.OpAddWatch:
		return appendInt(appendText(dst, o.Path), int32(o.WatchMode))
	case tree.OpRemoveWatches, tree.OpCheckWatches:
		return appendInt(appendText(dst, o.Path), int32(o.WatcherType))
	case tree.OpSetData:
		return appendInt(appendBytes(appendText(dst, o.Path), o.Data), o.Version)
	case tree.OpSetACL:
		return appendInt(appendACL(appendText(dst, o.Path), o.ACL), o.Version)
	case tree.OpExists, tree.OpGetData, tree.OpGetChildren, tree.OpGetChildren2:
		return appendBool(appendText(dst, o.Path), o.Watch)
	case tree.OpGetACL, tree.OpSync, tree.OpGetEphemerals, tree.OpGetAllChildrenNumber:
		return appendText(dst, o.Path)
	case tree.OpMulti, tree.OpMultiRead:
		for i := range o.Ops {
			dst = appendMultiHeader(dst, int32(o.Ops[i].Type), false)
			dst = appendOp(dst, &o.Ops[i])
		}
		return appendMultiHeader(dst, -1, true)
	case tree.OpSetWatches, tree.OpSetWatches2:
		return appendSetWatches(dst, o)
	case tree.OpAuth:
		return appendBytes(appendText(appendInt(dst, 0), o.Scheme), o.Data)
	}
	return dst // ping, closeSession
}

func appendSetWatches(dst []byte, o *tree.Op) []byte {
	s := o.SetWatches
	if s == nil {
		s = &tree.SetWatches{}
	}
	dst = appendLong(dst, s.RelativeZxid)
	for _, list := range [][]string{s.Data, s.Exist, s.Child} {
		dst = appendTexts(dst, list)
	}
	if o.Type == tree.OpSetWatches2 {
		dst = appendTexts(appendTexts(dst, s.Persistent), s.Recursive)
	}
	return dst
}

func appendMultiHeader(dst []byte, op int32, done bool) []byte {
	return appendInt(appendBool(appendInt(dst, op), done), -1)
}

func appendInt(dst []byte, v int32) []byte  { return binary.BigEndian.AppendUint32(dst, uint32(v)) }
func appendLong(dst []byte, v int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(v)) }

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func appendText(dst []byte, s string) []byte { return append(appendInt(dst, int32(len(s))), s...) }

func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return appendInt(dst, -1)
	}
	return append(appendInt(dst, int32(len(b))), b...)
}

func appendTexts(dst []byte, list []string) []byte {
	dst = appendInt(dst, int32(len(list)))
	for _, s := range list {
		dst = appendText(dst, s)
	}
	return dst
}

func appendACL(dst []byte, acl []tree.ACL) []byte {
	if acl == nil {
		return appendInt(dst, -1)
	}
	dst = appendInt(dst, int32(len(acl)))
	for i := range acl {
		dst = appendText(appendText(appendInt(dst, acl[i].Perms), acl[i].Scheme), acl[i].ID)
	}
	return dst
}
