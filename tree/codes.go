package tree

import "strconv"

// OpCode is the type of an operation or transaction, with ZooKeeper's numbers (ZooDefs.OpCode).
type OpCode int32

// The operations.
const (
	OpNotification         OpCode = 0
	OpCreate               OpCode = 1
	OpDelete               OpCode = 2
	OpExists               OpCode = 3
	OpGetData              OpCode = 4
	OpSetData              OpCode = 5
	OpGetACL               OpCode = 6
	OpSetACL               OpCode = 7
	OpGetChildren          OpCode = 8
	OpSync                 OpCode = 9
	OpPing                 OpCode = 11
	OpGetChildren2         OpCode = 12
	OpCheck                OpCode = 13
	OpMulti                OpCode = 14
	OpCreate2              OpCode = 15
	OpReconfig             OpCode = 16
	OpCheckWatches         OpCode = 17
	OpRemoveWatches        OpCode = 18
	OpCreateContainer      OpCode = 19
	OpDeleteContainer      OpCode = 20
	OpCreateTTL            OpCode = 21
	OpMultiRead            OpCode = 22
	OpAuth                 OpCode = 100
	OpSetWatches           OpCode = 101
	OpSasl                 OpCode = 102
	OpGetEphemerals        OpCode = 103
	OpGetAllChildrenNumber OpCode = 104
	OpSetWatches2          OpCode = 105
	OpAddWatch             OpCode = 106
	OpWhoAmI               OpCode = 107
	OpError                OpCode = -1
	OpCreateSession        OpCode = -10
	OpCloseSession         OpCode = -11
)

// opNames is for lookups only.
var opNames = map[OpCode]string{
	OpNotification:         "notification",
	OpCreate:               "create",
	OpDelete:               "delete",
	OpExists:               "exists",
	OpGetData:              "getData",
	OpSetData:              "setData",
	OpGetACL:               "getACL",
	OpSetACL:               "setACL",
	OpGetChildren:          "getChildren",
	OpSync:                 "sync",
	OpPing:                 "ping",
	OpGetChildren2:         "getChildren2",
	OpCheck:                "check",
	OpMulti:                "multi",
	OpCreate2:              "create2",
	OpReconfig:             "reconfig",
	OpCheckWatches:         "checkWatches",
	OpRemoveWatches:        "removeWatches",
	OpCreateContainer:      "createContainer",
	OpDeleteContainer:      "deleteContainer",
	OpCreateTTL:            "createTTL",
	OpMultiRead:            "multiRead",
	OpAuth:                 "auth",
	OpSetWatches:           "setWatches",
	OpSasl:                 "sasl",
	OpGetEphemerals:        "getEphemerals",
	OpGetAllChildrenNumber: "getAllChildrenNumber",
	OpSetWatches2:          "setWatches2",
	OpAddWatch:             "addWatch",
	OpWhoAmI:               "whoAmI",
	OpError:                "error",
	OpCreateSession:        "createSession",
	OpCloseSession:         "closeSession",
}

// String returns ZooKeeper's name of the operation: create, getData, closeSession.
func (o OpCode) String() string {
	if name, ok := opNames[o]; ok {
		return name
	}
	return "opcode " + strconv.FormatInt(int64(o), 10)
}

// Writes reports whether the operation goes through the leader and takes a zxid.
func (o OpCode) Writes() bool {
	switch o {
	case OpCreate, OpCreate2, OpDelete, OpSetData, OpSetACL, OpCheck, OpMulti, OpReconfig,
		OpCreateContainer, OpDeleteContainer, OpCreateTTL, OpCreateSession, OpCloseSession, OpError:
		return true
	}
	return false
}

// Code is the result code of an operation, with ZooKeeper's numbers (KeeperException.Code).
type Code int32

