package client_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

var all = []client.Library{client.Plain, client.Go, client.Java, client.Curator, client.Kazoo}

// An operation is started while the client is cut off. With some libraries it waits for the next
// connection.
func TestLibraryFailsQueuedOperations(t *testing.T) {
	for _, l := range all {
		w := newWorld(t, 1)
		var got error
		ended := false
		w.client("A", 1, client.Config{Library: l}, func(p *client.Proc) {
			p.WaitConnected()
			p.Sleep(sim.Second)
			w.fault("split A | S1 S2 S3")
			p.Until(sim.Never, func() bool { return p.State() == client.Disconnected })
			_, got = p.Create("/a", nil, tree.Persistent)
			ended = true
		})
		w.until(20*sim.Second, "A is cut off", func() bool {
			return w.of("A").State() == client.Disconnected
		})
		w.run(2 * sim.Second) // long enough for an attempt to fail, and too short for an expiry
		fails := ended && errors.Is(got, tree.ConnectionLoss)
		if want := l == client.Java || l == client.Curator; fails != want {
			t.Errorf("%s: failed %t (%v), want %t", l, fails, got, want)
		}
	}
}

// A watch over a reconnection, and what changed in between.
func TestLibraryKeepsWatches(t *testing.T) {
	for _, l := range all {
		w := newWorld(t, 1)
		var watch *client.Watch
		w.client("A", 1, client.Config{Library: l}, func(p *client.Proc) {
			p.WaitConnected()
			p.Create("/a", nil, tree.Persistent)
			_, _, watch, _ = p.ExistsW("/a")
		})
		w.until(10*sim.Second, "a watch", func() bool { return watch != nil })
		w.fault("reset A S1")
		w.until(10*sim.Second, "lost", func() bool { return w.of("A").State() != client.Connected })
		w.until(10*sim.Second, "back", func() bool { return w.of("A").State() == client.Connected })
		w.client("B", 2, client.Config{}, func(p *client.Proc) {
			p.WaitConnected()
			p.Set("/a", []byte("1"), tree.AnyVersion)
		})
		w.run(3 * sim.Second)
		got := fmt.Sprint(watch.Fired(), watch.Ended())
		want := "true false"
		if l == client.Kazoo {
			want = "false true"
		}
		if got != want {
			t.Errorf("%s: fired, ended: %s, want %s", l, got, want)
		}
	}
}

// What a client knows of its session while it is cut off for longer than the timeout, and after it
// has learnt that the session is over.
func TestLibraryEndsAndRenewsSessions(t *testing.T) {
	for _, l := range all {
		w := newWorld(t, 1)
		w.client("A", 1, client.Config{Library: l})
		w.until(10*sim.Second, "connected", func() bool { return w.of("A").State() == client.Connected })
		first := w.of("A").Session()
		w.fault("split A | S1 S2 S3")
		w.until(10*sim.Second, "lost", func() bool { return w.of("A").State() == client.Disconnected })
		w.run(4*sim.Second + sim.Millisecond)
		if gone, want := w.of("A").Session() != first, l == client.Curator; gone != want {
			t.Errorf("%s: cut off for its timeout, it gave its session up: %t, want %t", l, gone, want)
		}
		w.run(10 * sim.Second)
		w.fault("heal")
		w.run(10 * sim.Second)
		a := w.of("A")
		if got, want := a.State(), l != client.Plain && l != client.Java; (got == client.Connected) != want {
			t.Errorf("%s: after the expiry it is %s", l, got)
		}
		if a.State() == client.Connected && a.Session() == first {
			t.Errorf("%s: continues with an expired session", l)
		}
	}
}

func TestLibraryNames(t *testing.T) {
	for _, l := range all {
		if got, err := client.ParseLibrary(l.String()); err != nil || got != l {
			t.Errorf("ParseLibrary(%s) = %s, %v", l, got, err)
		}
	}
	if _, err := client.ParseLibrary("zkclient"); err == nil {
		t.Error("zkclient: no error")
	}
	if got := client.Curator.Word(client.Disconnected); got != "SUSPENDED" {
		t.Errorf("Curator calls Disconnected %s", got)
	}
}
