package elect

import (
	"errors"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Selector is Curator's LeaderSelector: a lock (InterProcessMutex) whose holder runs a callback,
// takeLeadership. The program leads as long as the callback runs; when it returns, the lock is
// released, and the program queues again (autoRequeue) until it has led for Hold. When the
// connection is lost or the session is over, LeaderSelectorListenerAdapter cancels the leadership,
// which interrupts the callback.
//
// Everything depends on a callback that ends when it is interrupted. One that swallows the
// interruption leads on, at the same time as its successor (see CURATOR-54, which made the
// cancellation reliable, and CURATOR-73).
//
// Source: Apache Curator 5.7, LeaderSelector: doWork, WrappedListener. LockInternals:
// internalLockLoop. StandardLockInternalsDriver: getsTheLock.
type Selector struct {
	Path string // the parent of the candidates' nodes
	ID   string // of the participant; the client's name if empty
	// Hold is how long a leader leads before it releases the lock, which ends Run; 0 means for ever.
	Hold sim.Time
	// Lead, if set, is the callback. When [Term.Still] is false it is interrupted, and should return.
	Lead func(p *client.Proc, t *Term)
	// Swallows makes the program ignore that its leadership is cancelled: it leads until Hold is
	// over.
	Swallows bool
	// TrustsOldNode makes a candidate lead whose node is first, whatever session has created it. The
	// lock of Curator 5.7 does this; the latch does not since CURATOR-696.
	TrustsOldNode bool
}

// Run takes part in elections until the program has led for Hold, or until its session is over and
// no new session follows.
func (s Selector) Run(p *client.Proc) {
	if s.ID == "" {
		s.ID = p.Name()
	}
	m := exclusive(s.Path)
	q := &line{p: p, path: s.Path, kind: "-lock-", data: []byte(s.ID)}
	for p.WaitConnected() {
		waits(p, m)
		if q.own == "" && !q.create() {
			continue
		}
		node, found, err := q.before()
		switch {
		case err != nil && !errors.Is(err, tree.NoNode):
			pause(p, err)
		case !found:
			q.leave()
		case node != "":
			q.await(node, m)
		default:
			if s.lead(q, m) {
				return
			}
		}
	}
	m.Kind = client.LetsGo
	p.Mark(m)
}

// lead runs the callback, and releases the lock. It reports whether the leader has led for Hold.
func (s Selector) lead(q *line, m client.Mark) bool {
	t, err := q.term(true, m)
	if err != nil {
		return false
	}
	if t == nil && s.TrustsOldNode {
		t = &Term{p: q.p, session: q.p.Session(), Node: q.own, mark: m, careful: true}
	}
	if t == nil {
		q.leave()
		return false
	}
	t.deaf = s.Swallows
	t.holdFor(s.Hold)
	var lead func(*Term)
	if s.Lead != nil {
		lead = func(t *Term) { s.Lead(q.p, t) }
	}
	resigned := t.serve(lead)
	q.leave()
	return resigned
}
