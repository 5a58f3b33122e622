package elect_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/client/elect"
)

// An elector is one of the elections, with leaders that resign after hold.
type elector struct {
	name string
	run  func(hold sim.Time) func(*client.Proc)
}

var electors = []elector{
	{"kafka", func(hold sim.Time) func(*client.Proc) { return elect.Kafka{Hold: hold}.Run }},
	{"hdfs", func(hold sim.Time) func(*client.Proc) {
		return elect.HDFS{Path: "/hadoop-ha/ns", Hold: hold}.Run
	}},
	{"latch", func(hold sim.Time) func(*client.Proc) {
		return elect.Latch{Path: "/latch", Hold: hold}.Run
	}},
	{"lease", func(hold sim.Time) func(*client.Proc) {
		return elect.Lease{Path: "/lease", Hold: hold}.Run
	}},
	{"hbase", func(hold sim.Time) func(*client.Proc) { return elect.HBase{Hold: hold}.Run }},
	{"selector", func(hold sim.Time) func(*client.Proc) {
		return elect.Selector{Path: "/selector", Hold: hold}.Run
	}},
	{"etcd", func(hold sim.Time) func(*client.Proc) {
		return elect.Etcd{Path: "/campaign", Hold: hold}.Run
	}},
}

// The leader dies: another leads after the session timeout, or after the lease has run out. Two
// never lead at once, as nobody is paused or cut off.
func TestLeadersDie(t *testing.T) {
	for _, e := range electors {
		for seed := uint64(1); seed <= 10; seed++ {
			w := newWorld(t, seed)
			w.clients(e.run(0))
			first := w.leader(8 * sim.Second)
			w.run(3 * sim.Second)
			w.fault("crash %s", first)
			second := w.leader(25 * sim.Second)
			if w.most != 1 || second == first {
				t.Errorf("%s, seed %d: %d at once: %v", e.name, seed, w.most, w.story)
			}
		}
	}
}

// A leader that resigns makes room at once, for each of the others in turn.
func TestLeadersResign(t *testing.T) {
	for _, e := range electors {
		w := newWorld(t, 4)
		w.clients(e.run(sim.Second))
		w.run(25 * sim.Second)
		story := strings.Join(w.story, " ")
		for _, n := range names {
			if !strings.Contains(story, n+"+ "+n+"-") {
				t.Errorf("%s: %s has not led and resigned: %s", e.name, n, story)
			}
		}
		if w.most != 1 {
			t.Errorf("%s: %d at once: %s", e.name, w.most, story)
		}
	}
}

// Servers and clients crash, are paused and cut off. After all is healed, exactly one leads.
func TestElectionsUnderFaults(t *testing.T) {
	for _, e := range electors {
		for seed := uint64(1); seed <= 20; seed++ {
			w := newWorld(t, seed)
			w.clients(e.run(0))
			w.storm()
			w.run(90 * sim.Second)
			if len(w.leads) != 1 {
				t.Errorf("%s, seed %d: %d lead: %v", e.name, seed, len(w.leads), w.story)
			}
		}
	}
}

// A controller is busy with a long event when an operator deletes /controller: the news waits in its
// queue, and its session lives. Its epoch fences what it writes; without the check, as before
// KAFKA-6082, the state of the partition goes back to the old epoch.
func TestKafkaEpochFences(t *testing.T) {
	for _, unfenced := range []bool{false, true} {
		w := newWorld(t, 1)
		moved := false
		var states []string
		lead := func(p *client.Proc, c *elect.Controller) {
			p.Create("/partition", nil, tree.Persistent)
			for range 30 { // without a look at c.Still
				err := c.Write(tree.Op{Type: tree.OpSetData, Path: "/partition",
					Data: []byte(fmt.Sprint(c.Epoch())), Version: tree.AnyVersion})
				if err == nil {
					states = append(states, fmt.Sprint(c.Epoch()))
				}
				moved = moved || errors.Is(err, elect.ErrMoved)
				c.Request("1")
				p.Sleep(100 * sim.Millisecond)
			}
		}
		w.clients(elect.Kafka{Lead: lead, Unfenced: unfenced}.Run)
		first := w.leader(8 * sim.Second)
		w.run(sim.Second)
		w.client("D", client.Plain, func(p *client.Proc) {
			p.WaitConnected()
			p.Delete("/controller", tree.AnyVersion)
		})
		w.run(3 * sim.Second)
		back := strings.Contains(strings.Join(states, ""), "21")
		if w.most != 2 || back != unfenced || moved == unfenced {
			t.Errorf("unfenced %v: %d at once, moved %v, %v, states %v", unfenced, w.most, moved,
				w.story, states)
		}
		if !strings.Contains(strings.Join(w.used, " "), first+" false") {
			t.Errorf("no broker has refused the old controller: %v", w.used)
		}
	}
}

// Operators delete /controller to move the controller. The old one resigns, the epoch grows.
func TestKafkaControllerIsMoved(t *testing.T) {
	w := newWorld(t, 2)
	var epochs []int64
	w.clients(elect.Kafka{Lead: func(p *client.Proc, c *elect.Controller) {
		epochs = append(epochs, c.Epoch())
		for c.Sleep(sim.Second) {
		}
	}}.Run)
	w.leader(8 * sim.Second)
	w.client("D", client.Plain, func(p *client.Proc) {
		p.WaitConnected()
		p.Delete("/controller", tree.AnyVersion)
	})
	w.run(5 * sim.Second)
	if got := fmt.Sprint(epochs); got != "[1 2]" || w.most > 2 || len(w.leads) != 1 {
		t.Errorf("epochs %s, %v", got, w.story)
	}
}