// The codes.
const (
	OK                           Code = 0
	SystemError                  Code = -1
	RuntimeInconsistency         Code = -2
	DataInconsistency            Code = -3
	ConnectionLoss               Code = -4
	MarshallingError             Code = -5
	Unimplemented                Code = -6
	OperationTimeout             Code = -7
	BadArguments                 Code = -8
	UnknownSession               Code = -12
	NewConfigNoQuorum            Code = -13
	ReconfigInProgress           Code = -14
	APIError                     Code = -100
	NoNode                       Code = -101
	NoAuth                       Code = -102
	BadVersion                   Code = -103
	NoChildrenForEphemerals      Code = -108
	NodeExists                   Code = -110
	NotEmpty                     Code = -111
	SessionExpired               Code = -112
	InvalidCallback              Code = -113
	InvalidACL                   Code = -114
	AuthFailed                   Code = -115
	SessionMoved                 Code = -118
	NotReadOnly                  Code = -119
	EphemeralOnLocalSession      Code = -120
	NoWatcher                    Code = -121
	RequestTimeout               Code = -122
	ReconfigDisabled             Code = -123
	SessionClosedRequireSaslAuth Code = -124
	QuotaExceeded                Code = -125
	ThrottledOp                  Code = -127
)

var codeNames = [...]struct {
	code        Code
	name, words string
}{
	{OK, "Ok", "ok"},
	{SystemError, "SystemError", "system error"},
	{RuntimeInconsistency, "RuntimeInconsistency", "runtime inconsistency"},
	{DataInconsistency, "DataInconsistency", "data inconsistency"},
	{ConnectionLoss, "ConnectionLoss", "connection lost"},
	{MarshallingError, "MarshallingError", "malformed request"},
	{Unimplemented, "Unimplemented", "not implemented"},
	{OperationTimeout, "OperationTimeout", "operation timed out"},
	{BadArguments, "BadArguments", "bad arguments"},
	{UnknownSession, "UnknownSession", "unknown session"},
	{NewConfigNoQuorum, "NewConfigNoQuorum", "no quorum of the new configuration"},
	{ReconfigInProgress, "ReconfigInProgress", "reconfiguration in progress"},
	{APIError, "APIError", "api error"},
	{NoNode, "NoNode", "no node"},
	{NoAuth, "NoAuth", "not authorised"},
	{BadVersion, "BadVersion", "bad version"},
	{NoChildrenForEphemerals, "NoChildrenForEphemerals", "an ephemeral node cannot have children"},
	{NodeExists, "NodeExists", "node exists"},
	{NotEmpty, "NotEmpty", "node has children"},
	{SessionExpired, "SessionExpired", "session expired"},
	{InvalidCallback, "InvalidCallback", "invalid callback"},
	{InvalidACL, "InvalidACL", "invalid acl"},
	{AuthFailed, "AuthFailed", "authentication failed"},
	{SessionMoved, "SessionMoved", "session moved"},
	{NotReadOnly, "NotReadOnly", "server is read-only"},
	{EphemeralOnLocalSession, "EphemeralOnLocalSession", "ephemeral node on a local session"},
	{NoWatcher, "NoWatcher", "no watcher"},
	{RequestTimeout, "RequestTimeout", "request timed out"},
	{ReconfigDisabled, "ReconfigDisabled", "reconfiguration is disabled"},
	{SessionClosedRequireSaslAuth, "SessionClosedRequireSaslAuth", "session closed: sasl required"},
	{QuotaExceeded, "QuotaExceeded", "quota exceeded"},
	{ThrottledOp, "ThrottledOp", "operation throttled"},
}

// String returns ZooKeeper's name of the code: Ok, NoNode, BadVersion.
func (c Code) String() string {
	for i := range codeNames {
		if codeNames[i].code == c {
			return codeNames[i].name
		}
	}
	return "Code" + strconv.FormatInt(int64(c), 10)
}

// Error returns the code in plain words, such as "no node" or "bad version". The text is meant to
// be the last part of an error message.
func (c Code) Error() string {
	for i := range codeNames {
		if codeNames[i].code == c {
			return codeNames[i].words
		}
	}
	return "error " + strconv.FormatInt(int64(c), 10)
}

// Err returns the code as an error: nil for OK.
func (c Code) Err() error {
	if c == OK {
		return nil
	}
	return c
}

// Definite reports whether an operation that failed with this code certainly did not happen. After
// a lost connection or a timeout Definite is false, because the request may have been carried out,
// or may still be carried out. After SessionExpired it is false too, because a client returns
// SessionExpired for every operation that was pending when its session ended
// (ClientCnxn.conLossPacket).
func (c Code) Definite() bool {
	switch c {
	case ConnectionLoss, OperationTimeout, RequestTimeout, SessionExpired, SystemError:
		return false
	}
	return true
}
