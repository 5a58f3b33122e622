package ensemble_test

import (
	"runtime"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

func newEnsemble(tb testing.TB, servers int, programs ...func(*client.Proc)) *ensemble.Ensemble {
	e, err := ensemble.New(ensemble.Config{Stage: engine.Stage{Seed: 1, Servers: servers}})
	if err != nil {
		tb.Fatal(err)
	}
	e.Run(sim.Second, nil)
	for i, program := range programs {
		c, err := e.AddClient(string(rune('A'+i)), 0, program)
		if err != nil {
			tb.Fatal(err)
		}
		c.Start()
	}
	e.Run(2*sim.Second, nil)
	tb.Cleanup(e.Close)
	return e
}

// events lets the world go on for b.N events and reports how many there are in a second, and how
// much faster than real time that is.
func events(b *testing.B, e *ensemble.Ensemble) {
	b.ReportAllocs()
	b.ResetTimer()
	began, now := e.World.Stats().Events, e.World.Now()
	for e.World.Stats().Events-began < uint64(b.N) {
		if !e.World.Next(sim.Never) {
			b.Fatal(e.Err())
		}
	}
	b.StopTimer()
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(e.World.Stats().Events-began)/seconds, "events/s")
	b.ReportMetric(float64(e.World.Now()-now)/1e6/seconds, "virtual-s/s")
}

// An idle ensemble of five servers without clients, tick 2s, audit on.
func BenchmarkIdle(b *testing.B) { events(b, newEnsemble(b, 5)) }

// The same with five clients that only keep their sessions.
func BenchmarkIdleClients(b *testing.B) {
	wait := func(p *client.Proc) {
		p.Until(sim.Never, func() bool { return p.State() == client.Closed })
	}
	events(b, newEnsemble(b, 5, wait, wait, wait, wait, wait))
}

// Five clients that set a node as fast as they are answered.
func BenchmarkBusy(b *testing.B) {
	data := []byte("0123456789abcdef0123456789abcdef")
	write := func(p *client.Proc) {
		p.WaitConnected()
		path := "/" + p.Name()
		p.Create(path, data, tree.Persistent)
		for {
			p.Set(path, data, tree.AnyVersion)
		}
	}
	events(b, newEnsemble(b, 5, write, write, write, write, write))
}

// What one world of five servers and five idle clients keeps in memory.
func BenchmarkWorldMemory(b *testing.B) {
	heap := func() float64 {
		var m runtime.MemStats
		for range 3 { // what a collection frees may hold more that the next one does
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) + float64(m.StackInuse)
	}
	wait := func(p *client.Proc) { p.Until(sim.Never, func() bool { return false }) }
	before := heap()
	all := make([]*ensemble.Ensemble, b.N)
	for i := range all {
		all[i] = newEnsemble(b, 5, wait, wait, wait, wait, wait)
	}
	b.ReportMetric((heap()-before)/float64(b.N), "bytes/world")
	runtime.KeepAlive(all)
}
