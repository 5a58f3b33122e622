package apache_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// play is an engine whose methods fail the test on an error.
type play struct {
	*apache.Engine
	t *testing.T
}

func startEngine(t *testing.T, ctx context.Context, servers int) *play {
	t.Helper()
	return startStage(t, ctx, engine.Stage{
		Servers: servers, Tick: 200 * sim.Millisecond, InitLimit: 10, SyncLimit: 5,
		SessionTimeout: sim.Second,
	})
}

func startStage(t *testing.T, ctx context.Context, stage engine.Stage) *play {
	t.Helper()
	need(t)
	e, err := apache.NewEngine(ctx, apache.Config{Stage: stage})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return &play{e, t}
}

func (p *play) until(what string, is func() bool) {
	p.t.Helper()
	if !p.Run(p.Now()+20*sim.Second, is) || !is() {
		p.t.Fatalf("waited until %s: timed out: %v", what, p.Err())
	}
}

func (p *play) client(name string, home int) engine.Actor {
	p.t.Helper()
	c, err := p.AddActor(name, home, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	c.Start()
	p.until(name+" is connected", c.Connected)
	return c
}

func (p *play) do(c engine.Actor, op tree.Op) *engine.Op {
	p.t.Helper()
	c.Do(op, 1)
	o := p.Ops()[len(p.Ops())-1]
	p.until("it is answered", o.Done)
	return o
}

func (p *play) fault(line string) {
	p.t.Helper()
	f, err := sim.ParseFault(line)
	if err == nil {
		err = p.Apply(f)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", line, err)
	}
}

// expired returns a function that is true when a client has learned that its session has expired.
func (p *play) expired(a engine.Actor) func() bool {
	return func() bool {
		return slices.ContainsFunc(a.States(), func(s engine.StateChange) bool {
			return s.State == client.Expired
		})
	}
}

func ephemeral(path string) tree.Op {
	return tree.Op{Type: tree.OpCreate, Path: path, ACL: tree.OpenACL, Flags: tree.Ephemeral}
}

// Clients' faults have real effects, and the servers' logs show when and at which zxid a session
// ended.
func TestEngineClients(t *testing.T) {
	t.Parallel()
	p := startEngine(t, t.Context(), 1)
	p.until("it serves", p.Serves)
	a, b := p.client("A", 1), p.client("B", 1)

	made := p.do(a, ephemeral("/x"))
	if made.Outcome != client.OK || made.AppliedZ == 0 || int64(made.AppliedZ) != made.Zxid ||
		p.ClientOf(a.Session()) != "A" {
		t.Errorf("the create: %+v", made)
	}
	again := p.do(b, ephemeral("/x"))
	if again.Outcome != client.Failed || again.Code != tree.NodeExists || !again.Refused {
		t.Errorf("the second create: %+v", again)
	}
	if owned := p.Owned("A"); len(owned) != 1 || owned[0] != "/x" {
		t.Errorf("A owns %v", owned)
	}
	p.do(b, tree.Op{Type: tree.OpExists, Path: "/x", Watch: true})

	p.fault("pause A 3s") // its session ends before it resumes
	p.until("B is told", func() bool { return len(b.Events()) > 0 })
	n := b.Events()[0]
	if n.Event.Type != tree.NodeDeleted || len(p.Closings()) != 1 ||
		n.Event.Zxid != int64(p.Closings()[0].Zxid) {
		t.Errorf("told %+v, closings %+v", n, p.Closings())
	}
	c := p.Closings()[0]
	if c.Session != made.Session || c.Why != engine.TimedOut || c.Silent < sim.Second ||
		c.Silent > 3*sim.Second {
		t.Errorf("the closing: %+v", c)
	}
	if !a.Paused() {
		t.Error("A is not paused")
	}
	p.until("A learns of it", p.expired(a))
	o := p.do(a, tree.Op{Type: tree.OpGetData, Path: "/x"})
	if o.Outcome != client.NotSent || o.Code != tree.SessionExpired {
		t.Errorf("A asks after its session: %+v", o)
	}
	lives := a.(interface{ Lives() int }).Lives()
	a.(engine.Renewer).Renew()
	p.until("A has a new session", func() bool {
		return a.Connected() && a.Session() != made.Session
	})
	if o := p.do(a, ephemeral("/z")); o.Outcome != client.OK || o.Session != a.Session() ||
		a.(interface{ Lives() int }).Lives() != lives {
		t.Errorf("A in its new session: %+v", o)
	}
	p.do(a, tree.Op{Type: tree.OpDelete, Path: "/z", Version: tree.AnyVersion})

	p.do(b, ephemeral("/y"))
	session := b.Session()
	p.fault("expire B")
	p.until("B's session is over", func() bool { return len(p.Closings()) == 2 })
	if c := p.Closings()[1]; c.Session != session || c.Why != engine.Told || len(c.Paths) != 1 {
		t.Errorf("the closing: %+v", c)
	}
	p.until("B learns of it", p.expired(b))
	p.fault("crash B")
	p.fault("restart B")
	p.until("B is there again", b.Connected)
	if b.Session() == session {
		t.Error("a session came back")
	}

	session = b.Session()
	p.fault("reset B S1") // breaks the connection, and leaves the session open
	p.until("B is there again", func() bool {
		s := b.States()
		return len(s) > 1 && s[len(s)-1].State == client.Connected &&
			s[len(s)-2].State == client.Disconnected
	})
	if b.Session() != session {
		t.Error("a reset ended a session")
	}
	p.fault("crash B")
	if b.Up() {
		t.Error("B is up")
	}
	p.until("its session is over", func() bool { return len(p.Closings()) == 3 })
	p.fault("restart B")
	p.until("B is back", b.Connected)
	if len(p.Engine.Pings("B")) != 0 {
		t.Error("a new life has pinged at once")
	}
	p.until("it pings", func() bool { return len(p.Engine.Pings("B")) > 0 })
}

// A held answer never reaches the client, and a server whose data is wiped starts empty.
func TestEngineHoldsAndWipes(t *testing.T) {
	t.Parallel()
	p := startEngine(t, t.Context(), 1)
	p.until("it serves", p.Serves)
	a, b := p.client("A", 1), p.client("B", 1)
	p.fault("delay A S1 30ms")
	if o := p.do(a, ephemeral("/slow")); o.ReturnedAt-o.SentAt < 60*sim.Millisecond {
		t.Errorf("there and back took %s", o.ReturnedAt-o.SentAt)
	}
	p.fault("delay A S1 0ms")
	p.fault("hold S1 > A REPLY")
	o := p.do(a, ephemeral("/x"))
	if o.Outcome != client.Unknown || o.AppliedZ == 0 || o.Zxid != 0 {
		t.Errorf("the answer was held, and: %+v", o)
	}
	p.fault("release")
	p.until("A is there again", a.Connected)
	look := tree.Op{Type: tree.OpExists, Path: "/x"}
	if o := p.do(b, look); o.Outcome != client.OK || o.Result.Stat.EphemeralOwner != a.Session() {
		t.Errorf("what happened all the same: %+v", o)
	}
	p.fault("wipe S1")
	if p.Up("S1") {
		t.Error("S1 is up")
	}
	p.fault("restart S1")
	p.until("it serves", p.Serves)
	c := p.client("C", 1)
	if o := p.do(c, look); o.Code != tree.NoNode {
		t.Errorf("on a new disk: %+v", o)
	}
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

// The messages between servers are recorded in causal order.
func TestEnginePackets(t *testing.T) {
	t.Parallel()
	p := startEngine(t, t.Context(), 3)
	p.until("it serves", p.Serves)
	leader, follower := p.LeaderName(), p.FollowerName()
	a := p.client("A", int(follower[1]-'0'))
	o := p.do(a, ephemeral("/x"))
	// find returns the first message of this name after an index; empty from or to: any server. The
	// relays may report a message after the client has heard the answer.
	find := func(from, to, name string, zxid zab.Zxid, after int64) (found *engine.Packet) {
		p.until("there is a "+name+" from "+from, func() bool {
			list, _ := p.Packets()
			for _, m := range list {
				is := m.Message.Name() == name && (zxid == 0 || m.Message.At() == zxid) &&
					m.Send > after
				if is && (from == "" || fmt.Sprintf("S%d", m.From) == from) &&
					(to == "" || fmt.Sprintf("S%d", m.To) == to) && m.Recv > m.Send {
					found = m
					break
				}
			}
			return found != nil
		})
		return found
	}
	at := find(follower, leader, "FOLLOWERINFO", 0, -1)
	at = find(leader, follower, "LEADERINFO", 0, at.Recv)
	at = find(follower, leader, "ACKEPOCH", 0, at.Recv)
	at = find(leader, follower, "NEWLEADER", 0, at.Recv)
	at = find(follower, leader, "ACK", 0, at.Recv)
	find(leader, follower, "UPTODATE", 0, at.Recv)
	asked := find(follower, leader, "REQUEST", 0, at.Recv)
	proposed := find(leader, follower, "PROPOSAL", o.AppliedZ, asked.Recv)
	find(follower, leader, "ACK", o.AppliedZ, proposed.Recv)
	first := find("", leader, "ACK", o.AppliedZ, proposed.Send) // from either follower
	find(leader, follower, "COMMIT", o.AppliedZ, first.Recv)
	list, _ := p.Packets()
	elected := slices.ContainsFunc(list, func(m *engine.Packet) bool {
		n, is := m.Message.(*zab.Notification)
		return is && n.State == zab.Looking && fmt.Sprintf("S%d", n.Vote.Leader) == leader
	})
	if !elected {
		t.Errorf("nobody voted for %s", leader)
	}
}

// A fault that real servers cannot have is an *engine.NotHere; one that is impossible in the
// current state is another error.
func TestEngineNotHere(t *testing.T) {
	t.Parallel()
	p := startEngine(t, t.Context(), 1)
	p.until("it serves", p.Serves)
	p.client("A", 1)
	for _, line := range []string{
		"power S1", "tear S1", "fsync S1 80ms", "fail-fsync S1", "corrupt S1", "full S1",
		"clock S1 x1.2", "wall S1 +1h", "hold S1 > S1 PROPOSAL",
	} {
		f, err := sim.ParseFault(line)
		if err != nil {
			t.Fatal(err)
		}
		var not *engine.NotHere
		if err := p.Apply(f); !errors.As(err, &not) || not.Why == "" {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, line := range []string{"bandwidth S1 A 1Mbit", "bandwidth A S1 1Mbit"} {
		f, err := sim.ParseFault(line)
		if err != nil {
			t.Fatal(err)
		}
		const want = "bandwidth is impossible on real servers: the lab's relays can delay messages, " +
			"but not limit a link's bandwidth"
		if err := p.CheckFault(f); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	for _, line := range []string{"restart S1", "restart A", "crash S7"} {
		f, err := sim.ParseFault(line)
		if err != nil {
			t.Fatal(err)
		}
		var not *engine.NotHere
		if err := p.Apply(f); err == nil || errors.As(err, &not) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// ^C while a document is played leaves no process, running or paused.
func TestEngineInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := startEngine(t, ctx, 1)
	p.until("it serves", p.Serves)
	p.client("A", 1)
	p.fault("pause S1 1m")
	time.AfterFunc(50*time.Millisecond, cancel)
	if p.Run(p.Now()+10*sim.Second, nil) || !errors.Is(p.Err(), context.Canceled) {
		t.Errorf("interrupted: error %v", p.Err())
	}
	p.Close()
	if l := left(t); len(l) > 0 {
		t.Errorf("left behind: %v", l)
	}
}
