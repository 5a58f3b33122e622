package engine

import (
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Account is what the clients of an engine called and received. It yields the histories and records
// for the judges, in the same way for every engine.
type Account struct {
	Ops       []*Op // in the order of the calls
	Closings  []Closing
	Heard     []Heard
	Changes   []Change
	Recipes   []recipe.Recipe // what the clients' programs declare themselves to be
	FaultFree lin.FaultFree   // after the last fault, for the judge of recipes
	Slowest   int64           // the lowest rate of a client's clock, in thousandths; 0 is unknown
	Accesses  []lin.Access    // to outside resources
	Initial   []lin.Node      // that exist from the beginning
	Now       sim.Time        // nothing lasts longer
	// Address returns the IP address of a client, for judging permissions, or "" if it is not
	// known. If it is not known, or Address is nil, they are not judged.
	Address func(client string) string
	// SuperDigest is the digest id that may do everything; empty for none.
	SuperDigest string
	// ShortStats is true if the engine's stats have only versions, czxids, mzxids and owners.
	ShortStats bool
	// FailuresRead is true if a write that fails is no transaction: see [lin.Record].
	FailuresRead bool
}

// Heard is what one client received apart from the answers to its calls.
type Heard struct {
	Client  string
	Events  []Notice
	States  []StateChange
	Deaths  []StateChange // of its process: State is Closed
	Beliefs []Belief      // that its programs declared; without any, beliefs are inferred
	Marks   []Mark        // what its programs said of their recipes
	Before  *Held         // what was inferred of it before the account begins; nil for nothing
}

// History returns the calls and answers of all clients, for a judge. A pending operation has no
// answer. The closing of a session by the ensemble is an operation too: it took effect between its
// proposal and the moment at which the first server applied it.
func (a *Account) History() lin.History {
	h, _ := a.history()
	return h
}

// HistoryOps maps each operation of the history to its index in Ops. The index is -1 if the
// operation is the closing of a session by the ensemble, which no client called.
func (a *Account) HistoryOps() []int {
	_, ops := a.history()
	return ops
}

// Record returns the account's history, completed by [Account.RecordOf].
func (a *Account) Record() lin.Record { return a.RecordOf(a.History()) }

// RecordOf adds to a history what clients received apart from the replies: watch events, in their
// order among the replies, and the moments at which a session got a new connection. It also adds
// the spans in which clients believed that they led. It leaves out the unanswered operations that
// did not take effect.
func (a *Account) RecordOf(h lin.History) lin.Record {
	r := lin.Record{Beliefs: a.beliefs(), Accesses: a.Accesses, Initial: a.Initial,
		FailuresRead: a.FailuresRead, Ops: recorded(h)}
	for k := range a.Heard {
		c := &a.Heard[k]
		for i := range c.Events {
			n := &c.Events[i]
			r.Events = append(r.Events, lin.Event{
				Client: lin.Client(c.Client), Session: lin.Session(n.Session),
				Kind: eventKinds[n.Event.Type], Path: lin.Path(n.Event.Path),
				At: int64(n.At), Place: n.Index + 1, Zxid: lin.Zxid(n.Event.Zxid),
				Persistent: n.Persistent,
			})
		}
		last := int64(0)
		for _, s := range c.States {
			if s.State != client.Connected {
				continue
			}
			if s.Session == last && !s.Watching {
				kind := lin.Reconnected
				if s.Unwatched {
					kind = lin.Unwatched
				}
				r.Events = append(r.Events, lin.Event{
					Client: lin.Client(c.Client), Session: lin.Session(s.Session),
					Kind: kind, At: int64(s.At), Place: s.Index + 1,
				})
			}
			last = s.Session
		}
	}
	r.Recipes = a.Recipes
	if r.Marks = a.marks(); len(r.Marks) > 0 {
		r.Lives, r.FaultFree = a.lives(), a.FaultFree
	}
	return r
}

// recorded returns the operations that were answered or took effect: h itself if they all are.
func recorded(h lin.History) lin.History {
	lost := func(o lin.Operation) bool { return o.Outcome == lin.Unknown && o.Txn == 0 }
	if !slices.ContainsFunc(h, lost) {
		return slices.Clip(h)
	}
	return slices.DeleteFunc(slices.Clone(h), lost)
}

var eventKinds = map[tree.EventType]lin.EventKind{
	tree.NodeCreated: lin.EventCreated, tree.NodeDeleted: lin.EventDeleted,
	tree.NodeDataChanged: lin.EventChanged, tree.NodeChildrenChanged: lin.EventChildren,
}

var addModes = map[tree.AddWatchMode]lin.WatchMode{
	tree.WatchPersistent: lin.WatchPersistent, tree.WatchPersistentRecursive: lin.WatchRecursive,
}

var removeModes = map[tree.WatcherType]lin.WatchMode{
	tree.WatcherChildren: lin.WatchChildren, tree.WatcherData: lin.WatchData,
	tree.WatcherAny: lin.WatchAny, tree.WatcherPersistent: lin.WatchPersistent,
	tree.WatcherPersistentRecursive: lin.WatchRecursive,
}

// history returns what History and HistoryOps return.
func (a *Account) history() (h lin.History, ops []int) {
	h = make(lin.History, 0, len(a.Ops)+len(a.Closings))
	ops = make([]int, 0, cap(h))
	who, made := a.identities(), a.made()
	for i, o := range a.Ops {
		who.learn(o)
		if o.Op.Type == tree.OpMultiRead {
			for k := range o.Op.Ops {
				if op, ok := part(o, k); ok {
					who.sign(&op)
					h, ops = append(h, op), append(ops, i)
				}
			}
		} else if op, ok := operation(o); ok {
			who.sign(&op)
			a.shorten(&op)
			if op.Sequential && op.Outcome == lin.Unknown {
				op.Result.Path = made[op.Txn]
			}
			h, ops = append(h, op), append(ops, i)
		}
	}
	for i := range a.Changes {
		if c := &a.Changes[i]; c.Idle {
			h, ops = append(h, lin.Operation{
				Client: "ensemble", Kind: lin.Delete, Path: lin.Path(c.Path),
				Version: lin.AnyVersion, Call: int64(c.At), Return: int64(c.At),
				Outcome: lin.OK, Txn: lin.Zxid(c.Zxid),
			}), append(ops, -1)
		}
	}
	for i := range a.Closings {
		c := &a.Closings[i]
		if c.AppliedAt < 0 || i > 0 && a.closedBefore(i) {
			continue
		}
		op := lin.Operation{
			Client: "ensemble", Session: lin.Session(c.Session), Kind: lin.CloseSession,
			Call: int64(c.ProposedAt), Return: int64(c.AppliedAt),
			Outcome: lin.OK, Txn: lin.Zxid(c.Zxid),
		}
		for _, p := range c.Paths {
			op.Result.Deleted = append(op.Result.Deleted, lin.Path(p))
		}
		if op.Result.Deleted == nil {
			op.Result.Deleted = []lin.Path{}
		}
		h, ops = append(h, op), append(ops, -1)
	}
	return h, ops
}

// shorten removes what the engine does not know from the stats of an operation.
func (a *Account) shorten(op *lin.Operation) {
	if !a.ShortStats {
		return
	}
	if op.Result.Stat != nil {
		op.Result.Stat.More = nil
	}
	for i := range op.Ops {
		a.shorten(&op.Ops[i])
	}
}

// made returns the paths of the nodes below those that exist from the beginning, by the
// transactions that created them. Where numbers overflow, a judge cannot know the name that a
// create without an answer has made.
func (a *Account) made() map[lin.Zxid]lin.Path {
	paths := make(map[lin.Zxid]lin.Path)
	for _, n := range a.Initial {
		for i := range a.Changes {
			if c := &a.Changes[i]; c.Event == tree.NodeCreated &&
				strings.HasPrefix(c.Path, string(n.Path)+"/") {
				paths[lin.Zxid(c.Zxid)] = lin.Path(c.Path)
			}
		}
	}
	return paths
}

// closedBefore reports whether an earlier proposal has closed the same session: the second proposal
// changes nothing.
func (a *Account) closedBefore(i int) bool {
	for _, c := range a.Closings[:i] {
		if c.Session == a.Closings[i].Session && c.AppliedAt >= 0 {
			return true
		}
	}
	return false
}

// operation translates one operation for the judges; ok is false if the operation shows nothing of
// the tree.
func operation(o *Op) (op lin.Operation, ok bool) {
	op = lin.Operation{
		Client: lin.Client(o.Client), Session: lin.Session(o.Session),
		Call: int64(o.CalledAt), Return: int64(o.ReturnedAt), Zxid: lin.Zxid(o.Zxid),
		Txn: lin.Zxid(o.AppliedZ), Place: max(o.RetIndex+1, 0), CallPlace: o.CallIndex + 1,
		Watch: o.Op.Watch,
	}
	if !describe(&op, &o.Op) {
		return op, false
	}
	for i := range op.Ops {
		op.Ops[i].Session = op.Session
	}
	switch {
	case o.Outcome == client.OK:
		op.Outcome = lin.OK
		op.Result = result(&o.Op, &o.Result)
		if op.Kind == lin.Multi {
			for i := range op.Ops {
				op.Ops[i].Outcome = lin.OK
				op.Ops[i].Result = result(&o.Op.Ops[i], &o.Result.Results[i])
			}
		}
	case o.Outcome == client.Failed && o.Code.Definite():
		op.Outcome, op.Code = lin.Failed, lin.Code(codeWords(o.Code))
		for i := range op.Ops {
			op.Ops[i].Outcome = lin.Failed
			if i < len(o.Result.Results) {
				op.Ops[i].Code = lin.Code(codeWords(o.Result.Results[i].Code))
			}
		}
	case o.Outcome == client.NotSent, !op.Kind.Write():
		return op, false // it never happened, or was a read without an answer
	default:
		if op.Outcome, op.Zxid = lin.Unknown, 0; o.Refused {
			op.Txn = 0 // its transaction does nothing
		}
		for i := range op.Ops {
			op.Ops[i].Outcome = lin.Unknown
		}
	}
	if op.Session == 0 {
		return op, false
	}
	return op, true
}

// codeWords returns a code in the judges' words.
func codeWords(c tree.Code) string {
	switch c {
	case tree.OK:
		return ""
	case tree.NotEmpty:
		return string(lin.NotEmpty)
	case tree.NoChildrenForEphemerals:
		return string(lin.NoChildrenForEphemerals)
	}
	return c.Error()
}

// describe translates the request of an operation. It returns false for a request that the judges
// do not know.
func describe(op *lin.Operation, o *tree.Op) bool {
	op.Path, op.Version = lin.Path(o.Path), lin.AnyVersion
	switch o.Type {
	case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		op.Kind, op.Data = lin.Create, string(o.Data)
		op.Ephemeral = o.Flags.IsEphemeral() && o.Type != tree.OpCreateContainer
		op.Sequential = o.Flags.IsSequential()
		op.ACL = grants(o.ACL)
	case tree.OpDelete:
		op.Kind, op.Version = lin.Delete, o.Version
	case tree.OpSetData:
		op.Kind, op.Data, op.Version = lin.Set, string(o.Data), o.Version
	case tree.OpCheck:
		op.Kind, op.Version = lin.CheckVersion, o.Version
	case tree.OpExists:
		op.Kind = lin.Exists
	case tree.OpGetData:
		op.Kind = lin.Get
	case tree.OpGetChildren, tree.OpGetChildren2:
		op.Kind = lin.Children
	case tree.OpSync:
		op.Kind = lin.Sync
	case tree.OpAddWatch:
		op.Kind, op.Mode = lin.AddWatch, addModes[o.WatchMode]
		return op.Mode != ""
	case tree.OpRemoveWatches:
		op.Kind, op.Mode = lin.RemoveWatches, removeModes[o.WatcherType]
		return op.Mode != ""
	case tree.OpCheckWatches:
		op.Kind, op.Mode = lin.CheckWatches, removeModes[o.WatcherType]
		return op.Mode != ""
	case tree.OpSetACL:
		op.Kind, op.ACL, op.Version = lin.SetACL, grants(o.ACL), o.Version
	case tree.OpGetACL:
		op.Kind = lin.GetACL
	case tree.OpGetEphemerals:
		op.Kind = lin.Ephemerals
	case tree.OpGetAllChildrenNumber:
		op.Kind = lin.Descendants
	case tree.OpCloseSession:
		op.Kind = lin.CloseSession
	case tree.OpMulti:
		op.Kind = lin.Multi
		op.Ops = make([]lin.Operation, len(o.Ops))
		for i := range o.Ops {
			if !describe(&op.Ops[i], &o.Ops[i]) {
				return false
			}
		}
	default:
		return false
	}
	return true
}

// result translates the result of an operation that succeeded.
func result(o *tree.Op, r *tree.OpResult) lin.Result {
	out := lin.Result{Path: lin.Path(r.Path), Data: string(r.Data)}
	switch o.Type {
	case tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL, tree.OpSetData, tree.OpGetData,
		tree.OpExists, tree.OpGetChildren2, tree.OpSetACL, tree.OpGetACL:
		if r.Stat.Czxid != 0 || r.Stat.Mzxid != 0 {
			out.Stat = stat(&r.Stat)
		}
	}
	switch o.Type {
	case tree.OpGetChildren, tree.OpGetChildren2:
		out.Children = []string{}
		for _, name := range r.Children {
			if o.Path != "/" || name != "zookeeper" { // not in the judges' tree
				out.Children = append(out.Children, name)
			}
		}
	case tree.OpGetEphemerals:
		out.Children = append([]string{}, r.Children...)
	case tree.OpGetAllChildrenNumber:
		out.Number = int64(r.Number)
	case tree.OpGetACL:
		out.ACL = lists(r.ACL)
	case tree.OpSync:
		out.Path = ""
	}
	return out
}

// stat translates a stat, in one piece of memory.
func stat(s *tree.Stat) *lin.Stat {
	whole := struct {
		lin.Stat
		more lin.More
	}{
		lin.Stat{
			Version: s.Version, Czxid: lin.Zxid(s.Czxid), Mzxid: lin.Zxid(s.Mzxid),
			Owner: lin.Session(s.EphemeralOwner),
		},
		lin.More{
			Cversion: s.Cversion, Aversion: s.Aversion, Pzxid: lin.Zxid(s.Pzxid),
			Length: int(s.DataLength), Children: int(s.NumChildren),
		},
	}
	whole.More = &whole.more
	return &whole.Stat
}
