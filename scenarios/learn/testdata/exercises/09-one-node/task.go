package lock

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Lock waits until the caller holds the lock, and returns the path of its node.
func Lock(p *client.Proc) (node string, err error) {
	for p.WaitConnected() {
		if _, err := p.Create("/lock", nil, tree.Persistent); err == nil {
			return "/lock", nil
		}
		found, _, w, err := p.ExistsW("/lock") // one call looks, and sets the watch
		switch {
		case err != nil:
			p.Sleep(100 * sim.Millisecond)
		case found:
			w.Wait() // until it is gone
		}
	}
	return "", client.ErrSessionOver
}

// Unlock gives the lock back. Afterwards the node is certainly gone, or the session is over.
func Unlock(p *client.Proc, node string) {
	session := p.Session()
	for p.WaitConnected() && p.Session() == session {
		if p.Delete(node, tree.AnyVersion) == nil {
			return
		}
		p.Sleep(100 * sim.Millisecond)
	}
}
