package fence

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Lock waits until the caller holds the lock. It returns the path of its node, and the token that the
// caller shows to the store: the store refuses a token smaller than one that it has seen.
func Lock(p *client.Proc) (node string, token int64, err error) {
	for p.WaitConnected() {
		_, err := p.Create("/lock", nil, tree.Ephemeral)
		if err != nil && !client.Maybe(err) {
			found, _, w, err := p.ExistsW("/lock")
			if err == nil && found {
				w.Wait()
			}
		}
		found, stat, err := p.Exists("/lock")
		switch {
		case err != nil:
			p.Sleep(50 * sim.Millisecond)
		case found && stat.EphemeralOwner == p.Session():
			return "/lock", stat.EphemeralOwner, nil
		}
	}
	return "", 0, client.ErrSessionOver
}

// Unlock gives the lock back. Afterwards the node is certainly gone, or the session is over.
func Unlock(p *client.Proc, node string) {
	session := p.Session()
	for p.WaitConnected() && p.Session() == session {
		if p.Sync(node) == nil {
			found, stat, err := p.Exists(node)
			if err == nil && (!found || stat.EphemeralOwner != session) {
				return
			}
			if err == nil && p.Delete(node, tree.AnyVersion) == nil {
				return
			}
		}
		p.Sleep(100 * sim.Millisecond)
	}
}
