package client

import (
	"errors"

	"github.com/zablab/zablab/tree"
)

// Barrier is ZooKeeper's double barrier recipe: no program passes the barrier before Size programs
// have entered, and no program leaves before all programs that have entered want to leave. The name
// of a program's client identifies the program.
//
// A barrier works for one round; the next round needs another Path. As on ZooKeeper's recipes page,
// creating a certain persistent node opens the barrier. Because the node is persistent, the death
// of its creator does not block programs that are about to pass. A program whose session has ended
// counts as having left. If it enters again after the barrier has opened, it passes at once.
//
// Leaving is simpler here than on ZooKeeper's recipes page. A program that leaves deletes its node
// and watches the list of nodes, so each departure wakes all programs. On the recipes page, every
// program except the one with the lowest node watches only that lowest node.
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
		// Set the watch first: the last program to enter creates the node that all wait for (hazard
		// H3).
		found, _, w, err := p.ExistsW(b.Path + "/" + ready)
		if err != nil {
			p.PauseAfter(err)
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
			p.PauseAfter(err)
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

// mark creates the program's own node. It returns true when the node exists and belongs to the
// present session.
func (b Barrier) mark(p *Proc) bool {
	node := b.Path + "/" + p.Name()
	_, err := p.Create(node, nil, tree.Ephemeral)
	switch {
	case err == nil:
		return true
	case errors.Is(err, tree.NoNode):
		err = p.ensure(b.Path)
	case errors.Is(err, tree.NodeExists):
		// The node is from a create whose answer was lost, or from our previous session, which has
		// not ended yet. In the second case it will be deleted, and would leave us without a node
		// (hazard H4).
		_, stat, w, err := p.GetW(node)
		if err == nil && stat.EphemeralOwner == p.Session() {
			return true
		}
		if err == nil {
			w.Wait()
		}
		return false
	}
	p.PauseAfter(err)
	return false
}

// Leave waits until all programs that have entered want to leave.
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
				p.PauseAfter(err)
				continue
			}
		}
		names, _, w, err := p.ChildrenW(b.Path)
		switch {
		case errors.Is(err, tree.NoNode):
			return nil
		case err != nil:
			p.PauseAfter(err)
			continue
		case len(names) == 0 || len(names) == 1 && names[0] == ready:
			return nil
		}
		w.Wait()
	}
	return ErrSessionOver
}
