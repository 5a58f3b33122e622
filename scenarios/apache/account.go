package apache

import (
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// takeLogged records the transactions that were read from the logs so far.
func (e *Engine) takeLogged() {
	for len(e.logged) > 0 {
		t := e.logged[0]
		e.logged = e.logged[1:]
		e.txn(t, e.Now())
	}
}

// txn records one transaction and its effects.
func (e *Engine) txn(t *tree.Txn, at sim.Time) {
	index := e.Next()
	key := request{t.Session, t.Cxid}
	e.txns[key] = t
	if o := e.byOp[key]; o != nil {
		e.applied(o, t, at, index)
	}
	e.effects(t, t.Type, t.Body, at, index)
}

// applied records an operation's transaction: its zxid, its time, and whether it is an error.
func (e *Engine) applied(o *engine.Op, t *tree.Txn, at sim.Time, index int64) {
	if o.AppliedAt >= 0 || !o.Op.Type.Writes() {
		return
	}
	o.AppliedAt, o.ApplyIndex, o.AppliedZ = at, index, zab.Zxid(t.Zxid)
	o.Refused = t.Type == tree.OpError
	if m, ok := t.Body.(*tree.MultiTxn); ok {
		o.Refused = m.Failed()
	}
}

// effects records what a transaction does to nodes and sessions.
func (e *Engine) effects(t *tree.Txn, op tree.OpCode, body tree.Body, at sim.Time, index int64) {
	change := func(path string, event tree.EventType) {
		e.changes = append(e.changes, engine.Change{
			Path: path, Event: event, Zxid: zab.Zxid(t.Zxid), At: at, Index: index,
		})
	}
	switch b := body.(type) {
	case *tree.CreateTxn:
		change(b.Path, tree.NodeCreated)
		if b.Ephemeral {
			e.owned[b.Path] = t.Session
		}
	case *tree.DeleteTxn:
		change(b.Path, tree.NodeDeleted)
		delete(e.owned, b.Path)
	case *tree.SetDataTxn:
		change(b.Path, tree.NodeDataChanged)
	case *tree.MultiTxn:
		if b.Failed() {
			return
		}
		for i := range b.Txns {
			e.effects(t, b.Txns[i].Type, b.Txns[i].Body, at, index)
		}
	case *tree.CloseSessionTxn:
		for _, path := range b.Paths {
			change(path, tree.NodeDeleted)
			delete(e.owned, path)
		}
		e.closed(t, b.Paths, at, index)
	}
}

// closed records the end of a session, unless its client closed it: only then does the transaction
// have a request's number, Cxid.
func (e *Engine) closed(t *tree.Txn, paths []string, at sim.Time, index int64) {
	told := slices.Contains(e.ended, t.Session)
	if t.Cxid != 0 && !told {
		return
	}
	proposed := sim.Time(t.TimeMs*1000 - e.Began().UnixMicro())
	c := engine.Closing{
		Session: t.Session, Zxid: zab.Zxid(t.Zxid), ProposedAt: min(proposed, at), AppliedAt: at,
		Index: index, Why: engine.TimedOut, Paths: paths,
	}
	if told {
		c.Why = engine.Told
	}
	for _, k := range e.clients {
		if at, ok := k.lastSent(t.Session); ok {
			c.Silent = max(0, c.ProposedAt-at)
		}
	}
	e.closings = append(e.closings, c)
}

// cause is the zxid of the latest transaction that fires this event on path; 0 if no such
// transaction is known.
func (e *Engine) cause(event tree.EventType, path string) zab.Zxid {
	for i := len(e.changes) - 1; i >= 0; i-- {
		c := &e.changes[i]
		parent, _, _ := tree.SplitPath(c.Path)
		child := event == tree.NodeChildrenChanged && c.Event != tree.NodeDataChanged &&
			parent == path
		if child || c.Path == path && c.Event == event {
			return c.Zxid
		}
	}
	return 0
}

// Owned returns the paths of the ephemeral nodes of a client's session. They are known from the
// servers' logs or, if there are no logs, from the client's answers.
func (e *Engine) Owned(name string) (paths []string) {
	c := e.clients.Find(name)
	if c == nil || !c.Up() || c.session == 0 {
		return nil
	}
	for path, session := range e.owned { // order: sorted below
		if session == c.session {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Ops returns all operations of the clients so far, in the order of their calls.
func (e *Engine) Ops() []*engine.Op { return e.ops }

// Changes returns the known changes of znodes.
func (e *Engine) Changes() []engine.Change { return e.changes }

// Closings returns the known ends of sessions that their clients did not close.
func (e *Engine) Closings() []engine.Closing { return e.closings }

// Reigns returns the reigns so far: which server led, and from when to when, as seen by polling
// every server every 15 ms.
func (e *Engine) Reigns() []engine.Reign { return e.reigns }

// Packets returns the messages between servers. If the lab did not start the servers, it cannot see
// their messages, and ok is false.
func (e *Engine) Packets() (list []*engine.Packet, ok bool) { return e.packets, e.private != nil }

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
	a := &engine.Account{Ops: e.ops, Closings: e.closings, Now: e.Now()}
	for _, c := range e.clients {
		a.Heard = append(a.Heard, engine.Heard{
			Client: c.name, Events: c.events, States: c.states, Deaths: c.deaths,
		})
	}
	return a
}

// Story returns the run so far: the operations, the messages, which server led when, the faults and
// the participants.
func (e *Engine) Story() *engine.Story {
	s := &engine.Story{
		Account: *e.account(), Packets: e.packets, Reigns: e.reigns, Faults: e.Happened(),
		ClientOf: e.ClientOf,
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
