package apache

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Engine plays documents on Apache ZooKeeper, through github.com/go-zookeeper/zk.
//
// Events happen on many goroutines, but the engine's state changes on one: an event waits in the
// inbox until Run or another method processes it. So one goroutine must call all methods.
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

// look is the time between two looks at the logs, ask between two at a server's status.
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

// Act processes all events so far, and returns the number of the next action.
func (e *Engine) Act(uint64, fmt.Stringer) int64 {
	e.takeIn()
	return e.next()
}

// Chance returns a random stream, seeded by the name and the current time: a real run cannot be
// repeated.
func (e *Engine) Chance(name string) *sim.Rand {
	return sim.NewRand(uint64(time.Now().UnixNano()) ^ sim.HashString(name))
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
