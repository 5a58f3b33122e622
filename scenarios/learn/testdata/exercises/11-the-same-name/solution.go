package election

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Elect waits until the caller leads, and returns the path of its node.
func Elect(p *client.Proc) (node string, err error) {
	for p.WaitConnected() {
		if _, err := p.Create("/leader", []byte(p.Name()), tree.Ephemeral); err == nil {
			return "/leader", nil
		}
		// It exists. It may be ours: the answer to our create may have been lost.
		_, stat, w, err := p.GetW("/leader")
		switch {
		case err != nil:
			p.Sleep(50 * sim.Millisecond)
		case stat.EphemeralOwner == p.Session():
			return "/leader", nil
		default:
			w.Wait()
		}
	}
	return "", client.ErrSessionOver
}

// Resign gives the office back. Afterwards the node is certainly gone, or the session is over.
func Resign(p *client.Proc, node string) {
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
