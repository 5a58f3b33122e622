package ensemble_test

import (
	"fmt"
	"testing"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// worked is a run of five servers, three clients and 20 seconds of virtual faults: the leader dies
// twice and a follower once, the network splits, a client pauses for longer than its session.
func worked(tb testing.TB, seed uint64, c ensemble.Config) *ensemble.Ensemble {
	c.Seed, c.Servers, c.Lenient = seed, 5, true
	c.Tick, c.SessionTimeout = 200*sim.Millisecond, 800*sim.Millisecond
	e, err := ensemble.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range 3 {
		k, err := e.AddClientWith(string(rune('A'+i)), 0, client.Config{
			Renew: true, Programs: []func(*client.Proc){work},
		})
		if err != nil {
			tb.Fatal(err)
		}
		k.Start()
	}
	plan := "2s crash S5\n3s restart S5\n5s split S1 S2 A | S3 S4 S5 B C\n7s heal\n9s power S4\n" +
		"10s restart S4\n" +
		"12s pause A 2s\n15s crash S3\n16s restart S3\n"
	faults, err := sim.ParsePlan("plan", plan)
	if err != nil {
		tb.Fatal(err)
	}
	if err := e.World.Schedule(faults); err != nil {
		tb.Fatal(err)
	}
	if !e.Run(20*sim.Second, nil) {
		tb.Fatal(e.Err())
	}
	return e
}

// work writes and reads registers, races for an ephemeral node, takes numbers, and watches.
func work(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		path := fmt.Sprintf("/r%d", p.Rand().Intn(3))
		switch p.Rand().Intn(7) {
		case 0:
			p.Create(path, []byte(p.Name()), tree.Persistent)
		case 1, 2:
			p.Set(path, fmt.Appendf(nil, "%s%d", p.Name(), n), tree.AnyVersion)
		case 3, 4:
			p.Get(path)
		case 5:
			p.Create("/leader", []byte(p.Name()), tree.Ephemeral)
		case 6:
			p.ExistsW(path)
		}
		p.Sleep(p.Rand().Between(0, 500*sim.Millisecond))
	}
}

// BenchmarkChecks holds what the checks of a run cost against the run itself, bare of them: the
// audit, which goes along with it, then porcupine's two models, the witness and the order of
// sessions. The last figure is the sum of all checks for 1000 of simulation.
func BenchmarkChecks(b *testing.B) {
	var bare, audited, porcupine, second time.Duration
	ops := 0
	for seed := range uint64(b.N) {
		began := time.Now()
		e := worked(b, seed+1, ensemble.Unaudited(ensemble.Config{}))
		bare += time.Since(began)
		e.Close()
		began = time.Now()
		e = worked(b, seed+1, ensemble.Config{})
		audited += time.Since(began)
		began = time.Now()
		h := e.History()
		ops += len(h)
		for _, m := range []lin.Model{lin.ZNode, lin.Register} {
			v, err := lin.Check(h, lin.Options{Model: m})
			if err != nil || m == lin.ZNode && v.Result != lin.Linearizable {
				b.Fatal(v.Result, err)
			}
		}
		lin.SessionOrder(h)
		porcupine += time.Since(began)
		began = time.Now()
		report, err := witness.Judge(e.Record(), witness.Options{})
		if err != nil || report.Result() != lin.Linearizable {
			b.Fatal(report.Result(), err)
		}
		second += time.Since(began)
		e.Close()
	}
	n := float64(b.N)
	b.ReportMetric(float64(ops)/n, "ops/run")
	b.ReportMetric(float64(bare.Microseconds())/n, "bare-µs")
	b.ReportMetric(float64((audited-bare).Microseconds())/n, "audit-µs")
	b.ReportMetric(float64(porcupine.Microseconds())/n, "porcupine-µs")
	b.ReportMetric(float64(second.Microseconds())/n, "witness-µs")
	b.ReportMetric(float64(audited-bare+porcupine+second)*1000/float64(bare), "checks/1000")
}
