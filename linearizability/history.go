package linearizability

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Client names the caller of an operation: a client of the ensemble, or "ensemble" for
// server-initiated operations.
type Client string

// Path is the full path of a znode.
type Path string

// Session is the number of a client's session; 0 means none.
type Session int64

// Zxid is a transaction's number: the epoch in the upper 32 bits, a counter in the lower. 0 is
// unknown.
type Zxid int64

// String prints a zxid as epoch/counter, as everywhere in the lab: 1/10 is counter 10 of epoch 1.
func (z Zxid) String() string {
	return strconv.FormatInt(int64(z)>>32, 10) + "/" +
		strconv.FormatInt(int64(z)&math.MaxUint32, 10)
}

// Kind says what an operation does.
type Kind string

// These are the kinds of operations on nodes and sessions. CloseSession ends a session and deletes
// its ephemeral nodes. Either a client calls CloseSession, or the ensemble closes the session when
// it expires. In the second case, Call and Return are the earliest and the latest moment at which
// the session can have been closed.
const (
	Create       Kind = "create"
	Delete       Kind = "delete"
	Set          Kind = "set"
	CheckVersion Kind = "check"
	Multi        Kind = "multi"
	CloseSession Kind = "closeSession"
	Get          Kind = "get"
	Exists       Kind = "exists"
	Children     Kind = "children"
	Sync         Kind = "sync"
)

// These are the kinds of operations on locks and elections, however the service implements them.
// Acquire takes the lock at its path and returns a token, Release releases it, Holder reads the
// name of the lock's holder, and Use writes to the guarded resource, which must refuse a token
// older than the newest one it has seen.
const (
	Acquire Kind = "acquire"
	Release Kind = "release"
	Holder  Kind = "holder"
	Use     Kind = "use"
)

// These are the kinds of operations that set persistent watches, remove watches, or ask whether a
// watch is set. They neither read nor write the tree.
const (
	AddWatch      Kind = "addWatch"
	RemoveWatches Kind = "removeWatches"
	CheckWatches  Kind = "checkWatches"
)

// These are the kinds of operations that only package witness judges. Ephemerals returns the
// session's ephemeral nodes whose paths begin with the operation's path; the result has them in
// Children. Descendants returns the number of nodes below the path.
const (
	SetACL      Kind = "setACL"
	GetACL      Kind = "getACL"
	Ephemerals  Kind = "ephemerals"
	Descendants Kind = "descendants"
)

// WatchMode says which watches an AddWatch sets, or a RemoveWatches removes.
type WatchMode string

// These are the watch modes. An AddWatch with WatchPersistent reports changes of a node and of its
// list of children. With WatchRecursive it reports changes of the node and of all its descendants,
// but no separate event when a list of children changes.
const (
	WatchPersistent WatchMode = "persistent"
	WatchRecursive  WatchMode = "recursive"
	WatchData       WatchMode = "data"     // one-shot, of gets and exists
	WatchChildren   WatchMode = "children" // one-shot, of lists
	WatchAny        WatchMode = "any"
)

// Write reports whether operations of the kind go through the log. CheckVersion does, because it is
// proposed like a write.
func (k Kind) Write() bool {
	switch k {
	case Create, Delete, Set, CheckVersion, Multi, CloseSession, SetACL:
		return true
	}
	return false
}

// Outcome is what the caller knows of an operation's effect.
type Outcome string

// These are the outcomes. Failed means that the operation certainly changed nothing. Unknown means
// that it took effect once, at any time after its call, or never.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown"
)

// Code is the reason why an operation failed, in ZooKeeper's words.
type Code string

// These are the codes that the models or package witness judge. A failure with any other code is
// accepted, and assumed to change nothing.
const (
	NodeExists              Code = "node exists"
	NoNode                  Code = "no node"
	BadVersion              Code = "bad version"
	NotEmpty                Code = "not empty"
	NoChildrenForEphemerals Code = "no children for ephemerals"
	SessionExpired          Code = "session expired" // judged only where it is missing
	NoWatcher               Code = "no watcher"      // of removeWatches; package witness judges it
	NotAuthorised           Code = "not authorised"  // judged by package witness, if Who is known
	InvalidACL              Code = "invalid acl"     // the same
	RuntimeInconsistency    Code = "runtime inconsistency"
	Held                    Code = "held"        // of an acquire
	NotHeld                 Code = "not held"    // of a release or holder
	StaleToken              Code = "stale token" // of a use
	noCode                  Code = ""
)

