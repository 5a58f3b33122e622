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

// Txn is a transaction, which the leader makes from a request. It contains the results of the
// operation, such as the new version of a node. So applying a transaction twice has the same effect
// as applying it once. A series of transactions can also be applied again, from first to last, to a
// state that already has the effects of some of them.
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
// the parent's new [Node.CVersion]. It is a value, not an increment, so that a replay does not
// count the create twice.
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

// MultiTxn applies all of its parts under one zxid. If one part has failed, no part is applied, and
// all parts are errors with a code: the cause in the part that failed, OK in the parts before it,
// RuntimeInconsistency in the parts after it.
type MultiTxn struct{ Txns []SubTxn }

// Failed reports whether the multi has failed: one of its parts is an error, and no part is
// applied.
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

// CloseSessionTxn ends the session in the header, and deletes the nodes in Paths, which are the
// session's ephemeral nodes. The leader makes this list. It includes nodes whose creates are
// proposed but not applied yet (ZOOKEEPER-3145).
type CloseSessionTxn struct{ Paths []string }

// ErrorTxn is a transaction that stands for a write that the leader has refused. It has a zxid,
// like every transaction, so that all servers see refused and accepted writes in the same order.
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
