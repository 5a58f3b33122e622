package elect_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// world has three servers, and clients that run electors.
type world struct {
	*sim.World
	t     testing.TB
	leads map[string]bool // clients that believe they lead
	most  int             // the largest number of them at one instant
	story []string        // A+ if A begins to lead, A- if it ends
	fence map[string]*client.Fence
	used  []string // "A true" if A wrote to a resource, "A false" if the resource refused

	newest map[string]int64 // the newest token that each resource has accepted
	stale  int              // older tokens that a resource has accepted
}

var names = []string{"A", "B", "C"}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{World: sim.NewWorld(sim.Config{Seed: seed}), t: t, leads: map[string]bool{},
		fence: map[string]*client.Fence{}, newest: map[string]int64{}}
	for i := 1; i <= 3; i++ {
		m := w.Add(fmt.Sprintf("S%d", i), "server", func(m *sim.Machine) sim.Program {
			return server.New(server.Config{Peer: zab.Config{ID: m.ID, Voters: zab.SetOf(1, 2, 3),
				Rand: w.Rand(m.Name)}}, m.Disk())
		})
		server.Format(m.Disk().Preload)
		w.Start(m)
	}
	end := func(m *sim.Machine) {
		if c, ok := m.Program().(*client.Client); ok {
			c.Stop()
		}
	}
	w.OnCrash = func(m *sim.Machine, power bool) {
		end(m)
		delete(w.leads, m.Name)
	}
	t.Cleanup(func() {
		for _, m := range w.Machines() {
			end(m)
		}
	})
	w.run(sim.Second)
	return w
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

func (h hooks) Uses(c *client.Client, u client.Use) bool {
	f := h.w.fence[u.Resource]
	if f == nil {
		f = new(client.Fence)
		h.w.fence[u.Resource] = f
	}
	ok := f.Take(u)
	if newest := h.w.newest[u.Resource]; ok && u.Token < newest {
		h.w.stale++
	} else if ok {
		h.w.newest[u.Resource] = u.Token
	}
	h.w.used = append(h.w.used, fmt.Sprintf("%s %v", c.Name(), ok))
	return ok
}

// client adds a client, and starts it. It renews its session.
func (w *world) client(name string, library client.Library, programs ...func(*client.Proc)) {
	c := client.Config{Name: name, Home: slices.Index(names, name), Programs: programs,
		Hooks: hooks{w: w}, Servers: []sim.NodeID{1, 2, 3}, Renew: true, Library: library}
	w.Start(w.Add(name, "client", func(m *sim.Machine) sim.Program {
		c := c
		c.Rand = w.Rand(fmt.Sprint(name, m.Incarnation()))
		return client.New(c)
	}))
	w.run(0)
}

// clients adds one client for each name, which all run the same program.
func (w *world) clients(program func(*client.Proc)) {
	for _, n := range names {
		w.client(n, client.Plain, program)
	}
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

// leader waits until one client leads, and returns its name.
func (w *world) leader(d sim.Time) (name string) {
	w.t.Helper()
	w.until(d, "one leads", func() bool { return len(w.leads) == 1 })
	for n := range w.leads {
		name = n
	}
	return name
}

func (w *world) fault(format string, args ...any) {
	w.t.Helper()
	f, err := sim.ParseFault(fmt.Sprintf(format, args...))
	if err == nil {
		err = w.Inject(f)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// storm crashes, pauses and cuts off servers and clients at random, and then heals everything.
func (w *world) storm() {
	w.t.Helper()
	r := w.Rand("faults")
	all := append([]string{"S1", "S2", "S3"}, names...)
	for range 25 {
		w.run(r.Between(0, 2*sim.Second))
		n := all[r.Intn(len(all))]
		if line := []string{"crash %s", "restart %s", "restart %s", "power %s", "pause %s 6s",
			"split %s | S1 S2 S3", "reset %s S2", "heal"}[r.Intn(8)]; line == "heal" {
			w.fault("heal")
		} else if f, err := sim.ParseFault(fmt.Sprintf(line, n)); err == nil {
			_ = w.Inject(f) // it may not apply: restart a machine that is up
		}
	}
	w.fault("heal")
	for _, n := range all {
		f, _ := sim.ParseFault("restart " + n)
		_ = w.Inject(f)
	}
}