// believed lists ZooKeeper's other codes. The models assume that such a failure changes nothing.
var believed = []Code{
	"system error", "data inconsistency", "connection lost", "malformed request", "not implemented",
	"operation timed out", "bad arguments", "unknown session",
	"no quorum of the new configuration", "reconfiguration in progress", "api error",
	"invalid callback", "authentication failed", "session moved",
	"server is read-only", "ephemeral node on a local session", "request timed out",
	"reconfiguration is disabled", "session closed: sasl required", "quota exceeded",
	"operation throttled",
}

// known reports whether the lab or ZooKeeper has this code. A misspelt code must be an error, not a
// failure that is believed.
func (c Code) known() bool {
	switch c {
	case noCode, SessionExpired, NoWatcher, NotAuthorised, InvalidACL, RuntimeInconsistency, Held,
		NotHeld, StaleToken:
		return true
	}
	return c.judged() || slices.Contains(believed, c)
}

// judged reports whether the state of the tree alone decides if a failure with this code is
// correct.
func (c Code) judged() bool {
	switch c {
	case NodeExists, NoNode, BadVersion, NotEmpty, NoChildrenForEphemerals:
		return true
	}
	return false
}

// AnyVersion, in a set, delete or check, matches every version.
const AnyVersion int32 = -1

// NextVersion returns the version of a node with version v after one more write. It skips
// [AnyVersion], as ZooKeeper's servers do (ZOOKEEPER-4743): the version after -2 is 0. Versions are
// negative after two thousand million writes.
func NextVersion(v int32) int32 {
	if v+1 == AnyVersion {
		return 0
	}
	return v + 1
}

// Infinity is the Return of an operation that never returned.
const Infinity int64 = math.MaxInt64

// Operation is one call and its outcome. Times are in microseconds; if one operation returns at the
// moment of another's call, the two are concurrent.
type Operation struct {
	Client  Client
	Session Session
	Kind    Kind

	Path       Path
	Data       string
	Version    int32 // expected by a set, delete, check or setACL; AnyVersion for none
	Ephemeral  bool
	Sequential bool
	Mode       WatchMode   // of an addWatch, a removeWatches or a checkWatches
	Ops        []Operation // the parts of a multi; times and clients are those of the whole
	Token      int64       // that a use shows to the resource
	ACL        []Grant     // of a create or setACL; nil for one that lets everybody do everything
	// Who are the identities of the caller: "ip:10.0.0.7", and "digest:alice:secret" with the
	// password of an addAuth. Nil is unknown: then permissions are not judged.
	Who []string

	Call    int64
	Return  int64 // ignored when the outcome is unknown
	Outcome Outcome
	Code    Code // why the operation failed; for a multi, why its first failed part failed
	Result  Result

	// Evidence for SessionOrder and package witness; Check ignores it. 0 means unknown.
	Zxid  Zxid  // of the reply's header: the state that answered
	Txn   Zxid  // of a write's own transaction, if it was seen
	Place int64 // of the reply among the replies and events of its client, from 1

	// CallPlace is the place of the call among all events of the run, from 1, where [Mark] has its
	// place from 0; 0 is unknown.
	CallPlace int64
	Watch     bool // a get, exists or children that sets a one-shot watch

	// Earlier says that an earlier part of the history has the operation, and that the operation was
	// judged there: see [Rest]. Here only its watch and its place in its session count.
	Earlier bool
}

// Result is what a successful operation returned.
type Result struct {
	Path     Path     // of create; empty is not judged
	Data     string   // of get
	Children []string // of children: names, in any order
	Deleted  []Path   // of closeSession, in any order; nil is not judged
	Token    int64    // of acquire: the fencing token; 0 is not judged
	Stat     *Stat    // of create, set, get, exists and children; nil is not judged
	ACL      []Grant  // of getACL
	Number   int64    // of descendants
}

