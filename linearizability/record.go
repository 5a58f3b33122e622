package linearizability

// Record is a history, with the watch events that clients received, the spans in which they
// believed that they held a role, and their writes to outside resources. [Check] needs only Ops and
// Initial; package witness judges the whole record. [ReadRecord] reads a record from a file.
type Record struct {
	Ops      History
	Events   []Event
	Beliefs  []Belief
	Accesses []Access // in the order in which each resource saw them
	Initial  []Node   // that exist before the history begins; the root always does
}

// EventKind says what an [Event] reports to its client.
type EventKind string

// The kinds of events. EventChildren reports a change to a node's list of children. Reconnected is
// no watch event: it records that the session got a new connection, over which its watches were set
// again.
const (
	EventCreated  EventKind = "created"
	EventDeleted  EventKind = "deleted"
	EventChanged  EventKind = "changed"
	EventChildren EventKind = "children"
	Reconnected   EventKind = "reconnected"
)

// Event is a watch event that reached a client, or the client's reconnection.
type Event struct {
	Client     Client
	Session    Session
	Kind       EventKind
	Path       Path
	At         int64 // µs, when it came
	Place      int64 // among the client's replies and events, from 1; if 0, At decides
	Zxid       Zxid  // of the change; 0 is unknown
	Persistent bool  // a persistent or recursive watch fired
}

// Belief is a span, in µs, in which a client believed that it held a role. The end, To, is
// excluded; it is Infinity if the belief never ended.
type Belief struct {
	Client   Client
	Role     string // the lock or office; different roles do not exclude each other
	From, To int64
}

// Access is one write to a resource outside the ensemble, under a lock.
type Access struct {
	Client   Client
	Resource string
	Fenced   bool // the resource promises to refuse older tokens
	At       int64
	Token    int64
	Accepted bool
}
