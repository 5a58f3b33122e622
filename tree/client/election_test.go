package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

var names = []string{"A", "B", "C", "D"}

func candidates(w *world, e client.Election, queue bool) {
	program := e.Race
	if queue {
		program = e.Queue
	}
	for i, n := range names {
		w.client(n, i%3+1, client.Config{Renew: true}, program)
	}
}

// The leader dies: another client leads after the session timeout. Two never lead at once, because
// no client is paused or cut off here.
func TestElectionsSurviveTheirLeaders(t *testing.T) {
	for seed := uint64(1); seed <= 60; seed++ {
		w := newWorld(t, seed)
		candidates(w, client.Election{Path: "/leader"}, seed%2 == 0)
		winners := map[string]bool{}
		for range 3 {
			w.until(8*sim.Second, "somebody leads", func() bool { return len(w.leads) == 1 })
			for n := range w.leads {
				winners[n] = true
				w.fault("crash " + n)
			}
			at := w.Now()
			w.until(10*sim.Second, "another one leads", func() bool { return len(w.leads) == 1 })
			if took := w.Now() - at; took < 2500*sim.Millisecond || took > 7500*sim.Millisecond {
				t.Errorf("seed %d: %s without a leader", seed, took.Seconds())
			}
		}
		if w.most != 1 || len(winners) != 3 {
			t.Errorf("seed %d: %d at once, %v led", seed, w.most, winners)
		}
	}
}

// H1: the end of a leader wakes every client in a race, and one client in a queue.
func TestHerd(t *testing.T) {
	told := map[bool]int{}
	for _, queue := range []bool{false, true} {
		w := newWorld(t, 3)
		candidates(w, client.Election{Path: "/leader"}, queue)
		w.run(3 * sim.Second)
		before := w.events
		for n := range w.leads {
			w.fault("crash " + n)
		}
		w.run(8 * sim.Second)
		told[queue] = w.events - before
	}
	if told[false] != 3 || told[true] != 1 {
		t.Errorf("told: %v", told)
	}
}

func TestLeaderResigns(t *testing.T) {
	for _, queue := range []bool{false, true} {
		w := newWorld(t, 4)
		candidates(w, client.Election{Path: "/leader", Hold: sim.Second}, queue)
		w.run(8 * sim.Second)
		story := strings.Join(w.story, " ")
		if len(w.story) != 8 || w.most != 1 {
			t.Errorf("queue %v: %s", queue, story)
		}
		for _, n := range names {
			if !strings.Contains(story, n+"+ "+n+"-") || !w.of(n).Finished() {
				t.Errorf("queue %v: %s has not led, or not ended: %s", queue, n, story)
			}
		}
	}
}

// H8: a leader that is cut off, and waits for the end of its session, leads at the same time as its
// successor. A careful leader has stepped down before.
func TestCarefulLeaderStepsDownInTime(t *testing.T) {
	for _, careful := range []bool{false, true} {
		w := newWorld(t, 5)
		candidates(w, client.Election{Path: "/leader", Careful: careful}, false)
		w.until(8*sim.Second, "somebody leads", func() bool { return len(w.leads) == 1 })
		for n := range w.leads {
			for _, s := range []string{"S1", "S2", "S3"} {
				w.fault("cut " + n + " > " + s)
				w.fault("cut " + s + " > " + n)
			}
		}
		w.run(12 * sim.Second)
		w.fault("heal")
		w.run(8 * sim.Second)
		if want := map[bool]int{false: 2, true: 1}[careful]; w.most != want || len(w.leads) != 1 {
			t.Errorf("careful %v: %d at once: %v", careful, w.most, w.story)
		}
	}
}

// Servers and clients crash, and connections break. In the end one client leads, and all clients
// agree which one.
func TestElectionsUnderFaults(t *testing.T) {
	for seed := uint64(1); seed <= 60; seed++ {
		w := newWorld(t, seed)
		candidates(w, client.Election{Path: "/leader", Careful: true}, seed%2 == 0)
		w.storm(names)
		w.run(120 * sim.Second)
		if len(w.leads) != 1 {
			t.Errorf("seed %d: %d lead: %v", seed, len(w.leads), w.story)
		}
	}
}

func TestSameSeedSameStory(t *testing.T) {
	run := func() (string, uint64) {
		w := newWorld(t, 9)
		candidates(w, client.Election{Path: "/leader"}, true)
		w.run(3 * sim.Second)
		for n := range w.leads {
			w.fault("crash " + n)
		}
		w.run(10 * sim.Second)
		return fmt.Sprint(w.story), w.Fingerprint()
	}
	story, print := run()
	if s, p := run(); s != story || p != print {
		t.Errorf("%s %x\n%s %x", story, print, s, p)
	}
}
