package server

import (
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// When clients are served, and from which tree: methods that the peer calls when its role or its
// history changes.

// Changed starts to serve clients when the peer enters BROADCAST, and stops when the peer leaves
// it.
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

// Restore replaces the tree with the tree in a snapshot, or with a new tree if snapshot is empty.
// The restored tree shares the memory of snapshot, so nobody may change these bytes afterwards.
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
