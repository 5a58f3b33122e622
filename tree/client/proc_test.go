package client_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

func TestProgramReadsAsProse(t *testing.T) {
	w := newWorld(t, 1)
	var got []string
	say := func(args ...any) { got = append(got, strings.TrimSpace(fmt.Sprintln(args...))) }
	w.client("A", 1, client.Config{}, func(p *client.Proc) {
		p.WaitConnected()
		path, err := p.Create("/a", []byte("1"), tree.Persistent)
		say(path, err)
		_, err = p.Create("/a", nil, tree.Persistent)
		say(err, errors.Is(err, tree.NodeExists), client.Maybe(err))
		stat, err := p.Set("/a", []byte("2"), 0)
		say(stat.Version, err)
		data, _, err := p.Get("/a")
		say(string(data), err)
		found, _, err := p.Exists("/b")
		say(found, err)
		results, err := p.Multi(
			tree.Op{Type: tree.OpCreate, Path: "/a/k", ACL: tree.OpenACL},
			tree.Op{Type: tree.OpSetData, Path: "/a", Version: 9},
		)
		say(len(results), err)
		names, _, err := p.Children("/")
		say(names, err)
		start := p.Now()
		p.Sleep(250 * sim.Millisecond)
		say(p.Now()-start, p.Sync("/"))
		_, _, watch, _ := p.GetW("/a")
		p.Delete("/a", tree.AnyVersion)
		e, err := watch.Wait()
		say(e.Type, err)
		_, _, watch, err = p.GetW("/a")
		say(err, watch.Ended())
		_, err = watch.Wait()
		say(err)
		say(p.Close(), p.State(), p.WaitConnected())
		say(p.Delete("/a", tree.AnyVersion))
	})
	w.run(5 * sim.Second)
	want := []string{
		"/a <nil>",
		"create /a: node exists true false",
		"1 <nil>",
		"2 <nil>",
		"false <nil>",
		"2 multi: bad version",
		"[a zookeeper] <nil>",
		"250ms <nil>",
		"NodeDeleted <nil>",
		"getData /a: no node true",
		"the session is over: open a new session",
		"<nil> CLOSED false",
		"delete /a: session expired: the operation was not sent, and so had no effect",
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("line %d: got %q\nwant %q", i, got, want[i])
		}
	}
	if !w.of("A").Finished() {
		t.Error("the program has not returned")
	}
}

func TestOutcomes(t *testing.T) {
	w := newWorld(t, 1)
	var write, read, queued *client.Call
	w.client("A", 1, client.Config{}, func(p *client.Proc) {
		p.WaitConnected()
		p.Create("/x", nil, tree.Persistent)
		p.Until(sim.Never, func() bool { return p.Now() > 2*sim.Second })
		write = p.Start(tree.Op{Type: tree.OpSetData, Path: "/x", Version: -1})
		read = p.Start(tree.Op{Type: tree.OpGetData, Path: "/x"})
		p.Until(sim.Never, func() bool { return p.State() == client.Disconnected })
		queued = p.Start(tree.Op{Type: tree.OpGetData, Path: "/x"})
		p.Await(queued)
	})
	w.run(500 * sim.Millisecond)
	w.fault("cut A > S1")
	w.fault("cut S1 > A")
	w.until(10*sim.Second, "the queued read is answered", func() bool {
		return queued != nil && queued.Outcome != client.Pending
	})
	if write.Outcome != client.Unknown || !client.Maybe(write.Err()) || write.Outcome.Definite() {
		t.Errorf("the write: %v", write.Outcome)
	}
	if read.Outcome != client.Failed || queued.Outcome != client.OK {
		t.Errorf("the read: %v, the queued one: %v", read.Outcome, queued.Outcome)
	}
}

// A crash ends every coroutine, wherever it waits. What the coroutine does while it unwinds is
// ignored.
func TestCrashStopsPrograms(t *testing.T) {
	before := runtime.NumGoroutine()
	unwound := 0
	for seed := uint64(1); seed <= 30; seed++ {
		w := newWorld(t, seed)
		for _, n := range []string{"A", "B"} {
			w.client(n, 1, client.Config{}, func(p *client.Proc) {
				defer func() {
					unwound++
					p.Create("/late", nil, tree.Persistent)
					t.Error("a stopped program goes on")
				}()
				for {
					p.Create("/n-", nil, tree.PersistentSequential)
					p.Sleep(p.Rand().Between(0, 20*sim.Millisecond))
				}
			})
		}
		w.run(w.Rand("crash").Between(0, sim.Second))
		w.fault("crash A")
		w.fault("power B")
		w.run(sim.Second)
		w.fault("restart A")
		w.run(100 * sim.Millisecond)
		w.of("A").Stop()
	}
	if unwound != 90 {
		t.Errorf("%d programs have unwound", unwound)
	}
	if now := runtime.NumGoroutine(); now > before+2 {
		t.Errorf("%d goroutines, before there were %d", now, before)
	}
}

func TestProgramThatSpinsIsSaid(t *testing.T) {
	w := newWorld(t, 1)
	w.client("A", 1, client.Config{}, func(p *client.Proc) {
		p.WaitConnected()
		p.Close()
		for {
			p.Create("/x", nil, tree.Persistent)
		}
	})
	if w.Run(w.Now()+5*sim.Second, nil) ||
		!strings.Contains(w.Err().Error(), "have run 10000 times within one event") {
		t.Errorf("err: %v", w.Err())
	}
}

func TestShuffleAndTimeouts(t *testing.T) {
	first := map[sim.NodeID]int{}
	for seed := uint64(1); seed <= 60; seed++ {
		w := newWorld(t, seed)
		w.client("A", 1, client.Config{Shuffle: true})
		w.until(sim.Second, "connected", func() bool {
			return w.of("A").State() == client.Connected
		})
		first[w.of("A").Server()]++
		// After two thirds of the timeout a client leaves a silent server for the next one.
		at, old := w.Now(), w.of("A").Server()
		w.fault(fmt.Sprintf("pause S%d 4s", old))
		w.until(4*sim.Second, "it has given up", func() bool {
			return w.of("A").State() == client.Disconnected
		})
		if took := w.Now() - at; took < 1300*sim.Millisecond || took > 2667*sim.Millisecond {
			t.Errorf("seed %d: given up after %s", seed, took)
		}
		w.until(4*sim.Second, "elsewhere", func() bool { return w.of("A").Server() != old })
	}
	if len(first) != 3 {
		t.Errorf("first servers: %v", first)
	}
}

func TestPingsDoNotAllocate(t *testing.T) {
	w := newWorld(t, 1)
	w.client("A", 3, client.Config{}, func(p *client.Proc) {
		p.Until(sim.Never, func() bool { return p.State() == client.Closed })
	})
	w.run(5 * sim.Second)
	c := w.of("A")
	out := make([]sim.Effect, 0, 8)
	now := w.Find("A").Local()
	if n := testing.AllocsPerRun(100, func() {
		now += c.Timeout() / 3
		out = c.Step(now, sim.Event{Kind: sim.Wake}, out[:0])
		if len(out) != 1 {
			t.Fatalf("%d effects", len(out))
		}
		for i := 0; i < 1; i++ { // the server's answer
			c.Step(now, sim.Event{Kind: sim.Received, Conn: out[0].Conn, Msg: pong}, out[:1])
		}
	}); n != 0 {
		t.Errorf("%v allocations per ping", n)
	}
}

var pong = &tree.Reply{Xid: tree.XidPing}
