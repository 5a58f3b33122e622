package zktest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/tree"
)

// do runs f between two steps of the world.
func (e *Ensemble) do(f func(*gateway.World)) {
	e.t.Helper()
	if err := e.host.Do(f); err != nil {
		e.t.Fatalf("zktest: %v: the simulated run ended while the test still used it", err)
	}
}

// Servers returns the names of the servers: S1, S2 and so on.
func (e *Ensemble) Servers() (names []string) {
	c := e.world.Ensemble.Config() // does not change
	for i := range c.Servers + c.Observers {
		names = append(names, "S"+strconv.Itoa(i+1))
	}
	return names
}

// Leader returns the name of the server that leads now, or "" if none does.
func (e *Ensemble) Leader() (name string) {
	e.t.Helper()
	e.do(func(w *gateway.World) { name = w.Ensemble.LeaderName() })
	return name
}

// Follower returns the name of a server that serves and does not lead, or "" if none does.
func (e *Ensemble) Follower() (name string) {
	e.t.Helper()
	e.do(func(w *gateway.World) { name = w.Ensemble.FollowerName() })
	return name
}

// Ready waits until every running server serves clients. If one of them does not serve after a
// minute, Ready ends the test with an error.
func (e *Ensemble) Ready() {
	e.t.Helper()
	if err := e.host.Ready(time.Minute); err != nil {
		e.t.Fatalf("zktest: %v", err)
	}
}

// Fault injects a fault now. The argument line has a form such as "crash S2", "clock S1 x1.2" or
// "split S1 | S2 S3"; the documentation of package sim has all forms (go doc ./sim).
func (e *Ensemble) Fault(line string) {
	e.t.Helper()
	if err := e.host.Inject(line); err != nil {
		e.t.Fatalf("zktest: %v", err)
	}
	e.note(line)
}

// note keeps a fault for the report.
func (e *Ensemble) note(line string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, line)
}

// Crash ends the process of a server or a client, as kill -9 does. Its connections break at once.
func (e *Ensemble) Crash(name string) { e.t.Helper(); e.Fault("crash " + name) }

// Restart starts a machine that is down. A server keeps its disk.
func (e *Ensemble) Restart(name string) { e.t.Helper(); e.Fault("restart " + name) }

// Power cuts the power of a server: what it has not fsynced is lost, and no peer is notified.
func (e *Ensemble) Power(name string) { e.t.Helper(); e.Fault("power " + name) }

// Pause stops a server or a client for a time, as SIGSTOP does. Messages to it wait.
func (e *Ensemble) Pause(name string, d time.Duration) {
	e.t.Helper()
	e.Fault("pause " + name + " " + virtual(d).String())
}

// Split splits the network between servers: no message crosses from one group to another. Clients
// reach all servers.
func (e *Ensemble) Split(groups ...[]string) {
	e.t.Helper()
	var parts []string
	for _, g := range groups {
		parts = append(parts, strings.Join(g, " "))
	}
	e.Fault("split " + strings.Join(parts, " | "))
}

// Isolate splits one server from all others.
func (e *Ensemble) Isolate(name string) {
	e.t.Helper()
	e.Split([]string{name}, e.others(name))
}

// others returns the names of all servers but one.
func (e *Ensemble) others(name string) []string {
	return slices.DeleteFunc(e.Servers(), func(s string) bool { return s == name })
}

// Heal ends every split and cut.
func (e *Ensemble) Heal() { e.t.Helper(); e.Fault("heal") }

// Expire ends the session of a client as if its timeout had passed.
func (e *Ensemble) Expire(client string) { e.t.Helper(); e.Fault("expire " + client) }

// Get returns the data of a node in the tree of the leader; exists is false if that tree has no
// such node, or if there is no leader now.
func (e *Ensemble) Get(path string) (data []byte, exists bool) {
	e.t.Helper()
	e.do(func(w *gateway.World) {
		if n := e.node(w, path); n != nil {
			data, exists = append([]byte{}, n.Data()...), true
		}
	})
	return data, exists
}

// Children returns the names of a node's children in the tree of the leader, sorted. It returns
// none if that tree has no such node, or if there is no leader now.
func (e *Ensemble) Children(path string) (names []string) {
	e.t.Helper()
	e.do(func(w *gateway.World) {
		if n := e.node(w, path); n != nil {
			names = n.AppendChildren(nil)
		}
	})
	return names
}

// Owner returns the name of the client whose session owns an ephemeral node, or "" if there is no
// such node or it is not ephemeral.
func (e *Ensemble) Owner(path string) (client string) {
	e.t.Helper()
	e.do(func(w *gateway.World) {
		if n := e.node(w, path); n != nil && n.EphemeralOwner() != 0 {
			client = w.Ensemble.ClientOf(n.EphemeralOwner())
		}
	})
	return client
}

func (e *Ensemble) node(w *gateway.World, path string) *tree.Node {
	l := w.Ensemble.Leader()
	if l == nil {
		return nil
	}
	return l.Tree().Node(path)
}
