package client

import (
	"errors"

	"github.com/zablab/zablab/tree"
)

// Barrier is ZooKeeper's double barrier: no program begins before Size of them have entered, and
// none leaves before all of them want to. Each is identified by the name of its client.
//
// A barrier is for one round; the next one needs another Path. As on ZooKeeper's page the node that
// opens the barrier is not ephemeral, so that the death of its creator blocks no program that is
// about to pass. A program whose session ends counts as having left; a returning one passes.
//
// One thing is simpler than on that page: a leaving program deletes its node and watches the list,
// so each departure wakes all; there, all but one watch the node with the lowest name.
type Barrier struct {
	Path string
	Size int
}

const ready = "ready"

// Enter waits until Size programs have entered.
func (b Barrier) Enter(p *Proc) error {
	b.says(p, Enters)
	err := b.enter(p)
	if err == nil {
		b.says(p, Passes)
	} else {
		b.says(p, LetsGo)
	}
	return err
}

// says marks what a program does at the barrier.
func (b Barrier) says(p *Proc, kind MarkKind) {
	p.Mark(Mark{Kind: kind, Office: b.Path, Node: b.Path + "/" + p.Name(), Size: b.Size})
}

func (b Barrier) enter(p *Proc) error {
	for p.WaitConnected() {
		// Watch first: the last program to enter creates the node that all wait for (H3).
		found, _, w, err := p.ExistsW(b.Path + "/" + ready)
		if err != nil {
			p.pauseAfter(err)
			continue
		}
		if !b.mark(p) {
			continue
		}
		if found {
			return nil
		}
		names, _, err := p.Children(b.Path)
		if err != nil {
			p.pauseAfter(err)
			continue
		}
		if len(names) < b.Size && !b.opensShort(p, len(names)) {
			w.Wait()
			continue
		}
		if p.ensure(b.Path+"/"+ready) == nil {
			return nil
		}
	}
	return ErrSessionOver
}

// mark creates the program's own node. It returns true when the node exists and is this session's.
func (b Barrier) mark(p *Proc) bool {
	node := b.Path + "/" + p.Name()
	_, err := p.Create(node, nil, tree.Ephemeral)
	switch {
	case err == nil:
		return true
	case errors.Is(err, tree.NoNode):
		err = p.ensure(b.Path)
	case errors.Is(err, tree.NodeExists):
		// It is ours, from a create whose answer was lost, or that of our previous session, which
		// has not ended yet. The latter will go, and would leave us without a node (H4).
		_, stat, w, err := p.GetW(node)
		if err == nil && stat.EphemeralOwner == p.Session() {
			return true
		}
		if err == nil {
			w.Wait()
		}
		return false
	}
	p.pauseAfter(err)
	return false
}

// Leave waits until all programs that entered want to leave.
func (b Barrier) Leave(p *Proc) error {
	b.says(p, Leaves)
	err := b.leave(p)
	if err == nil {
		b.says(p, HasLeft)
	} else {
		b.says(p, LetsGo)
	}
	return err
}

func (b Barrier) leave(p *Proc) error {
	left := false
	for p.WaitConnected() {
		if !left {
			err := p.Delete(b.Path+"/"+p.Name(), tree.AnyVersion)
			if left = err == nil || errors.Is(err, tree.NoNode); !left {
				p.pauseAfter(err)
				continue
			}
		}
		names, _, w, err := p.ChildrenW(b.Path)
		switch {
		case errors.Is(err, tree.NoNode):
			return nil
		case err != nil:
			p.pauseAfter(err)
			continue
		case len(names) == 0 || len(names) == 1 && names[0] == ready:
			return nil
		}
		w.Wait()
	}
	return ErrSessionOver
}
