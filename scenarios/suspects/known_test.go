package suspects

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/hashicorp"
	"github.com/zablab/zablab/scenarios/raft/trial"
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
	c.Latency, c.Fsync = sim.Span{Min: ms, Max: ms}, sim.Span{Min: ms, Max: ms}
	r, err := trial.New(h, hashicorp.Library{}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	d := &drive{r, t}
	d.wait(10*sim.Second, func() bool { return d.Leader() != "" })
	d.pass(sim.Second)
	return d
}

func (d *drive) pass(span sim.Time) { d.Run(d.World.Now()+span, nil) }

func (d *drive) wait(most sim.Time, until func() bool) { d.Run(d.World.Now()+most, until) }

// TestFind695 is a tool.
func TestFind695(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N695"))
	if n == 0 {
		t.Skip()
	}
	h := open(t)
	hits := map[string]int{}
	for seed := uint64(1); seed <= uint64(n); seed++ {
		for k := 5; k <= 32; k++ {
			d := newDrive(t, h, trial.Config{Seed: seed, Nap: 100, Yield: 10, Prevote: true})
			l := d.Leader()
			f, _ := sim.ParseFault(fmt.Sprintf("at %s looks %d after %s pause %s 3s", l, k,
				(d.World.Now() + sim.Millisecond).Seconds(), l))
			_ = d.World.Schedule(sim.Plan{f})
			d.Ask(l, contract.Request{Do: contract.Write, Key: "r0", Value: "first"})
			d.pass(5 * sim.Second)
			if n := d.Leader(); n != "" {
				d.Ask(n, contract.Request{Do: contract.Write, Key: "r0", Value: "second"})
			}
			d.pass(sim.Second)
			if err := d.Err(); err != nil {
				hits[strings.Fields(err.Error())[1]]++
				t.Logf("seed %d k %d: %v", seed, k, err)
				d.Close()
				break
			}
			d.Close()
		}
	}
	t.Log(hits)
}
