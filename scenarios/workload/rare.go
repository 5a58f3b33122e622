package workload

import (
	"strconv"
	"strings"

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
			Says: "an election that a program implements itself: its client declares the " +
				"election in its configuration, and the program reports when it begins to lead " +
				"and when it stops"},
		{Name: "fence-in-memory-for-ever", Run: elect.Fenced{Path: "/kept", Resource: "kept",
			Guard: elect.InMemory, Flight: Pace}.Run,
			Says: "a resource that keeps the newest token in memory only, and never restarts"},
		{Name: "gazers", Run: gaze,
			Says: "so many watches that a client needs several requests to set them again"},
		{Name: "hurried", Run: hurry,
			Says: "a client sends syncs and writes almost without pauses, while an operator " +
				"tells the client again and again to move to another server"},
		{Name: "leavers", Run: leave,
			Says: "clients that close their sessions for good"},
		{Name: "led", Run: repeat(led),
			Says: "an election whose leader does some work"},
		{Name: "locked-in", Run: lockIn,
			Says: "a lock whose nodes nobody may delete"},
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

// declare races for one ephemeral node, and steps down when its connection is lost. Now and then it
// gives up waiting for a while.
func declare(p *client.Proc) {
	for p.WaitConnected() {
		p.Want()
		if !p.Client().Knows("") {
			wrong(p, ": the program has reported that it waits for a lock or leadership, but the "+
				"client has no record of this")
		}
		if mine, other := own(p, office); !mine {
			if other && p.Rand().Intn(4) == 0 {
				p.LetGo()
				saysNothing(p)
				p.Sleep(p.Rand().Between(0, 20*Pace))
			}
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
		saysNothing(p)
		if p.Session() == session {
			release(p, office)
		}
		think(p)
	}
}

// saysNothing ends the run if the client of a program that has let go still seems to hold an office,
// or to wait for one.
func saysNothing(p *client.Proc) {
	if c := p.Client(); c.Holding() || c.Knows("") {
		wrong(p, ": the program has reported that it neither holds nor waits for a lock or "+
			"leadership, but the client's record still says that it holds or waits for one")
	}
}

// own tries to create an ephemeral node. mine is true if the node belongs to this session. other is
// true if it belongs to another: then own has waited until the node is deleted.
func own(p *client.Proc, path string) (mine, other bool) {
	_, lost := p.Create(path, nil, tree.Ephemeral)
	if lost == nil {
		return true, false
	}
	found, stat, w, err := p.ExistsW(path)
	switch {
	case err != nil:
		p.PauseAfter(err)
	case found && stat.EphemeralOwner == p.Session():
		return true, false
	case found:
		_, err := w.Wait()
		return false, err == nil && !client.Maybe(lost)
	}
	return false, false
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

// leave works for a while, and then closes the session. It ends the run if the client does not stay
// closed.
func leave(p *client.Proc) {
	for range 2 + p.Rand().Intn(10) {
		p.Get(some(p, "r"))
		think(p)
	}
	if p.WaitConnected() && p.Close() == nil && p.State() != client.Closed {
		wrong(p, " has closed its session, but is "+p.State().String())
	}
}

// led runs an election whose leader runs a function. It ends the run if that function is not called.
func led(p *client.Proc) {
	called := false
	client.Election{Path: "/led", Hold: hold(p), Lead: func(p *client.Proc, still func() bool) {
		called = true
		p.Until(sim.Never, func() bool { return !still() })
	}}.Race(p)
	if !called && !p.State().Final() {
		wrong(p, ": Election.Race has returned although the session has not ended, and has not "+
			"called the function that the leader should run")
	}
}

// lockIn acquires a lock that it cannot release, because it may not delete the node.
func lockIn(p *client.Proc) {
	path := "/locked-" + p.Name()
	for p.WaitConnected() {
		p.Do(tree.Op{Type: tree.OpCreate, Path: path, ACL: []tree.ACL{{
			Perms: tree.PermCreate | tree.PermRead, Scheme: "world", ID: "anyone"}}})
		if held, err := (client.Lock{Path: path}).Acquire(p); err == nil {
			held.Release()
		}
		think(p)
	}
}

// strange calls what the servers do not offer: they close the connection. It also says that it waits
// for an office that its client does not declare, which means nothing.
func strange(p *client.Proc) {
	p.Want()
	p.WantShared()
	alone := client.Barrier{Path: "/alone-" + p.Name(), Size: 1}
	if _, err := p.Create(alone.Path, nil, tree.Persistent); err == nil {
		alone.Leave(p) // nobody has entered: it need not wait
	}
	for p.WaitConnected() {
		p.Get(some(p, "r"))
		think(p)
		forget(p)
		if p.Rand().Intn(4) == 0 {
			p.Do(tree.Op{Type: tree.OpSasl})
		}
		think(p)
	}
}

// forget sets a watch and removes it: then it waits for no event.
func forget(p *client.Proc) {
	const path = "/strange"
	_, _, w, err := p.ExistsW(path)
	if err != nil {
		return
	}
	call := p.Do(tree.Op{Type: tree.OpRemoveWatches, Path: path, WatcherType: tree.WatcherAny})
	if call.Err() == nil && !w.WaitFor(0) && !w.Ended() {
		wrong(p, ": a watch that the client has removed still waits for events")
	}
}

// hurry syncs and writes almost without a pause: so a sync is under way whenever the client moves.
func hurry(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		if p.Rand().Intn(3) == 0 {
			p.Set("/r0", value(p, n), tree.AnyVersion)
		} else {
			p.Sync("/r0")
		}
		p.Sleep(p.Rand().Between(0, Pace/2))
	}
}

// gaze sets watches on nodes that do not exist, and moves to another server. The paths of all but the
// last few make one request as long as it may be: each counts 4 bytes more than it has.
func gaze(p *client.Proc) {
	const most, length = 128 << 10, 128
	for n := 0; n < most/length+3 && p.WaitConnected(); {
		name := "/" + strconv.Itoa(n) + "-"
		if _, _, _, err := p.ExistsW(name + strings.Repeat("x", length-4-len(name))); err != nil {
			p.PauseAfter(err)
			continue
		}
		n++
	}
	for p.WaitConnected() {
		p.Move()
		think(p)
	}
}

// expire creates containers and nodes with a time to live, and children of them, for a while. Then
// it leaves them alone, so that the leader deletes them, or creates and deletes a child of one while
// the leader looks at it.
func expire(p *client.Proc) {
	for n := range 3 + p.Rand().Intn(25) {
		if !p.WaitConnected() {
			return
		}
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
	if p.Rand().Intn(2) == 0 {
		meetLook(p)
	}
}

// lookEvery is the time between two looks of a leader at containers (package server).
const lookEvery = 60 * sim.Second

// meetLook changes a container when the leader looks at it: the leader may delete it only if no
// change is under way. To know when that is, it first deletes every node that a leader looks at: a
// leader counts from the next such node on.
func meetLook(p *client.Proc) {
	for i := range 3 {
		path := "/t" + strconv.Itoa(i)
		for j := range 2 {
			p.Delete(path+"/"+strconv.Itoa(j), tree.AnyVersion)
		}
		p.Delete(path, tree.AnyVersion)
	}
	p.Sleep(sim.Second)
	const path, child = "/t0", "/t0/0"
	p.Do(tree.Op{Type: tree.OpCreateContainer, Path: path, ACL: tree.OpenACL})
	p.Sleep(lookEvery - sim.Second)
	for end := p.Now() + 2*sim.Second; p.Now() < end && p.WaitConnected(); {
		if _, err := p.Create(child, nil, tree.Persistent); err != nil {
			p.PauseAfter(err)
		}
		p.Delete(child, tree.AnyVersion)
	}
}
