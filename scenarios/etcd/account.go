package etcd

import (
	"maps"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// sends remembers an operation under its request, and records its transaction if that has been seen
// already.
func (e *Engine) sends(r request, o *engine.Op, at sim.Time) {
	e.byOp[r] = o
	if revision, seen := e.txns[r]; seen {
		e.applied(o, revision, at, e.Next())
	}
}

// txn records one transaction and its effects.
func (e *Engine) txn(t *txn) {
	index := e.Next()
	if t.session != 0 && !t.opens {
		r := request{t.session, t.xid}
		if o := e.byOp[r]; o != nil {
			e.applied(o, t.revision, t.at, index)
		} else {
			e.txns[r] = t.revision
		}
	}
	var paths []string
	for i := range t.changes {
		c := &t.changes[i]
		e.changes = append(e.changes, engine.Change{
			Path: c.path, Event: c.event, Zxid: zab.Zxid(c.revision), At: t.at, Index: index,
			Session: t.session, Ephemeral: c.event == tree.NodeCreated && c.lease != 0,
			Closing: len(t.over) > 0,
		})
		switch {
		case c.event == tree.NodeDeleted:
			delete(e.owned, c.path)
			paths = append(paths, c.path)
		case c.event == tree.NodeCreated && c.lease != 0:
			e.owned[c.path] = c.lease
		}
	}
	for _, lease := range t.over {
		e.closed(t, lease, paths, index)
	}
}

// applied records an operation's transaction: its revision and its time.
func (e *Engine) applied(o *engine.Op, revision int64, at sim.Time, index int64) {
	if o.AppliedAt >= 0 || !o.Op.Type.Writes() {
		return
	}
	o.AppliedAt, o.ApplyIndex, o.AppliedZ = at, index, zab.Zxid(revision)
}

// closed records the end of a lease, unless its client revoked it.
func (e *Engine) closed(t *txn, lease int64, paths []string, index int64) {
	told := slices.Contains(e.ended, lease)
	for _, o := range e.ops {
		if o.Op.Type == tree.OpCloseSession && o.Session == lease && o.SentAt >= 0 && !told {
			e.applied(o, t.revision, t.at, index)
			return
		}
	}
	c := engine.Closing{
		Session: lease, Zxid: zab.Zxid(t.revision), AppliedAt: t.at, Index: index,
		Why: engine.TimedOut, Paths: paths,
	}
	if told {
		c.Why = engine.Told
	}
	for _, k := range e.clients {
		if at, ok := k.lastSent(lease); ok {
			c.Silent = max(0, t.at-at)
			c.ProposedAt = at // the lease lived then; nobody shows when the leader gave it up
		}
	}
	e.closings = append(e.closings, c)
}

// Owned returns the paths of the ephemeral nodes of a client: those whose keys are under the
// client's lease.
func (e *Engine) Owned(name string) (paths []string) {
	c := e.clients.Find(name)
	if c == nil || !c.Up() || c.session == 0 {
		return nil
	}
	for _, path := range slices.Sorted(maps.Keys(e.owned)) {
		if e.owned[path] == c.session {
			paths = append(paths, path)
		}
	}
	return paths
}

// Ops returns all operations of the clients so far, in the order of their calls.
func (e *Engine) Ops() []*engine.Op { return e.ops }

// Changes returns all changes of nodes so far, in the order of their revisions.
func (e *Engine) Changes() []engine.Change { return e.changes }

// Closings returns the leases that have ended so far, except those that their own clients revoked.
func (e *Engine) Closings() []engine.Closing { return e.closings }

// Reigns returns the reigns so far: which server led, and from when to when, as seen by polling
// every server. Their epochs are Raft's terms.
func (e *Engine) Reigns() []engine.Reign { return e.reigns }

// ClientOf returns the name of the client that has, or had, the session; empty if it is unknown.
func (e *Engine) ClientOf(session int64) string {
	for _, o := range e.owners {
		if o.session == session {
			return o.client
		}
	}
	return ""
}

func (e *Engine) account() *engine.Account {
	a := &engine.Account{Ops: e.ops, Closings: e.closings, Now: e.Now(),
		ShortStats: true, FailuresRead: true}
	for _, c := range e.clients {
		a.Heard = append(a.Heard, engine.Heard{
			Client: c.name, Events: c.events, States: c.states, Deaths: c.deaths,
		})
	}
	return a
}

// Story returns the run so far: the clients' operations, the leaders' reigns, the faults, and the
// names of all servers and clients.
func (e *Engine) Story() *engine.Story {
	s := &engine.Story{
		Account: *e.account(), Reigns: e.reigns, Faults: e.Happened(), ClientOf: e.ClientOf,
	}
	for _, name := range e.ServerNames() {
		s.Nodes = append(s.Nodes, trace.Node{ID: name, Kind: "server"})
	}
	for _, c := range e.clients {
		s.Nodes = append(s.Nodes, trace.Node{ID: c.name, Kind: "client", Home: name(c.home - 1)})
	}
	return s
}

// History returns the clients' calls and answers so far, with times in µs since the engine began.
func (e *Engine) History() lin.History { return e.account().History() }

// Record returns the History with the clients' watch events and the changes of their sessions'
// states.
func (e *Engine) Record() lin.Record { return e.account().Record() }
