package linearizability

import (
	"fmt"
	"math"
	"strconv"
)

// Client names who called an operation: a client of the ensemble, or "ensemble" for what the
// servers do by themselves.
type Client string

// Path is the full path of a znode.
type Path string

// Session numbers a client's session. 0 is none.
type Session int64

// Zxid is a transaction's number: the epoch in the upper 32 bits, a counter in the lower. 0 is
// unknown.
type Zxid int64

// String prints a zxid as the lab does everywhere: 1/10.
func (z Zxid) String() string {
	return strconv.FormatInt(int64(z)>>32, 10) + "/" +
		strconv.FormatInt(int64(z)&math.MaxUint32, 10)
}

// Kind says what an operation does.
type Kind string

// The kinds. CloseSession ends a session and deletes its ephemeral nodes: called by a client,
// or a step of the ensemble when the session expires. Call and Return then hold the earliest
// and the latest moment at which it can have taken effect.
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

// The kinds of locks and elections, by whatever they are made. Acquire takes the lock at its path and
// brings back a token, Release gives it up, Holder asks for its holder's name, and Use writes to the
// resource that it guards, which is to refuse tokens older than one it has seen.
const (
	Acquire Kind = "acquire"
	Release Kind = "release"
	Holder  Kind = "holder"
	Use     Kind = "use"
)

// The kinds that set watches which stay, and take watches away: no writes, and of the tree they
// tell nothing.
const (
	AddWatch      Kind = "addWatch"
	RemoveWatches Kind = "removeWatches"
)

// WatchMode says which watches an AddWatch sets, or a RemoveWatches takes away.
type WatchMode string

// The modes. An AddWatch is persistent, which tells of the node and of its list of children, or
// recursive, which tells of the node and of everything below it, and of no lists.
const (
	WatchPersistent WatchMode = "persistent"
	WatchRecursive  WatchMode = "recursive"
	WatchData       WatchMode = "data"     // one-shot, of gets and exists
	WatchChildren   WatchMode = "children" // one-shot, of lists
	WatchAny        WatchMode = "any"
)

// Write says whether operations of the kind go through the log. CheckVersion does: it is proposed
// like a write.
func (k Kind) Write() bool {
	switch k {
	case Create, Delete, Set, CheckVersion, Multi, CloseSession:
		return true
	}
	return false
}

// Outcome is what the caller knows.
type Outcome string

// The outcomes. Failed means that the operation certainly did not happen. Unknown means that it
// took effect once, at any time after its call, or never.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown"
)

// Code is why an operation failed, in ZooKeeper's words.
type Code string

// The codes that the models judge. Any other is taken to be true, and to change nothing.
const (
	NodeExists              Code = "node exists"
	NoNode                  Code = "no node"
	BadVersion              Code = "bad version"
	NotEmpty                Code = "not empty"
	NoChildrenForEphemerals Code = "no children for ephemerals"
	SessionExpired          Code = "session expired" // judged only where it is missing
	NoWatcher               Code = "no watcher"      // of removeWatches; witness judges it
	RuntimeInconsistency    Code = "runtime inconsistency"
	Held                    Code = "held"        // why an acquire fails
	NotHeld                 Code = "not held"    // why a release, or the question for the holder, does
	StaleToken              Code = "stale token" // why a fenced resource refuses
	noCode                  Code = ""
)

// judged says whether the tree alone decides if this failure is right.
func (c Code) judged() bool {
	switch c {
	case NodeExists, NoNode, BadVersion, NotEmpty, NoChildrenForEphemerals:
		return true
	}
	return false
}

// AnyVersion as the version of a set, delete or check means that none is asked for.
const AnyVersion int32 = -1

// Infinity is the return of an operation that never returned.
const Infinity int64 = math.MaxInt64

