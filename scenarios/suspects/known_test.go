package suspects

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/hashicorp"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

func open(t testing.TB) *guest.Host {
	t.Helper()
	h, err := guest.OpenPackage(context.Background(), hashicorp.Library{}.Package(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })
	return h
}

// drive is a trial whose test does what happens, step by step.
type drive struct {
	*trial.Trial
	t testing.TB
}

func newDrive(t testing.TB, h *guest.Host, c trial.Config) *drive {
	t.Helper()
	ms := sim.Millisecond
	c.Latency, c.Fsync, c.Prevote = sim.Span{Min: ms, Max: ms}, sim.Span{Min: ms, Max: ms}, true
	r, err := trial.New(h, hashicorp.Library{}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	d := &drive{r, t}
	d.Run(10*sim.Second, func() bool { return d.Leader() != "" })
	d.pass(sim.Second)
	return d
}

func (d *drive) pass(span sim.Time) { d.Run(d.World.Now()+span, nil) }

func (d *drive) apply(f ...sim.Fault) {
	d.t.Helper()
	for _, f := range f {
		if err := d.World.Inject(f); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *drive) cut(a, b string)  { d.apply(sim.Cut(a, b), sim.Cut(b, a)) }
func (d *drive) heal(a, b string) { d.apply(sim.Mend(a, b), sim.Mend(b, a)) }

// others returns the two servers of three that are not the given one.
func (d *drive) others(name string) (string, string) {
	var list []string
	for _, s := range []string{"S1", "S2", "S3"} {
		if s != name {
			list = append(list, s)
		}
	}
	return list[0], list[1]
}

// stuck696 plays the schedule of hashicorp/raft#696, and returns the last answer of the leader.
func stuck696(d *drive) string {
	a := d.Leader()
	b, c := d.others(a)
	d.AddClient(trial.Client{Name: "A", Mix: registers.Mix{Registers: 1, Pause: 20 * sim.Millisecond}})
	d.pass(500 * sim.Millisecond)
	d.cut(a, b)
	hand := contract.Request{Do: contract.Transfer, Key: b}
	d.Ask(a, hand)
	d.pass(1400 * sim.Millisecond)
	d.Ask(a, hand)
	d.pass(100 * sim.Millisecond)
	d.cut(a, c)
	d.pass(900 * sim.Millisecond)
	d.heal(a, b)
	d.heal(a, c)
	d.pass(2 * sim.Second)
	if l := d.Leader(); l != a && l != "" {
		d.Ask(l, contract.Request{Do: contract.Transfer, Key: a})
	}
	d.pass(20 * sim.Second)
	d.Ask(d.Leader(), contract.Request{Do: contract.Write, Key: "r0", Value: "last"})
	d.pass(sim.Second)
	ops := d.Ops()
	for i := len(ops) - 1; i >= 0; i-- {
		if ops[i].Value == "last" {
			return d.Leader() + " (was " + a + ") " + strconv.Itoa(int(ops[i].Status)) + " " + ops[i].Why
		}
	}
	return "none"
}

func TestFind696(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N696"))
	if n == 0 {
		t.Skip()
	}
	h := open(t)
	for seed := uint64(1); seed <= uint64(n); seed++ {
		d := newDrive(t, h, trial.Config{Seed: seed, Timeout: 10 * sim.Second})
		t.Logf("seed %d: %s %v", seed, stuck696(d), d.Err())
		d.Close()
	}
}

func TestFind612(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N612"))
	if n == 0 {
		t.Skip()
	}
	h := open(t)
	for seed := uint64(1); seed <= uint64(n); seed++ {
		d := newDrive(t, h, trial.Config{Seed: seed, Timeout: 10 * sim.Second})
		l := d.Leader()
		f, _ := d.others(l)
		for _, name := range []string{"A", "B"} {
			d.AddClient(trial.Client{Name: name, Mix: registers.Mix{Registers: 1, Pause: 30 * sim.Millisecond}})
		}
		d.pass(300 * sim.Millisecond)
		for range 1 + seed%8 {
			d.apply(sim.SlowFsync(f, 200*sim.Millisecond))
			d.pass(100 * sim.Millisecond)
			d.apply(sim.FailFsync(f))
			d.pass(150 * sim.Millisecond)
		}
		d.apply(sim.SlowFsync(f, 0))
		d.pass(20 * sim.Second)
		d.apply(sim.Crash("A"), sim.Crash("B"))
		d.pass(15 * sim.Second)
		t.Logf("seed %d: %s, %d ops; %v", seed, d.Behind(), len(d.Ops()), d.Err())
		d.Close()
	}
}
