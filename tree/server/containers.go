package server

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// What the leader does about containers and nodes with a time to live (ZooKeeper's
// ContainerManager). It looks at them at intervals, so such a node may outlive its time by an
// interval.

// containerInterval is the time between two looks (znode.container.checkIntervalMs).
const containerInterval = 60 * sim.Second

// deleteContainers proposes the end of each node that may go, if it is time for a look. A leader
// looks first an interval after the tree has such a node, so worlds without them are as before.
func (s *Server) deleteContainers() {
	l := s.lead
	if !s.tree.HasTransient() {
		l.nextLook = sim.Never
		return
	}
	if s.io.Now < l.nextLook {
		if l.nextLook == sim.Never {
			l.nextLook = s.io.Now + containerInterval
		}
		return
	}
	l.nextLook = s.io.Now + containerInterval
	for _, path := range s.tree.AppendIdle(nil, s.wallMs()) {
		s.submit(&Request{Op: &tree.Op{Type: tree.OpDeleteContainer, Path: path}})
		if s.lead != l {
			return
		}
	}
}

// deleteIdle deletes a container or a node with a time to live, unless it has changed or has got a
// child since the leader chose it. Unlike ZooKeeper it spares a persistent node that a client has
// created at that path since then.
func (p *prep) deleteIdle(path string) (tree.Body, tree.Code) {
	parentPath, ok := parentOf(path)
	if !ok || tree.IsSpecialPath(path) {
		return nil, tree.BadArguments
	}
	node, ok := p.lookup(path)
	parent, above := p.lookup(parentPath)
	switch {
	case !ok || !above:
		return nil, tree.NoNode
	case node.children > 0:
		return nil, tree.NotEmpty
	case !node.idle:
		return nil, tree.BadVersion
	}
	p.remove(parent, path)
	return &tree.DeleteTxn{Path: path}, tree.OK
}
