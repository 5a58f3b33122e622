package server_test

import (
	"fmt"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// world has servers S1… and clients A, B, C… in a sim.World.
type world struct {
	*sim.World
	t       testing.TB
	seed    uint64
	servers int
	config  server.Config // of every server
	logs    map[string]*history
	txns    map[int64]*tree.Txn // by zxid: what any server has applied
	events  []string
	probe   func(w *world, name string) server.Probe
}

// history is what a client has received, in order.
type history struct {
	client.NopHooks
	w     *world
	name  string
	calls []*client.Call
	lines []string // replies and events, as they came
	state []client.State
}

func (h *history) Returned(c *client.Client, call *client.Call) {
	h.calls = append(h.calls, call)
	h.lines = append(h.lines, fmt.Sprintf("%s %s %s", call.Op.Type, call.Op.Path, call.Code))
}

func (h *history) Notified(c *client.Client, e tree.WatchEvent) {
	h.lines = append(h.lines, fmt.Sprintf("%s %s", e.Type, e.Path))
}
func (h *history) Changed(c *client.Client, s client.State) { h.state = append(h.state, s) }

// noting is the probe of a server in a world: it checks that all servers apply one history, and
// counts the transactions of each request.
type noting struct {
	server.NopProbe
	w    *world
	name string
}

func (p noting) Applied(z zab.Zxid, txn *tree.Txn, r *tree.Result, replayed bool) {
	if !replayed {
		p.w.txns[int64(z)] = txn.Clone()
	}
}
func (p noting) Expiring(id int64, silent sim.Time) { p.w.note(p.name, "expires", id, silent) }
func (p noting) Refused(id int64, why string)       { p.w.note(p.name, "refused", id, why) }
func (p noting) SessionMoved(id int64)              { p.w.note(p.name, "moved", id) }
func (p noting) SessionClosed(id int64, expired bool) {
	p.w.note(p.name, "closed", id, expired)
}

func (w *world) note(args ...any) {
	w.events = append(w.events, w.Now().Seconds()+" "+fmt.Sprintln(args...))
}

func newWorld(t testing.TB, seed uint64, servers int, c server.Config) *world {
	w := &world{
		World: sim.NewWorld(sim.Config{Seed: seed}), t: t, seed: seed, servers: servers,
		logs: map[string]*history{}, txns: map[int64]*tree.Txn{}, config: c,
	}
	var voters zab.Set
	for i := 1; i <= servers; i++ {
		voters = voters.With(zab.ID(i))
	}
	for i := 1; i <= servers; i++ {
		m := w.Add(fmt.Sprintf("S%d", i), "server", func(m *sim.Machine) sim.Program {
			c := w.config
			c.Peer.ID, c.Peer.Voters = m.ID, voters
			c.Peer.Rand = w.Rand(m.Name)
			c.WallBase = 1_700_000_000 * sim.Second
			c.Probe = noting{w: w, name: m.Name}
			if w.probe != nil {
				c.Probe = w.probe(w, m.Name)
			}
			return server.New(c, m.Disk())
		})
		server.Format(m.Disk().Preload)
		w.Start(m)
	}
	w.OnCrash = func(m *sim.Machine, power bool) { stop(m) }
	t.Cleanup(func() {
		for _, m := range w.Machines() {
			stop(m)
		}
	})
	w.OnForeign = func(f sim.Fault) error {
		id := w.client(f.Who[0]).Session()
		w.Tell(w.leader(), &server.Expire{Session: id})
		return nil
	}
	return w
}

func stop(m *sim.Machine) {
	if c, ok := m.Program().(*client.Client); ok {
		c.Stop()
	}
}

// addClient puts a client into the world and starts it.
func (w *world) addClient(name string, home int, programs ...func(*client.Proc)) *history {
	return w.addClientWith(name, client.Config{Home: home - 1, Programs: programs})
}

func (w *world) addClientWith(name string, c client.Config) *history {
	h := &history{w: w, name: name}
	w.logs[name] = h
	c.Name, c.Hooks = name, h
	for i := 1; i <= w.servers && len(c.Servers) < i; i++ {
		c.Servers = append(c.Servers, sim.NodeID(i))
	}
	m := w.Add(name, "client", func(m *sim.Machine) sim.Program {
		c := c
		c.Rand = w.Rand(name)
		return client.New(c)
	})
	w.Start(m)
	return h
}

func (w *world) client(name string) *client.Client {
	c, _ := w.Find(name).Program().(*client.Client)
	return c
}

func (w *world) server(name string) *server.Server {
	s, _ := w.Find(name).Program().(*server.Server)
	return s
}

// leader returns the serving leader of the highest epoch.
func (w *world) leader() *sim.Machine {
	var best *sim.Machine
	for _, m := range w.Machines() {
		if s, ok := m.Program().(*server.Server); ok && s.Leads() {
			if best == nil || s.Peer().Epoch() > best.Program().(*server.Server).Peer().Epoch() {
				best = m
			}
		}
	}
	return best
}

// run runs the world for d.
func (w *world) run(d sim.Time) {
	w.t.Helper()
	if !w.Run(w.Now()+d, nil) {
		w.t.Fatalf("seed %d: %v", w.seed, w.Err())
	}
}

// until runs the world until cond is true, for at most d.
func (w *world) until(d sim.Time, what string, cond func() bool) {
	w.t.Helper()
	if cond() {
		return
	}
	if !w.Run(w.Now()+d, cond) {
		w.t.Fatalf("seed %d: %v", w.seed, w.Err())
	}
	if !cond() {
		w.t.Fatalf("seed %d: t=%s: waited %s in vain until %s\n%v", w.seed, w.Now().Seconds(), d,
			what, w.events)
	}
}

func (w *world) fault(line string) {
	w.t.Helper()
	f, err := sim.ParseFault(line)
	if err == nil {
		err = w.Inject(f)
	}
	if err != nil {
		w.t.Fatalf("seed %d: %v", w.seed, err)
	}
}

func (w *world) tell(name string, op tree.Op) {
	w.Tell(w.Find(name), &client.Command{Op: op})
}

// do makes a client start an operation, and waits for its end.
func (w *world) do(name string, op tree.Op) *client.Call {
	w.t.Helper()
	h := w.logs[name]
	n := len(h.calls)
	w.tell(name, op)
	w.until(60*sim.Second, name+" has done "+op.Type.String()+" "+op.Path, func() bool {
		return len(h.calls) > n
	})
	return h.calls[len(h.calls)-1]
}

func (w *world) connected(names ...string) {
	w.t.Helper()
	for _, n := range names {
		w.until(30*sim.Second, n+" is connected", func() bool {
			return w.client(n) != nil && w.client(n).State() == client.Connected
		})
	}
}

// sameTrees checks that all servers serve, and that their trees are equal.
func (w *world) sameTrees() {
	w.t.Helper()
	var first *server.Server
	for i := 1; i <= w.servers; i++ {
		s := w.server(fmt.Sprintf("S%d", i))
		if s == nil || !s.Serving() {
			w.t.Errorf("seed %d: S%d does not serve", w.seed, i)
			continue
		}
		if got := s.Tree().ComputeDigest(); got != s.Tree().Digest() {
			w.t.Errorf("seed %d: S%d keeps digest %x, and has %x", w.seed, i, s.Tree().Digest(),
				got)
		}
		if first == nil {
			first = s
		} else if s.Tree().LastProcessed() != first.Tree().LastProcessed() ||
			s.Tree().Digest() != first.Tree().Digest() {
			w.t.Errorf("seed %d: S%d is at %s with %x, S1 at %s with %x", w.seed, i,
				tree.FormatZxid(s.Tree().LastProcessed()), s.Tree().Digest(),
				tree.FormatZxid(first.Tree().LastProcessed()), first.Tree().Digest())
		}
	}
}

func create(path string, mode tree.CreateMode) tree.Op {
	return tree.Op{Type: tree.OpCreate, Path: path, Data: []byte("x"), ACL: tree.OpenACL,
		Flags: mode}
}
func get(path string) tree.Op { return tree.Op{Type: tree.OpGetData, Path: path} }
func set(path, data string) tree.Op {
	return tree.Op{Type: tree.OpSetData, Path: path, Data: []byte(data), Version: -1}
}
func del(path string) tree.Op { return tree.Op{Type: tree.OpDelete, Path: path, Version: -1} }
func exists(path string, watch bool) tree.Op {
	return tree.Op{Type: tree.OpExists, Path: path, Watch: watch}
}
