package line

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Lock draws a ticket, a numbered node below /lock, and waits until it is the first in line. It
// returns the path of the ticket.
func Lock(p *client.Proc) (node string, err error) {
	var session int64
	mine := "" // how the caller's ticket begins
	for p.WaitConnected() {
		if session != p.Session() {
			session, mine = p.Session(), strconv.FormatUint(p.Rand().Uint64(), 16)
		}
		line, err := tickets(p)
		own := slices.IndexFunc(line, func(name string) bool { return strings.HasPrefix(name, mine) })
		switch {
		case err != nil:
			p.Sleep(100 * sim.Millisecond)
		case own < 0:
			p.Create("/lock/"+mine+"-", nil, tree.EphemeralSequential) // the next look finds it
		case own > 0:
			_, _, w, err := p.GetW("/lock/" + line[own-1]) // one call looks, and sets the watch
			if err == nil {
				w.Wait()
				return "/lock/" + line[own], nil
			}
		default:
			node := "/lock/" + line[own]
			if found, _, err := p.Exists(node); err == nil && found && p.Session() == session {
				return node, nil
			}
		}
	}
	return "", client.ErrSessionOver
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

// tickets returns the names of the tickets, in the order of their numbers. It creates the line if
// there is none.
func tickets(p *client.Proc) ([]string, error) {
	if err := p.Sync("/lock"); err != nil { // a server that lags may not show our own ticket
		return nil, err
	}
	names, _, err := p.Children("/lock")
	if errors.Is(err, tree.NoNode) {
		_, err = p.Create("/lock", nil, tree.Persistent)
		if errors.Is(err, tree.NodeExists) {
			err = nil
		}
	}
	slices.SortFunc(names, func(a, b string) int { // a name ends with ten digits
		return cmp.Compare(a[len(a)-10:], b[len(b)-10:])
	})
	return names, err
}
