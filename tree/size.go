package tree

// The sizes of messages on the wire are computed: a simulated link counts bytes without encoding
// messages. The tests of tree/jute check that its encodings have these sizes. Each size includes
// the four bytes of length before the packet.
const (
	sizeFrame         = 4
	sizeInt           = 4
	sizeLong          = 8
	sizeBool          = 1
	sizeRequestHeader = sizeInt + sizeInt
	sizeReplyHeader   = sizeInt + sizeLong + sizeInt
	sizeMultiHeader   = sizeInt + sizeBool + sizeInt
	sizeStat          = 6*sizeLong + 5*sizeInt
)

func sizeText(s string) int    { return sizeInt + len(s) }
func sizeBytes(b []byte) int   { return sizeInt + len(b) }
func sizeConnect(p []byte) int { return sizeFrame + 2*sizeInt + sizeLong + sizeBytes(p) + sizeBool }

func sizeTexts(list []string) int {
	n := sizeInt
	for _, s := range list {
		n += sizeText(s)
	}
	return n
}

func sizeACL(acl []ACL) int {
	n := sizeInt
	for i := range acl {
		n += sizeInt + sizeText(acl[i].Scheme) + sizeText(acl[i].ID)
	}
	return n
}

// Size returns the message's size on the wire, in bytes.
func (m *ConnectRequest) Size() int { return sizeConnect(m.Passwd) + sizeLong }

// Size returns the message's size on the wire, in bytes.
func (m *ConnectResponse) Size() int { return sizeConnect(m.Passwd) }

// Size returns the message's size on the wire, in bytes.
func (m *Request) Size() int { return sizeFrame + sizeRequestHeader + m.Op.size() }

// Size returns the message's size on the wire, in bytes. A reply with an error code has no body.
// The reply to a failed multi has Code OK, and a body.
func (m *Reply) Size() int {
	n := sizeFrame + sizeReplyHeader
	if m.Code != OK {
		return n
	}
	return n + m.Result.size()
}

// Size returns the message's size on the wire, in bytes.
func (m *WatchNotification) Size() int {
	return sizeFrame + sizeReplyHeader + 2*sizeInt + sizeText(m.Path)
}

// size is the size of a request's body, in bytes, without the header.
func (o *Op) size() int {
	switch o.Type {
	case OpCreate, OpCreate2, OpCreateContainer:
		return sizeText(o.Path) + sizeBytes(o.Data) + sizeACL(o.ACL) + sizeInt
	case OpCreateTTL:
		return sizeText(o.Path) + sizeBytes(o.Data) + sizeACL(o.ACL) + sizeInt + sizeLong
	case OpDelete, OpCheck, OpAddWatch, OpRemoveWatches, OpCheckWatches:
		return sizeText(o.Path) + sizeInt
	case OpSetData:
		return sizeText(o.Path) + sizeBytes(o.Data) + sizeInt
	case OpSetACL:
		return sizeText(o.Path) + sizeACL(o.ACL) + sizeInt
	case OpExists, OpGetData, OpGetChildren, OpGetChildren2:
		return sizeText(o.Path) + sizeBool
	case OpGetACL, OpSync, OpGetEphemerals, OpGetAllChildrenNumber:
		return sizeText(o.Path)
	case OpMulti, OpMultiRead:
		n := sizeMultiHeader // the one that closes the list
		for i := range o.Ops {
			n += sizeMultiHeader + o.Ops[i].size()
		}
		return n
	case OpSetWatches, OpSetWatches2:
		return o.SetWatches.size(o.Type)
	case OpAuth:
		return sizeInt + sizeText(o.Scheme) + sizeBytes(o.Data)
	case OpCreateSession:
		return sizeInt
	}
	return 0 // ping, closeSession, whoAmI
}

func (s *SetWatches) size(op OpCode) int {
	if s == nil {
		s = &SetWatches{}
	}
	n := sizeLong + sizeTexts(s.Data) + sizeTexts(s.Exist) + sizeTexts(s.Child)
	if op == OpSetWatches2 {
		n += sizeTexts(s.Persistent) + sizeTexts(s.Recursive)
	}
	return n
}

// size is the size of a reply's body, in bytes, without the header.
func (r *OpResult) size() int {
	switch r.Type {
	case OpCreate, OpSync:
		return sizeText(r.Path)
	case OpCreate2, OpCreateContainer, OpCreateTTL:
		return sizeText(r.Path) + sizeStat
	case OpExists, OpSetData, OpSetACL:
		return sizeStat
	case OpGetData:
		return sizeBytes(r.Data) + sizeStat
	case OpGetChildren, OpGetEphemerals:
		return sizeTexts(r.Children)
	case OpWhoAmI: // each entry is a scheme and a user, and lacks the colon between them
		return sizeTexts(r.Children) + len(r.Children)*(sizeInt-1)
	case OpGetChildren2:
		return sizeTexts(r.Children) + sizeStat
	case OpGetACL:
		return sizeACL(r.ACL) + sizeStat
	case OpGetAllChildrenNumber, OpAddWatch, OpError:
		return sizeInt
	case OpMulti, OpMultiRead:
		n := sizeMultiHeader
		for i := range r.Results {
			n += sizeMultiHeader + r.Results[i].size()
		}
		return n
	}
	return 0 // delete, check, ping, setWatches, removeWatches, closeSession, auth
}
