package ensemble_test

import (
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
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
