package etcd

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Engine plays the sequence diagrams of documents on a private cluster of etcd servers.
//
// All methods of an Engine must be called from one goroutine. Events happen on other goroutines,
// and wait in the inbox until Run, Act or Apply processes them.
type Engine struct {
	*loopback.Inbox
	*loopback.Faults
	ctx     context.Context
	config  Config
	cluster *Cluster
	seen    *observer
	links   loopback.Links
	stop    context.CancelFunc
	polling sync.WaitGroup

	err      error
	clients  loopback.Clients[*Client]
	byOp     map[request]*engine.Op
	txns     map[request]int64 // revisions of transactions whose operations are not known yet
	ops      []*engine.Op
	changes  []engine.Change
	closings []engine.Closing
	reigns   []engine.Reign
	owners   []owner
	owned    map[string]int64  // by path of a node under a lease: the lease
	ended    []int64           // sessions that a fault ended
	status   []status          // by server
	over     map[zab.ID]uint64 // by server: the latest term in which it led, and does no more
}

// request identifies a client's request: its session and its number there.
type request struct {
	session int64
	xid     int32
}

type owner struct {
	session int64
	client  string
}

var (
	_ engine.Engine      = (*Engine)(nil)
	_ engine.Storyteller = (*Engine)(nil)
	_ engine.Actor       = (*Client)(nil)
	_ engine.Renewer     = (*Client)(nil)
)

// NewEngine starts a private cluster. The engine stops when ctx is cancelled.
func NewEngine(ctx context.Context, c Config) (*Engine, error) {
	c.SetDefaults()
	e := &Engine{
		Inbox: loopback.NewInbox(), config: c, byOp: map[request]*engine.Op{},
		txns: map[request]int64{}, owned: map[string]int64{}, over: map[zab.ID]uint64{},
	}
	cluster, err := Start(ctx, c)
	if err != nil {
		return nil, err
	}
	e.cluster = cluster
	e.links = loopback.Links{Mesh: cluster.mesh, Ways: loopback.Ways{}, Number: e.number,
		Open: e.open, Reset: e.reset}
	e.Faults = loopback.NewFaults("etcd", host{e}, e.Inbox, &e.links)
	e.status = make([]status, cluster.Size())
	e.ctx, e.stop = context.WithCancel(ctx)
	e.seen = newObserver(e.Inbox)
	for i := range cluster.Size() {
		e.polling.Go(func() { e.poll(i) })
		e.polling.Go(func() { e.seen.watch(e.ctx, cluster.Address(i+1)) })
	}
	return e, nil
}

// awaitSeen waits until the engine knows all transactions up to a revision.
func (e *Engine) awaitSeen(revision int64) { e.seen.await(e.ctx, revision) }

// takeIn processes all events so far. It empties the inbox before it takes the transactions, so
// that these contain everything that an event in the inbox shows.
func (e *Engine) takeIn() {
	list := e.Empty()
	txns := e.seen.take()
	for i := range list {
		if list[i].Tells {
			txns = e.record(txns)
		}
		list[i].Take(list[i].At)
	}
	e.record(txns)
}

func (e *Engine) record(txns []txn) []txn {
	for i := range txns {
		e.txn(&txns[i])
	}
	return nil
}

// glance is the longest time between two looks at the transactions.
const glance = 2 * time.Millisecond

// Run processes events until the engine's clock reaches limit or stop returns true. It returns
// false after an error, which Err returns.
func (e *Engine) Run(limit sim.Time, stop func() bool) bool {
	e.err = e.Inbox.Run(e.ctx, glance, limit, stop, func() error {
		e.takeIn()
		if e.err == nil {
			return e.Died()
		}
		return e.err
	})
	return e.err == nil
}

// Err returns the error for which Run returned false, or nil.
func (e *Engine) Err() error { return e.err }

// GiveUp returns how long to wait for what a document expects. The time is long enough for an
// election of several rounds, and for a lease to run out after a new leader has extended it.
func (e *Engine) GiveUp() sim.Time {
	timeout := e.config.SessionTimeout
	for _, c := range e.clients {
		timeout = max(timeout, c.timeout)
	}
	return 2*LeaseFor(timeout) + 10*electionTimeout
}

// Act processes all events that have arrived so far, and returns the event number of the caller's
// next action.
func (e *Engine) Act(uint64, fmt.Stringer) int64 {
	e.takeIn()
	return e.Next()
}

// Chance returns a random number generator, seeded with the name and the current time, because a
// run on real servers cannot be repeated anyway.
func (e *Engine) Chance(name string) *sim.Rand {
	return sim.NewRand(uint64(time.Now().UnixNano()) ^ sim.HashString(name))
}

// AddActor adds a client, which does not run until its Start is called. The client first connects
// to the server with number home (S1 has number 1); if home is 0, the engine chooses the server.
func (e *Engine) AddActor(name string, home int, timeout sim.Time) (engine.Actor, error) {
	if timeout == 0 {
		timeout = e.config.SessionTimeout
	}
	if home == 0 {
		home = len(e.clients)%e.cluster.Size() + 1
	}
	c := &Client{name: name, e: e, home: home, timeout: timeout, sent: map[int64]sim.Time{}}
	e.clients = append(e.clients, c)
	return c, nil
}

// Actor returns the client of that name, or nil.
func (e *Engine) Actor(name string) engine.Actor { return e.clients.Actor(name) }

// Actors returns all clients.
func (e *Engine) Actors() []engine.Actor { return e.clients.Actors() }

// Addresses returns the addresses of the servers: see [Cluster.Addresses].
func (e *Engine) Addresses() []string { return e.cluster.Addresses() }

// Dir is the folder of the servers' data.
func (e *Engine) Dir() string { return e.cluster.Dir() }

// Close ends all clients, and the servers.
func (e *Engine) Close() {
	e.stop()
	var ending sync.WaitGroup
	for _, c := range e.clients {
		ending.Go(c.end)
	}
	ending.Wait()
	e.cluster.Close()
	e.polling.Wait()
}
