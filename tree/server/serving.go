package server

import (
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// When clients are served, and from which tree: what the peer says of the server's role and of its
// replica.

// Changed starts and stops serving with the peer's phase.
func (s *Server) Changed() {
	switch {
	case !s.peer.Serving():
		s.stopServing()
	case !s.serving:
		s.startServing()
	}
}

// startServing begins to take clients in: the tree holds what it has to.
func (s *Server) startServing() {
	s.serving = true
	s.watches = tree.NewWatches()
	if s.config.SingleWatchMode {
		s.watches.SingleMode()
	}
	s.tree.Watch(s.watches)
	if s.peer.State() == zab.Leading {
		s.newLeader()
	}
}

// stopServing closes every client's connection and forgets what belonged to the role.
func (s *Server) stopServing() {
	if !s.serving {
		return
	}
	s.serving = false
	s.lead = nil
	for len(s.conns) > 0 {
		s.closeConn(s.conns[len(s.conns)-1], "not serving any more")
	}
	s.tree.Watch(nil)
	s.watches = nil
	s.touched = s.touched[:0]
}

// Restore replaces the replica by a snapshot's, or by an empty one.
func (s *Server) Restore(snapshot []byte) error {
	s.stopServing()
	if len(snapshot) == 0 {
		s.tree = tree.New()
		s.probe.Restored()
		return nil
	}
	r := tree.NewRestorer()
	if err := r.Add(snapshot); err != nil {
		return err
	}
	t, err := r.Finish()
	if err != nil {
		return err
	}
	s.tree = t
	s.probe.Restored()
	return nil
}

// Snapshot begins a fuzzy snapshot.
func (s *Server) Snapshot() zab.SnapshotReader { return tree.NewSnapshotter(s.tree) }
