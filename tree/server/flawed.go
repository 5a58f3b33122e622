package server

import (
	"math"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of a server, which are bugs to inject, apart from the sound code. The server calls has
// where a flaw acts. Code of a flaw that is longer than a line is here.

// has is true if f is the injected flaw, and then counts a hit. A condition calls has last, after
// it has found that the flaw would make a difference.
func (s *Server) has(f flaw.Flaw) bool {
	c := &s.config.Peer
	if c.Places != nil {
		c.Places[f]++
	}
	return c.Flaw.At(f, c.Hits)
}

// increment (IncrementOnApply) applies a setData as a command, "add one to the version", instead of
// its result, the new version.
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

// keepUnlisted (KeepUnlisted) makes a replayed create leave the ACL of a node that exists as it is,
// although the snapshot lacked it.
func (s *Server) keepUnlisted(body tree.Body) {
	switch b := body.(type) {
	case *tree.MultiTxn:
		for i := range b.Txns {
			s.keepUnlisted(b.Txns[i].Body)
		}
	case *tree.CreateTxn:
		if n := s.tree.Node(b.Path); n != nil && n.Unlisted() && s.has(flaw.KeepUnlisted) {
			b.ACL = n.ACL()
		}
	}
}

// seen returns the setWatches to handle: with SetWatchesBlind, one that says that the client has
// seen every change.
func (s *Server) seen(set *tree.SetWatches) *tree.SetWatches {
	if s.tree.LastProcessed() <= set.RelativeZxid || !s.has(flaw.SetWatchesBlind) {
		return set
	}
	all := *set
	all.RelativeZxid = math.MaxInt64
	return &all
}

// skipsOwner (OwnerSkip) is true if a request may come through a server that does not own its
// session.
func (s *Server) skipsOwner(t *tracked, from zab.ID) bool {
	return t.owner != from && s.has(flaw.OwnerSkip)
}

// byWall (WallClock) is true if sessions expire by the wall clock.
func (s *Server) byWall() bool { return s.io.Wall != s.io.Now && s.has(flaw.WallClock) }
