package etcd

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// A client reaches a server by three connections, which are three relays: as with etcd's own
// library, calls, watches and keep-alives do not wait for each other.
const (
	forCalls = iota
	forWatch
	forRenewal
	purposes
)

// life is a client from a start to the next crash, or to the next new session.
type life struct {
	c      *Client
	relays [][purposes]*loopback.Relay // by server
	http   [purposes]*http.Client
	queue  chan *engine.Op
	ending sync.Once
	dead   chan struct{}
	wake   chan struct{} // the connection was lost

	mu       sync.Mutex
	change   *sync.Cond
	halted   bool // paused
	gone     bool // dead is closed
	over     bool // the session has ended
	link     *link
	server   int // the index of the server that it is connected to, or tries
	session  int64
	ttl      time.Duration // as granted
	deadline time.Time     // of the lease, by the client's clock
	sent     sim.Time      // when the last renewal that was answered was sent
	pings    []sim.Time
	reached  int64    // the revision up to which the feed has come
	holds    bool     // changes wait for the answer to a call that sets a watch
	recent   []change // that wait
	watches  []watch
	xid      int32

	guesses map[string]guess // by parent; only on the goroutine of work
}

// link is a client's connection to one server, until one side gives it up.
type link struct {
	server int
	ctx    context.Context
	cancel context.CancelFunc
}

// errOver is the error of a call in a session that has ended.
var errOver = unsent{errors.New("the session is over")}

func (c *Client) newLife() (*life, error) {
	l := &life{c: c, queue: make(chan *engine.Op, mostQueued), dead: make(chan struct{}),
		wake: make(chan struct{}, 1), server: c.home - 1,
		guesses: make(map[string]guess)}
	l.change = sync.NewCond(&l.mu)
	for i := range purposes {
		l.http[i] = &http.Client{Transport: &http.Transport{DisableCompression: true}}
	}
	for i := range c.e.cluster.Size() {
		var set [purposes]*loopback.Relay
		for k := range purposes {
			r, err := loopback.NewRelay(c.e.cluster.Address(i+1), nil)
			if err != nil {
				l.close()
				return nil, err
			}
			set[k] = r
		}
		l.relays = append(l.relays, set)
	}
	return l, nil
}

func (l *life) address(server, purpose int) string { return l.relays[server][purpose].Address() }

// close closes the relays, so that nothing can be said any more.
func (l *life) close() {
	for _, set := range l.relays {
		for _, r := range set {
			if r != nil {
				r.Close()
			}
		}
	}
}

// end ends the life, without a word to the servers.
func (l *life) end() {
	l.ending.Do(func() {
		l.close()
		l.mu.Lock()
		l.gone = true
		if l.link != nil {
			l.link.cancel()
		}
		l.mu.Unlock()
		close(l.dead)
		l.change.Broadcast()
		for _, h := range l.http {
			h.CloseIdleConnections()
		}
	})
}

func (l *life) halt(halted bool) {
	l.mu.Lock()
	l.halted = halted
	l.mu.Unlock()
	l.change.Broadcast()
}

// awake waits while the client is paused. It returns false if its life has ended.
func (l *life) awake() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.halted && !l.gone {
		l.change.Wait()
	}
	return !l.gone
}

// run opens the session and keeps it alive, until it is over or the life ends.
func (l *life) run() {
	if !l.begin() {
		return
	}
	go l.feed()
	go l.work()
	l.keep()
}

// begin obtains a lease, and writes the session's key. It tries one server after the other.
func (l *life) begin() bool {
	for n := 1; l.awake(); n++ {
		lease, err := l.open()
		if err == nil {
			return lease
		}
		l.mu.Lock()
		l.server = (l.server + 1) % len(l.relays)
		l.mu.Unlock()
		if n%len(l.relays) == 0 && !l.rest(between) {
			return false
		}
	}
	return false
}

// between is how long a client rests when it has tried all servers.
const between = 200 * time.Millisecond

// rest waits for a span, and returns false if the life has ended meanwhile.
func (l *life) rest(span time.Duration) bool {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.dead:
		return false
	}
}