// Grant gives permissions to each client that has the identity that Scheme and ID name. Perms has
// letters of "rwcda": read, write, create, delete, and admin, which is the permission to change the
// ACL.
type Grant struct{ Perms, Scheme, ID string }

// String prints a grant as ZooKeeper's shell does: digest:alice:hash:rw.
func (g Grant) String() string { return g.Scheme + ":" + g.ID + ":" + g.Perms }

// Stat is the part of a node's stat that is judged. A zxid or owner of 0 is not judged.
type Stat struct {
	Version int32
	Czxid   Zxid
	Mzxid   Zxid
	Owner   Session
	More    *More // nil is not judged
}

// More is the rest of a node's stat, without its times. Only package witness judges it.
type More struct {
	Cversion int32 // creates and deletes of children
	Aversion int32 // setACLs
	Pzxid    Zxid  // of the last create or delete of a child
	Length   int   // bytes of data
	Children int
}

// History holds the operations of all clients, in any order.
type History []Operation

// Validate returns an error for the first invalid operation, or nil.
func (h History) Validate() error {
	for i := range h {
		if why := h[i].wrong(); why != "" {
			return fmt.Errorf("operation %d: %s: %s", i, h[i].String(), why)
		}
	}
	return nil
}

// wrong returns why the operation is invalid, or "" if it is valid.
func (op *Operation) wrong() string {
	switch op.Outcome {
	case OK, Failed, Unknown:
	default:
		return fmt.Sprintf(`outcome %q is invalid: write "ok", "failed" or "unknown"`, op.Outcome)
	}
	if op.Outcome != Unknown && op.Return < op.Call {
		return fmt.Sprintf("the operation returns at %d, before its call at %d", op.Return, op.Call)
	}
	if why := op.malformed(); why != "" {
		return why
	}
	if op.Kind == Multi && len(op.Ops) == 0 {
		return "a multi needs at least one operation"
	}
	for i := range op.Ops {
		part := &op.Ops[i]
		switch part.Kind {
		case Multi, CloseSession, Sync, AddWatch, RemoveWatches, CheckWatches, Acquire, Release,
			Holder, Use, SetACL:
			return fmt.Sprintf("part %d: a %s cannot be part of a multi", i, part.Kind)
		}
		if why := part.malformed(); why != "" {
			return fmt.Sprintf("part %d: %s", i, why)
		}
	}
	return ""
}

func (op *Operation) malformed() string {
	switch op.Kind {
	case Multi, Sync:
		return ""
	case CloseSession:
		if op.Session == 0 {
			return "no session: write the session's number"
		}
		return ""
	case Create, Delete, Set, CheckVersion, Get, Exists, Children:
	case Acquire, Release, Holder, Use:
	case SetACL, GetACL, Ephemerals, Descendants:
	case AddWatch, RemoveWatches, CheckWatches:
		if !op.Mode.fits(op.Kind) {
			return fmt.Sprintf("the operation %s has no mode %q: see go doc "+
				"zablab/linearizability", op.Kind, op.Mode)
		}
	default:
		return fmt.Sprintf("unknown kind of operation %q: see go doc zablab/linearizability",
			op.Kind)
	}
	if op.Path == "" || op.Path[0] != '/' {
		return fmt.Sprintf("path %q does not begin with /", op.Path)
	}
	if op.Kind == Create && op.Ephemeral && op.Session == 0 {
		return "an ephemeral node needs a session: write the session's number"
	}
	if (op.Kind == Acquire || op.Kind == Release) && op.Session == 0 {
		return "a lock needs a session: write the session's number"
	}
	return ""
}

// fits reports whether the kind has this mode.
func (m WatchMode) fits(k Kind) bool {
	switch m {
	case WatchPersistent, WatchRecursive:
		return true
	case WatchData, WatchChildren, WatchAny:
		return k != AddWatch
	}
	return false
}

// parent returns the path of the parent; the root has the parent "".
func (p Path) parent() Path {
	for i := len(p) - 1; i > 0; i-- {
		if p[i] == '/' {
			return p[:i]
		}
	}
	if len(p) > 1 {
		return "/"
	}
	return ""
}

// below returns the prefix that the paths of all descendants have.
func (p Path) below() Path {
	if p == "/" {
		return p
	}
	return p + "/"
}
