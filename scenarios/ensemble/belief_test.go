package ensemble_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// beliefs plays the faults to clients and tells who believed in what, in seconds.
func beliefs(t *testing.T, plan string, until sim.Time,
	clients ...client.Config) (string, witness.Figures) {
	t.Helper()
	e, err := ensemble.New(ensemble.Config{Stage: engine.Stage{Seed: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Run(sim.Second, nil)
	for i, c := range clients {
		k, err := e.AddClientWith(string(rune('A'+i)), 0, c)
		if err != nil {
			t.Fatal(err)
		}
		k.Start()
	}
	faults, err := sim.ParsePlan("plan", plan)
	if err == nil {
		err = e.World.Schedule(faults)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !e.Run(until, nil) {
		t.Fatal(e.Err())
	}
	r := e.Record()
	report, err := witness.Judge(r, witness.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, k := range r.Beliefs {
		fmt.Fprintf(&b, "%s %s %d-%d\n",
			k.Client, k.Role, (k.From+500_000)/1_000_000, (k.To+500_000)/1_000_000)
	}
	return b.String(), report.Figures
}

// race is the tutorial's: create the node; if it exists, watch it, and try again when it is gone.
func race(p *client.Proc) {
	for p.WaitConnected() {
		if _, err := p.Create("/leader", []byte(p.Name()), tree.Ephemeral); err == nil {
			p.Until(sim.Never, func() bool { return p.State().Final() })
			continue
		}
		if found, _, w, err := p.ExistsW("/leader"); err == nil && found {
			w.Wait()
		}
	}
}

func programs(list ...func(*client.Proc)) (out []client.Config) {
	for i, program := range list {
		late := func(p *client.Proc) { p.Sleep(sim.Time(i) * sim.Second); program(p) }
		out = append(out, client.Config{Programs: []func(*client.Proc){late}})
	}
	return out
}

// What clients believe, inferred from their answers, and declared by recipes.
func TestBeliefs(t *testing.T) {
	queue := client.Election{Path: "/q"}.Queue
	numbers := func(p *client.Proc) { // the sequential recipe by hand
		p.WaitConnected()
		p.Create("/q", nil, tree.Persistent)
		p.Create("/q/n-", nil, tree.EphemeralSequential)
		for range 20 {
			p.Children("/q")
			p.Sleep(sim.Second)
		}
	}
	tells := func(p *client.Proc) {
		p.WaitConnected()
		p.Believe(true)
		p.Until(sim.Never, func() bool { return p.State().Final() })
		p.Believe(false)
	}
	gives := func(p *client.Proc) {
		p.WaitConnected()
		p.Create("/leader", nil, tree.Ephemeral)
		p.Sleep(3 * sim.Second)
		p.Delete("/leader", tree.AnyVersion)
		p.Sleep(3 * sim.Second)
	}
	together := func(p *client.Proc) { // as gives, in two multis
		p.WaitConnected()
		p.Multi(tree.Op{Type: tree.OpCreate2, Path: "/epoch", ACL: tree.OpenACL},
			tree.Op{Type: tree.OpCreate2, Path: "/leader", ACL: tree.OpenACL, Flags: tree.Ephemeral})
		p.Sleep(3 * sim.Second)
		p.Multi(tree.Op{Type: tree.OpDelete, Path: "/leader", Version: 7}) // is refused
		p.Sleep(3 * sim.Second)
		p.Multi(tree.Op{Type: tree.OpDelete, Path: "/epoch", Version: tree.AnyVersion},
			tree.Op{Type: tree.OpDelete, Path: "/leader", Version: tree.AnyVersion})
		p.Sleep(3 * sim.Second)
	}
	for _, c := range []struct {
		name    string
		plan    string
		clients []client.Config
		want    string
		overlap bool
	}{
		{"the leader dies", "5s crash A", programs(race, race),
			"A /leader 1-5\nB /leader 10-20\n", false},
		{"the leader sleeps", "5s pause A 10s", programs(race, race),
			"A /leader 1-15\nB /leader 10-20\n", true},
		{"the leader is cut off", "5s split A | S1 S2 S3 B\n15s heal", programs(race, race),
			"A /leader 1-15\nB /leader 10-20\n", true},
		{"the leader gives up", "", programs(gives, race),
			"A /leader 1-4\nB /leader 4-20\n", false},
		{"the leader's node is part of a multi", "", programs(together, race),
			"A /leader 1-7\nB /leader 7-20\n", false},
		{"it sleeps with a node of a multi", "5s pause A 10s", programs(together, race),
			"A /leader 1-15\nB /leader 10-20\n", true},
		{"its session is ended", "5s expire A", programs(race, race),
			"A /leader 1-5\nB /leader 5-20\n", false},
		{"numbers", "5s crash A", programs(numbers, numbers), "A /q 1-5\nB /q 10-20\n", false},
		{"a recipe that tells", "5s pause A 10s", programs(queue, queue),
			"A /q 1-15\nB /q 10-20\n", true},
		{"a recipe that dies", "5s crash A", programs(queue, queue),
			"A /q 1-5\nB /q 10-20\n", false},
		{"two offices", "5s pause A 10s", programs(queue, client.Election{Path: "/p"}.Queue),
			"A /q 1-15\nB /p 2-20\n", false},
		{"a recipe that tells no office", "5s pause A 10s", programs(tells, tells),
			"A leadership 1-15\nB leadership 2-20\n", true},
	} {
		got, figures := beliefs(t, c.plan, 20*sim.Second, c.clients...)
		if got != c.want || (figures.Overlap > 0) != c.overlap {
			t.Errorf("%s:\n%swant\n%soverlap %d µs", c.name, got, c.want, figures.Overlap)
		}
	}
}
