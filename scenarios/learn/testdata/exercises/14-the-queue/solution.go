package queue

import (
	"errors"
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Put adds an item to the queue. If it returns an error for which client.Maybe is true, the item may be
// in the queue, once; with any other error it is not.
func Put(p *client.Proc, item string) error {
	for p.WaitConnected() {
		_, err := p.Create("/queue/item-", []byte(item), tree.PersistentSequential)
		if !errors.Is(err, tree.NoNode) {
			return err
		}
		p.Create("/queue", nil, tree.Persistent)
	}
	return client.ErrSessionOver
}

// Take waits for an item, removes it and returns it. If it returns an item and an error for which
// client.Maybe is true, the item may have been taken.
func Take(p *client.Proc) (item string, err error) {
	for p.WaitConnected() {
		names, _, w, err := p.ChildrenW("/queue") // one call lists, and sets the watch
		if err != nil {
			p.Sleep(100 * sim.Millisecond)
			continue
		}
		slices.Sort(names) // all begin with item-, and end with ten digits
		for _, name := range names {
			data, stat, err := p.Get("/queue/" + name)
			if err == nil {
				err = p.Delete("/queue/"+name, stat.Version)
				if err == nil || client.Maybe(err) {
					return string(data), err
				}
			}
			if !errors.Is(err, tree.NoNode) {
				break // the item may still be there: list again
			}
		}
		if len(names) == 0 {
			w.Wait()
		}
	}
	return "", client.ErrSessionOver
}
