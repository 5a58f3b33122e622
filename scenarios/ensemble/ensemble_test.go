package ensemble_test

import (
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

func TestRace(t *testing.T) {
	e, err := ensemble.New(ensemble.Config{Stage: engine.Stage{Seed: 1}, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, n := range []string{"A", "B", "C"} {
		c, err := e.AddClient(n, 0)
		if err != nil {
			t.Fatal(err)
		}
		c.Start()
		c.Do(tree.Op{
			Type: tree.OpCreate2, Path: "/leader", ACL: tree.OpenACL, Flags: tree.Ephemeral,
		},
			1)
	}
	if !e.Run(2*sim.Second, nil) {
		t.Fatal(e.Err())
	}
	for _, o := range e.Ops() {
		t.Log(o.Client, o.Op.Path, o.Outcome, o.Code, o.CalledAt.Seconds(),
			o.AppliedAt.Seconds(), o.ReturnedAt.Seconds())
	}
	f, _ := sim.ParseFault("crash A")
	if err := e.World.Inject(f); err != nil {
		t.Fatal(err)
	}
	if !e.Run(9*sim.Second, nil) {
		t.Fatal(e.Err())
	}
	h := e.History()
	for i := range h {
		t.Log(h[i].String(), h[i].Call, h[i].Return)
	}
	v, err := lin.Check(h, lin.Options{})
	t.Log(v.Result, err, e.Reigns(), len(e.World.Records()))
}

// TestBandwidth: a write of 800 kB pays for its size on each link that it crosses, and on the disk
// of the leader or of a follower; without a bandwidth it does not.
func TestBandwidth(t *testing.T) {
	took := func(links, disks sim.Bandwidth) sim.Time {
		e, err := ensemble.New(ensemble.Config{Stage: engine.Stage{
			Seed: 1, Bandwidth: links, DiskBandwidth: disks,
			Latency: sim.Span{Min: sim.Millisecond, Max: sim.Millisecond},
			Fsync:   sim.Span{Min: sim.Millisecond, Max: sim.Millisecond},
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		c, err := e.AddClient("A", 0)
		if err != nil {
			t.Fatal(err)
		}
		c.Start()
		if !e.Run(10*sim.Second, func() bool { return c.Connected() && e.Leader() != nil }) {
			t.Fatal(e.Err())
		}
		c.Do(tree.Op{Type: tree.OpCreate2, Path: "/big", Data: make([]byte, 800_000),
			ACL: tree.OpenACL}, 1)
		if !e.Run(e.Now()+10*sim.Second, nil) {
			t.Fatal(e.Err())
		}
		o := e.Ops()[0]
		if o.Outcome != client.OK {
			t.Fatal(o.Outcome, o.Code)
		}
		return o.ReturnedAt - o.CalledAt
	}
	free := took(0, 0)
	// 80 Mbit/s carry 800 kB in 80 ms. The links are client to follower, follower to leader, and
	// leader to followers; the disks of a quorum write at the same time.
	for _, c := range []struct {
		links, disks sim.Bandwidth
		times        sim.Time // 80 ms
	}{{80 * sim.Mbit, 0, 3}, {0, 80 * sim.Mbit, 1}, {80 * sim.Mbit, 80 * sim.Mbit, 4}} {
		got := took(c.links, c.disks) - free
		if want := c.times * 80 * sim.Millisecond; got < want || got > want+2*sim.Millisecond {
			t.Errorf("links %s, disks %s: %s longer, want %s", c.links, c.disks, got, want)
		}
	}
}

// TestSlowClocks: a promise by a client's own clock is stretched for the judge if a fault has made a
// client's clock run at less than half its speed. A server's clock changes nothing.
func TestSlowClocks(t *testing.T) {
	for _, c := range []struct {
		fault string
		want  int64
	}{{"clock A x0.5", 2000}, {"clock A x0.2", 5000}, {"clock S1 x0.2", 2000}} {
		e, err := ensemble.New(ensemble.Config{Stage: engine.Stage{Seed: 1}, Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		a, err := e.AddClientWith("A", 0, client.Config{Programs: []func(*client.Proc){func(p *client.Proc) {
			p.Mark(client.Mark{Kind: client.Holds, Office: "/l", As: client.Lease,
				Renews: 2 * sim.Millisecond, Looks: 2 * sim.Millisecond})
		}}})
		if err != nil {
			t.Fatal(err)
		}
		a.Start()
		f, _ := sim.ParseFault(c.fault)
		if err := e.World.Inject(f); err != nil {
			t.Fatal(err)
		}
		if !e.Run(sim.Second, nil) {
			t.Fatal(e.Err())
		}
		if m := e.Record().Marks; len(m) == 0 || m[0].Renews != c.want || m[0].Looks != c.want {
			t.Errorf("%s: %+v, want a promise of %d µs", c.fault, m, c.want)
		}
	}
}