// The next active fences the last one if it has died, and not if it has resigned. If the fencing
// fails, nobody becomes active.
func TestHDFSFences(t *testing.T) {
	for _, c := range []struct {
		name      string
		hold      sim.Time
		fails     bool
		fenced    bool
		takesOver bool
	}{
		{name: "dies", fenced: true, takesOver: true},
		{name: "cannot be fenced", fails: true, fenced: true},
		{name: "resigns", hold: 3 * sim.Second, takesOver: true},
	} {
		w := newWorld(t, 3)
		var fenced []string
		h := elect.HDFS{Path: "/hadoop-ha/ns", Hold: c.hold,
			Fence: func(p *client.Proc, t *elect.Term, old string) error {
				fenced = append(fenced, old)
				if len(w.leads) > 0 {
					w.t.Errorf("%s fences %s, and %v is active", p.Name(), old, w.leads)
				}
				if c.fails {
					return errors.New("no route to host")
				}
				return nil
			}}
		w.clients(h.Run)
		first := w.leader(8 * sim.Second)
		if c.hold == 0 {
			w.fault("crash %s", first)
		}
		w.run(12 * sim.Second)
		took := len(w.story) > 1 && w.story[len(w.story)-1] != first+"+" && w.story[0] == first+"+" &&
			strings.Count(strings.Join(w.story, ""), "+") > 1
		if took != c.takesOver || (len(fenced) > 0) != c.fenced || c.fenced && fenced[0] != first {
			t.Errorf("%s: fenced %v, %v", c.name, fenced, w.story)
		}
	}
}

// An active NameNode is cut off from the ensemble and goes on, as with ZKFailoverController. Before
// the next one becomes active, the shared edits refuse the old one's writes.
func TestHDFSFencesTheEdits(t *testing.T) {
	w := newWorld(t, 5)
	h := elect.HDFS{Path: "/hadoop-ha/ns", Neutral: true}
	h.Lead = func(p *client.Proc, t *elect.Term) {
		for t.Still() {
			p.Use(h.Edits(), t.Token)
			p.Sleep(100 * sim.Millisecond)
		}
	}
	w.clients(h.Run)
	first := w.leader(8 * sim.Second)
	w.run(sim.Second)
	w.fault("split %s | S1 S2 S3", first)
	w.run(15 * sim.Second)
	story := strings.Join(w.used, ", ")
	if w.most != 2 || strings.Count(story, first+" false") == 0 {
		t.Errorf("%v, %s", w.story, story)
	}
}

// CURATOR-696: the servers are down until the leader gives its session up by its own clock, as
// Curator's library does. When they are back, they give every session its full time again, so the
// leader's old node is there, and first. A latch that trusts the node leads, and leads on when the
// node is gone, at the same time as the next leader.
func TestLatchTrustsItsOldNode(t *testing.T) {
	for _, trusts := range []bool{false, true} {
		w := newWorld(t, 1)
		for _, n := range names {
			w.client(n, client.Curator, elect.Latch{Path: "/latch", TrustsOldNode: trusts}.Run)
		}
		first := w.leader(8 * sim.Second)
		w.fault("power S1")
		w.fault("power S2")
		w.fault("power S3")
		w.run(6 * sim.Second)
		if len(w.leads) != 0 {
			t.Errorf("%s leads without a connection", first)
		}
		w.fault("restart S1")
		w.fault("restart S2")
		w.fault("restart S3")
		w.run(20 * sim.Second)
		if want := map[bool]int{false: 1, true: 2}[trusts]; w.most != want || len(w.leads) != want {
			t.Errorf("trusts %v: %d at once: %v", trusts, w.most, w.story)
		}
	}
}

// Two leases overlap if a clock is too fast: 1.25 times is less than Duration/RenewDeadline, 2 times
// is more. The clocks may show any time.
func TestLeaseClocks(t *testing.T) {
	for _, c := range []struct {
		rate string
		most int
	}{{"1.25", 1}, {"2", 2}} {
		most := 0
		for seed := uint64(1); seed <= 10; seed++ {
			w := newWorld(t, seed)
			w.clients(elect.Lease{Path: "/lease"}.Run)
			first := w.leader(8 * sim.Second)
			w.run(5 * sim.Second)
			for _, n := range names {
				if n != first {
					w.fault("clock %s x%s", n, c.rate)
				}
			}
			w.fault("split %s | S1 S2 S3", first)
			w.run(40 * sim.Second)
			most = max(most, w.most)
		}
		if most != c.most {
			t.Errorf("%s times: %d at once", c.rate, most)
		}
	}
}

// A leader without a deadline leads as long as it is cut off.
func TestLeaseWithoutDeadline(t *testing.T) {
	for _, endless := range []bool{false, true} {
		w := newWorld(t, 1)
		w.clients(elect.Lease{Path: "/lease", NoDeadline: endless}.Run)
		w.fault("split %s | S1 S2 S3", w.leader(8*sim.Second))
		w.run(40 * sim.Second)
		if want := map[bool]int{false: 1, true: 2}[endless]; w.most != want {
			t.Errorf("without a deadline %v: %d at once: %v", endless, w.most, w.story)
		}
	}
}

func TestLeaseChecksItsTimes(t *testing.T) {
	l := elect.Lease{Path: "/lease", Duration: sim.Second, RenewDeadline: sim.Second}
	if err := l.Check(); err == nil {
		t.Error("a deadline as long as the lease: no error")
	}
	l = elect.Lease{Path: "/lease", RetryPeriod: 9 * sim.Second}
	if err := l.Check(); err == nil {
		t.Error("no time for a second attempt: no error")
	}
}
