package apache

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Engine plays documents on Apache ZooKeeper, through github.com/go-zookeeper/zk.
//
// Events happen on many goroutines, but the engine's state changes on one: an event waits in the
// inbox until Run or another method takes it in. So one goroutine must call all methods.
//
// The transactions of a private ensemble are read from its logs, which show when a node was deleted
// and for which session. Of a running ensemble the engine knows only what its clients see.
type Engine struct {
	ctx       context.Context
	began     time.Time
	config    Config
	private   *Ensemble // nil for a running ensemble
	addresses []string
	stop      context.CancelFunc
	polling   sync.WaitGroup

	mu    sync.Mutex
	inbox []news
	wake  chan struct{}

	index    int64
	err      error
	clients  []*Client
	byOp     map[request]*engine.Op
	ops      []*engine.Op
	changes  []engine.Change
	closings []engine.Closing
	reigns   []engine.Reign
	owners   []owner
	owned    map[string]int64 // ephemeral nodes, by path: whose session
	ended    []int64          // sessions that a fault ended
	logs     *logs
	logged   []*tree.Txn // committed, and not yet taken in
	txns     map[request]*tree.Txn
	status   []Status // by server
	epochs   []uint32
	ways     map[[2]string]Way // between clients and servers
	packets  []*engine.Packet
	faults   []engine.Happened
}

// request is one request of a session.
type request struct {
	session int64
	cxid    int32
}

type owner struct {
	session int64
	client  string
}

// news is an event, at a time. If it tells of a state, the transactions before it are taken in
// first.
type news struct {
	at    sim.Time
	tells bool
	take  func(at sim.Time)
}

var (
	_ engine.Engine      = (*Engine)(nil)
	_ engine.Watcher     = (*Engine)(nil)
	_ engine.Storyteller = (*Engine)(nil)
	_ engine.Actor       = (*Client)(nil)
)

// answers returns an error unless some server of a running ensemble reports its status.
func answers(addresses []string) (err error) {
	for _, address := range addresses {
		if _, err = AskStatus(address); err == nil {
			return nil
		}
	}
	return fmt.Errorf("connect to %s: no server answers srvr: start servers there, "+
		"and add srvr to their 4lw.commands.whitelist: %w", strings.Join(addresses, ","), err)
}

// NewEngine starts a private ensemble, or connects to a running one. It ends when ctx does.
func NewEngine(ctx context.Context, c Config) (*Engine, error) {
	c.SetDefaults()
	e := &Engine{
		config: c, addresses: c.Connect, wake: make(chan struct{}, 1),
		byOp: map[request]*engine.Op{}, owned: map[string]int64{}, txns: map[request]*tree.Txn{},
		ways: map[[2]string]Way{},
	}
	e.began = time.Now()
	if len(c.Connect) > 0 {
		if err := answers(c.Connect); err != nil {
			return nil, err
		}
	} else {
		c.Seen = e.seen
		private, err := Start(ctx, c)
		if err != nil {
			return nil, err
		}
		e.private, e.logs = private, newLogs(private)
		for i := range private.Size() {
			e.addresses = append(e.addresses, private.Address(i+1))
		}
	}
	e.status, e.epochs = make([]Status, len(e.addresses)), make([]uint32, len(e.addresses))
	e.ctx, e.stop = context.WithCancel(ctx)
	for i := range e.addresses {
		e.polling.Go(func() { e.poll(i) })
	}
	return e, nil
}

// Now is the time since the engine began, in µs.
func (e *Engine) Now() sim.Time { return sim.Time(time.Since(e.began) / time.Microsecond) }

