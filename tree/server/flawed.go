package server

import (
	"math"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of a server, away from its code. A place there asks has; whatever a flaw does beyond a
// line is here.

// has is true if f is the injected flaw, and counts that its place was reached. A place asks first
// whether the flaw would make a difference, and has last.
func (s *Server) has(f flaw.Flaw) bool { return s.config.Peer.Flaw.At(f, s.config.Peer.Hits) }

// increment (IncrementOnApply) makes a result, the new version, into a command: one more.
func (s *Server) increment(txn *tree.Txn) {
	b, ok := txn.Body.(*tree.SetDataTxn)
	if !ok {
		return
	}
	n := s.tree.Node(b.Path)
	if n != nil && b.Version != n.Version()+1 && s.has(flaw.IncrementOnApply) {
		b.Version = n.Version() + 1
	}
}

// seen is what a setWatches has seen: with SetWatchesBlind, every change.
func (s *Server) seen(set *tree.SetWatches) *tree.SetWatches {
	if s.tree.LastProcessed() <= set.RelativeZxid || !s.has(flaw.SetWatchesBlind) {
		return set
	}
	all := *set
	all.RelativeZxid = math.MaxInt64
	return &all
}

// skipsOwner (OwnerSkip) is true if a request may come through any server.
func (s *Server) skipsOwner(t *tracked, from zab.ID) bool {
	return t.owner != from && s.has(flaw.OwnerSkip)
}

// byWall (WallClock) is true if sessions expire by the wall clock.
func (s *Server) byWall() bool { return s.io.Wall != s.io.Now && s.has(flaw.WallClock) }
