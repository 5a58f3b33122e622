package shared

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

// Read waits until no writer is before the caller in line.
func Read(p *client.Proc) (node string, err error) {
	return queue(p, "-r", func(line []string, own int) int {
		for i := own - 1; i >= 0; i-- {
			if isWriter(line[i]) {
				return i
			}
		}
		return -1
	})
}

// Write waits until nobody is before the caller in line.
func Write(p *client.Proc) (node string, err error) {
	return queue(p, "-w", func(line []string, own int) int { return own - 1 })
}

// queue draws a ticket of a kind, a numbered node below /shared, and waits until before returns no
// ticket to wait for, which is -1.
func queue(p *client.Proc, kind string, before func(line []string, own int) int) (
	node string, err error) {
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
			p.Create("/shared/"+mine+kind, nil, tree.EphemeralSequential)
		case before(line, own) >= 0:
			_, _, w, err := p.GetW("/shared/" + line[before(line, own)])
			if err == nil {
				w.Wait()
			}
		default:
			node := "/shared/" + line[own]
			if found, _, err := p.Exists(node); err == nil && found && p.Session() == session {
				return node, nil
			}
		}
	}
	return "", client.ErrSessionOver
}

// isWriter reports whether a ticket is a writer's.
func isWriter(name string) bool { return strings.Contains(name, "-w") }

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
	if err := p.Sync("/shared"); err != nil { // a server that lags may not show our own ticket
		return nil, err
	}
	names, _, err := p.Children("/shared")
	if errors.Is(err, tree.NoNode) {
		_, err = p.Create("/shared", nil, tree.Persistent)
		if errors.Is(err, tree.NodeExists) {
			err = nil
		}
	}
	slices.SortFunc(names, func(a, b string) int { // a name ends with ten digits
		return cmp.Compare(a[len(a)-10:], b[len(b)-10:])
	})
	return names, err
}
