package etcd

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
)

// txn is one transaction that changed something: everything in one revision.
type txn struct {
	revision int64
	at       sim.Time // when the first server showed it
	session  int64    // that asked for it; 0 for the end of a lease
	xid      int32
	opens    bool // it begins the session
	changes  []change
	over     []int64 // leases that it ended
}

// observer reads all transactions, by watches of all keys on all servers, past the relays.
type observer struct {
	inbox *loopback.Inbox
	http  *http.Client

	mu       sync.Mutex
	change   *sync.Cond
	revision int64 // the latest that was seen
	list     []txn // that were not taken
}

func newObserver(inbox *loopback.Inbox) *observer {
	o := &observer{inbox: inbox,
		http: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
	o.change = sync.NewCond(&o.mu)
	return o
}

// watch reads the transactions that one server shows, until ctx ends.
func (o *observer) watch(ctx context.Context, address string) {
	defer o.http.CloseIdleConnections()
	for ctx.Err() == nil {
		o.mu.Lock()
		start := o.revision + 1
		o.mu.Unlock()
		w := watchCreate{Key: everyKey, End: allEnd, Start: start, Prev: true}
		_ = stream(ctx, o.http, address, w, o.shows)
		select {
		case <-time.After(glance * 5):
		case <-ctx.Done():
		}
	}
	o.change.Broadcast()
}

// shows takes a message, which has whole revisions.
func (o *observer) shows(m *watchResponse) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := m.Events; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].KV.Mod == rest[0].KV.Mod {
			n++
		}
		if rest[0].KV.Mod > o.revision {
			o.revision = rest[0].KV.Mod
			o.list = append(o.list, txnOf(rest[:n], o.inbox.Now()))
		}
		rest = rest[n:]
	}
	o.change.Broadcast()
	o.inbox.Post(false, func(sim.Time) {})
	return true
}

// txnOf turns the events of one revision into a transaction.
func txnOf(events []event, at sim.Time) txn {
	t := txn{revision: events[0].KV.Mod, at: at}
	for i := range events {
		e := &events[i]
		lease, isSession := sessionOf(e.KV.Key)
		c, isNode := changeOf(e)
		switch {
		case isSession && e.Type == "DELETE":
			t.over = append(t.over, lease)
		case isSession:
			n, _ := strconv.ParseInt(string(e.KV.Value), 10, 32)
			t.session, t.xid, t.opens = lease, int32(n), e.KV.Version == 1
		case isNode:
			t.changes = append(t.changes, c)
		}
	}
	return t
}

// take returns the transactions since the last take.
func (o *observer) take() []txn {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.list
	o.list = nil
	return list
}

// patience bounds how long an answer waits for the observer: when the server that has shown the
// answer is killed at once, the others may need an election before they show it too.
const patience = 2 * time.Second

// await waits until the transactions up to a revision were seen.
func (o *observer) await(ctx context.Context, revision int64) {
	late := false
	timer := time.AfterFunc(patience, func() {
		o.mu.Lock()
		late = true
		o.mu.Unlock()
		o.change.Broadcast()
	})
	defer timer.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.revision < revision && !late && ctx.Err() == nil {
		o.change.Wait()
	}
}

// latest is the last revision that was seen.
func (o *observer) latest() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.revision
}