// opening is how long a server may take to open a session.
const opening = 2 * time.Second

func (l *life) open() (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), opening)
	defer cancel()
	base := l.address(l.server, forCalls)
	asked, sent := time.Now(), l.c.e.Now()
	var lease leaseResponse
	want := leaseRequest{TTL: ttlOf(l.c.timeout)}
	if err := post(ctx, l.http[forCalls], base, callGrant, want, &lease); err != nil {
		return false, err
	}
	var made txnResponse
	mark := requestOp{Put: &putRequest{Key: sessionKey(lease.ID), Value: []byte("0"),
		Lease: lease.ID}}
	err := post(ctx, l.http[forCalls], base, callTxn, txnRequest{Success: []requestOp{mark}}, &made)
	if err != nil {
		return false, err
	}
	if !l.awake() {
		return false, nil
	}
	l.mu.Lock()
	l.session, l.ttl = lease.ID, time.Duration(lease.TTL)*time.Second
	l.sent, l.deadline = sent, asked.Add(l.ttl)
	l.reached = made.Header.Revision - 1
	l.mu.Unlock()
	l.connect(made.Header.Revision)
	return true, nil
}

// connect makes the present server the client's. The connection shows revision.
func (l *life) connect(revision int64) {
	ctx, cancel := context.WithCancel(context.Background())
	l.mu.Lock()
	l.link = &link{l.server, ctx, cancel}
	if l.gone {
		cancel()
	}
	session := l.session
	l.mu.Unlock()
	l.c.e.awaitSeen(revision)
	l.stands(client.Connected, session)
	l.change.Broadcast()
}

