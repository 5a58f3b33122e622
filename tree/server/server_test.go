package server_test

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
)

func lines(h *history) string { return strings.Join(h.lines, "\n") }

func TestStandaloneServer(t *testing.T) {
	w := newWorld(t, 1, 1, server.Config{})
	h := w.addClient("A", 1)
	w.connected("A")
	if c := w.do("A", create("/a", tree.Persistent)); c.Outcome != client.OK ||
		c.Result.Path != "/a" {
		t.Fatalf("create: %+v", c)
	}
	if c := w.do("A", create("/a", tree.Persistent)); c.Code != tree.NodeExists ||
		c.Outcome != client.Failed {
		t.Fatalf("second create: %+v", c)
	}
	if c := w.do("A", set("/a", "y")); c.Result.Stat.Version != 1 {
		t.Fatalf("set: %+v", c)
	}
	if c := w.do("A", get("/a")); string(c.Result.Data) != "y" {
		t.Fatalf("get: %+v", c)
	}
	if c := w.do("A", tree.Op{Type: tree.OpCloseSession}); c.Outcome != client.OK {
		t.Fatalf("close: %+v", c)
	}
	if s := w.client("A").State(); s != client.Closed {
		t.Errorf("state %v\n%s", s, lines(h))
	}
	if n := w.server("S1").Tree().NumSessions(); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

func TestThreeServers(t *testing.T) {
	for home := 1; home <= 3; home++ {
		w := newWorld(t, uint64(home), 3, server.Config{})
		w.run(sim.Second) // or the clients would find no server that serves, and try others
		w.addClient("A", home)
		w.addClient("B", home%3+1)
		w.connected("A", "B")
		w.do("A", create("/a", tree.Persistent))
		w.do("B", tree.Op{Type: tree.OpSync, Path: "/a"})
		if c := w.do("B", get("/a")); c.Outcome != client.OK {
			t.Errorf("home %d: B reads %v after a sync", home, c.Code)
		}
		w.run(sim.Second)
		w.sameTrees()
		if w.client("A").Server() != sim.NodeID(home) {
			t.Errorf("A is at S%d, and its home is S%d", w.client("A").Server(), home)
		}
	}
}
