package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/conformance"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Bugs that ZooKeeper had in sessions and requests, each with a schedule that shows it.

// A late leader: S3 wakes from a pause and does not know that another server leads. S3 must refuse
// a client that has seen newer state, because the client would read older state there.
func TestLastZxidSeenKeepsAClientFromThePast(t *testing.T) {
	refused := 0
	for seed := uint64(1); seed <= 10; seed++ {
		w := newWorld(t, seed, 3, server.Config{})
		w.run(sim.Second)
		if w.leader().Name != "S3" {
			t.Fatalf("%s leads", w.leader().Name)
		}
		w.addClientWith("C", client.Config{
			SessionTimeout: 40 * sim.Second, Servers: []sim.NodeID{1, 2, 1, 2, 1, 2, 3},
			BackoffMin: 10 * sim.Millisecond, BackoffMax: 50 * sim.Millisecond,
		})
		w.connected("C")
		w.do("C", create("/x", tree.Persistent))
		w.fault("pause S3 20s")
		w.until(20*sim.Second, "S2 leads", func() bool { return w.leader().Name == "S2" })
		w.run(7 * sim.Second) // C may have waited for S3 meanwhile
		if c := w.do("C", set("/x", "2")); c.Outcome != client.OK {
			t.Fatalf("seed %d: set: %v", seed, c.Outcome)
		}
		w.until(20*sim.Second, "S3 is awake", func() bool { return !w.Find("S3").Paused() })
		w.fault("crash S1")
		w.fault("crash S2")
		w.run(10 * sim.Millisecond) // C has heard of it
		w.tell("C", get("/x"))
		w.run(3 * sim.Second)
		w.fault("restart S1")
		w.fault("restart S2")
		w.run(20 * sim.Second)
		w.connected("C")
		h := w.logs["C"]
		if last := h.calls[len(h.calls)-1]; string(last.Result.Data) != "2" {
			t.Errorf("seed %d: C wrote 2 and read %q", seed, last.Result.Data)
		}
		refused += strings.Count(strings.Join(w.events, ""), "the client has seen")
	}
	if refused == 0 {
		t.Error("too dull: C never reached S3 in time")
	}
}

// ZOOKEEPER-1367: a server that knows a session only from a DIFF expires the session when it leads.
func TestSessionsKnownByDiffExpireUnderANewLeader(t *testing.T) {
	w := newWorld(t, 1, 3, server.Config{})
	w.fault("split S2 | S1 S3")
	w.until(20*sim.Second, "S3 leads", func() bool { return w.leader() == w.Find("S3") })
	w.addClientWith("A", client.Config{Home: 0})
	w.connected("A")
	w.do("A", create("/e", tree.Ephemeral))
	w.fault("heal")
	w.until(60*sim.Second, "S2 serves", func() bool { return w.server("S2").Serving() })
	w.fault("power A")
	w.fault("crash S3")
	w.until(20*sim.Second, "S2 leads", func() bool { return w.leader() == w.Find("S2") })
	at := w.Now()
	w.until(20*sim.Second, "/e is gone", func() bool {
		return w.server("S1").Tree().Node("/e") == nil
	})
	if took := w.Now() - at; took < 4*sim.Second || took > 6100*sim.Millisecond {
		t.Errorf("a fresh timeout ended after %s", took)
	}
}

// ZOOKEEPER-710: a delayed request of an old connection must not be done after newer requests.
func TestSessionMoved(t *testing.T) {
	w := newWorld(t, 2, 3, server.Config{})
	w.run(sim.Second)
	if w.leader().Name != "S3" {
		t.Fatalf("%s leads", w.leader().Name)
	}
	w.addClient("A", 1)
	w.connected("A")
	w.do("A", create("/x", tree.Persistent))
	w.fault("hold S1 > S3 REQUEST")
	w.tell("A", set("/x", "1"))
	w.run(100 * sim.Millisecond)
	w.fault("reset A S1")
	w.connected("A")
	w.until(5*sim.Second, "A is elsewhere", func() bool {
		return w.client("A").State() == client.Connected && w.client("A").Server() != 1
	})
	old := w.logs["A"].calls[1]
	if old.Outcome != client.Unknown {
		t.Errorf("the held set: %v", old.Outcome)
	}
	w.do("A", set("/x", "2"))
	w.fault("release")
	w.run(sim.Second)
	if c := w.do("A", get("/x")); string(c.Result.Data) != "2" {
		t.Errorf("x = %s: the old request was done after the new one", c.Result.Data)
	}
	moved := 0
	for _, txn := range w.txns {
		if e, ok := txn.Body.(*tree.ErrorTxn); ok && e.Code == tree.SessionMoved {
			moved++
		}
	}
	if moved != 1 {
		t.Errorf("%d requests were refused as moved", moved)
	}
	w.sameTrees()
}

// ZOOKEEPER-1208: a create queued after an expiry, or after a close, would have no owner.
func TestCreateBehindExpiry(t *testing.T) {
	w := ready(t, 1, 3, 1, server.Config{})
	id := w.client("A").Session()
	w.tell("A", create("/before", tree.Ephemeral))
	w.Tell(w.leader(), &server.Expire{Session: id})
	w.tell("A", create("/after", tree.Ephemeral))
	w.run(10 * sim.Second)
	for i := 1; i <= 3; i++ {
		tr := w.server(fmt.Sprintf("S%d", i)).Tree()
		if tr.Node("/before") != nil || tr.Node("/after") != nil || tr.NumEphemerals(id) != 0 {
			t.Errorf("S%d keeps a node of a dead session", i)
		}
	}
	if !refusedAsExpired(w) {
		t.Error("too dull: nothing came after the expiry")
	}
}

func TestCreateBehindClose(t *testing.T) {
	w := &world{txns: map[int64]*tree.Txn{}}
	s, err := conformance.NewServer(server.Config{Probe: applied{w: w}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, c, err := s.Dial("X", &tree.ConnectRequest{TimeoutMs: 4000})
	if err != nil {
		t.Fatal(err)
	}
	c.Send(&tree.Request{Xid: 1, Op: create("/before", tree.Ephemeral)})
	c.Send(&tree.Request{Xid: 2, Op: tree.Op{Type: tree.OpCloseSession}})
	c.Send(&tree.Request{Xid: 3, Op: create("/after", tree.Ephemeral)})
	if err := c.WaitClosed(); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(sim.Second); err != nil {
		t.Fatal(err)
	}
	tr := s.Tree()
	if tr.Node("/before") != nil || tr.Node("/after") != nil || tr.NumSessions() != 0 {
		t.Error("a node of a closed session is left")
	}
	if in := c.Heard(); !refusedAsExpired(w) || len(in) != 2 {
		t.Errorf("answers: %v", in)
	}
	for _, txn := range w.txns { // judged when the create was not applied yet (ZOOKEEPER-3145)
		if b, ok := txn.Body.(*tree.CloseSessionTxn); ok && fmt.Sprint(b.Paths) != "[/before]" {
			t.Errorf("the closeSession lists %v", b.Paths)
		}
	}
}

// applied records what a server outside a world applies.
type applied struct {
	server.NopProbe
	w *world
}

func (p applied) Applied(z zab.Zxid, txn *tree.Txn, r *tree.Result, replayed bool) {
	p.w.txns[int64(z)] = txn.Clone()
}

func refusedAsExpired(w *world) bool {
	for _, txn := range w.txns {
		if e, ok := txn.Body.(*tree.ErrorTxn); ok && e.Code == tree.SessionExpired {
			return true
		}
	}
	return false
}
