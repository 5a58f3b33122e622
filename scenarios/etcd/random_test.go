package etcd_test

import (
	"flag"
	"slices"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

var randomOps = flag.Int("ops", 80, "the number of operations of TestRandom")

// TestRandom: three clients call whatever they like at the same time, while the leader is killed, a
// client cut off and a client's session ended. The judges explain every answer and every event.
func TestRandom(t *testing.T) {
	t.Parallel()
	p := start(t, 3, 4*sim.Second)
	r := sim.NewRand(uint64(*randomOps))
	clients := []engine.Actor{p.client("A", 1), p.client("B", 2), p.client("C", 3)}
	for _, path := range []string{"/a", "/b"} {
		p.do(clients[0], create(path, "", tree.Persistent))
	}
	// While the test waits, the leases of all clients may run out: on a slow machine, in an election.
	renewed := make([]int, len(clients)) // by client: after so many changes of its state
	free := func() bool {
		for i, c := range clients {
			n := len(c.States())
			if n > renewed[i] && c.States()[n-1].State.Final() {
				renewed[i] = n
				c.(engine.Renewer).Renew()
			}
		}
		return slices.ContainsFunc(clients, func(c engine.Actor) bool { return c.Connected() && c.Idle() })
	}
	faults := map[int]func(){
		*randomOps / 4: func() {
			p.fault("crash " + p.LeaderName())
		},
		*randomOps / 2: func() {
			if err := p.Heal(); err != nil {
				t.Fatal(err)
			}
			p.until("all serve", p.Serves)
			p.fault("cut S1 > A")
			p.fault("cut A > S1")
		},
		*randomOps * 3 / 4: func() {
			p.fault("heal")
			p.fault("expire B")
			p.until("B knows", func() bool { return !clients[1].Connected() })
			clients[1].(engine.Renewer).Renew()
		},
	}
	for n := range *randomOps {
		if fault := faults[n]; fault != nil {
			fault()
		}
		p.until("a client is idle", free)
		for {
			if c := clients[r.Intn(len(clients))]; c.Connected() && c.Idle() {
				c.Do(random(r), int64(n))
				break
			}
		}
	}
	if err := p.Heal(); err != nil {
		t.Fatal(err)
	}
	p.until("all are at rest", p.AtRest)
	events, wrote := 0, 0
	for _, c := range clients {
		events += len(c.Events())
	}
	for _, o := range p.Ops() {
		if o.AppliedAt >= 0 {
			wrote++
		}
	}
	if t.Logf("%d events, %d writes, reigns %v", events, wrote, p.Reigns()); events == 0 ||
		wrote < *randomOps/5 || len(p.Reigns()) < 2 {
		t.Error("too little happened")
	}
	p.judged()
}

// random returns an operation on one of a few nodes.
func random(r *sim.Rand) tree.Op {
	paths := []string{"/a", "/b", "/a/c", "/a/d", "/b/e"}
	path := paths[r.Intn(len(paths))]
	modes := []tree.CreateMode{tree.Persistent, tree.Ephemeral}
	parent := paths[r.Intn(2)]
	version := tree.AnyVersion
	if r.Intn(3) == 0 {
		version = int32(r.Intn(3))
	}
	data := string(rune('a' + r.Intn(26)))
	switch r.Intn(10) {
	case 0, 1:
		return create(path, data, modes[r.Intn(2)])
	case 2:
		return create(parent+"/n-", data, tree.EphemeralSequential)
	case 3:
		return of(tree.OpDelete, path, version)
	case 4:
		return set(path, data, version)
	case 5:
		return multi(of(tree.OpCheck, parent, version), create(parent+"/m-", data,
			tree.PersistentSequential), create("/f", data, tree.Persistent))
	case 6:
		return multi(of(tree.OpDelete, "/f", tree.AnyVersion), set(path, data, version))
	case 7:
		return tree.Op{Type: tree.OpExists, Path: path, Watch: true}
	case 8:
		return tree.Op{Type: tree.OpGetChildren, Path: parent, Watch: true}
	}
	return tree.Op{Type: tree.OpGetData, Path: path, Watch: r.Intn(2) == 0}
}
