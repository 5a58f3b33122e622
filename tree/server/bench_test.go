package server_test

import (
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
)

// BenchmarkIdle is an hour of three servers and three clients that only ping.
func BenchmarkIdle(b *testing.B) {
	w := ready(b, 1, 3, 3, server.Config{})
	b.ReportAllocs()
	events := w.Stats().Events
	for b.Loop() {
		w.run(sim.Hour)
	}
	b.ReportMetric(float64(w.Stats().Events-events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkWrites is a setData and a getData by each of three clients at three servers.
func BenchmarkWrites(b *testing.B) {
	w := ready(b, 1, 3, 3, server.Config{})
	w.do("A", create("/x", tree.Persistent))
	b.ReportAllocs()
	events := w.Stats().Events
	for b.Loop() {
		for _, n := range []string{"A", "B", "C"} {
			w.tell(n, set("/x", "value"))
			w.tell(n, get("/x"))
		}
		w.run(20 * sim.Millisecond)
	}
	b.ReportMetric(float64(w.Stats().Events-events)/b.Elapsed().Seconds(), "events/s")
}