// lose gives up a connection, if it is still the client's.
func (l *life) lose(lost *link) {
	l.mu.Lock()
	if l.link != lost || l.gone || l.over {
		l.mu.Unlock()
		return
	}
	l.link = nil
	l.server = (lost.server + 1) % len(l.relays)
	session := l.session
	l.mu.Unlock()
	lost.cancel()
	l.stands(client.Disconnected, session)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// keep renews the lease, three times in its time to live, as etcd's library does (clientv3,
// lessor.keepAliveLoop). When a server does not answer, it turns to the next one. It ends when the
// servers say that the lease is over, or the client's own clock (lessor.deadlineLoop).
func (l *life) keep() {
	every := l.ttl / 3
	timer := time.NewTimer(every)
	defer timer.Stop()
	for failed := 0; ; {
		select {
		case <-timer.C:
		case <-l.wake:
		case <-l.dead:
			return
		}
		if !l.awake() || l.ended() {
			return
		}
		left := time.Until(l.deadline) // only this goroutine changes the deadline
		if left <= 0 {
			l.finish(client.Expired)
			return
		}
		answer, sent, err := l.renew(min(every, left))
		if !l.awake() || l.ended() {
			return
		}
		next := every
		switch {
		case err == nil && answer.Result.TTL <= 0:
			l.finish(client.Expired)
			return
		case err == nil:
			failed = 0
			l.mu.Lock()
			l.deadline, l.sent = time.Now().Add(l.ttl), sent
			connected := l.link != nil
			l.mu.Unlock()
			if !connected {
				l.connect(answer.Result.Header.Revision)
			}
		default:
			if failed++; failed%len(l.relays) == 0 {
				next = between
			} else {
				next = 0
			}
			l.mu.Lock()
			link := l.link
			if link == nil {
				l.server = (l.server + 1) % len(l.relays)
			}
			l.mu.Unlock()
			if link != nil {
				l.lose(link)
			}
		}
		timer.Reset(min(next, max(0, time.Until(l.deadline))))
	}
}

// renew asks the present server to renew the lease.
func (l *life) renew(longest time.Duration) (answer keepAlive, sent sim.Time, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	sent = l.c.e.Now()
	l.mu.Lock()
	l.pings = append(l.pings, sent)
	session, base := l.session, l.address(l.server, forRenewal)
	l.mu.Unlock()
	err = post(ctx, l.http[forRenewal], base, callKeepAlive, leaseRequest{ID: session}, &answer)
	return answer, sent, err
}

// ended reports whether the session is over.
func (l *life) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// finish ends the session for the client: it has learned that the lease is over, or has revoked it.
func (l *life) finish(as client.State) {
	l.mu.Lock()
	if l.over || l.gone {
		l.mu.Unlock()
		return
	}
	l.over = true
	session := l.session
	if l.link != nil {
		l.link.cancel()
		l.link = nil
	}
	l.mu.Unlock()
	l.stands(as, session)
	l.change.Broadcast()
}

// stands records the state of the session.
func (l *life) stands(s client.State, session int64) {
	l.c.e.Post(true, func(at sim.Time) {
		c := l.c
		if c.life != l || c.over() && s != client.Connected {
			return
		}
		c.state, c.session = s, session
		if c.e.ClientOf(session) == "" {
			c.e.owners = append(c.e.owners, owner{session, c.name})
		}
		c.states = append(c.states, engine.StateChange{
			State: s, Session: session, At: at, Index: c.e.Next(), Watching: true,
		})
	})
}

// connection waits until the client is connected. It returns nil if the session is over, also by
// the client's own clock, or if the life has ended.
func (l *life) connection() *link {
	l.mu.Lock()
	for l.link == nil && !l.over && !l.gone || l.halted && !l.gone {
		l.change.Wait()
	}
	k, late := l.link, time.Now().After(l.deadline)
	if l.over || l.gone {
		k = nil
	}
	l.mu.Unlock()
	if k != nil && late {
		l.finish(client.Expired)
		return nil
	}
	return k
}

// ask calls the client's server. A connection that breaks is given up, and one on which no answer
// comes while a lease lives.
func (l *life) ask(call string, in, out any) error {
	k := l.connection()
	if k == nil {
		return errOver
	}
	ctx, cancel := context.WithTimeout(k.ctx, l.ttl)
	defer cancel()
	err := post(ctx, l.http[forCalls], l.address(k.server, forCalls), call, in, out)
	var refused *refusal
	if err != nil && !errors.As(err, &refused) {
		l.lose(k)
	}
	return err
}

// work performs the client's operations, one at a time.
func (l *life) work() {
	for {
		select {
		case <-l.dead:
			return
		case o := <-l.queue:
			if !l.awake() {
				return
			}
			l.sends(o)
			a := l.carryOut(&o.Op)
			if !l.awake() {
				return
			}
			l.catchUp(a.revision)
			l.c.e.awaitSeen(a.revision)
			l.settle(o, &a)
			if o.Op.Type == tree.OpCloseSession && a.outcome == client.OK {
				l.finish(client.Closed)
			}
		}
	}
}

// sends records that the client makes a call now.
func (l *life) sends(o *engine.Op) {
	k := l.connection()
	l.mu.Lock()
	l.xid++
	xid, session := l.xid, l.session
	l.holds = o.Op.Watch || o.Op.Type == tree.OpAddWatch
	l.mu.Unlock()
	if k == nil {
		return
	}
	server := name(k.server)
	l.c.e.Post(false, func(at sim.Time) {
		o.Xid, o.SentAt, o.Session, o.Server = xid, at, session, server
		l.c.e.sends(request{session, xid}, o, at)
	})
}

// answered records the answer to an operation.
func (l *life) answered(o *engine.Op, a answer, at sim.Time) {
	c := l.c
	for i := range c.calls {
		if c.calls[i] == o {
			c.calls = append(c.calls[:i:i], c.calls[i+1:]...)
			break
		}
	}
	if o.Lost {
		return
	}
	o.Outcome, o.Code, o.Result, o.ReturnedAt, o.RetIndex = a.outcome, a.code, a.result,
		at, c.e.Next()
	if a.outcome == client.NotSent {
		o.SentAt = -1
	}
	o.Zxid = a.revision
	if a.outcome == client.OK && o.AppliedAt < 0 && o.Op.Type.Writes() &&
		o.Op.Type != tree.OpCloseSession {
		c.e.applied(o, a.revision, at, o.RetIndex)
	}
}
