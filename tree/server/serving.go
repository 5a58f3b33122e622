package server

import (
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// When clients are served, and from which tree: methods that the peer calls when its role or its
// history changes.

// Changed starts or stops serving as the peer enters or leaves BROADCAST.
func (s *Server) Changed() {
	switch {
	case !s.peer.Serving():
		s.stopServing()
	case !s.serving:
		s.startServing()
	}
}

// startServing begins to serve clients: the tree has caught up with the leader's.
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

// stopServing closes every client's connection and drops the state of the role.
func (s *Server) stopServing() {
	if !s.serving {
		return
	}
	s.serving = false
	s.lead = nil
	for len(s.conns) > 0 {
		s.closeConn(s.conns[len(s.conns)-1], "this server no longer serves clients")
	}
	s.tree.Watch(nil)
	s.watches = nil
	s.touched = s.touched[:0]
}

// Restore replaces the tree with that of a snapshot, or with an empty one if snapshot is empty. The
// tree shares the memory of the snapshot, so nobody may change the snapshot afterwards.
func (s *Server) Restore(snapshot []byte) error {
	s.stopServing()
	if len(snapshot) == 0 {
		s.tree = tree.New()
		s.probe.Restored()
		return nil
	}
	r := tree.NewRestorer()
	if err := r.AddFixed(snapshot); err != nil {
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

// Snapshot begins a fuzzy snapshot of the tree.
func (s *Server) Snapshot() zab.SnapshotReader { return tree.NewSnapshotter(s.tree) }
