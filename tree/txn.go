package tree

import "strconv"

// TxnHeader is the part that every transaction has (ZooKeeper's TxnHeader). The times in a node's
// stat come from TimeMs, never from the replica's own clock.
type TxnHeader struct {
	Session int64 // of the client that asked
	Cxid    int32 // the xid of the client's request
	Zxid    int64
	TimeMs  int64 // the leader's wall clock, ms
	Type    OpCode
}

// Txn is a transaction that the leader made from a request: it has results, not a command. Applying
// it twice is the same as applying it once. Applying a series of transactions to a state that
// already has part of them is the same as applying the series once.
type Txn struct {
	TxnHeader
	Body Body
}

// Body is what a transaction does. Its type depends on the header's Type:
//
//	create, create2, createContainer, createTTL  *CreateTxn
//	delete, deleteContainer                      *DeleteTxn
//	                                 check         *CheckVersionTxn
//	                                 multi         *MultiTxn
//	setData          *SetDataTxn     createSession *CreateSessionTxn
//	setACL           *SetACLTxn      closeSession  *CloseSessionTxn
//	error            *ErrorTxn
type Body interface{ isBody() }

// CreateTxn creates a node. A sequential create's Path already has the number. ParentCVersion is
// the new internal cversion of the parent. It is not an increment, so that a replay does not count
// the create again.
type CreateTxn struct {
	Path           string
	Data           []byte
	ACL            []ACL
	Ephemeral      bool // owned by the header's session
	ParentCVersion int32
	TTL            int64 // ms; only of a createTTL
}

// DeleteTxn removes a node.
type DeleteTxn struct{ Path string }

// SetDataTxn replaces a node's data. Version is the node's new version.
type SetDataTxn struct {
	Path    string
	Data    []byte
	Version int32
}

// SetACLTxn replaces a node's ACL. Version is the node's new ACL version (aversion in ZooKeeper's
// Stat).
type SetACLTxn struct {
	Path    string
	ACL     []ACL
	Version int32
}

// CheckVersionTxn records that a check in a multi has succeeded. It changes nothing.
type CheckVersionTxn struct {
	Path    string
	Version int32
}

// MultiTxn applies all of its parts under one zxid. If one part is an error, no part is applied,
// and each part has a code: the cause for the failed part, OK for the parts before it,
// RuntimeInconsistency for the parts after it.
type MultiTxn struct{ Txns []SubTxn }

// Failed reports whether a part is an error, so that no part is applied.
func (m *MultiTxn) Failed() bool {
	for i := range m.Txns {
		if m.Txns[i].Type == OpError {
			return true
		}
	}
	return false
}

// SubTxn is a part of a multi: create, create2, delete, setData, setACL, check or error.
type SubTxn struct {
	Type OpCode
	Body Body
}

// CreateSessionTxn opens the session in the header.
type CreateSessionTxn struct{ TimeoutMs int32 }

// CloseSessionTxn ends the session in the header, and deletes the session's ephemeral nodes by
// path. The leader lists their paths, including nodes whose creates are proposed and not applied
// yet (ZOOKEEPER-3145).
type CloseSessionTxn struct{ Paths []string }

// ErrorTxn is a write that the leader has refused. It has a zxid, so that refusals are in the order
// of transactions too.
type ErrorTxn struct{ Code Code }

func (*CreateTxn) isBody()        {}
func (*DeleteTxn) isBody()        {}
func (*SetDataTxn) isBody()       {}
func (*SetACLTxn) isBody()        {}
func (*CheckVersionTxn) isBody()  {}
func (*MultiTxn) isBody()         {}
func (*CreateSessionTxn) isBody() {}
func (*CloseSessionTxn) isBody()  {}
func (*ErrorTxn) isBody()         {}

// String returns the transaction in a few words, for traces: create /a at 1/3.
func (t *Txn) String() string {
	return describe(t.Type, t.Body) + " at " + FormatZxid(t.Zxid)
}

func describe(op OpCode, body Body) string {
	s := op.String()
	switch b := body.(type) {
	case *CreateTxn:
		s += " " + b.Path
		switch {
		case b.Ephemeral:
			s += " (ephemeral)"
		case op == OpCreateTTL:
			s += " (lives " + strconv.FormatInt(b.TTL, 10) + "ms)"
		}
	case *DeleteTxn:
		s += " " + b.Path
	case *SetDataTxn:
		s += " " + b.Path + " version " + strconv.FormatInt(int64(b.Version), 10)
	case *SetACLTxn:
		s += " " + b.Path + " aversion " + strconv.FormatInt(int64(b.Version), 10)
	case *CheckVersionTxn:
		s += " " + b.Path
	case *MultiTxn:
		s += " of " + strconv.Itoa(len(b.Txns))
	case *CreateSessionTxn:
		s += " timeout " + strconv.FormatInt(int64(b.TimeoutMs), 10) + "ms"
	case *CloseSessionTxn:
		s += " with " + strconv.Itoa(len(b.Paths)) + " ephemerals"
	case *ErrorTxn:
		s += ": " + b.Code.Error()
	}
	return s
}
