package elect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/client/elect"
)

// A region server is cut off for longer than its session lasts, and goes on writing. The active
// master closes its log, which then refuses a write: the server aborts, and starts again.
func TestHBaseFencesRegionServers(t *testing.T) {
	w := newWorld(t, 1)
	w.client("A", client.Plain, elect.HBase{}.Run)
	w.client("B", client.Plain, elect.HBase{}.Run)
	w.client("C", client.Plain, elect.HBase{}.RegionServer(200*sim.Millisecond))
	active := w.leader(8 * sim.Second)
	w.run(2 * sim.Second)
	w.fault("split C | S1 S2 S3")
	w.run(10 * sim.Second)
	story := strings.Join(w.used, ", ")
	if w.stale > 0 || !strings.Contains(story, "C true, "+active+" true") ||
		!strings.Contains(story, "C false") {
		t.Errorf("%d stale writes: %s", w.stale, story)
	}
	w.fault("heal")
	w.run(10 * sim.Second)
	if !strings.HasSuffix(strings.Join(w.used, ", "), "C true") {
		t.Errorf("the region server does not write again: %v", w.used)
	}
}

// A region server dies together with the active master. The next master finds its log, which has no
// server, and recovers it.
func TestHBaseRecoversAtFailOver(t *testing.T) {
	w := newWorld(t, 2)
	w.client("A", client.Plain, elect.HBase{}.Run)
	w.client("B", client.Plain, elect.HBase{}.Run)
	w.client("C", client.Plain, elect.HBase{}.RegionServer(200*sim.Millisecond))
	active := w.leader(8 * sim.Second)
	w.run(2 * sim.Second)
	w.fault("crash %s", active)
	w.fault("crash C")
	w.run(15 * sim.Second)
	next := w.leader(sim.Second)
	if last := w.used[len(w.used)-1]; next == active || last != next+" true" {
		t.Errorf("%s is active, the last write is %s", next, last)
	}
}

// The master that starts again within its session timeout waits for its old node, or, as HBase does,
// deletes it.
func TestHBaseHurries(t *testing.T) {
	for _, hurries := range []bool{false, true} {
		w := newWorld(t, 3)
		w.client("A", client.Plain, elect.HBase{Hurries: hurries}.Run)
		w.leader(8 * sim.Second)
		w.fault("crash A")
		w.fault("restart A")
		at := w.Now()
		w.leader(12 * sim.Second)
		if quick := w.Now()-at < sim.Second; quick != hurries {
			t.Errorf("hurries %v: active again after %s", hurries, (w.Now() - at).Seconds())
		}
	}
}

// A master starts again, and reads that its former self is active. Its delete is slow: when it
// arrives, the old session is over and another master is active, whose node it removes (H11). No
// fault concerns that other master.
func TestHBaseDeletesAnothersNode(t *testing.T) {
	for _, hurries := range []bool{false, true} {
		robbed := 0
		for down := sim.Time(0); down < 4*sim.Second; down += 200 * sim.Millisecond {
			w := newWorld(t, 3)
			w.client("A", client.Plain, elect.HBase{Hurries: hurries}.Run)
			w.leader(8 * sim.Second)
			w.client("B", client.Plain, elect.HBase{Hurries: hurries}.Run)
			w.run(sim.Second)
			w.fault("crash A")
			w.fault("delay S1 S3 400ms") // A's server and the leader
			w.run(down)
			w.fault("restart A")
			w.run(12 * sim.Second)
			if strings.Contains(strings.Join(w.story, " "), "B-") {
				robbed++
			}
		}
		if robbed > 0 != hurries {
			t.Errorf("hurries %v: robbed %d times", hurries, robbed)
		}
	}
}

// A callback that swallows the interruption leads on while its successor leads.
func TestSelectorSwallows(t *testing.T) {
	for _, swallows := range []bool{false, true} {
		w := newWorld(t, 1)
		w.clients(elect.Selector{Path: "/selector", Swallows: swallows}.Run)
		w.fault("split %s | S1 S2 S3", w.leader(8*sim.Second))
		w.run(15 * sim.Second)
		if want := map[bool]int{false: 1, true: 2}[swallows]; w.most != want {
			t.Errorf("swallows %v: %d at once: %v", swallows, w.most, w.story)
		}
	}
}

