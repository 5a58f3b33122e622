package client_test

import (
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// hall records which programs have come to a barrier, passed it, wanted to leave and left.
type hall struct{ came, passed, wanted, left map[string]bool }

func newHall() *hall {
	return &hall{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
}

// guest returns a program that enters the barrier after a while, works for a while and leaves.
// early and soon count entries and departures that the barrier should have held back.
func (h *hall) guest(b client.Barrier, early, soon *int) func(*client.Proc) {
	return func(p *client.Proc) {
		p.Sleep(p.Rand().Between(0, 3*sim.Second))
		h.came[p.Name()] = true
		if b.Enter(p) != nil {
			return
		}
		if len(h.came) < b.Size {
			*early++
		}
		h.passed[p.Name()] = true
		p.Sleep(p.Rand().Between(0, 3*sim.Second))
		h.wanted[p.Name()] = true
		if b.Leave(p) != nil {
			return
		}
		if len(h.wanted) < b.Size {
			*soon++
		}
		h.left[p.Name()] = true
	}
}

func TestBarrier(t *testing.T) {
	b := client.Barrier{Path: "/b", Size: len(names)}
	for seed := uint64(1); seed <= 60; seed++ {
		w := newWorld(t, seed)
		h, early, soon := newHall(), 0, 0
		for i, n := range names {
			w.client(n, i%3+1, client.Config{}, h.guest(b, &early, &soon))
		}
		w.run(12 * sim.Second)
		if early+soon > 0 || len(h.passed) != b.Size || len(h.left) != b.Size {
			t.Errorf("seed %d: %d passed early, %d left early: %+v", seed, early, soon, h)
		}
	}
}

// One program too few has entered: no program passes, however long it waits.
func TestBarrierWaitsForTheLast(t *testing.T) {
	w := newWorld(t, 1)
	b := client.Barrier{Path: "/b", Size: len(names)}
	h, early, soon := newHall(), 0, 0
	for i, n := range names[1:] {
		w.client(n, i+1, client.Config{}, h.guest(b, &early, &soon))
	}
	w.run(sim.Minute)
	if len(h.passed) != 0 || len(h.came) != 3 {
		t.Errorf("%+v", h)
	}
	w.client(names[0], 1, client.Config{}, h.guest(b, &early, &soon))
	w.run(12 * sim.Second)
	if len(h.left) != 4 {
		t.Errorf("%+v", h)
	}
}

// H4: a client crashes at the barrier and restarts before its old session has expired. It finds a
// node with its own name, waits until that node is gone, and creates a node in its new session.
func TestBarrierOldNode(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		w := newWorld(t, seed)
		b := client.Barrier{Path: "/b", Size: 2}
		var owner, session int64
		passed := 0
		w.client("A", 1, client.Config{}, func(p *client.Proc) {
			if b.Enter(p) == nil {
				passed++
				_, stat, _ := p.Exists("/b/A")
				owner, session = stat.EphemeralOwner, p.Session()
			}
		})
		w.run(sim.Second)
		w.fault("crash A")
		w.fault("restart A")
		w.run(sim.Second)
		w.client("B", 2, client.Config{}, func(p *client.Proc) { b.Enter(p) })
		w.run(10 * sim.Second)
		if passed != 1 || owner != session {
			t.Errorf("seed %d: passed %d times; the node is %x's, not %x's", seed, passed, owner,
				session)
		}
	}
}

// Under random faults: after all is healed, all programs pass the barrier and leave.
func TestBarrierUnderFaults(t *testing.T) {
	b := client.Barrier{Path: "/b", Size: len(names)}
	for seed := uint64(1); seed <= 60; seed++ {
		w := newWorld(t, seed)
		h, early, soon := newHall(), 0, 0
		for i, n := range names {
			w.client(n, i%3+1, client.Config{Renew: true}, h.guest(b, &early, &soon))
		}
		w.storm(names)
		w.run(sim.Minute)
		for _, n := range names {
			if !w.of(n).Finished() || !h.left[n] {
				t.Errorf("seed %d: %s is still there: %+v", seed, n, h)
			}
		}
		if early > 0 {
			t.Errorf("seed %d: %d passed before all had come", seed, early)
		}
	}
}
