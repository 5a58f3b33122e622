package fuzztest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/fuzztest"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// mutex is a complete lock. Each client that wants it creates a numbered node below /mutex, and
// holds the lock when no smaller number exists. It writes to DB with the node's czxid as its token.
func mutex(p *client.Proc) {
	for p.WaitConnected() {
		p.Want()
		node, token := lockMutex(p)
		if node == "" { // the session is over: its node is gone, or will be
			p.LetGo()
			continue
		}
		p.Hold(node)
		p.Sleep(p.Rand().Between(0, sim.Second)) // the work
		p.Use("DB", token)
		p.LetGo() // before the node is deleted
		unlockMutex(p, node)
		p.Sleep(p.Rand().Between(0, sim.Second))
	}
}

// lockMutex returns the node that holds the lock, and its token; "" if the session has ended.
func lockMutex(p *client.Proc) (node string, token int64) {
	session := p.Session()
	own := fmt.Sprintf("%x-", p.Rand().Uint64()) // to find the node if the answer is lost
	unsure := false
	for p.WaitConnected() && p.Session() == session {
		// A server that lags may not show a node whose create was not answered.
		if unsure && p.Sync("/mutex") != nil {
			continue
		}
		unsure = false
		line, _, err := p.Children("/mutex")
		switch {
		case errors.Is(err, tree.NoNode):
			_, _ = p.Create("/mutex", nil, tree.Persistent) // if it fails, try all again
			continue
		case err != nil:
			continue
		}
		slices.SortFunc(line, func(a, b string) int {
			return strings.Compare(a[len(a)-10:], b[len(b)-10:]) // by number
		})
		i := slices.IndexFunc(line, func(name string) bool { return strings.HasPrefix(name, own) })
		switch {
		case i < 0:
			_, err := p.Create("/mutex/"+own, nil, tree.EphemeralSequential)
			unsure = client.Maybe(err)
		case i == 0: // the list may be old: does the node still exist?
			found, stat, err := p.Exists("/mutex/" + line[0])
			if err == nil && found && p.Session() == session {
				return "/mutex/" + line[0], stat.Czxid
			}
		default: // a get sets no watch on a node that is gone; then look again
			if _, _, w, err := p.GetW("/mutex/" + line[i-1]); err == nil {
				_, _ = w.Wait() // and look again: the one before may have died in line
			}
		}
	}
	return "", 0
}

// unlockMutex deletes the node, whose name nobody else gets.
func unlockMutex(p *client.Proc, node string) {
	for p.WaitConnected() {
		if err := p.Delete(node, tree.AnyVersion); err == nil || errors.Is(err, tree.NoNode) {
			return
		}
	}
}

// console takes the place of *testing.T in the examples.
type console struct{ failed *bool }

func (console) Helper() {}

// Fatalf prints the name of the check.
func (c console) Fatalf(format string, args ...any) {
	check, _, _ := strings.Cut(fmt.Sprintf(format, args...), ":")
	fmt.Println("✗", check)
	*c.failed = true
}

// A complete lock, and what is checked of it: mutual exclusion, progress, the order of the nodes, and
// that DB accepts no late write. In a test, t is a *testing.T.
func ExampleCheck() {
	t := console{new(bool)}
	fuzztest.Check(t, fuzztest.Client{
		Programs: []func(*client.Proc){mutex},
		Is:       recipe.Lock("/mutex").InOrder().Fenced("DB"),
		Seeds:    20, // 100 by default
	})
	if !*t.failed {
		fmt.Println("✓ the lock is sound in 20 schedules")
	}
	// Output: ✓ the lock is sound in 20 schedules
}

// A program that only hopes that the lock is free breaks MutualExclusion, even without a fault.
func ExampleRun() {
	hopeful := func(p *client.Proc) {
		for p.WaitConnected() {
			p.Want()
			p.Sleep(p.Rand().Between(0, 3*sim.Second)) // surely it is free now
			p.Hold("")
			p.Sleep(sim.Second)
			p.LetGo()
		}
	}
	t := console{new(bool)}
	fuzztest.Run(t, fuzztest.Parse("stage seed=1 servers=3 length=20s\nclient A\nclient B"),
		fuzztest.Client{Programs: []func(*client.Proc){hopeful}, Is: recipe.Lock("/mutex")})
	// Output: ✗ MutualExclusion
}