// Operation is one call and what came of it. Times are microseconds; an operation that returns
// at the moment when another is called is concurrent with it.
type Operation struct {
	Client  Client
	Session Session
	Kind    Kind

	Path       Path
	Data       string
	Version    int32 // that a set, delete or check asks for; AnyVersion for none
	Ephemeral  bool
	Sequential bool
	Mode       WatchMode   // of an addWatch or a removeWatches
	Ops        []Operation // the parts of a multi; times and clients are those of the whole
	Token      int64       // that a write to a fenced resource shows

	Call    int64
	Return  int64 // ignored when the outcome is unknown
	Outcome Outcome
	Code    Code // why it failed; for a multi, the first of its parts that did
	Result  Result

	// What follows is evidence that Check does not look at; 0 is unknown.
	Zxid  Zxid  // of the reply's header: the state that answered. For SessionOrder and witness
	Txn   Zxid  // of a write's own transaction, if it was seen; for witness
	Place int64 // of the reply among the replies and events of its client, from 1; for witness
	Watch bool  // a get, exists or children that sets a one-shot watch; for witness
}

// Result is what an operation that went well brought back.
type Result struct {
	Path     Path     // of create; empty is not judged
	Data     string   // of get
	Children []string // of children: names, in any order
	Deleted  []Path   // of closeSession, in any order; nil is not judged
	Token    int64    // of acquire: the fencing token; 0 is not judged
	Stat     *Stat    // of create, set, get and exists; nil is not judged
}

// Stat is what is judged of a node's stat. Zxids and owner are not where they are 0.
type Stat struct {
	Version int32
	Czxid   Zxid
	Mzxid   Zxid
	Owner   Session
}

// History is what a number of clients did, in any order.
type History []Operation

// Validate says which operation makes no sense, if one does not.
func (h History) Validate() error {
	for i := range h {
		if why := h[i].wrong(); why != "" {
			return fmt.Errorf("operation %d: %s: %s", i, h[i].String(), why)
		}
	}
	return nil
}

// wrong says why the operation makes no sense.
func (op *Operation) wrong() string {
	switch op.Outcome {
	case OK, Failed, Unknown:
	default:
		return fmt.Sprintf("outcome %q: write ok, failed or unknown", op.Outcome)
	}
	if op.Outcome != Unknown && op.Return < op.Call {
		return fmt.Sprintf("returns at %d, before it is called at %d", op.Return, op.Call)
	}
	if why := op.malformed(); why != "" {
		return why
	}
	if op.Kind == Multi && len(op.Ops) == 0 {
		return "a multi needs operations"
	}
	for i := range op.Ops {
		part := &op.Ops[i]
		switch part.Kind {
		case Multi, CloseSession, Sync, AddWatch, RemoveWatches, Acquire, Release, Holder, Use:
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
			return "which session? Give its number"
		}
		return ""
	case Create, Delete, Set, CheckVersion, Get, Exists, Children:
	case Acquire, Release, Holder, Use:
	case AddWatch, RemoveWatches:
		if !op.Mode.fits(op.Kind) {
			return fmt.Sprintf("watches of mode %q: %s knows none", op.Mode, op.Kind)
		}
	default:
		return fmt.Sprintf("unknown kind %q", op.Kind)
	}
	if op.Path == "" || op.Path[0] != '/' {
		return fmt.Sprintf("path %q does not begin with /", op.Path)
	}
	if op.Kind == Create && op.Ephemeral && op.Session == 0 {
		return "an ephemeral node needs a session"
	}
	if (op.Kind == Acquire || op.Kind == Release) && op.Session == 0 {
		return "a lock is a session's: give its number"
	}
	return ""
}

// fits says whether there is such a mode for the kind.
func (m WatchMode) fits(k Kind) bool {
	switch m {
	case WatchPersistent, WatchRecursive:
		return true
	case WatchData, WatchChildren, WatchAny:
		return k == RemoveWatches
	}
	return false
}

// parent returns the path of the parent; that of the root is empty.
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
