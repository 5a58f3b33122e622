package tree

// Op is the operation of a request. The request comes from a client, or from a server that forwards
// it to the leader. Type says which of the other fields are used; the unused fields are zero.
//
//	create, create2, createContainer  Path Data ACL Flags
//	createTTL         Path Data ACL Flags TTL
//	delete, check     Path Version
//	setData           Path Data Version
//	setACL            Path ACL Version
//	exists, getData,
//	getChildren(2)    Path Watch
//	getACL, sync, getEphemerals,
//	getAllChildrenNumber Path
//	addWatch          Path WatchMode
//	removeWatches,
//	checkWatches      Path WatcherType
//	multi, multiRead  Ops
//	setWatches(2)     SetWatches
//	auth              Scheme Data
//	createSession     TimeoutMs
type Op struct {
	Type        OpCode
	Path        string
	Data        []byte // nil and empty differ, as on the wire
	Version     int32  // expected version; AnyVersion for no check
	ACL         []ACL
	Flags       CreateMode
	TTL         int64 // ms, 1 to MaxTTL
	Watch       bool
	WatchMode   AddWatchMode
	WatcherType WatcherType
	Scheme      string
	TimeoutMs   int32
	Ops         []Op
	SetWatches  *SetWatches
}

// AnyVersion, as the expected version of an operation, matches every version.
const AnyVersion int32 = -1

// SetWatches is the content of the request with which a client sets its watches again after it has
// reconnected: the paths of its watches, and the last zxid that the client saw before it lost its
// connection (ZooKeeper's SetWatches2).
type SetWatches struct {
	RelativeZxid int64
	Data         []string
	Exist        []string
	Child        []string
	Persistent   []string
	Recursive    []string
}

// OpResult is the result of an operation. Type is the type of the operation, or OpError for a
// failed part of a multi. Because of Type, a result can be encoded without the request that it
// belongs to.
//
//	create           Path
//	create2, createContainer, createTTL  Path Stat
//	setData, setACL, exists  Stat
//	getData          Data Stat
//	getChildren, getEphemerals  Children
//	whoAmI           Children: of each identity the scheme, a colon and the user
//	getChildren2     Children Stat
//	getACL           ACL Stat
//	sync             Path
//	getAllChildrenNumber  Number
//	multi, multiRead Results
//	error            Code
type OpResult struct {
	Type     OpCode
	Code     Code
	Path     string
	Data     []byte
	Stat     Stat
	Children []string
	ACL      []ACL
	Number   int32
	Results  []OpResult
}

// Failure returns the code of the part that made a multi fail. If the result is not that of a
// failed multi, Failure returns OK.
func (r *OpResult) Failure() Code {
	for i := range r.Results {
		if code := r.Results[i].Code; r.Type == OpMulti && code != OK {
			return code
		}
	}
	return OK
}

// The fixed xids of watch events, pings, auth requests and setWatches requests. Other requests have
// an xid from 1 on (ZooKeeper's ClientCnxn).
const (
	XidNotification int32 = -1
	XidPing         int32 = -2
	XidAuth         int32 = -4
	XidSetWatches   int32 = -8
)

// ConnectRequest is a client's first message on a connection. SessionID 0 asks for a new session.
// Any other SessionID resumes that session.
type ConnectRequest struct {
	LastZxidSeen int64 // a server that has not applied that zxid refuses the client
	TimeoutMs    int32 // requested; the server limits it
	SessionID    int64
	Passwd       []byte // 16 bytes
}

// ConnectResponse is the server's answer to a ConnectRequest. TimeoutMs 0 means that the session
// has expired, or that the password was wrong.
type ConnectResponse struct {
	TimeoutMs int32 // as negotiated
	SessionID int64
	Passwd    []byte
}

// Request is one operation that a client requests. Xid is the number that the client gives to the
// request.
type Request struct {
	Xid int32
	Op
}

// Reply answers the request with the same Xid. Zxid is the server's last processed zxid when it
// replies. The client keeps the largest Zxid that it has seen. If Code is not OK, Result is empty.
// The reply to a failed multi is an exception: its Code is OK, and its Result has the codes of the
// parts.
type Reply struct {
	Xid    int32
	Zxid   int64
	Code   Code
	Result OpResult
}

// WatchNotification is the message that tells a client of a watch event. The server sends it before
// any reply that depends on the new state. As in ZooKeeper, the zxid in its header is -1. The
// event's Zxid is used only in traces.
type WatchNotification struct {
	WatchEvent
}

// Name returns the message's name in plans and traces.
func (m *ConnectRequest) Name() string { return "CONNECT" }

// Name returns the message's name in plans and traces.
func (m *ConnectResponse) Name() string { return "CONNECTED" }

// Name returns the message's name in plans and traces: PING for a ping, REQUEST for the rest.
func (m *Request) Name() string {
	if m.Type == OpPing {
		return "PING"
	}
	return "REQUEST"
}

// Name returns the message's name in plans and traces: PING for a ping's answer, REPLY for the
// rest.
func (m *Reply) Name() string {
	if m.Xid == XidPing {
		return "PING"
	}
	return "REPLY"
}

// Name returns the message's name in plans and traces.
func (m *WatchNotification) Name() string { return "EVENT" }
