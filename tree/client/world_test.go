package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// world has three servers, and clients that run programs.
type world struct {
	*sim.World
	t      testing.TB
	leads  map[string]bool // clients that believe they lead
	most   int             // the largest number of them at one instant
	story  []string
	events int    // watch events that anybody got
	asked  string // for last

	crashed func(name string) // may be nil
}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{World: sim.NewWorld(sim.Config{Seed: seed}), t: t, leads: map[string]bool{}}
	for i := 1; i <= 3; i++ {
		m := w.Add(fmt.Sprintf("S%d", i), "server", func(m *sim.Machine) sim.Program {
			return server.New(server.Config{Peer: zab.Config{ID: m.ID, Voters: zab.SetOf(1, 2, 3),
				Rand: w.Rand(m.Name)}}, m.Disk())
		})
		server.Format(m.Disk().Preload)
		w.Start(m)
	}
	w.OnCrash = func(m *sim.Machine, power bool) {
		w.end(m)
		delete(w.leads, m.Name)
		if w.crashed != nil {
			w.crashed(m.Name)
		}
	}
	t.Cleanup(func() {
		for _, m := range w.Machines() {
			w.end(m)
		}
	})
	w.run(sim.Second)
	return w
}

func (w *world) end(m *sim.Machine) {
	if c, ok := m.Program().(*client.Client); ok {
		c.Stop()
	}
}

type hooks struct {
	client.NopHooks
	w *world
}

func (h hooks) Believes(c *client.Client, leads bool) {
	if !leads {
		delete(h.w.leads, c.Name())
		h.w.story = append(h.w.story, c.Name()+"-")
		return
	}
	h.w.leads[c.Name()] = true
	h.w.most = max(h.w.most, len(h.w.leads))
	h.w.story = append(h.w.story, c.Name()+"+")
}
func (h hooks) Called(c *client.Client, call *client.Call) {
	h.w.asked = c.Name() + " " + call.Op.Type.String() + " " + call.Op.Path
}
func (h hooks) Notified(*client.Client, tree.WatchEvent) { h.w.events++ }

// client adds a client at a server and starts it.
func (w *world) client(name string, home int, c client.Config, programs ...func(*client.Proc)) {
	c.Name, c.Home, c.Programs, c.Hooks = name, home-1, programs, hooks{w: w}
	c.Servers = []sim.NodeID{1, 2, 3}
	w.Start(w.Add(name, "client", func(m *sim.Machine) sim.Program {
		c := c
		c.Rand = w.Rand(fmt.Sprint(name, m.Incarnation()))
		return client.New(c)
	}))
	w.run(0)
}

func (w *world) of(name string) *client.Client {
	c, _ := w.Find(name).Program().(*client.Client)
	return c
}

func (w *world) run(d sim.Time) {
	w.t.Helper()
	if !w.Run(w.Now()+d, nil) {
		w.t.Fatalf("seed %d: %v", w.Config().Seed, w.Err())
	}
}

func (w *world) until(d sim.Time, what string, cond func() bool) {
	w.t.Helper()
	if !cond() && (!w.Run(w.Now()+d, cond) || !cond()) {
		w.t.Fatalf("seed %d: t=%s: waited in vain until %s: %v %v", w.Config().Seed,
			w.Now().Seconds(), what, w.Err(), w.story)
	}
}

// untilAsked runs the world until a client starts an operation.
func (w *world) untilAsked(what string) {
	w.t.Helper()
	w.until(10*sim.Second, what, func() bool { return strings.HasPrefix(w.asked, what) })
}

func (w *world) fault(line string) {
	w.t.Helper()
	f, err := sim.ParseFault(line)
	if err == nil {
		err = w.Inject(f)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// storm crashes, pauses and cuts off servers and some clients at random, and then heals everything.
func (w *world) storm(mortal []string) {
	w.t.Helper()
	r := w.Rand("faults")
	all := append([]string{"S1", "S2", "S3"}, mortal...)
	for range 25 {
		w.run(r.Between(0, 2*sim.Second))
		n := all[r.Intn(len(all))]
		line := []string{"crash %s", "restart %s", "restart %s", "power %s", "pause %s 3s", "heal",
			"split %s | S1 S2 S3", "reset %s S2"}[r.Intn(8)]
		if strings.HasPrefix(line, "split") {
			n = names[r.Intn(len(names))]
		}
		if strings.Contains(line, "%s") {
			line = fmt.Sprintf(line, n)
		}
		f, err := sim.ParseFault(line)
		if err != nil {
			w.t.Fatal(err)
		}
		_ = w.Inject(f)
	}
	w.fault("heal")
	for _, n := range all {
		f, _ := sim.ParseFault("restart " + n)
		_ = w.Inject(f)
	}
}
