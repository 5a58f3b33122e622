package server

import (
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// When clients are served, and from which tree: the calls of the peer about role and replica.

// Changed starts or stops serving as the peer enters or leaves BROADCAST.
func (s *Server) Changed() {
	switch {
	case !s.peer.Serving():
		s.stopServing()
	case !s.serving:
		s.startServing()
	}
}

// startServing lets clients in: the tree has caught up.
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
		s.closeConn(s.conns[len(s.conns)-1], "no longer serving")
	}
	s.tree.Watch(nil)
	s.watches = nil
	s.touched = s.touched[:0]
}

// Restore replaces the replica with a snapshot's, or with an empty one if there is no snapshot.
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
