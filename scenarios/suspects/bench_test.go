package suspects

import (
	"strconv"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/processor"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// BenchmarkServers measures how much virtual time a second of the processor plays, for 3 and 5
// servers with about 50 writes a second, and their memory.
func BenchmarkServers(b *testing.B) {
	for _, k := range kinds {
		for _, n := range []int{3, 5} {
			b.Run(k.Engine+"/"+strconv.Itoa(n), func(b *testing.B) { benchServers(b, k, n) })
		}
	}
}

func benchServers(b *testing.B, k *Kind, n int) {
	var spent, memory, writes float64
	for range b.N {
		r := newTrial(b, k, trial.Config{Seed: 1, Servers: n, Clients: []trial.Client{
			{Name: "A", Mix: registers.Mix{Registers: 3, Size: 20, Pause: 25 * sim.Millisecond}},
			{Name: "B", Mix: registers.Mix{Registers: 3, Size: 20, Pause: 25 * sim.Millisecond}},
		}})
		if !r.Run(5*sim.Second, nil) { // starts, and the first election
			b.Fatal(r.Err())
		}
		before, began := succeeded(r), cpu()
		if !r.Run(25*sim.Second, nil) {
			b.Fatal(r.Err())
		}
		spent += (cpu() - began).Seconds()
		memory += float64(r.Memory() >> 20)
		writes += float64(succeeded(r) - before)
		r.Close()
	}
	runs := float64(b.N)
	b.ReportMetric(20*runs/spent, "virtual-s/cpu-s")
	b.ReportMetric(memory/runs, "MB")
	b.ReportMetric(writes/runs/20, "writes/s")
}

// cpu is the processor time of this process.
func cpu() time.Duration {
	spent, _ := processor.Time()
	return spent
}
