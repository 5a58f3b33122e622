package fuzztest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Programs as users write them, with plain calls and without the recipes of package client. Each is
// sound, or has one mistake.

const lockPath = "/lock"

// noLock is a lock that excludes nobody.
func noLock(p *client.Proc) {
	for p.WaitConnected() {
		p.Want()
		p.Hold("")
		rest(p)
		p.LetGo()
		rest(p)
	}
}

// rest sleeps for up to a second.
func rest(p *client.Proc) { p.Sleep(p.Rand().Between(0, sim.Second)) }

// mistake is what is wrong with a program.
type mistake string

const (
	none        mistake = ""
	noRecheck   mistake = "it does not look again after it was woken"
	blindRetry  mistake = "it repeats a create whose answer was lost, and does not look for its node"
	oldTicket   mistake = "it adopts the ticket of its client's former session"
	wrongWatch  mistake = "it watches the last node before it, and after it"
	lateWatch   mistake = "it watches a node that may be gone already"
	releaseLate mistake = "it deletes its node before it lets go"
	forgets     mistake = "it does not release the lock"
	unfenced    mistake = "it writes to the resource without a token"
)

// ticketLock is the lock with numbered nodes. If tells is true, it says by which node it holds.
type ticketLock struct {
	wrong mistake
	tells bool
	fence string // a resource that it writes to
}

func (l ticketLock) run(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		p.Want()
		node, token := l.acquire(p)
		if node == "" {
			p.LetGo()
			continue
		}
		if l.tells {
			p.Hold(node)
		} else {
			p.Hold("")
		}
		rest(p)
		if l.fence != "" {
			if l.wrong == unfenced {
				token = 0 // as if the resource did not look
			}
			p.Use(l.fence, token)
			rest(p)
			p.Use(l.fence, token)
		}
		if l.wrong != releaseLate {
			p.LetGo()
		}
		if l.wrong != forgets || n%3 > 0 {
			release(p, node)
		}
		p.LetGo()
		rest(p)
	}
}

// release deletes a node of its own session: its name is given to nobody else.
func release(p *client.Proc, node string) {
	for p.WaitConnected() {
		err := p.Delete(node, tree.AnyVersion)
		if err == nil || errors.Is(err, tree.NoNode) {
			return
		}
		p.Sleep(100 * sim.Millisecond)
	}
}

// acquire returns the program's node when it is the first in line, and its token; "" if the session
// has changed meanwhile.
func (l ticketLock) acquire(p *client.Proc) (string, int64) {
	session := p.Session()
	me := fmt.Sprintf("%s.%x:", p.Name(), p.Rand().Uint64())
	if l.wrong == oldTicket {
		me = p.Name() + ":" // any ticket of this client
	}
	unsure, woken := false, false
	for p.WaitConnected() && (p.Session() == session || l.wrong == oldTicket) {
		if unsure && p.Sync(lockPath) != nil {
			continue
		}
		unsure = false
		names, _, err := p.Children(lockPath)
		if errors.Is(err, tree.NoNode) {
			p.Create(lockPath, nil, tree.Persistent)
			continue
		}
		if err != nil {
			continue
		}
		slices.SortFunc(names, func(a, b string) int {
			return strings.Compare(a[strings.Index(a, ":"):], b[strings.Index(b, ":"):])
		})
		own := slices.IndexFunc(names, func(s string) bool { return strings.HasPrefix(s, me) })
		if own < 0 {
			_, err := p.Create(lockPath+"/"+me, nil, tree.EphemeralSequential)
			if unsure = client.Maybe(err); unsure && l.wrong == blindRetry {
				me, unsure = me[:len(me)-1]+"'"+":", false
			}
			continue
		}
		node := lockPath + "/" + names[own]
		if own == 0 || woken && l.wrong == noRecheck {
			if found, stat, err := p.Exists(node); err == nil && found &&
				(p.Session() == session || l.wrong == oldTicket) {
				return node, stat.Czxid
			}
			continue
		}
		woken = l.wait(p, lockPath+"/"+l.before(names, own))
	}
	return "", 0
}

func (l ticketLock) before(names []string, own int) string {
	if l.wrong == wrongWatch {
		return names[len(names)-1]
	}
	return names[own-1]
}

// wait waits until a node is gone.
func (l ticketLock) wait(p *client.Proc, node string) (woken bool) {
	if l.wrong == lateWatch {
		_, _, w, err := p.ExistsW(node)
		if err != nil {
			return false
		}
		_, err = w.Wait()
		return err == nil
	}
	_, _, w, err := p.GetW(node)
	if err != nil {
		return false
	}
	_, err = w.Wait()
	return err == nil
}

// raceLock is the lock that is one node, and is taken again by a client that finds its own.
func raceLock(p *client.Proc) {
	for p.WaitConnected() {
		p.Want()
		session := p.Session()
		_, err := p.Create(lockPath, nil, tree.Ephemeral)
		if err != nil && !errors.Is(err, tree.NodeExists) && !client.Maybe(err) {
			p.Sleep(100 * sim.Millisecond)
			continue
		}
		if err != nil {
			found, stat, w, err := p.ExistsW(lockPath)
			if err != nil || !found {
				continue
			}
			if stat.EphemeralOwner != p.Session() {
				w.Wait()
				continue
			}
			session = p.Session()
		}
		if p.Session() != session {
			continue
		}
		p.Hold("")
		rest(p)
		p.LetGo()
		releaseOwn(p, lockPath, session)
		rest(p)
	}
}

// releaseOwn deletes a node whose name the next holder's node has, too: only if it is the session's
// own. The sync matters: a server that lags shows the node when it is another's already.
func releaseOwn(p *client.Proc, node string, session int64) {
	for p.WaitConnected() && p.Session() == session {
		if p.Sync(node) != nil {
			continue
		}
		found, stat, err := p.Exists(node)
		if err == nil && (!found || stat.EphemeralOwner != session) {
			return
		}
		if err == nil && p.Delete(node, stat.Version) == nil {
			return
		}
	}
}
