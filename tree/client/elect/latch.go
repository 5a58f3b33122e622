package elect

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Latch is Curator's LeaderLatch: the candidate whose node has the lowest number leads, and every
// other candidate watches the node before its own, so that the deletion of a node wakes only one
// candidate. A leader stops leading when it loses its connection (SUSPENDED). When it is connected
// again, it lists the nodes again, and leads if its node still has the lowest number.
//
// A candidate keeps its node when it loses its connection. Before CURATOR-696 this caused a bug:
// after the reconnection the candidate saw its node in the list and led, although the session that
// owned the node was already over. This can happen if the client has decided by its own clock that
// the session is over, or if the client's new server lags. Since CURATOR-696, a candidate whose
// node has the lowest number also checks that its present session owns the node.
//
// Source: Apache Curator 5.9 (CURATOR-696 came with 5.7), LeaderLatch: reset, checkLeadership, handleStateChange.
type Latch struct {
	Path string // the parent of the candidates' nodes
	ID   string // of the participant; the client's name if empty
	// Hold is how long a leader leads before it closes its latch, which ends Run; 0 means for ever.
	Hold sim.Time
	// Lead, if set, is what a leader does. It should return when [Term.Still] is false.
	Lead func(p *client.Proc, t *Term)
	// OnlyLost lets a leader lead on while its connection is lost, until it knows that its session
	// is over, as with Curator's SessionConnectionStateErrorPolicy.
	OnlyLost bool
	// TrustsOldNode makes a candidate lead whose node is first, whatever session has created it
	// (CURATOR-696, CURATOR-644). It leads on after that session's end has deleted the node.
	TrustsOldNode bool
}

// Run takes part in elections until the program has led for Hold, or until its session is over and
// no new session follows.
func (l Latch) Run(p *client.Proc) {
	if l.ID == "" {
		l.ID = p.Name()
	}
	q := &line{p: p, path: l.Path, kind: "-latch-", data: []byte(l.ID), careful: !l.OnlyLost,
		trusts: l.TrustsOldNode}
	q.run(func(t *Term) bool {
		if !t.serve(l.Hold, l.Lead) {
			return false
		}
		q.leave()
		return true
	})
}
