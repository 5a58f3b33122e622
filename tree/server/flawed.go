package server

import (
	"math"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of a server, away from its code. A place there asks has; whatever a flaw does beyond a
// line is here.

// has is true if f is the injected flaw, and counts that its place was reached. A place asks for
// what makes a difference first, and has last.
func (s *Server) has(f flaw.Flaw) bool { return s.config.Peer.Flaw.At(f, s.config.Peer.Hits) }

// increment (IncrementOnApply) makes a result, the new version, into a command: one more.
func (s *Server) increment(b *tree.SetDataTxn) {
	if n := s.tree.Node(b.Path); n != nil {
		b.Version = n.Version() + 1
	}
}

// blind (SetWatchesBlind) is a setWatches that has seen every change.
func blind(set *tree.SetWatches) *tree.SetWatches {
	all := *set
	all.RelativeZxid = math.MaxInt64
	return &all
}
