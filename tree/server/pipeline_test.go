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

func TestEventBeforeReply(t *testing.T) {
	w := ready(t, 1, 3, 2, server.Config{})
	w.do("A", create("/x", tree.Persistent))
	w.do("A", tree.Op{Type: tree.OpGetData, Path: "/x", Watch: true})
	w.do("A", set("/x", "1")) // its own write: the event first
	if got := lines(w.logs["A"]); !strings.HasSuffix(got, "NodeDataChanged /x\nsetData /x ok") {
		t.Errorf("A saw\n%s", got)
	}
	w.do("B", tree.Op{Type: tree.OpSync, Path: "/x"})
	w.do("B", tree.Op{Type: tree.OpGetData, Path: "/x", Watch: true})
	// B sends many reads while A writes: no read may show the new data before the event.
	for i := 0; i < 200; i++ {
		w.TellAt(w.Now()+sim.Time(i)*100, w.Find("B"), &client.Command{Op: get("/x")})
	}
	w.TellAt(w.Now()+5*sim.Millisecond, w.Find("A"), &client.Command{Op: set("/x", "2")})
	w.run(sim.Second)
	told, after := false, 0
	h := w.logs["B"]
	reads := h.calls[2:]
	for _, l := range h.lines[2:] {
		if l == "NodeDataChanged /x" {
			told = true
			continue
		}
		if string(reads[0].Result.Data) == "2" {
			if after++; !told {
				t.Fatal("B read the new data before its notification")
			}
		}
		reads = reads[1:]
	}
	if !told || after == 0 {
		t.Errorf("too dull: told %v, %d reads after", told, after)
	}
}

func TestReadsOwnWritesInOrder(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		w := ready(t, seed, 3, 3, server.Config{})
		w.do("A", create("/x", tree.Persistent))
		for i := 0; i < 20; i++ {
			w.tell("A", set("/x", fmt.Sprint(i)))
			w.tell("A", get("/x"))
			w.tell("A", tree.Op{Type: tree.OpSync, Path: "/x"})
			w.tell("A", exists("/x", false))
		}
		w.run(sim.Second)
		calls := w.logs["A"].calls[1:]
		if len(calls) != 80 {
			t.Fatalf("seed %d: %d answers", seed, len(calls))
		}
		zxid := int64(0)
		for i, c := range calls {
			if c.Outcome != client.OK || c.Zxid < zxid {
				t.Fatalf("seed %d: call %d: %v at %x after %x", seed, i, c.Code, c.Zxid, zxid)
			}
			zxid = c.Zxid
			if i%4 == 1 && string(c.Result.Data) != fmt.Sprint(i/4) {
				t.Errorf("seed %d: A wrote %d and read %s", seed, i/4, c.Result.Data)
			}
		}
	}
}

func TestMultiIsAtomic(t *testing.T) {
	w := ready(t, 1, 3, 1, server.Config{})
	w.do("A", create("/a", tree.Persistent))
	multi := func(ops ...tree.Op) *client.Call {
		return w.do("A", tree.Op{Type: tree.OpMulti, Ops: ops})
	}
	c := multi(create("/a/1", tree.Persistent), set("/a", "new"),
		create("/a/s-", tree.PersistentSequential),
		create("/a/s-", tree.PersistentSequential), del("/a/1"))
	if c.Outcome != client.OK || len(c.Result.Results) != 5 ||
		c.Result.Results[2].Path != "/a/s-0000000001" ||
		c.Result.Results[3].Path != "/a/s-0000000002" {
		t.Fatalf("multi: %v %+v", c.Code, c.Result)
	}
	c = multi(create("/a/2", tree.Persistent), set("/a", "bad"), create("/nope/x", tree.Persistent),
		del("/a"))
	codes := []tree.Code{}
	for _, r := range c.Result.Results {
		codes = append(codes, r.Code)
	}
	if fmt.Sprint(codes) != fmt.Sprint([]tree.Code{tree.OK, tree.OK, tree.NoNode,
		tree.RuntimeInconsistency}) {
		t.Errorf("failed multi: %v", codes)
	}
	if c.Outcome != client.Failed || c.Code != tree.NoNode {
		t.Errorf("failed multi: %v %v", c.Outcome, c.Code)
	}
	if c := w.do("A", get("/a")); string(c.Result.Data) != "new" || c.Result.Stat.NumChildren != 2 {
		t.Errorf("after the failed multi: %q %+v", c.Result.Data, c.Result.Stat)
	}
}

