package client

import (
	"errors"
	"strings"

	"github.com/zablab/zablab/tree"
)

// Queue is ZooKeeper's queue recipe: items are numbered nodes below Path, taken in the order of
// their numbers. Who finds none watches the list, so an item that comes wakes all who wait.
//
// The recipe of ZooKeeper's page takes an item by deleting it, and does so here. (Curator warns
// against queues on ZooKeeper, TN4: every item is a znode in every server's memory, and a list of
// many does not fit into one answer.)
type Queue struct{ Path string }

const item = "item-"

// Put adds an item. With an error for which [Maybe] is true it may be in the queue, once; with any
// other it is not. It is not tried again: items have no names by which one could be found.
func (q Queue) Put(p *Proc, data []byte) error {
	for p.WaitConnected() {
		_, err := p.Create(q.Path+"/"+item, data, tree.PersistentSequential)
		if !errors.Is(err, tree.NoNode) {
			return err
		}
		p.pauseAfter(p.ensure(q.Path))
	}
	return ErrSessionOver
}

// Take waits for an item and takes it. With an error for which [Maybe] is true the answer to the
// delete was lost: the item is taken and nobody else will see it, or it is still there for somebody
// else. Then it is for the caller to choose between doing a thing twice and not at all.
func (q Queue) Take(p *Proc) ([]byte, error) {
	for p.WaitConnected() {
		// The list and the watch on it in one call: an item that comes in between is not missed
		// (H3).
		names, _, w, err := p.ChildrenW(q.Path)
		if errors.Is(err, tree.NoNode) {
			err = p.ensure(q.Path)
		}
		if err != nil {
			p.pauseAfter(err)
			continue
		}
		items := 0
		// sorted, and of ten digits each: in the order of their numbers
		for _, name := range names {
			if !strings.HasPrefix(name, item) {
				continue
			}
			items++
			path := q.Path + "/" + name
			data, stat, err := p.Get(path)
			if err == nil {
				err = p.Delete(path, stat.Version)
				if err == nil || Maybe(err) {
					return data, err
				}
			}
			if !errors.Is(err, tree.NoNode) { // another one was faster
				p.pauseAfter(err)
			}
		}
		if items == 0 && !w.Ended() {
			w.Wait()
		}
	}
	return nil, ErrSessionOver
}
