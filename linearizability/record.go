package linearizability

// Record is all that was written down of a run: a history, and what came beside the replies.
// Only Ops and Initial matter to [Check]; package witness judges all of it.
type Record struct {
	Ops      History
	Events   []Event
	Beliefs  []Belief
	Accesses []Access // in the order in which each resource saw them
	Initial  []Node   // there before the history begins; the root always is
}

// EventKind says what a client was told without having asked at that moment.
type EventKind string

// The kinds of events. Reconnected is no watch event: it marks that the session came to another
// connection, over which its watches were set again. EventChildren tells of a node's children.
const (
	EventCreated  EventKind = "created"
	EventDeleted  EventKind = "deleted"
	EventChanged  EventKind = "changed"
	EventChildren EventKind = "children"
	Reconnected   EventKind = "reconnected"
)

// Event is a watch event that reached a client, or its coming back.
type Event struct {
	Client     Client
	Session    Session
	Kind       EventKind
	Path       Path
	At         int64 // µs, when it came
	Place      int64 // among the replies and events of its client, from 1; 0 is unknown: At counts
	Zxid       Zxid  // of the change it tells of; 0 is unknown
	Persistent bool  // it came of a watch that stays
}

// Belief is a span during which a client took itself for the holder of a role: µs, To excluded;
// Infinity for one that never ended.
type Belief struct {
	Client   Client
	Role     string // of which lock or office; those of different roles do not exclude each other
	From, To int64
}

// Access is one write to a resource outside, in the name of a lock.
type Access struct {
	Client   Client
	Resource string
	Fenced   bool // the resource promises to refuse older tokens
	At       int64
	Token    int64
	Accepted bool
}