// ZOOKEEPER-1624: a failed multi rolls back the changes that it recorded for parents, but not those
// of earlier transactions. No transaction is applied yet here.
func TestRollbackKeepsEarlierChanges(t *testing.T) {
	w := ready(t, 1, 3, 1, server.Config{})
	w.tell("A", create("/a", tree.Persistent))
	w.tell("A", create("/a/n-", tree.PersistentSequential))
	w.tell("A", tree.Op{Type: tree.OpMulti, Ops: []tree.Op{
		create("/a/n-", tree.PersistentSequential), create("/a/n-", tree.PersistentSequential),
		del("/a"),
	}})
	w.tell("A", create("/a/n-", tree.PersistentSequential))
	w.tell("A", tree.Op{Type: tree.OpDelete, Path: "/a", Version: -1})
	w.tell("A", set("/a", "y"))
	w.tell("A", tree.Op{Type: tree.OpSetData, Path: "/a", Data: []byte("z"), Version: 1})
	w.tell("A", del("/a/n-0000000000"))
	w.tell("A", del("/a/n-0000000001"))
	w.tell("A", del("/a"))
	w.run(sim.Second)
	got := []string{}
	for _, c := range w.logs["A"].calls {
		got = append(got, c.Op.Type.String()+" "+c.Result.Path+" "+c.Code.String())
	}
	want := "[create /a Ok create /a/n-0000000000 Ok multi  NotEmpty create /a/n-0000000001 Ok " +
		"delete  NotEmpty setData  Ok setData  Ok delete  Ok delete  Ok delete  Ok]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

// The leader fails while writes are under way: their outcome is unknown, no write is done twice,
// and every answered write is done.
func TestLeaderCrashWithWritesUnderWay(t *testing.T) {
	unknown, sometimes := 0, map[bool]int{}
	for seed := uint64(1); seed <= 100; seed++ {
		w := ready(t, seed, 3, 3, server.Config{})
		w.do("A", create("/q", tree.Persistent))
		for i := 0; i < 30; i++ {
			for _, n := range []string{"A", "B", "C"} {
				w.TellAt(w.Now()+sim.Time(i)*sim.Millisecond, w.Find(n),
					&client.Command{Op: create("/q/n-", tree.PersistentSequential)})
			}
		}
		w.run(w.Rand("crash").Between(0, 40*sim.Millisecond))
		lead := w.leader().Name
		w.fault("crash " + lead)
		w.run(5 * sim.Second)
		w.fault("restart " + lead)
		w.run(10 * sim.Second)
		w.sameTrees()
		done := map[string]int{} // creates in the history, by (session, cxid)
		for _, e := range w.server("S1").Peer().Entries() {
			txn, err := tree.DecodeTxn(e.Data)
			if err != nil {
				t.Fatal(err)
			}
			if txn.Type == tree.OpCreate {
				done[fmt.Sprint(txn.Session, " ", txn.Cxid)]++
			}
		}
		for _, n := range []string{"A", "B", "C"} {
			for _, c := range w.logs[n].calls {
				key := fmt.Sprint(c.Session, " ", c.Xid)
				switch {
				case done[key] > 1:
					t.Errorf("seed %d: %s: create %d was done %d times", seed, n, c.Xid, done[key])
				case c.Outcome == client.OK && done[key] != 1 && c.Op.Path != "/q":
					t.Errorf("seed %d: %s: create %d was answered, and is nowhere", seed, n, c.Xid)
				case c.Outcome == client.Unknown:
					unknown++
					sometimes[done[key] == 1]++
				case c.Outcome == client.Pending:
					t.Errorf("seed %d: %s: create %d never ended", seed, n, c.Xid)
				}
			}
		}
	}
	if sometimes[true] == 0 || sometimes[false] == 0 {
		t.Errorf("too dull: of the unknown, %d were done and %d were not", sometimes[true],
			sometimes[false])
	}
	t.Logf("%d unknown: %v", unknown, sometimes)
}

// Changes that a deposed leader recorded but did not commit do not count for its successor, nor for
// the leader itself when it leads again.
func TestOutstandingChangesEndWithTheLeader(t *testing.T) {
	w := ready(t, 2, 3, 3, server.Config{})
	if w.leader().Name != "S3" {
		t.Fatalf("%s leads", w.leader().Name)
	}
	w.do("C", exists("/ghost", true))
	w.fault("split S3 C | S1 S2 A B")
	w.tell("C", create("/ghost", tree.Persistent)) // proposed by S3 alone
	w.run(100 * sim.Millisecond)
	if n := w.server("S3").Peer().LastLogged(); n == w.server("S1").Peer().LastLogged() {
		t.Fatal("S3 has not logged the create")
	}
	w.until(30*sim.Second, "another leads", func() bool {
		l := w.leader()
		return l != nil && l.Name != "S3"
	})
	w.connected("A")
	if c := w.do("A", create("/ghost/child", tree.Persistent)); c.Code != tree.NoNode {
		t.Errorf("create below the ghost: %v", c.Code)
	}
	w.run(10 * sim.Second)
	// S3 has replayed its own log, which may be uncommitted: no client may learn of it.
	if got := lines(w.logs["C"]); got != "exists /ghost no node\ncreate /ghost connection lost" {
		t.Errorf("C saw\n%s", got)
	}
	w.fault("heal")
	w.until(30*sim.Second, "S3 follows", func() bool {
		return w.server("S3").Serving() && !w.server("S3").Leads()
	})
	w.fault("crash S2")
	w.until(30*sim.Second, "S3 leads again", func() bool {
		l := w.leader()
		return l != nil && l.Name == "S3"
	})
	w.connected("A")
	if c := w.do("A", create("/ghost", tree.Persistent)); c.Outcome != client.OK {
		t.Errorf("create: %v", c.Code)
	}
	w.fault("restart S2")
	w.run(20 * sim.Second)
	w.sameTrees()
}

// A write of an older connection commits while the same session waits for another write, on a newer
// connection to the same server. Each commit answers only its own write.
func TestCommitMatchesItsOwnRequest(t *testing.T) {
	w := newWorld(t, 2, 3, server.Config{})
	w.run(sim.Second)
	h := w.addClientWith("A", client.Config{Servers: []sim.NodeID{w.leader().ID}})
	w.connected("A")
	w.do("A", create("/x", tree.Persistent))
	lead := w.leader().Name
	for _, n := range []string{"S1", "S2", "S3"} {
		if n != lead {
			w.fault("hold " + n + " > " + lead + " ACK")
		}
	}
	w.tell("A", set("/x", "1"))
	w.run(20 * sim.Millisecond)
	w.fault("reset A " + lead)
	w.run(50 * sim.Millisecond)
	w.connected("A")
	w.tell("A", set("/x", "2"))
	w.run(100 * sim.Millisecond)
	w.fault("release")
	w.run(sim.Second)
	first, second := h.calls[1], h.calls[2]
	if first.Outcome != client.Unknown || second.Outcome != client.OK ||
		second.Result.Stat.Version != 2 {
		t.Errorf("the first: %v, the second: %v, version %d", first.Outcome, second.Outcome,
			second.Result.Stat.Version)
	}
}

func TestACL(t *testing.T) {
	w := ready(t, 1, 3, 2, server.Config{SuperDigest: tree.DigestID("super:test")})
	auth := func(n, who string) *client.Call {
		return w.do(n, tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte(who)})
	}
	auth("A", "bob:secret")
	private := create("/p", tree.Persistent)
	private.ACL = []tree.ACL{{Perms: tree.PermAll, Scheme: "auth"}}
	w.do("A", private)
	w.do("B", tree.Op{Type: tree.OpSync, Path: "/p"})
	w.do("B", exists("/p", true))
	if c := w.do("B", set("/p", "y")); c.Code != tree.NoAuth || c.Outcome != client.Failed {
		t.Errorf("B sets: %v", c.Code)
	}
	// The client proves its identity again after a reconnection.
	w.fault("reset A S1")
	w.run(3 * sim.Second)
	w.connected("A")
	if c := w.do("A", set("/p", "y")); c.Outcome != client.OK {
		t.Errorf("A sets: %v", c.Code)
	}
	w.run(100 * sim.Millisecond)
	if strings.Contains(lines(w.logs["B"]), "NodeDataChanged") {
		t.Error("B is notified of a node that it may not read")
	}
	auth("B", "super:test")
	if c := w.do("B", get("/p")); c.Outcome != client.OK {
		t.Errorf("super reads: %v", c.Code)
	}
	c := w.do("B", tree.Op{Type: tree.OpAuth, Scheme: "nosuch", Data: []byte("x")})
	if c.Code != tree.AuthFailed || w.client("B").State() != client.AuthFailed {
		t.Errorf("unknown scheme: %v, B is %v", c.Code, w.client("B").State())
	}
}

func TestIdlePathDoesNotAllocate(t *testing.T) {
	w := ready(t, 1, 3, 3, server.Config{})
	w.run(20 * sim.Second)
	per := testing.AllocsPerRun(20, func() { w.run(12 * sim.Second) })
	// In 12 s each client pings 9 times. zab makes a new PING for each answer of a follower that
	// reports its client; nothing else may be allocated.
	if per > 18 {
		t.Errorf("%v allocations in 12 idle seconds", per)
	}
}
