package fuzz

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// TestRare: schedules of the mix rare have every rare workload, client libraries and an operator; a
// few are long enough for containers to be deleted. They can be written and read, and the sound engine
// passes them. No schedule of another mix has any of this.
func TestRare(t *testing.T) {
	var works []string
	long, slow, added := 0, 0, 0
	var odd oddities // some schedule has
	for seed := range uint64(200) {
		s := Rare.Generate(seed)
		for _, client := range s.Clients {
			works = append(works, client...)
		}
		if s.Calm >= longCalm {
			long++
		}
		if s.Tick == defaults.TickTime {
			slow++
		}
		if s.Calm > 0 && s.Calm < s.LeastCalm() {
			t.Errorf("seed %d: the calm of %s is too short for Progress", seed, s.Calm)
		}
		o := s.odd()
		odd.starts, odd.wide, odd.ends = odd.starts || o.starts, odd.wide || o.wide, odd.ends || o.ends
		odd.version = min(odd.version, o.version)
		if again, err := Parse("s", s.String()); err != nil || again.Rare != s.Rare ||
			again.String() != s.String() {
			t.Fatalf("seed %d: %v:\n%s", seed, err, &s)
		}
		if other := Swarm.Generate(seed); other.Rare != 0 ||
			strings.Contains(other.String(), "declared") {
			t.Errorf("swarm %d:\n%s", seed, &other)
		}
	}
	if want := (oddities{starts: true, version: -10, wide: true, ends: true}); odd != want {
		t.Errorf("of what is odd, the schedules have only %+v", odd)
	}
	if slow < 10 || slow > 30 {
		t.Errorf("%d of 200 schedules have ticks of %s", slow, defaults.TickTime)
	}
	if long < 20 || long > 50 {
		t.Errorf("%d of 200 schedules are long", long)
	}
	for _, w := range workload.Rare() {
		if !slices.Contains(works, w.Name) {
			t.Errorf("no schedule has %s", w.Name)
		}
	}
	for seed := range uint64(4) {
		s := Rare.Generate(seed)
		out, err := s.Play(Playing{Over: func(out *Result) {
			for _, m := range out.Ensemble.World.Machines() {
				if m.Name == "stranger" || m.Name == "resumer" {
					added++
				}
				if m.Kind == "client" && m.Up() {
					t.Errorf("seed %d: %s was not ended before the rest", seed, m.Name)
				}
			}
		}})
		if err != nil || out.Property != "" {
			t.Errorf("seed %d: %v %s: %s", seed, err, out.Property, out.Text)
		}
	}
	if added == 0 {
		t.Error("the played schedules have neither a stranger nor a resumer")
	}
}

// TestSlowDisks: an ensemble with slow disks can recover. Every client has time to open a session
// at every server, and no workload makes so large a snapshot that a follower could not write it
// within initLimit, which is 2 s: one of 41 KB, in pieces of 1 KB, took 2.6 s.
func TestSlowDisks(t *testing.T) {
	slow, raised := 0, 0
	for seed := range uint64(5000) {
		s := Rare.Generate(seed)
		if s.Fsync.Max < 100*sim.Millisecond {
			continue
		}
		slow++
		if share := s.SessionTimeout / sim.Time(s.total()); share < 300*sim.Millisecond {
			t.Errorf("seed %d: a session timeout of %s for %d servers: %s for each", seed,
				s.SessionTimeout, s.total(), share)
		} else if share < 300*sim.Millisecond+s.Tick {
			raised++
		}
		if s.Calm > 0 && s.Tick < defaults.TickTime && s.Calm < min(longCalm, s.LeastCalm()) {
			t.Errorf("seed %d: a calm of %s, want %s", seed, s.Calm, s.LeastCalm())
		}
		for _, works := range s.Clients {
			if slices.Contains(works, crowds) || slices.Contains(works, bulk) {
				t.Errorf("seed %d: a large snapshot on slow disks: %s", seed, works)
			}
		}
		if _, err := Parse("s", s.String()); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	if slow < 200 || raised == 0 {
		t.Errorf("%d schedules have slow disks, %d of them a timeout near the least", slow, raised)
	}
}

// TestNoTimeToOpen: if a session takes longer than a client waits for one server, no client can
// open one, and the failure says why. ZooKeeper's own client divides the timeout in the same way
// (ClientCnxn: connectTimeout).
func TestNoTimeToOpen(t *testing.T) {
	text, err := os.ReadFile("testdata/regressions/hurried-4c4d9e.schedule")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse("s", string(text))
	if err != nil {
		t.Fatal(err)
	}
	s.SessionTimeout = sim.Second
	out, err := s.Play(Playing{})
	if err != nil || out.Property != "LiveAfterHealing" ||
		!strings.Contains(out.Text, "could not open a session: if a server does not open the "+
			"session within 111111us, the client tries another server. This time is the session "+
			"timeout (1s) divided by the number of servers (9)") {
		t.Errorf("%v %s: %s", err, out.Property, out.Text)
	}
}

// TestTransientsEnd: a container that is empty, and that nobody deletes, is noticed. Here the clients
// work until the end, so that no leader finds a container empty for long.
func TestTransientsEnd(t *testing.T) {
	busy := func(p *client.Proc) {
		path := "/t" + p.Name()
		for p.WaitConnected() {
			p.Do(tree.Op{Type: tree.OpCreateContainer, Path: path, ACL: tree.OpenACL})
			p.Create(path+"/0", nil, tree.Persistent)
			p.Delete(path+"/0", tree.AnyVersion)
			p.Sleep(2 * sim.Second)
		}
	}
	s := Rare.Generate(1)
	s.Calm, s.Plan, s.Blackouts = longCalm, nil, 0
	found := false
	out, err := s.Play(Playing{Programs: []func(*client.Proc){busy}, Over: func(out *Result) {
		idle := s.idle(out.Ensemble)
		found = len(idle.nodes) > 0
		if path := idle.left(out.Ensemble); found && path != idle.nodes[0].path {
			t.Errorf("%q is left, not %v", path, idle.nodes)
		}
	}})
	if err != nil || out.Property != "" || !found {
		t.Fatalf("%v %s %s: an idle container: %v", err, out.Property, out.Text, found)
	}
}