// post puts an event into the inbox.
func (e *Engine) post(tells bool, take func(at sim.Time)) {
	e.mu.Lock()
	e.inbox = append(e.inbox, news{e.Now(), tells, take})
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// seen records a message between servers.
func (e *Engine) seen(from, to int, m zab.Message) (arrives func()) {
	p := &engine.Packet{From: zab.ID(from), To: zab.ID(to), Message: m, Recv: -1}
	e.post(false, func(at sim.Time) {
		p.SentAt, p.Send = at, e.next()
		e.packets = append(e.packets, p)
	})
	return func() { e.post(false, func(sim.Time) { p.Recv = e.next() }) }
}

// Packets are the messages between servers; ok is false for a running ensemble, which hides them.
func (e *Engine) Packets() (list []*engine.Packet, ok bool) { return e.packets, e.private != nil }

// next is the number of the next event.
func (e *Engine) next() int64 {
	e.index++
	return e.index - 1
}

// takeIn takes in what has happened. It reads the logs after the inbox, so that they contain every
// write that a client has been told of.
func (e *Engine) takeIn() {
	e.mu.Lock()
	list := e.inbox
	e.inbox = nil
	e.mu.Unlock()
	if e.logs != nil && e.err == nil {
		txns, err := e.logs.read()
		if err != nil {
			e.err = err
		}
		e.logged = append(e.logged, txns...)
	}
	for i := range list {
		if list[i].tells {
			e.takeLogged()
		}
		list[i].take(list[i].at)
	}
	e.takeLogged()
}

// look is the time between two looks at the logs and the servers' statuses.
const (
	look = 2 * time.Millisecond
	ask  = 15 * time.Millisecond
)

// Run waits until limit, or until stop is true.
func (e *Engine) Run(limit sim.Time, stop func() bool) bool {
	timer := time.NewTimer(look)
	defer timer.Stop()
	for {
		e.takeIn()
		if e.err == nil {
			e.err = e.ctx.Err()
		}
		switch {
		case e.err != nil:
			return false
		case stop != nil && stop(), e.Now() >= limit:
			return true
		}
		timer.Reset(look)
		select {
		case <-e.wake:
		case <-timer.C:
		case <-e.ctx.Done():
		}
	}
}

// Err is the reason why Run returned false.
func (e *Engine) Err() error { return e.err }

// GiveUp is the same as for a simulated ensemble: a session timeout, two ticks and an election.
func (e *Engine) GiveUp() sim.Time { return e.config.GiveUp() }

// Index is the number of the next event.
func (e *Engine) Index() int64 { return e.index }

// Act takes in what has happened so far, and returns the number of the next action.
func (e *Engine) Act(uint64, fmt.Stringer) int64 {
	e.takeIn()
	return e.next()
}

// Chance is new for every name and moment: a real run cannot be repeated.
func (e *Engine) Chance(name string) *sim.Rand {
	return sim.NewRand(uint64(time.Now().UnixNano()) ^ sim.HashString(name))
}

// poll asks one server for its status again and again, and posts each change. It does not ask a
// server that is down or paused, and ignores an answer if the server was killed or started
// meanwhile.
func (e *Engine) poll(i int) {
	var last Status
	var lastEpoch uint32
	tick := time.NewTicker(ask)
	defer tick.Stop()
	for first := true; ; first = false {
		var s Status
		var n uint32
		turns := e.turns(i)
		switch {
		case e.private != nil && e.private.Paused(i+1):
			s, n = last, lastEpoch
		case e.private == nil || e.private.Up(i+1):
			s, _ = AskStatus(e.addresses[i]) // a server that does not answer does not serve
			if n = uint32(s.Zxid >> 32); e.private != nil && s.Serves() {
				n = epoch(e.private.servers[i].dir)
			}
			if e.private != nil && e.private.Paused(i+1) {
				s, n = last, lastEpoch
			}
		}
		if first || s != last || n != lastEpoch {
			last, lastEpoch = s, n
			e.post(false, func(at sim.Time) {
				if e.turns(i) == turns {
					e.stands(i, s, n, at)
				}
			})
		}
		select {
		case <-tick.C:
		case <-e.ctx.Done():
			return
		}
	}
}

func (e *Engine) turns(i int) int {
	if e.private == nil {
		return 0
	}
	return e.private.turns(i + 1)
}

// stands takes in a server's status.
func (e *Engine) stands(i int, s Status, epoch uint32, at sim.Time) {
	e.status[i], e.epochs[i] = s, epoch
	id := zab.ID(i + 1)
	last := -1
	for k := range e.reigns {
		if e.reigns[k].Leader == id && e.reigns[k].To < 0 {
			last = k
		}
	}
	switch {
	case s.Leads() && (last < 0 || e.reigns[last].Epoch != epoch):
		if last >= 0 {
			e.reigns[last].To = at
		}
		e.reigns = append(e.reigns, engine.Reign{
			Leader: id, Epoch: epoch, From: at, To: -1, Index: e.next(),
		})
	case !s.Leads() && last >= 0:
		e.reigns[last].To = at
	}
}

// takeLogged takes in the transactions read so far.
func (e *Engine) takeLogged() {
	for len(e.logged) > 0 {
		t := e.logged[0]
		e.logged = e.logged[1:]
		e.txn(t, e.Now())
	}
}

// txn takes in one transaction.
func (e *Engine) txn(t *tree.Txn, at sim.Time) {
	index := e.next()
	key := request{t.Session, t.Cxid}
	e.txns[key] = t
	if o := e.byOp[key]; o != nil {
		e.applied(o, t, at, index)
	}
	e.effects(t, t.Type, t.Body, at, index)
}

// applied records that an operation's transaction is known.
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

// closed records a session's end. If it has no request's number, its client did not close it.
func (e *Engine) closed(t *tree.Txn, paths []string, at sim.Time, index int64) {
	told := slices.Contains(e.ended, t.Session)
	if t.Cxid != 0 && !told {
		return
	}
	proposed := sim.Time(t.TimeMs*1000 - e.began.UnixMicro())
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

// cause is the latest transaction that fires such an event; 0 if none is known.
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

// Serves is true if every running server serves, and one of them leads.
func (e *Engine) Serves() bool {
	for i := range e.status {
		if !e.status[i].Serves() &&
			(e.private == nil || e.private.Up(i+1) && !e.private.Paused(i+1)) {
			return false
		}
	}
	return e.LeaderName() != ""
}

// ServerNames are S1 and so on, in the order of the addresses.
func (e *Engine) ServerNames() (names []string) {
	for i := range e.addresses {
		names = append(names, name(i))
	}
	return names
}

func name(i int) string { return engine.ServerName(zab.ID(i + 1)) }

// number is a server's number, from 1; 0 for any other name.
func (e *Engine) number(server string) int { return slices.Index(e.ServerNames(), server) + 1 }

// Up is true while a server's process exists. A running ensemble's servers count as up.
func (e *Engine) Up(server string) bool {
	n := e.number(server)
	return n > 0 && (e.private == nil || e.private.Up(n))
}

// LeaderName is the leader of the highest epoch.
func (e *Engine) LeaderName() string {
	best := -1
	for i, s := range e.status {
		if s.Leads() && e.Up(name(i)) && (best < 0 || e.epochs[i] > e.epochs[best]) {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return name(best)
}

// FollowerName is the follower with the lowest number.
func (e *Engine) FollowerName() string {
	for i, s := range e.status {
		if s.Mode == "follower" && e.Up(name(i)) {
			return name(i)
		}
	}
	return ""
}

// Stands is true if a server is in that state; looking means that it does not serve.
func (e *Engine) Stands(server string, as zab.State) bool {
	n := e.number(server)
	if n == 0 || !e.Up(server) {
		return false
	}
	if as == zab.Following {
		return e.status[n-1].Mode == "follower"
	}
	return as == zab.Looking && !e.status[n-1].Serves()
}

// AddActor adds a client, which Start starts.
func (e *Engine) AddActor(name string, home int) (engine.Actor, error) {
	if home == 0 {
		home = len(e.clients)%len(e.addresses) + 1
	}
	c := &Client{name: name, e: e, home: home, sent: map[int64]sim.Time{}}
	e.clients = append(e.clients, c)
	return c, nil
}

// Actor finds a client by name.
func (e *Engine) Actor(name string) engine.Actor {
	if c := e.client(name); c != nil {
		return c
	}
	return nil
}

func (e *Engine) client(name string) *Client {
	for _, c := range e.clients {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Actors are all clients.
func (e *Engine) Actors() []engine.Actor {
	list := make([]engine.Actor, len(e.clients))
	for i, c := range e.clients {
		list[i] = c
	}
	return list
}

// Owned are the ephemeral nodes of a client's session, according to the logs; without logs,
// according to the client's answers.
func (e *Engine) Owned(name string) (paths []string) {
	c := e.client(name)
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

// Ops are all operations so far, in the order of their calls.
func (e *Engine) Ops() []*engine.Op { return e.ops }

// Changes are the known changes of nodes.
func (e *Engine) Changes() []engine.Change { return e.changes }

// Closings are the sessions that are known to have ended without their client's doing.
func (e *Engine) Closings() []engine.Closing { return e.closings }

// Reigns are the leaders so far, as seen by asking every 15 ms.
func (e *Engine) Reigns() []engine.Reign { return e.reigns }

// ClientOf is the client that has or had the session.
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

// Story is the run so far.
func (e *Engine) Story() *engine.Story {
	s := &engine.Story{
		Account: *e.account(), Packets: e.packets, Reigns: e.reigns, Faults: e.faults,
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

// History is the clients' calls and answers, with times in µs since the engine began.
func (e *Engine) History() lin.History { return e.account().History() }

// Record is the history with watch events and changes of session state.
func (e *Engine) Record() lin.Record { return e.account().Record() }

// Close ends clients and servers.
func (e *Engine) Close() {
	e.stop()
	var ending sync.WaitGroup
	for _, c := range e.clients {
		ending.Go(c.end)
	}
	ending.Wait()
	if e.private != nil {
		e.private.Close()
	}
	e.polling.Wait()
}
