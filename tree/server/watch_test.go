package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
)

// After a reconnection, the watches of nodes that have changed meanwhile fire at once, before any
// reply. The others are set again. The exception is a node that was created and deleted in between.
func TestWatchesOverAReconnection(t *testing.T) {
	w := ready(t, 1, 3, 2, server.Config{})
	for _, p := range []string{"/data", "/gone", "/kids", "/same", "/list"} {
		w.do("B", create(p, tree.Persistent))
	}
	w.do("A", tree.Op{Type: tree.OpSync, Path: "/"})
	for _, p := range []string{"/data", "/gone", "/same"} {
		w.do("A", tree.Op{Type: tree.OpGetData, Path: p, Watch: true})
	}
	w.do("A", exists("/born", true))
	w.do("A", exists("/blink", true))
	w.do("A", tree.Op{Type: tree.OpGetChildren, Path: "/kids", Watch: true})
	w.do("A", tree.Op{Type: tree.OpGetChildren, Path: "/list", Watch: true})
	w.do("A", tree.Op{Type: tree.OpAddWatch, Path: "/data",
		WatchMode: tree.WatchPersistentRecursive})
	h := w.logs["A"]
	from := len(h.lines)

	w.fault("split A | B S1 S2 S3")
	w.run(3 * sim.Second) // A has given S1 up
	w.do("B", set("/data", "2"))
	w.do("B", del("/gone"))
	w.do("B", create("/born", tree.Persistent))
	w.do("B", create("/kids/k", tree.Persistent))
	w.do("B", create("/blink", tree.Persistent))
	w.do("B", del("/blink"))
	w.tell("A", get("/data"))
	w.fault("heal")
	w.connected("A")
	w.run(sim.Second)
	got := fmt.Sprint(h.lines[from:])
	want := "[NodeDataChanged /data NodeDeleted /gone NodeCreated /born NodeChildrenChanged " +
		"/kids getData /data ok]"
	if got != want {
		t.Errorf("A saw %s\nwant  %s", got, want)
	}
	// These are still set: the watches of /same and /list, and the recursive watch.
	from = len(h.lines)
	w.do("B", set("/same", "2"))
	w.do("B", create("/list/k", tree.Persistent))
	w.do("B", create("/data/k", tree.Persistent))
	w.do("B", set("/gone2", "none"))
	w.do("B", create("/blink", tree.Persistent)) // and the exists watch that missed one round trip
	w.run(sim.Second)
	got = fmt.Sprint(h.lines[from:])
	want = "[NodeDataChanged /same NodeChildrenChanged /list NodeCreated /data/k NodeCreated " +
		"/blink]"
	if got != want {
		t.Errorf("A saw %s\nwant  %s", got, want)
	}
}

// ZOOKEEPER-706: many watches go in several requests.
func TestManyWatchesAreSetInParts(t *testing.T) {
	w := newWorld(t, 1, 3, server.Config{})
	w.run(sim.Second)
	h := w.addClientWith("A", client.Config{SetWatchesMax: 100})
	w.addClient("B", 2)
	w.connected("A", "B")
	for i := 0; i < 40; i++ {
		w.do("A", exists(fmt.Sprintf("/node%d", i), true))
	}
	w.Keep()
	w.fault("reset A S1")
	w.run(2 * sim.Second)
	w.connected("A")
	w.run(sim.Second)
	parts := 0
	for _, r := range w.Records() {
		if m, ok := r.Message.(*tree.Request); ok && r.Kind == sim.KindSend &&
			m.Xid == tree.XidSetWatches {
			parts++
		}
	}
	if parts < 5 {
		t.Errorf("%d requests", parts)
	}
	for i := 0; i < 40; i++ {
		w.do("B", create(fmt.Sprintf("/node%d", i), tree.Persistent))
	}
	w.run(sim.Second)
	if n := strings.Count(lines(h), "NodeCreated"); n != 40 {
		t.Errorf("%d events", n)
	}
}

func TestWatchesGoWithTheirConnection(t *testing.T) {
	w := ready(t, 1, 1, 2, server.Config{})
	w.do("A", exists("/x", true))
	w.do("A", tree.Op{Type: tree.OpGetChildren, Path: "/", Watch: true})
	if n := w.server("S1").Watches().Len(); n != 2 {
		t.Fatalf("%d watches", n)
	}
	w.fault("crash A")
	w.run(100 * sim.Millisecond)
	if n := w.server("S1").Watches().Len(); n != 0 {
		t.Errorf("%d watches are left", n)
	}
}

func TestRemoveWatches(t *testing.T) {
	w := ready(t, 1, 1, 1, server.Config{})
	w.do("A", exists("/x", true))
	check := tree.Op{Type: tree.OpCheckWatches, Path: "/x", WatcherType: tree.WatcherData}
	remove := check
	remove.Type = tree.OpRemoveWatches
	if c := w.do("A", check); c.Code != tree.OK {
		t.Errorf("check: %v", c.Code)
	}
	if c := w.do("A", remove); c.Code != tree.OK {
		t.Errorf("remove: %v", c.Code)
	}
	if c := w.do("A", remove); c.Code != tree.NoWatcher {
		t.Errorf("remove again: %v", c.Code)
	}
}