// A candidate's session ends while it waits. Deaf to that, as etcd's Campaign is, it leads when the
// leader resigns, although it has no key, and at the same time as another.
func TestEtcdCandidateLosesItsKey(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		w := newWorld(t, 1)
		w.clients(elect.Etcd{Path: "/campaign", Deaf: deaf}.Run)
		first := w.leader(8 * sim.Second)
		w.run(2 * sim.Second)
		for _, n := range names {
			if n != first { // both candidates lose their sessions, one after the other
				w.fault("split %s | S1 S2 S3", n)
				w.run(8 * sim.Second)
				w.fault("heal")
				w.run(2 * sim.Second)
			}
		}
		w.fault("crash %s", first)
		w.run(12 * sim.Second)
		if want := map[bool]int{false: 1, true: 2}[deaf]; w.most != want {
			t.Errorf("deaf %v: %d at once: %v", deaf, w.most, w.story)
		}
	}
}

// What leaders proclaim, an observer sees in order; each leader's token is larger than the last.
func TestEtcdProclaims(t *testing.T) {
	w := newWorld(t, 1)
	var tokens []int64
	var seen []string
	e := elect.Etcd{Path: "/campaign", Value: "campaign", Hold: 2 * sim.Second}
	e.Lead = func(p *client.Proc, l *elect.Leadership) {
		tokens = append(tokens, l.Token)
		for n := 1; l.Sleep(800 * sim.Millisecond); n++ {
			if err := l.Proclaim(fmt.Sprint(p.Name(), n)); err != nil {
				t.Errorf("%s proclaims: %v", p.Name(), err)
			}
		}
	}
	w.client("D", client.Plain, func(p *client.Proc) {
		e.Observe(p, func(value string) bool {
			seen = append(seen, value)
			return len(seen) < 6
		})
	})
	w.client("A", client.Plain, e.Run)
	w.run(3 * sim.Second)
	w.client("B", client.Plain, e.Run)
	w.run(5 * sim.Second)
	if got := fmt.Sprint(seen); got != "[campaign A1 A2 campaign B1 B2]" || len(tokens) != 2 ||
		tokens[0] >= tokens[1] {
		t.Errorf("%s, tokens %v", got, tokens)
	}
}

// The key of a leader is deleted: its next proclamation fails.
func TestEtcdLeaderLosesItsKey(t *testing.T) {
	w := newWorld(t, 1)
	var errs []error
	w.client("A", client.Plain, elect.Etcd{Path: "/campaign",
		Lead: func(p *client.Proc, l *elect.Leadership) {
			p.Delete(l.Node, tree.AnyVersion)
			errs = append(errs, l.Proclaim("A"))
			if l.Still() {
				t.Error("the term goes on")
			}
			p.Sleep(sim.Hour)
		}}.Run)
	w.run(5 * sim.Second)
	if len(errs) != 1 || errs[0] != elect.ErrNotLeader {
		t.Errorf("%v", errs)
	}
}

// The holder of a lock is paused for longer than its session lasts, while a write is under way to a
// resource that restarts at times. Only a durable check refuses all writes of old holders.
func TestFenced(t *testing.T) {
	for g, want := range []bool{elect.Durably: false, elect.Unguarded: true, elect.ByHolder: true,
		elect.InMemory: true} {
		stale := 0
		for seed := uint64(1); seed <= 20; seed++ {
			w := newWorld(t, seed)
			w.clients(elect.Fenced{Path: "/lock", Resource: "db", Guard: elect.Guard(g), Restarts: 4,
				Flight: sim.Second, Writes: 1000}.Run)
			first := w.leader(8 * sim.Second)
			w.run(w.Rand("pause").Between(0, 2*sim.Second))
			w.fault("pause %s 8s", first)
			w.run(15 * sim.Second)
			stale += w.stale
		}
		if stale > 0 != want {
			t.Errorf("guard %d: %d stale writes", g, stale)
		}
	}
}
