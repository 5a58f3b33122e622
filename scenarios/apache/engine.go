package apache

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Engine plays documents on Apache ZooKeeper, through github.com/go-zookeeper/zk.
//
// All methods of an Engine must be called from one goroutine. Events happen on other goroutines,
// and wait in the inbox until Run, Act or Apply processes them.
//
// An ensemble that the engine starts is private: the engine reads the transactions from the
// servers' logs, which show when each node was deleted, and the end of which session deleted it. If
// the engine did not start the ensemble, it knows only what its own clients see.
type Engine struct {
	*loopback.Inbox
	*loopback.Faults
	ctx       context.Context
	config    Config
	private   *Ensemble // nil if the engine did not start the servers
	addresses []string
	stop      context.CancelFunc
	polling   sync.WaitGroup

	err      error
	clients  loopback.Clients[*Client]
	byOp     map[request]*engine.Op
	ops      []*engine.Op
	changes  []engine.Change
	closings []engine.Closing
	reigns   []engine.Reign
	owners   []owner
	owned    map[string]int64 // by path of an ephemeral node: its session
	ended    []int64          // sessions that a fault ended
	logs     *logs
	logged   []*tree.Txn // read from the logs, but not recorded
	txns     map[request]*tree.Txn
	status   []Status // by server
	epochs   []uint32
	links    loopback.Links
	packets  []*engine.Packet
}

// request identifies a client's request: its session and its number there.
type request struct {
	session int64
	cxid    int32
}

type owner struct {
	session int64
	client  string
}

var (
	_ engine.Engine      = (*Engine)(nil)
	_ engine.Watcher     = (*Engine)(nil)
	_ engine.Storyteller = (*Engine)(nil)
	_ engine.Actor       = (*Client)(nil)
)

// answers returns an error unless at least one of the servers reports its status.
func answers(addresses []string) (err error) {
	for _, address := range addresses {
		if _, err = AskStatus(address); err == nil {
			return nil
		}
	}
	return fmt.Errorf("connect to %s: no server answers the command srvr: %w: start servers at "+
		"these addresses, and add srvr to the 4lw.commands.whitelist of each server",
		strings.Join(addresses, ","), err)
}

// mostStarts is how often a private ensemble is started until the last server leads.
const mostStarts = 3

// NewEngine starts a private ensemble, or connects to the servers of c.Connect. The engine stops
// when ctx is cancelled.
//
// If all servers start in time, the last one, such as S3 of three, wins the first election, and
// most drawings show that. On a busy host the last one may start so late that another wins: then
// NewEngine starts a new ensemble, twice at most.
func NewEngine(ctx context.Context, c Config) (*Engine, error) {
	c.SetDefaults()
	for try := 1; ; try++ {
		e, err := newEngine(ctx, c)
		if err != nil || try == mostStarts || c.Leader != 0 || !e.ledByAnother() {
			return e, err
		}
		e.Close()
	}
}

// ledByAnother reports whether another server than the last leads an ensemble that the engine has
// just started.
func (e *Engine) ledByAnother() bool {
	if e.private == nil {
		return false
	}
	s, err := AskStatus(e.addresses[len(e.addresses)-1])
	return err == nil && s.Serves() && !s.Leads()
}

func newEngine(ctx context.Context, c Config) (*Engine, error) {
	e := &Engine{
		Inbox: loopback.NewInbox(), config: c, addresses: c.Connect,
		byOp: map[request]*engine.Op{}, owned: map[string]int64{}, txns: map[request]*tree.Txn{},
	}
	e.links = loopback.Links{Ways: loopback.Ways{}, Number: e.number, Open: e.open, Reset: e.reset}
	e.Faults = loopback.NewFaults("real servers", host{e}, e.Inbox, &e.links)
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
		e.links.Mesh = private.mesh
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

// seen records a message from one server to another. The function that it returns records the
// arrival.
func (e *Engine) seen(from, to int, m zab.Message) (arrives func()) {
	p := &engine.Packet{From: zab.ID(from), To: zab.ID(to), Message: m, Recv: -1}
	e.Post(false, func(at sim.Time) {
		p.SentAt, p.Send = at, e.Next()
		e.packets = append(e.packets, p)
	})
	return func() { e.Post(false, func(sim.Time) { p.Recv = e.Next() }) }
}

// takeIn processes all events so far. It empties the inbox before it reads the logs, so that the
// logs contain every write whose answer was in the inbox.
func (e *Engine) takeIn() {
	list := e.Empty()
	if e.logs != nil && e.err == nil {
		txns, err := e.logs.read()
		if err != nil {
			e.err = err
		}
		e.logged = append(e.logged, txns...)
	}
	for i := range list {
		if list[i].Tells {
			e.takeLogged()
		}
		list[i].Take(list[i].At)
	}
	e.takeLogged()
}

// look is the time between two reads of the logs, ask the time between two requests for a server's
// status.
const (
	look = 2 * time.Millisecond
	ask  = 15 * time.Millisecond
)

// Run processes events until the engine's clock reaches limit or stop returns true. It returns
// false after an error, which Err returns.
func (e *Engine) Run(limit sim.Time, stop func() bool) bool {
	e.err = e.Inbox.Run(e.ctx, look, limit, stop, func() error {
		e.takeIn()
		if e.err == nil && e.private != nil {
			return e.Died()
		}
		return e.err
	})
	return e.err == nil
}

// Err returns the error for which Run returned false, or nil.
func (e *Engine) Err() error { return e.err }

// GiveUp returns how long to wait for an expectation: the sum of the longest session timeout, two
// ticks and the time of an election, as on a simulated ensemble.
func (e *Engine) GiveUp() sim.Time {
	longest := sim.Time(0)
	for _, c := range e.clients {
		longest = max(longest, c.timeout)
	}
	return e.config.GiveUp(longest)
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

// AddActor adds a client, which does not run until its Start is called. It first connects to the
// server with the number home: 1 is S1, and 0 lets the engine choose. It asks for sessions with the
// given timeout; 0 means the session timeout in the engine's [Config].
func (e *Engine) AddActor(name string, home int, timeout sim.Time) (engine.Actor, error) {
	if timeout == 0 {
		timeout = e.config.SessionTimeout
	}
	if home == 0 {
		home = len(e.clients)%len(e.addresses) + 1
	}
	c := &Client{name: name, e: e, home: home, timeout: timeout, sent: map[int64]sim.Time{}}
	e.clients = append(e.clients, c)
	return c, nil
}

// Actor returns the client of that name, or nil.
func (e *Engine) Actor(name string) engine.Actor { return e.clients.Actor(name) }

// Actors returns all clients.
func (e *Engine) Actors() []engine.Actor { return e.clients.Actors() }

// Close ends all clients, and the servers that the engine started.
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
