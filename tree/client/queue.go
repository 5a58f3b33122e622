package client

import (
	"errors"
	"strings"

	"github.com/zablab/zablab/tree"
)

// Queue is ZooKeeper's queue recipe: items are numbered nodes below Path, and a client takes the
// item with the lowest number by deleting its node. A client that finds no item watches the list,
// so a new item wakes all waiting clients (hazard H1).
//
// Curator's Tech Note 4 warns against queues on ZooKeeper: every item is a znode, which every
// server keeps in memory, and the list of a long queue's items is too large for one answer.
type Queue struct{ Path string }

const item = "item-"

// Put adds an item to the queue. If Put returns an error for which [Maybe] is true, the item may be
// in the queue, at most once. After any other error, the item is not in the queue. Put does not
// repeat a create whose answer was lost: it could not tell whether an item in the queue is its own,
// and might add the item twice.
func (q Queue) Put(p *Proc, data []byte) error {
	p.Mark(Mark{Kind: Puts, Office: q.Path})
	path, err := q.put(p, data)
	kind := NotPut
	switch {
	case err == nil:
		kind = HasPut
	case Maybe(err):
		kind = PerhapsPut
	}
	p.Mark(Mark{Kind: kind, Office: q.Path, Node: path})
	return err
}

func (q Queue) put(p *Proc, data []byte) (path string, err error) {
	for p.WaitConnected() {
		path, err = p.Create(q.Path+"/"+item, data, tree.PersistentSequential)
		if !errors.Is(err, tree.NoNode) {
			return path, err
		}
		p.PauseAfter(p.ensure(q.Path))
	}
	return "", ErrSessionOver
}

// Take waits for an item, removes it from the queue, and returns it. If Take returns an error for
// which [Maybe] is true, the answer to the delete of the item was lost. Then either the item is
// deleted, and no other client gets it, or the item is still in the queue, and another client will
// get it. So if the caller processes the returned item, the item may be processed twice; if the
// caller does not, the item may never be processed.
func (q Queue) Take(p *Proc) ([]byte, error) {
	p.Mark(Mark{Kind: Takes, Office: q.Path})
	for p.WaitConnected() {
		// One call reads the list and watches it, so that no item is missed in between (hazard H3).
		names, _, w, err := p.ChildrenW(q.Path)
		if errors.Is(err, tree.NoNode) {
			err = p.ensure(q.Path)
		}
		if err != nil {
			p.PauseAfter(err)
			continue
		}
		items := 0
		// The names have ten digits each, so sorted names are in the order of their numbers.
		for _, name := range names {
			if !strings.HasPrefix(name, item) {
				continue
			}
			items++
			path := q.Path + "/" + name
			data, stat, err := p.Get(path)
			if err == nil {
				err = p.Delete(path, stat.Version)
				if err == nil || Maybe(err) || p.takesAnyway(err) {
					q.took(p, path, err)
					return data, err
				}
			}
			if !errors.Is(err, tree.NoNode) { // NoNode: another taker was faster
				p.PauseAfter(err)
				break // the item may be there: the next one is not the first
			}
		}
		if items == 0 && !w.Ended() {
			w.Wait()
		}
	}
	p.Mark(Mark{Kind: LetsGo, Office: q.Path})
	return nil, ErrSessionOver
}

// took says which item the program has taken, or has perhaps taken.
func (q Queue) took(p *Proc, path string, err error) {
	kind := Took
	if Maybe(err) {
		kind = PerhapsTook
	}
	p.Mark(Mark{Kind: kind, Office: q.Path, Node: path})
}
