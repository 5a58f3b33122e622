package linearizability

import "github.com/zablab/zablab/linearizability/recipe"

// Record is a history and what belongs to it: the watch events that clients received, the spans in
// which they believed that they held a role, their writes to outside resources, and what their
// programs said of their recipes. [Check] needs only Ops and Initial; the packages witness and
// promise judge the rest. [ReadRecord] reads a record from a file.
type Record struct {
	Ops       History
	Events    []Event
	Beliefs   []Belief
	Accesses  []Access        // in the order in which each resource saw them
	Recipes   []recipe.Recipe // what programs declare themselves to be
	Marks     []Mark          // in the order in which they were made
	FaultFree FaultFree       // after the last fault
	Lives     []Life          // of all nodes, in the order of their beginnings; empty without marks
	Initial   []Node          // that exist before the history begins; the root always does
	Since     Zxid            // at which the tree is Initial; 0 is unknown
	Closed    []Session       // that ended before the history begins; in order

	// FailuresRead is true for a service in which a failed write is no transaction: its Zxid is
	// that of the state in which it failed, as for a read. In ZooKeeper it has a zxid of its own.
	// Files do not have this.
	FailuresRead bool
}

// EventKind says what an [Event] reports to its client.
type EventKind string

// These are the kinds of events. EventChildren reports a change to a node's list of children.
// Reconnected and Unwatched are not watch events: the session got a new connection. After
// Reconnected its watches have been set again. After Unwatched it has no watches.
const (
	EventCreated  EventKind = "created"
	EventDeleted  EventKind = "deleted"
	EventChanged  EventKind = "changed"
	EventChildren EventKind = "children"
	Reconnected   EventKind = "reconnected"
	Unwatched     EventKind = "unwatched"
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

// Mark records what a program said about its recipe at one moment (for example, that it now holds
// the lock), or what happened to its client. Package promise checks the marks.
type Mark struct {
	Client  Client
	Program int // of the client, by number: what one of them holds, another does not
	Session Session
	Kind    MarkKind
	Office  Path   // the lock, election, queue or barrier
	Node    Path   // the program's own node, or the item
	For     Path   // the earlier node whose end the program waits for
	As      string // how an office is held: [Exclusive], [Shared] or [Lease]
	Token   int64
	Size    int   // of a barrier
	Looks   int64 // of a holder: for how long, in µs of its clock, it may work without a look; 0: unknown
	Attends bool  // of a holder: it lets go at once when its client learns that the session is over
	Careful bool  // of a holder: it lets go at once when its client loses its connection
	Line    bool  // of a holder: it has a token, and has waited for earlier numbers below Office
	ByAge   bool  // of a holder or waiter: the owner of the oldest ephemeral node below Office holds it
	Guards  Path  // of a holder: a node that only holders write, each its token first
	Renews  int64 // of a holder of a lease: for how long, in µs of its clock, it tries to renew it
	At      int64
	Place   int64 // among all events of the run
}

// MarkKind is the kind of a mark: the program waits for a lock or a leadership (an office), holds
// it, puts an item into a queue, and so on.
type MarkKind string

// These are the kinds of marks. The last four kinds do not come from a program. SessionOver: the
// client has learned that its session is over. Died: the client's process has died, with all its
// programs. Connected: a server has confirmed the client's session. ConnectionLost: the client has
// learned that its connection is lost.
const (
	Waits       MarkKind = "waits"
	Holds       MarkKind = "holds"
	LetsGo      MarkKind = "lets go"
	Puts        MarkKind = "puts"
	HasPut      MarkKind = "has put"
	PerhapsPut  MarkKind = "has perhaps put"
	NotPut      MarkKind = "has not put"
	Takes       MarkKind = "takes"
	Took        MarkKind = "took"
	PerhapsTook MarkKind = "perhaps took"
	Enters      MarkKind = "enters"
	Passes      MarkKind = "passes"
	Leaves      MarkKind = "leaves"
	HasLeft     MarkKind = "has left"
	SessionOver MarkKind = "session over"
	Died        MarkKind = "died"

	Connected      MarkKind = "connected"
	ConnectionLost MarkKind = "connection lost"
)

// These are the ways to hold an office, which is a lock or a leadership. A lease ends by its
// holder's own clock, so two clients may hold it at the same time.
const (
	Exclusive = "exclusive"
	Shared    = "shared"
	Lease     = "lease"
)

// Life is the time in which a node existed, according to the leaders' transactions. Its beginning
// is given in three forms: as a zxid (Born), as a time in µs (From), and as a place among all
// events of the run (Made). Died, To and Gone give its end in the same forms: from that moment on,
// the node no longer exists. While the node exists, Died is 0, and To and Gone are Infinity.
type Life struct {
	Path      Path
	Maker     Session // that created it
	Ephemeral bool    // it belongs to its maker
	Ender     Session // that deleted it, or whose end ended it
	Closed    bool    // it ended with its session, not by a delete
	Born      Zxid
	Died      Zxid // 0 while it exists
	From, To  int64
	Made      int64 // the place of its beginning among all events of the run
	Gone      int64 // and of its end; Infinity while it exists
}

// FaultFree is the time after a run's last fault, when all of the faults have been undone and the
// service works. Times are in µs.
type FaultFree struct {
	From   int64
	Within int64 // what is free is acquired within this time; 0 if the run had no such time
}
