package workload

import (
	"strconv"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/client/elect"
)

// Rare returns the workloads with operations that few applications use. Only schedules of the mix
// "rare" have them.
func Rare() []Workload {
	return []Workload{
		{Name: "declared", Run: declare, Is: []recipe.Recipe{recipe.Election("/declared")},
			Says: "an election that a program implements itself: its client declares the recipe, " +
				"and the program reports when it believes that it leads"},
		{Name: "fence-in-memory-for-ever", Run: elect.Fenced{Path: "/kept", Resource: "kept",
			Guard: elect.InMemory, Flight: Pace}.Run,
			Says: "a resource that keeps the newest token in memory only, and never restarts"},
		{Name: "shut-out", Run: waitOutside,
			Says: "a queue that nobody may read"},
		{Name: "strangers", Run: strange,
			Says: "an operation that the servers do not offer"},
		{Name: "transients", Run: expire,
			Says: "containers, and nodes with a time to live"},
	}
}

// office is the node of the declared election.
const office = "/declared"

// declare races for one ephemeral node, and steps down when its connection is lost.
func declare(p *client.Proc) {
	for p.WaitConnected() {
		p.Want()
		if !own(p, office) {
			continue
		}
		session := p.Session()
		p.Hold(office)
		p.Until(hold(p), func() bool {
			return p.State() != client.Connected ||
				p.Session() != session
		})
		if p.Rand().Intn(2) == 0 {
			p.LetGo()
		} else {
			p.Say(client.LetsGo, office)
		}
		if p.Session() == session {
			release(p, office)
		}
		think(p)
	}
}

// own tries to create an ephemeral node. It returns true if the node belongs to this session;
// otherwise it waits until the node is deleted.
func own(p *client.Proc, path string) bool {
	if _, err := p.Create(path, nil, tree.Ephemeral); err == nil {
		return true
	}
	found, stat, w, err := p.ExistsW(path)
	switch {
	case err != nil:
		p.PauseAfter(err)
	case found && stat.EphemeralOwner == p.Session():
		return true
	case found:
		w.Wait()
	}
	return false
}

// release deletes the node of this session. If the answer to the delete is lost, it looks first
// whose node is there.
func release(p *client.Proc, path string) {
	session := p.Session()
	for p.State() == client.Connected && p.Session() == session {
		if err := p.Delete(path, tree.AnyVersion); !client.Maybe(err) {
			return
		}
		if !p.WaitConnected() || p.Sync(path) != nil {
			return
		}
		if found, stat, err := p.Exists(path); err != nil || !found || stat.EphemeralOwner != session {
			return
		}
	}
}

// waitOutside waits for an item of a queue that no client may read.
func waitOutside(p *client.Proc) {
	const path = "/vault"
	for p.WaitConnected() {
		p.Do(tree.Op{Type: tree.OpCreate, Path: path,
			ACL: []tree.ACL{{Perms: tree.PermCreate, Scheme: "world", ID: "anyone"}}})
		client.Queue{Path: path}.Take(p)
	}
}

// strange calls what the servers do not offer: they close the connection.
func strange(p *client.Proc) {
	for p.WaitConnected() {
		p.Get(some(p, "r"))
		think(p)
		if p.Rand().Intn(4) == 0 {
			p.Do(tree.Op{Type: tree.OpSasl})
		}
		think(p)
	}
}

// expire creates containers and nodes with a time to live, and children of them.
func expire(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		path := some(p, "t")
		op := tree.Op{Type: tree.OpCreateContainer, Path: path, ACL: tree.OpenACL}
		switch p.Rand().Intn(6) {
		case 0:
			op.Flags = tree.Container
		case 1:
			op.Type, op.Flags, op.TTL = tree.OpCreateTTL, tree.PersistentTTL,
				int64(1+p.Rand().Intn(20_000))
		case 2, 3:
			op = tree.Op{Type: tree.OpCreate, Path: path + "/" + strconv.Itoa(p.Rand().Intn(2)),
				Data: value(p, n), ACL: tree.OpenACL}
		default:
			op = tree.Op{Type: tree.OpDelete, Path: path + "/" + strconv.Itoa(p.Rand().Intn(2)),
				Version: tree.AnyVersion}
		}
		p.Do(op)
		p.Sleep(p.Rand().Between(0, 2*Pace+sim.Second))
	}
}
