package elect

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Selector is Curator's LeaderSelector: a lock (InterProcessMutex) whose holder runs a callback,
// takeLeadership. The program leads as long as the callback runs. When the callback returns, the
// program releases the lock. If its leadership was cancelled, it then queues for the lock again
// (autoRequeue); otherwise Run returns. When the connection is lost or the session ends,
// LeaderSelectorListenerAdapter cancels the leadership by interrupting the callback.
//
// The election is safe only if the callback ends when it is interrupted. A callback that ignores
// the interruption continues to lead, at the same time as its successor (see CURATOR-54, which made
// the cancellation reliable, and CURATOR-73).
//
// Source: Apache Curator 5.9, LeaderSelector: doWork, WrappedListener. LockInternals:
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
	// lock of Curator 5.9 does this (getsTheLock); the latch does not since CURATOR-696.
	TrustsOldNode bool
}

// Run takes part in elections until the program has led for Hold, or until its session is over and
// no new session follows.
func (s Selector) Run(p *client.Proc) {
	if s.ID == "" {
		s.ID = p.Name()
	}
	q := &line{p: p, path: s.Path, kind: "-lock-", data: []byte(s.ID), careful: true,
		trusts: s.TrustsOldNode}
	q.run(func(t *Term) bool {
		t.deaf = s.Swallows
		resigns := t.serve(s.Hold, s.Lead)
		q.leave()
		return resigns
	})
}
